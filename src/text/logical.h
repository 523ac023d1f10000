/*
 * Rows put together again: where a row ends softly the next one goes on in the same line, so text
 * that a wrap cut in two is found, and is copied in one piece. What stands in front of a row and is
 * not in its source, an indent, a line number, the bar of a quote, is no part of the text.
 */
#ifndef TEXT_LOGICAL_H
#define TEXT_LOGICAL_H

#include "text/line.h"

/* Bytes of the text that stand in one row from a column on. */
struct logical_piece {
	size_t at, n;
	size_t row;
	unsigned col;
	bool ascii;
};

/* Zero-initialised is empty. The fields belong to text/logical.c but for `text`. */
struct logical {
	struct buf text;
	struct logical_piece *pieces;
	size_t n, cap;
	bool any;
	uint8_t flags;		/* of the last row */
};

void logical_done(struct logical *g);
void logical_clear(struct logical *g);
/* Adds a row under a number; a line break stands in front of it where the last one did not end softly. */
void logical_add(struct logical *g, struct line l, size_t row);
/* The columns [*first, *last) of a row on which bytes [from, to) stand; false when none of them does. */
bool logical_cols(const struct logical *g, size_t row, size_t from, size_t to, unsigned *first,
    unsigned *last);
/* The row in which byte `at` stands; false for what stands in none, a line break or a joint. */
bool logical_row(const struct logical *g, size_t at, size_t *row);
/* Whether nothing of the row is text: the label of a code block. */
bool logical_is_label(struct line l);

#endif
