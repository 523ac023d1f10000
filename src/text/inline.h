/* The text of one markdown leaf: spans and links into a flow. */
#ifndef TEXT_INLINE_H
#define TEXT_INLINE_H

#include "text/line.h"
#include "text/markdown.h"

/* Where a row begins in text that is in no link or picture. Zero-initialised: there is none. */
struct inline_mark {
	size_t rows;		/* before it */
	size_t op, at;		/* the operation, and where in its text */
	size_t until, need;	/* up to there, in another operation maybe, the text has to be there */
	unsigned spans;		/* that are open, a byte for how many of each kind */
};

/* The last one, and the one before that: what stands last in a text that grows changes most. */
struct inline_marks {
	struct inline_mark last, prior;
};

/*
 * Lays operations from the i-th until one that is not inline; returns its index. With marks, which may
 * be NULL, it begins at `last.at` in the i-th and leaves there the last such places, which hold for a
 * flow whose first row begins like the others.
 */
size_t inline_lay(struct flow *f, const struct md_view *v, size_t i, struct style base,
    struct inline_marks *marks);

#endif
