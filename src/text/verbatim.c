#include "text/verbatim.h"

#include <limits.h>

#include "base/width.h"

enum {
	PIECE = 512,		/* bytes that are laid out at once: bounds what is moved at a cut */
	MARK_COLS = 2,
	MARK_MIN_WIDTH = 8	/* narrower rows have no room for the mark */
};

void
verbatim_init(struct verbatim *v, struct rows *out, unsigned width, struct line first,
    struct line next, struct style style, unsigned flags)
{
	*v = (struct verbatim){
		.out = out, .width = width, .first = first, .next = next, .style = style,
		.flags = flags
	};
}

void
verbatim_done(struct verbatim *v)
{
	rows_done(&v->row);
}

void
verbatim_begin(struct verbatim *v, struct line first)
{
	v->first = first;
	v->started = false;
}

static bool
has_mark(const struct verbatim *v)
{
	return v->wrapped && v->width >= MARK_MIN_WIDTH;
}

/* Columns the text of this row may have. */
static unsigned
room(const struct verbatim *v)
{
	unsigned used = (v->started ? v->next : v->first).cols + (has_mark(v) ? MARK_COLS : 0);

	return used < v->width ? v->width - used : 1;
}

/* Columns of the clusters at the start of `l` that fit in `cols`. */
static unsigned
fitting(struct line l, unsigned cols)
{
	unsigned at = 0;

	for (size_t i = 0; i < l.n; i++) {
		const struct span *s = &l.spans[i];
		size_t used = cols - at;

		if (s->cols <= cols - at) {
			at += s->cols;
			continue;
		}
		if (!s->ascii)
			width_prefix(str_of(l.text + s->off, s->len), cols - at, &used);
		return at + (unsigned)used;
	}
	return at;
}

static void
put_row(struct verbatim *v, unsigned cols, unsigned flags)
{
	rows_add_line(v->out, v->started ? v->next : v->first);
	if (has_mark(v))
		rows_say(v->out, STYLE_WITH(v->style.role, ATTR_DIM), "↳ ");
	rows_add_cols(v->out, rows_open(&v->row), 0, cols);
	rows_end(v->out, v->flags | flags);
	v->started = true;
}

/* Puts the first row of what is too long for one, and keeps the rest. */
static void
cut(struct verbatim *v)
{
	unsigned cols = room(v), fit = fitting(rows_open(&v->row), cols);
	struct rows rest = { 0 };

	put_row(v, fit > 0 ? fit : cols, LINE_SOFT | LINE_GLUED);
	v->wrapped = true;
	rows_add_cols(&rest, rows_open(&v->row), fit > 0 ? fit : cols + 1, UINT_MAX);
	rows_done(&v->row);
	v->row = rest;
}

/* Where to end a piece: not in a character, and where it can be seen cheaply not in a cluster. */
static size_t
piece_end(struct str s)
{
	size_t n = PIECE;

	if (s.n <= PIECE)
		return s.n;
	while (n > PIECE / 2 && ((unsigned char)s.p[n] >= 0x80 || (unsigned char)s.p[n - 1] >= 0x80))
		n--;
	return n > PIECE / 2 ? n : width_cluster_before(s, PIECE);
}

void
verbatim_add(struct verbatim *v, struct style style, struct str text, uint32_t src)
{
	while (text.n > 0) {
		size_t n = piece_end(text);

		rows_add(&v->row, style, str_head(text, n), src);
		while (rows_open(&v->row).cols > room(v))
			cut(v);
		text = str_skip(text, n);
		if (src != LINE_NO_SRC)
			src += (uint32_t)n;
	}
}

void
verbatim_end(struct verbatim *v)
{
	put_row(v, UINT_MAX, 0);
	rows_clear(&v->row);
	v->wrapped = false;
}
