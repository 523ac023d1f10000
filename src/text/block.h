/*
 * One top-level markdown block to rows: containers, their markers, and the leaves in them.
 */
#ifndef TEXT_BLOCK_H
#define TEXT_BLOCK_H

#include "text/line.h"
#include "text/mark.h"

/*
 * Appends at least one row; width >= 1. Goes on at `mark` when that is not zero (`out` has its rows)
 * and leaves there the last such place. NULL: the block will not grow.
 */
void block_lay(struct rows *out, const struct md_view *v, unsigned width, struct block_mark *mark);

#endif
