/* The text of one markdown leaf: spans and links into a flow. */
#ifndef TEXT_INLINE_H
#define TEXT_INLINE_H

#include "text/line.h"
#include "text/markdown.h"

/*
 * Where a row begins in text that is in no link or picture. Zero-initialised: there is none.
 */
struct inline_mark {
	size_t rows;		/* before it */
	size_t op, at;		/* the operation, and where in its text */
	size_t until, need;	/* up to there, in another operation maybe, the row behind it does not change */
	unsigned spans;		/* that are open, a byte for how many of each kind */
};

/*
 * Lays operations from the i-th until one that is not inline; returns its index. With a mark, which may
 * be NULL, it begins at `mark->at` in the i-th and leaves there the last such place, which holds for a
 * flow whose first row begins like the others.
 */
size_t inline_lay(struct flow *f, const struct md_view *v, size_t i, struct style base,
    struct inline_mark *mark);

#endif
