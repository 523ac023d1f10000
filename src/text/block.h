/*
 * One top-level markdown block to rows: containers, their markers, and the leaves in them.
 */
#ifndef TEXT_BLOCK_H
#define TEXT_BLOCK_H

#include "text/line.h"
#include "text/markdown.h"
#include "text/table.h"

/*
 * A place in a block that goes on growing: a line of a code block, an item of a list, a row of a table
 * or of a paragraph. The rows before it stay when the operations before it do. Zero: there is none.
 */
struct block_mark {
	size_t rows;
	size_t op, at;		/* the operation to go on with, and where in its text */
	size_t until, need;	/* up to there, in an operation behind it maybe, the text has to be there */
	uint32_t src;		/* of that text when `at` is not 0 */
	uint32_t number;	/* of the item */
	unsigned state;		/* of the highlighter */
	struct table_mark table;
};

/*
 * Appends at least one row; width >= 1. Goes on at `mark` when that is not zero (`out` has its rows)
 * and leaves there the last such place.
 */
void block_lay(struct rows *out, const struct md_view *v, unsigned width, struct block_mark *mark);

#endif
