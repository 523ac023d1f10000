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
 * when `cols` is not NULL, its columns. Where a cluster would be wider than two columns (spacing
 * marks, several Hangul initials) it is cut in front of what makes it so, as terminals draw it.
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
/* Whether a cluster ends between `a` and `b` (UAX #29); *state is 0 at the start of a cluster. */
bool width_break(uint32_t a, uint32_t b, int32_t *state);

/*
 * 1 or 2 for letters, ideographs and signs that are clusters by themselves unless a mark follows, as
 * in all versions of Unicode; 0 for others, of which it says nothing. Cheap, not complete.
 */
int width_plain(uint32_t cp);
/* Whether it is an emoji that begins a cluster whatever stands before it, but for a joiner. */
bool width_stands_alone(uint32_t cp);
/* width_plain, and 2 for those of these emoji that are two columns wide. */
int width_alone(uint32_t cp);

/* What a code point is to whoever draws it. */
enum width_class {
	WIDTH_TEXT,
	WIDTH_MARK,	/* combining, spacing or not */
	WIDTH_PICTURE,	/* an emoji, or what a variation selector makes one */
	WIDTH_TONE,	/* a skin tone */
	WIDTH_FLAG,	/* a regional indicator: two of them make a flag */
	WIDTH_HIDDEN,	/* default-ignorable, or another format character that shows nothing */
	WIDTH_NONE	/* control, private, unassigned; or the C library has it at another width */
};

/* The C library is asked only under a UTF-8 locale: terminal libraries add up its wcwidth. */
enum width_class width_class(uint32_t cp);

#endif
