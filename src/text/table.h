/* A markdown table at a width: columns side by side, or `Header: value` where they do not fit. */
#ifndef TEXT_TABLE_H
#define TEXT_TABLE_H

#include "text/line.h"
#include "text/markdown.h"

/* The table that the i-th operation opens; returns the index behind its end. */
size_t table_lay(struct rows *out, const struct md_view *v, size_t i, unsigned width,
    struct line first, struct line next);

#endif
