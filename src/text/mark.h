/* Places in a block from which on it is laid out again when it has grown. */
#ifndef TEXT_MARK_H
#define TEXT_MARK_H

#include "text/markdown.h"
#include "text/table.h"

enum { MARK_DEPTH = 40 };	/* containers around a place that is marked */

/* A container that is open, and the number of its next item, or its own. */
struct block_frame {
	uint32_t op, number;
};

/*
 * A place in a block that goes on growing: between leaves, or before a line of code, a row of a table or
 * of a paragraph. The rows before it stay when the operations before it do. Zero: there is none.
 */
struct block_place {
	size_t rows;
	size_t op, at;		/* the operation to go on with, and where in its text */
	size_t until, need;	/* up to there, in an operation behind it maybe, the text has to be there */
	uint32_t src;		/* of that text when `need` is not 0 */
	enum md_leaf leaf;	/* what it stands in, */
	size_t opening;		/* and the operation that opens that */
	unsigned state;		/* of the highlighter, or the spans that are open */
	size_t depth;		/* containers around it */
};

/* The last such place, one before it in the same leaf, and the last between leaves. */
struct block_mark {
	struct block_place last, prior, between;
	struct block_frame frames[MARK_DEPTH], frames_between[MARK_DEPTH];
	struct table_mark table;	/* of `last` */
};

/* Goes back to a place that still holds in a block of which the first `ops` operations are what they were. */
void mark_keep(struct block_mark *mark, const struct md_view *v, size_t ops);
/* Back to the last place between leaves, or to none. */
void mark_back(struct block_mark *mark);

#endif
