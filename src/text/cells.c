#include "text/cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/width.h"
#include "text/rows.h"

void
cells_done(struct cells *c)
{
	free(c->cell);
	*c = (struct cells){ 0 };
}

void
cells_clear(struct cells *c)
{
	c->n = c->cursor = 0;
}

static void
reserve(struct cells *c, size_t n)
{
	while (c->cap < n)
		c->cell = mem_grow(c->cell, c->cap, &c->cap, sizeof *c->cell);
}

void
cells_copy(struct cells *to, const struct cells *from)
{
	reserve(to, from->n);
	if (from->n > 0)
		memcpy(to->cell, from->cell, from->n * sizeof *from->cell);
	to->n = from->n;
	to->cursor = from->cursor;
}

/* Makes a blank of a cell, and so of what is left of a wide character that loses a half. */
static void
blank(struct cell *cell, struct style style)
{
	*cell = (struct cell){ .text = " ", .len = 1, .cols = 1, .style = { .role = style.role, .bg = style.bg },
		.src = LINE_NO_SRC };
}

static void
put(struct cells *c, struct style style, struct str text, unsigned cols, uint32_t src, uint32_t src_len)
{
	size_t at = c->cursor, end = at + cols;
	struct cell *cell;

	if (text.n > sizeof cell->text)
		return;
	reserve(c, end);
	for (; c->n < at; c->n++)
		blank(&c->cell[c->n], (struct style){ .role = style.role });
	if (at < c->n && c->cell[at].cols == 0)
		blank(&c->cell[at - 1], c->cell[at - 1].style);
	if (end < c->n && c->cell[end].cols == 0)
		blank(&c->cell[end], c->cell[end - 1].style);
	cell = &c->cell[at];
	*cell = (struct cell){ .len = (uint8_t)text.n, .cols = (uint8_t)cols, .style = style, .src = src,
		.src_len = src_len };
	memcpy(cell->text, text.p, text.n);
	if (cols == 2)
		cell[1] = (struct cell){ .style = style };
	if (c->n < end)
		c->n = end;
	c->cursor = end;
}

/* Text that stands for `src_len` source bytes: byte by byte when there are as many, else as a whole. */
static void
put_text(struct cells *c, struct style style, struct str text, uint32_t src, uint32_t src_len)
{
	bool one_to_one = text.n == src_len;
	int cols;

	for (size_t at = 0, n; at < text.n; at += n) {
		n = width_cluster(str_skip(text, at), &cols);
		if (one_to_one) {
			src_len = (uint32_t)n;
			put(c, style, str_of(text.p + at, n), (unsigned)cols, src, src_len);
			src += src_len;
		} else {
			put(c, style, str_of(text.p + at, n), (unsigned)cols, src, src_len);
			src += src_len;
			src_len = 0;
		}
	}
}

void
cells_write(struct cells *c, struct style style, const struct safe_piece *piece, uint32_t src)
{
	struct str text = piece->text;

	if (piece->kind == SAFE_TAB)
		text = str_head(STR("        "), 8 - c->cursor % 8);
	else if (piece->kind != SAFE_TEXT)
		style = rows_mark_style(style);
	put_text(c, style, text, src + (uint32_t)piece->src, (uint32_t)piece->src_len);
}

void
cells_cut(struct cells *c, size_t from)
{
	if (from >= c->n)
		return;
	if (c->cell[from].cols == 0)
		blank(&c->cell[from - 1], c->cell[from - 1].style);
	c->n = from;
}

void
cells_from(struct cells *c, struct line l)
{
	cells_clear(c);
	for (size_t i = 0; i < l.n; i++) {
		const struct span *s = &l.spans[i];

		put_text(c, s->style, str_of(l.text + s->off, s->len), s->src, s->src_len);
	}
}

void
cells_add_to(const struct cells *c, struct rows *out)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct cell *cell = &c->cell[i];
		struct safe_piece piece = { SAFE_TEXT, { cell->text, cell->len }, cell->cols,
			.ascii = cell->len == 1, .src_len = cell->src_len };

		rows_put(out, cell->style, &piece, cell->src);
	}
}
