/* The text of one markdown leaf: spans and links into a flow. */
#ifndef TEXT_INLINE_H
#define TEXT_INLINE_H

#include "text/line.h"
#include "text/markdown.h"

/* Lays operations from the i-th until one that is not inline; returns its index. */
size_t inline_lay(struct flow *f, const struct md_view *v, size_t i, struct style base);

#endif
