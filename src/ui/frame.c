#include "ui/frame.h"

#include <stdlib.h>

#include "base/mem.h"

enum { WORTH = 3 };	/* rows not to draw for which moving them pays */

struct frame_row {
	struct rows shown, wanted;	/* one row each; `wanted` holds only while it is changed */
	bool known;			/* `shown` stands there */
	bool changed;
};

void
frame_done(struct frame *f)
{
	frame_resize(f, 0);
	free(f->rows);
	*f = (struct frame){ 0 };
}

void
frame_resize(struct frame *f, unsigned rows)
{
	for (unsigned y = rows; y < f->n; y++) {
		rows_done(&f->rows[y].shown);
		rows_done(&f->rows[y].wanted);
	}
	if (rows > f->n)
		f->rows = mem_realloc(f->rows, mem_mul(rows, sizeof *f->rows));
	for (unsigned y = f->n; y < rows; y++) {
		f->rows[y] = (struct frame_row){ 0 };
		rows_end(&f->rows[y].shown, 0);
	}
	f->n = rows;
	frame_forget(f);
}

void
frame_forget(struct frame *f)
{
	for (unsigned y = 0; y < f->n; y++)
		f->rows[y].known = f->rows[y].changed = false;
	f->changed = 0;
}

static void
set_row(struct rows *r, struct line line)
{
	rows_clear(r);
	rows_add_line(r, line);
	rows_end(r, line.flags);
}

static bool
shows(const struct frame_row *r, struct line line)
{
	return r->known && line_eq(rows_line(&r->shown, 0), line);
}

static void
change(struct frame *f, unsigned y, bool changed)
{
	f->changed += (unsigned)changed - (unsigned)f->rows[y].changed;
	f->rows[y].changed = changed;
}

bool
frame_set(struct frame *f, unsigned y, struct line line)
{
	struct frame_row *r = &f->rows[y];

	change(f, y, !shows(r, line));
	if (r->changed)
		set_row(&r->wanted, line);
	return r->changed;
}

unsigned
frame_changed(const struct frame *f)
{
	return f->changed;
}

/* What row y shall show. */
static struct line
wanted(const struct frame *f, unsigned y)
{
	const struct frame_row *r = &f->rows[y];

	return rows_line(r->changed ? &r->wanted : &r->shown, 0);
}

/* Whether row y shall show what stands `by` rows below it, of the first `most`. */
static bool
stands_at(const struct frame *f, unsigned most, unsigned y, int by)
{
	unsigned from = y + (unsigned)by;

	return y < most && from < most && shows(&f->rows[from], wanted(f, y));
}

/* Bytes in the same style at the start of both. */
static size_t
alike(struct line a, struct line b)
{
	size_t n = 0;

	for (size_t i = 0; i < a.n && i < b.n && style_eq(a.spans[i].style, b.spans[i].style); i++) {
		const struct span *s = &a.spans[i], *t = &b.spans[i];
		size_t k = 0;

		while (k < s->len && k < t->len && a.text[s->off + k] == b.text[t->off + k])
			k++;
		n += k;
		if (k < s->len || k < t->len)
			break;
	}
	return n;
}

/* Whether less of row y must be drawn when it moves: a row that text was added to. */
static bool
stands_nearly_at(const struct frame *f, unsigned most, unsigned y, int by)
{
	unsigned from = y + (unsigned)by;
	struct line line;

	if (y >= most || from >= most || !f->rows[from].known || !f->rows[y].known)
		return false;
	line = wanted(f, y);
	return alike(rows_line(&f->rows[from].shown, 0), line) >
	    alike(rows_line(&f->rows[y].shown, 0), line);
}

/* The rows about y that move with it; returns how many fewer rows must be drawn then. */
static int
measure(const struct frame *f, unsigned most, unsigned y, int by, struct frame_move *out)
{
	unsigned first = y, last = y, far = (unsigned)abs(by);
	int saved = 0;

	while (first > 0 && stands_at(f, most, first - 1, by))
		first--;
	while (stands_at(f, most, last + 1, by))
		last++;
	if (last - first + 1 < far)
		return 0;
	for (unsigned i = first; i <= last; i++)
		saved += f->rows[i].changed;
	while (stands_nearly_at(f, most, last + 1, by))
		last++;
	*out = (struct frame_move){ by < 0 ? first - far : first, by > 0 ? last + far : last, by };
	for (unsigned i = out->top; i <= out->bottom; i++)
		saved -= (i < first || i > last) && !f->rows[i].changed;
	return saved;
}

static void
swap_rows(struct rows *a, struct rows *b)
{
	struct rows rows = *a;

	*a = *b;
	*b = rows;
}

/* What row `to` shows from now on is what row `from` showed. */
static void
take_row(struct frame *f, unsigned to, unsigned from)
{
	swap_rows(&f->rows[to].shown, &f->rows[from].shown);
	f->rows[to].known = f->rows[from].known;
	f->rows[from].known = false;
}

static void
apply(struct frame *f, const struct frame_move *m)
{
	unsigned far = (unsigned)abs(m->by);

	for (unsigned y = m->top; y <= m->bottom; y++)
		if (!f->rows[y].changed)
			set_row(&f->rows[y].wanted, rows_line(&f->rows[y].shown, 0));
	for (unsigned i = 0; i + far <= m->bottom - m->top; i++) {
		unsigned y = m->by > 0 ? m->top + i : m->bottom - i;

		take_row(f, y, y + (unsigned)m->by);
	}
	for (unsigned y = m->top; y <= m->bottom; y++)
		change(f, y, !shows(&f->rows[y], rows_line(&f->rows[y].wanted, 0)));
}

bool
frame_move(struct frame *f, unsigned most, struct frame_move *out)
{
	if (f->changed < WORTH)
		return false;
	for (unsigned y = 0; y < most; y++) {
		if (!f->rows[y].changed || f->rows[y].wanted.nspans == 0)
			continue;
		for (unsigned from = 0; from < most; from++) {
			int by = (int)from - (int)y;

			if (!stands_at(f, most, y, by) || measure(f, most, y, by, out) < WORTH)
				continue;
			apply(f, out);
			return true;
		}
	}
	return false;
}

bool
frame_next(struct frame *f, struct frame_change *c)
{
	for (; f->changed > 0 && c->y < f->n; c->y++) {
		struct frame_row *r = &f->rows[c->y];

		if (!r->changed)
			continue;
		swap_rows(&r->shown, &r->wanted);
		c->known = r->known;
		if (c->known)
			c->before = rows_line(&r->wanted, 0);
		c->after = rows_line(&r->shown, 0);
		r->known = true;
		change(f, c->y, false);
		return true;
	}
	return false;
}
