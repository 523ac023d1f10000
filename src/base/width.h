/*
 * Grapheme clusters and their columns: the one width function for wrapping, truncation, tables and
 * cursor. A cluster is 0, 1 or 2 columns wide. What it says and what a terminal does agree only for
 * text that came out of text/safe, which makes ambiguous sequences not occur.
 */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

#include "base/str.h"

/*
 * The extended grapheme cluster (UAX #29) at the start of `s` (s.n > 0, valid UTF-8): its bytes and,
 * when `cols` is not NULL, its columns.
 */
size_t width_cluster(struct str s, int *cols);
/* Start of the cluster that ends at or contains the byte before `at`. at > 0. */
size_t width_cluster_before(struct str s, size_t at);
/* Columns of a whole text without controls. */
size_t width_cols(struct str s);
/* Bytes of the longest prefix of whole clusters in at most `cols` columns; *used gets its columns. */
size_t width_prefix(struct str s, size_t cols, size_t *used);

/* Of one code point: 0, 1 or 2; -1 for a control or an unassigned one. */
int width_codepoint(uint32_t cp);
/* Combining mark, joiner or variation selector: extends the cluster before it. */
bool width_extends(uint32_t cp);

#endif
