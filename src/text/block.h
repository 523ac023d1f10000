/*
 * One top-level markdown block to rows: containers, their markers, and the leaves in them.
 */
#ifndef TEXT_BLOCK_H
#define TEXT_BLOCK_H

#include "text/line.h"
#include "text/markdown.h"

/* Appends at least one row. width >= 1. */
void block_lay(struct rows *out, const struct md_view *v, unsigned width);

#endif
