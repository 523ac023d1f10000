/*
 * One top-level markdown block to rows: containers, their markers, and the leaves in them.
 */
#ifndef TEXT_BLOCK_H
#define TEXT_BLOCK_H

#include "text/line.h"
#include "text/markdown.h"

/*
 * A place in a block that goes on growing, a line of a code block or an item of a list: the rows
 * before it stay when the operations before it do. Zero: there is none.
 */
struct block_mark {
	size_t rows;
	size_t op, at;		/* the operation to go on with, and where in its text */
	uint32_t src;		/* of that text when `at` is not 0 */
	uint32_t number;	/* of the item */
	unsigned state;		/* of the highlighter */
};

/*
 * Appends at least one row; width >= 1. Goes on at `mark` when that is not zero (`out` has its rows)
 * and leaves there the last such place.
 */
void block_lay(struct rows *out, const struct md_view *v, unsigned width, struct block_mark *mark);

#endif
