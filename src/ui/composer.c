#include "ui/composer.h"

#include "base/width.h"

void
composer_done(struct composer *c)
{
	edit_done(&c->edit);
	history_done(&c->history);
	rows_done(&c->rows);
	*c = (struct composer){ 0 };
}

/* The column in which the source byte `at` is drawn; false when it is not in this row. */
static bool
column_of(struct line line, size_t at, unsigned *col)
{
	*col = 0;
	for (size_t i = 0; i < line.n; i++) {
		const struct span *s = &line.spans[i];

		if (s->src != LINE_NO_SRC && at >= s->src && at < s->src + s->src_len) {
			if (s->len == s->src_len)
				*col += (unsigned)width_cols(str_of(line.text + s->off, at - s->src));
			return true;
		}
		*col += s->cols;
	}
	return false;
}

struct laying {
	struct composer *c;
	unsigned width;		/* for text */
	unsigned indent;
	const char *prompt;
	bool placed;		/* the cursor */
};

static void
put_row(struct laying *l, struct line line)
{
	struct rows *out = &l->c->rows;
	unsigned row = (unsigned)rows_count(out), col;

	if (!l->placed && column_of(line, l->c->edit.cursor, &col)) {
		l->placed = true;
		l->c->cursor_row = row;
		l->c->cursor_col = l->indent + col;
	}
	if (row == 0)
		rows_say(out, STYLE(ROLE_PROMPT), l->prompt);
	rows_pad(out, STYLE(ROLE_INPUT), l->indent);
	rows_add_line(out, line);
	rows_end(out, 0);
}

/* One line of the text, which begins at `at` in it. */
static void
put_line(struct laying *l, struct str text, size_t at)
{
	struct rows plain = { 0 }, wrapped = { 0 };
	struct composer *c = l->c;

	rows_add(&plain, STYLE(ROLE_INPUT), text, (uint32_t)at);
	rows_wrap(&wrapped, rows_open(&plain), l->width, 0);
	for (size_t i = 0; i < rows_count(&wrapped); i++)
		put_row(l, rows_line(&wrapped, i));
	if (!l->placed && c->edit.cursor == at + text.n) {
		unsigned cols = rows_line(&wrapped, rows_count(&wrapped) - 1).cols;

		if (cols >= l->width) {
			put_row(l, (struct line){ 0 });
			cols = 0;
		}
		l->placed = true;
		c->cursor_row = (unsigned)rows_count(&c->rows) - 1;
		c->cursor_col = l->indent + cols;
	}
	rows_done(&plain);
	rows_done(&wrapped);
}

static void
put_placeholder(struct laying *l, const char *placeholder)
{
	struct rows words = { 0 };

	rows_say(&words, STYLE(ROLE_PENDING), placeholder);
	rows_say(&l->c->rows, STYLE(ROLE_PROMPT), l->prompt);
	rows_pad(&l->c->rows, STYLE(ROLE_INPUT), l->indent);
	rows_add_cols(&l->c->rows, rows_open(&words), 0, l->width);
	rows_end(&l->c->rows, 0);
	rows_done(&words);
	l->c->cursor_row = 0;
	l->c->cursor_col = l->indent;
}

/* Keeps the cursor among the rows that are seen, and moves them as little as possible. */
static void
scroll(struct composer *c, unsigned max)
{
	unsigned all = (unsigned)rows_count(&c->rows);

	c->shown = all < max ? all : max;
	if (c->top > c->cursor_row)
		c->top = c->cursor_row;
	if (c->top + c->shown <= c->cursor_row)
		c->top = c->cursor_row - c->shown + 1;
	if (c->top + c->shown > all)
		c->top = all - c->shown;
}

unsigned
composer_layout(struct composer *c, unsigned width, unsigned max, const char *prompt,
    const char *placeholder)
{
	unsigned indent = (unsigned)width_cols(str_from(prompt));
	struct laying l = { .c = c, .prompt = prompt };
	struct str rest = edit_text(&c->edit);
	const char *start = rest.p;

	l.indent = indent + 2 < width ? indent : 0;
	if (l.indent == 0)
		l.prompt = "";
	l.width = width - l.indent > 0 ? width - l.indent : 1;
	rows_clear(&c->rows);
	if (rest.n == 0) {
		put_placeholder(&l, placeholder);
	} else {
		while (rest.p != NULL) {
			struct str line = str_cut(rest, '\n', &rest);

			put_line(&l, line, (size_t)(line.p - start));
		}
	}
	scroll(c, max > 0 ? max : 1);
	return c->shown;
}

struct line
composer_line(const struct composer *c, unsigned i)
{
	return rows_line(&c->rows, c->top + i);
}

void
composer_cursor(const struct composer *c, unsigned *row, unsigned *col)
{
	*row = c->cursor_row - c->top;
	*col = c->cursor_col;
}
