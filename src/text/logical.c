#include "text/logical.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/width.h"

void
logical_done(struct logical *g)
{
	buf_done(&g->text);
	free(g->pieces);
	*g = (struct logical){ 0 };
}

void
logical_clear(struct logical *g)
{
	buf_clear(&g->text);
	g->n = 0;
	g->any = false;
}

/* The first span that stands in the source; l.n when none does. */
static size_t
first_source(struct line l)
{
	size_t i = 0;

	while (i < l.n && l.spans[i].src == LINE_NO_SRC)
		i++;
	return i;
}

/* What stands in front of the text belongs to it when it is the marker of an item. */
static bool
has_marker(struct line l, size_t first)
{
	for (size_t i = 0; i < first && !(l.flags & LINE_FILL); i++)
		if (l.spans[i].style.role == ROLE_BULLET || l.spans[i].style.role == ROLE_OK)
			return true;
	return false;
}

/* A bar or a number beside the marker is no part of it. */
static bool
leads(const struct span *s)
{
	return s->style.role == ROLE_BULLET || s->style.role == ROLE_OK || s->style.role == ROLE_TEXT;
}

bool
logical_is_label(struct line l)
{
	return (l.flags & LINE_FILL) && l.n > 0 && first_source(l) == l.n &&
	    l.spans[l.n - 1].style.attr & ATTR_ITALIC;
}

static void
add_span(struct logical *g, struct line l, const struct span *s, size_t row, unsigned col)
{
	g->pieces = mem_grow(g->pieces, g->n, &g->cap, sizeof *g->pieces);
	g->pieces[g->n++] = (struct logical_piece){ g->text.n, s->len, row, col, s->ascii };
	buf_add(&g->text, l.text + s->off, s->len);
}

/* A row of code that is nothing but its indent. */
static bool
is_empty(struct line l)
{
	bool empty = l.flags & LINE_FILL;

	for (size_t i = 0; i < l.n && empty; i++)
		empty = str_trim(str_of(l.text + l.spans[i].off, l.spans[i].len)).n == 0;
	return empty;
}

void
logical_add(struct logical *g, struct line l, size_t row)
{
	size_t first = first_source(l), from = first < l.n || is_empty(l) ? first : 0;
	bool on = g->any && g->flags & LINE_SOFT;
	bool marker = !on && has_marker(l, first);
	unsigned col = 0;

	if (g->any && !on)
		buf_byte(&g->text, '\n');
	else if (on && !(g->flags & LINE_GLUED))
		buf_byte(&g->text, ' ');
	for (size_t i = 0; i < l.n; i++) {
		const struct span *s = &l.spans[i];

		if (i >= from || (marker && leads(s)))
			add_span(g, l, s, row, col);
		col += s->cols;
	}
	g->any = true;
	g->flags = l.flags;
}

static unsigned
cols_of(const struct logical *g, const struct logical_piece *p, size_t bytes)
{
	return p->ascii ? (unsigned)bytes : (unsigned)width_cols(str_of(g->text.p + p->at, bytes));
}

bool
logical_cols(const struct logical *g, size_t row, size_t from, size_t to, unsigned *first,
    unsigned *last)
{
	bool any = false;

	for (size_t i = 0; i < g->n; i++) {
		const struct logical_piece *p = &g->pieces[i];
		size_t a = from > p->at ? from - p->at : 0, b = to > p->at ? to - p->at : 0;

		if (p->row != row || a >= p->n || b == 0)
			continue;
		if (!any)
			*first = p->col + cols_of(g, p, a);
		*last = p->col + cols_of(g, p, b < p->n ? b : p->n);
		any = true;
	}
	return any;
}

bool
logical_row(const struct logical *g, size_t at, size_t *row)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct logical_piece *p = &g->pieces[i];

		if (at < p->at || at >= p->at + p->n)
			continue;
		*row = p->row;
		return true;
	}
	return false;
}
