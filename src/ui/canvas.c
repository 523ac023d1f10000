#include "ui/canvas.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/paint.h"

struct canvas {
	unsigned rows, cols;
	struct theme theme;
	struct rows *drawn;	/* of each row, the one that was drawn last */
	struct buf *shown;	/* of each row, its bytes in the last frame */
	bool cursor, cursor_shown, again, bell;
	unsigned cursor_y, cursor_x, shown_y, shown_x;
};

static void
free_rows(struct canvas *c)
{
	for (unsigned y = 0; y < c->rows; y++) {
		rows_done(&c->drawn[y]);
		buf_done(&c->shown[y]);
	}
	free(c->drawn);
	free(c->shown);
}

static void
make_rows(struct canvas *c, unsigned rows, unsigned cols)
{
	c->rows = rows;
	c->cols = cols;
	c->drawn = mem_zalloc(mem_mul(rows, sizeof *c->drawn));
	c->shown = mem_zalloc(mem_mul(rows, sizeof *c->shown));
	for (unsigned y = 0; y < rows; y++)
		rows_end(&c->drawn[y], 0);
	c->again = true;
}

struct canvas *
canvas_new(unsigned rows, unsigned cols)
{
	struct canvas *c = mem_zalloc(sizeof *c);

	c->theme = *theme_builtin();
	make_rows(c, rows, cols);
	return c;
}

void
canvas_free(struct canvas *c)
{
	if (c == NULL)
		return;
	free_rows(c);
	free(c);
}

void
canvas_resize(struct canvas *c, unsigned rows, unsigned cols)
{
	free_rows(c);
	make_rows(c, rows, cols);
}

void
canvas_size(const struct canvas *c, unsigned *rows, unsigned *cols)
{
	*rows = c->rows;
	*cols = c->cols;
}

void
canvas_theme(struct canvas *c, const struct theme *theme)
{
	c->theme = *theme;
	c->again = true;
}

void
canvas_line(struct canvas *c, unsigned y, struct line line)
{
	struct rows *row = &c->drawn[y];

	rows_clear(row);
	rows_add_cols(row, line, 0, c->cols);
	if ((line.flags & LINE_FILL) && line.n > 0)
		rows_pad(row, line.spans[line.n - 1].style, c->cols);
	rows_end(row, 0);
}

void
canvas_cursor(struct canvas *c, unsigned y, unsigned x)
{
	c->cursor = true;
	c->cursor_y = y;
	c->cursor_x = x;
}

void
canvas_no_cursor(struct canvas *c)
{
	c->cursor = false;
}

void
canvas_redraw(struct canvas *c)
{
	c->again = true;
}

void
canvas_bell(struct canvas *c)
{
	c->bell = true;
}

/* Rows that differ, each from its first column. */
static bool
add_rows(struct canvas *c, struct buf *out)
{
	struct buf row = { 0 };
	bool any = false;

	for (unsigned y = 0; y < c->rows; y++) {
		struct line line = rows_line(&c->drawn[y], 0);

		buf_clear(&row);
		paint_line(&c->theme, DEPTH_256, line, &row);
		if (line.cols < c->cols)
			buf_str(&row, STR("\033[K"));
		if (!c->again && str_eq(buf_view(&row), buf_view(&c->shown[y])))
			continue;
		buf_printf(out, "\033[%u;1H", y + 1);
		buf_str(out, buf_view(&row));
		buf_set(&c->shown[y], buf_view(&row));
		any = true;
	}
	buf_done(&row);
	return any;
}

/* Automatic wrapping is off, as on a terminal: a full row does not reach into the next one. */
void
canvas_frame(struct canvas *c, struct buf *out)
{
	bool moved = c->cursor != c->cursor_shown ||
	    (c->cursor && (c->cursor_y != c->shown_y || c->cursor_x != c->shown_x));

	if (c->bell)
		buf_byte(out, '\a');
	c->bell = false;
	if (c->again) {
		buf_str(out, STR("\033[?7l\033[?25l\033[m\033[2J"));
		c->cursor_shown = false;
		moved = c->cursor;
	}
	moved = add_rows(c, out) || moved;
	c->again = false;
	if (!moved)
		return;
	if (c->cursor)
		buf_printf(out, "\033[%u;%uH", c->cursor_y + 1, c->cursor_x + 1);
	if (c->cursor != c->cursor_shown)
		buf_str(out, c->cursor ? STR("\033[?25h") : STR("\033[?25l"));
	c->cursor_shown = c->cursor;
	c->shown_y = c->cursor_y;
	c->shown_x = c->cursor_x;
}

void
canvas_text(const struct canvas *c, bool painted, struct buf *out)
{
	for (unsigned y = 0; y < c->rows; y++) {
		size_t start = out->n;

		if (painted)
			paint_line(&c->theme, DEPTH_256, rows_line(&c->drawn[y], 0), out);
		else
			line_text(rows_line(&c->drawn[y], 0), out);
		while (out->n > start && out->p[out->n - 1] == ' ')
			out->n--;
		buf_byte(out, '\n');
	}
}

bool
canvas_has(const struct canvas *c, struct str text)
{
	struct buf all = { 0 };
	bool has;

	canvas_text(c, false, &all);
	has = str_find(buf_view(&all), text) < all.n;
	buf_done(&all);
	return has;
}
