/*
 * What holds for the rows of any text of any kind: they are fit to be drawn, no wider than asked
 * for, and they say where in the source they stand. Needs a UTF-8 locale.
 */
#ifndef TESTS_TEXT_LAYOUT_LAWS_H
#define TESTS_TEXT_LAYOUT_LAWS_H

#include "tests/text/safe_laws.h"
#include "text/layout.h"

/* Narrower than that a prefix or a wide character may stand over the edge. */
enum { LAWFUL_WIDTH = 4 };

static inline void
check_row(struct line l, size_t source, unsigned width)
{
	unsigned cols = 0;

	for (size_t i = 0; i < l.n; i++) {
		const struct span *s = &l.spans[i];

		check_shown(str_of(l.text + s->off, s->len), s->cols);
		cols += s->cols;
		CHECK(s->src == LINE_NO_SRC || (size_t)s->src + s->src_len <= source);
	}
	CHECK(cols == l.cols);
	CHECK(width < LAWFUL_WIDTH || cols <= width);
}

static inline void
check_rows(struct layout *l, size_t source, unsigned width)
{
	for (size_t i = 0; i < layout_count(l); i++)
		check_row(layout_line(l, i), source, width);
}

static inline void
check_same_rows(struct layout *a, struct layout *b)
{
	CHECK(layout_count(a) == layout_count(b));
	for (size_t i = 0; i < layout_count(a); i++)
		CHECK(line_eq(layout_line(a, i), layout_line(b, i)));
}

/* In pieces of `step` bytes, resized on the way, the rows are those of the whole. */
static inline void
check_layout_laws(enum layout_kind kind, struct str lang, struct str text, unsigned width, size_t step)
{
	struct layout *whole = layout_new(kind, lang), *grown = layout_new(kind, lang);

	layout_update(whole, text, 1, false, width);
	check_rows(whole, text.n, width);
	for (size_t n = 0, i = 0; n < text.n; n += step, i++) {
		unsigned w = i % 7 == 6 ? width / 2 + 1 : width;

		layout_update(grown, str_head(text, n), 1, true, w);
		check_rows(grown, n, w);
	}
	layout_update(grown, text, 1, false, width);
	check_same_rows(whole, grown);
	layout_free(whole);
	layout_free(grown);
}

#endif
