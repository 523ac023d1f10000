/*
 * The text of a code or HTML block, line by line. A line is one slice of one operation unless the
 * parser made its indentation or its end; then it is put together.
 */
#ifndef TEXT_LINES_H
#define TEXT_LINES_H

#include "text/line.h"
#include "text/markdown.h"

struct lines {
	const struct md_view *v;
	size_t i, at;		/* operation, and place in its text */
	struct buf joined;
	struct str line;
	uint32_t src, made;	/* source of the line behind `made` bytes of it */
};

/* Whether the i-th operation is text of the block. */
static inline bool
lines_is_text(const struct md_view *v, size_t i)
{
	return i < v->n && (v->op[i].kind == MD_TEXT || v->op[i].kind == MD_HTML);
}

/* Reads the next line into `line`, which is borrowed until the one after that; false when there is none. */
bool lines_next(struct lines *t);

/* Where a part of the line stands in the source. */
static inline uint32_t
lines_src(const struct lines *t, size_t at)
{
	return t->src == LINE_NO_SRC || at < t->made ? LINE_NO_SRC : t->src + (uint32_t)at - t->made;
}

#endif
