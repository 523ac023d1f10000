#include "text/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/inline.h"

enum {
	ROWS_MAX = 2000,	/* rows that are drawn */
	CELL_MIN = 6,		/* columns narrower than that are not worth having */
	GAP = 3,		/* " │ " */
	NATURAL = 4096		/* no cell is laid out wider */
};

struct cell {
	uint32_t op;		/* its first inline operation; 0: the row ended before it */
	uint32_t row, rows;	/* in `natural`: where nothing had to be wrapped */
	uint32_t cols;		/* the widest of them */
};

struct table {
	struct rows *out;
	const struct md_view *v;
	unsigned width;		/* without the prefix */
	struct line first, next;
	bool started;
	struct table_mark *mark;
	size_t columns, rows;	/* rows that are looked at, with the head */
	size_t before, more;	/* rows between the head and those; rows that are not drawn */
	size_t last, last_more;	/* the operation of the last row; `more` before it */
	struct cell *cells;
	size_t cap;
	uint8_t align[TABLE_COLUMNS];
	unsigned needs[TABLE_COLUMNS], before_last[TABLE_COLUMNS];	/* by all rows, by all but the last */
	unsigned cols[TABLE_COLUMNS];
	struct rows natural;
	struct rows lay[TABLE_COLUMNS];	/* the cells of one row that had to be wrapped */
	struct rows signs;	/* what stands between columns: in rows, in the rule */
};

/* The rows of one cell. */
struct cell_rows {
	const struct rows *in;
	size_t first, n;
};

static struct cell *
cell(struct table *t, size_t row, size_t column)
{
	return &t->cells[row * t->columns + column];
}

static void
add_row(struct table *t)
{
	size_t n = t->rows * t->columns;

	for (size_t i = n; i < n + t->columns; i++) {
		t->cells = mem_grow(t->cells, i, &t->cap, sizeof *t->cells);
		t->cells[i] = (struct cell){ 0 };
	}
	t->rows++;
}

static size_t
read_row(struct table *t, size_t i)
{
	size_t column = 0;

	add_row(t);
	for (; t->v->op[i].kind != MD_ROW; i++) {
		const struct md_op *op = &t->v->op[i];

		if (op->kind != MD_CELL || op->flags & MD_CLOSE || column == t->columns)
			continue;
		if (t->rows == 1)
			t->align[column] = (uint8_t)op->arg;
		cell(t, t->rows - 1, column++)->op = (uint32_t)i + 1;
	}
	return i;
}

/* Finds the cells; returns the index behind the table. */
static size_t
read_table(struct table *t, size_t i)
{
	for (; t->v->op[i].kind != MD_TABLE; i++) {
		const struct md_op *op = &t->v->op[i];

		if (op->kind != MD_ROW || op->flags & MD_CLOSE)
			continue;
		t->last = i;
		t->last_more = t->more;
		if (t->before + t->rows <= ROWS_MAX)
			i = read_row(t, i + 1);
		else
			t->more++;
	}
	return i + 1;
}

static struct style
cell_style(size_t row)
{
	return row == 0 ? STYLE_WITH(ROLE_TEXT, ATTR_BOLD) : STYLE(ROLE_TEXT);
}

static void
lay_cell(struct table *t, size_t row, size_t column, unsigned width, struct rows *out)
{
	const struct cell *c = cell(t, row, column);
	struct flow f;

	if (c->op == 0)
		return;
	flow_init(&f, out, width, (struct line){ 0 }, (struct line){ 0 });
	inline_lay(&f, t->v, c->op, cell_style(row), NULL);
	flow_end(&f);
}

static void
measure_cell(struct table *t, size_t row, size_t column)
{
	struct cell *c = cell(t, row, column);

	c->row = (uint32_t)rows_count(&t->natural);
	lay_cell(t, row, column, NATURAL, &t->natural);
	c->rows = (uint32_t)rows_count(&t->natural) - c->row;
	for (size_t i = c->row; i < rows_count(&t->natural); i++)
		if (rows_line(&t->natural, i).cols > c->cols)
			c->cols = rows_line(&t->natural, i).cols;
	if (c->cols > t->needs[column])
		t->needs[column] = c->cols;
}

static void
measure(struct table *t)
{
	for (size_t row = 0; row < t->rows; row++) {
		if (row + 1 == t->rows || t->more > 0)
			memcpy(t->before_last, t->needs, sizeof t->needs);
		for (size_t i = 0; i < t->columns; i++)
			measure_cell(t, row, i);
	}
	if (t->more > 0)
		memcpy(t->before_last, t->needs, sizeof t->needs);
}

/*
 * Columns that need no more than their share of the room keep their width; the others share what
 * is left. False when a share would be too small to read.
 */
static bool
fit(struct table *t)
{
	unsigned gaps = (unsigned)(t->columns - 1) * GAP, room, share;
	bool given[TABLE_COLUMNS] = { false };
	size_t left = t->columns;

	memcpy(t->cols, t->needs, sizeof t->cols);
	if (gaps + t->columns > t->width)
		return false;
	room = t->width - gaps;
	for (bool changed = true; changed && left > 0;) {
		share = room / (unsigned)left;
		changed = false;
		for (size_t i = 0; i < t->columns; i++) {
			if (given[i] || t->cols[i] > share)
				continue;
			given[i] = changed = true;
			room -= t->cols[i];
			left--;
		}
	}
	for (size_t i = 0; i < t->columns; i++) {
		if (given[i])
			continue;
		share = room / (unsigned)left--;
		if (share < CELL_MIN)
			return false;
		t->cols[i] = share;
		room -= share;
	}
	return true;
}

static void
begin_row(struct table *t)
{
	rows_add_line(t->out, t->started ? t->next : t->first);
	t->started = true;
}

/* One row of the screen out of the n-th rows of the cells. */
static void
put_row(struct table *t, const struct cell_rows *cells, size_t n)
{
	unsigned col;

	begin_row(t);
	col = rows_open(t->out).cols;
	for (size_t i = 0; i < t->columns; i++) {
		struct line l = { 0 };
		unsigned spare;

		if (n < cells[i].n)
			l = rows_line(cells[i].in, cells[i].first + n);
		spare = l.cols < t->cols[i] ? t->cols[i] - l.cols : 0;
		if (i > 0)
			rows_add_line(t->out, rows_line(&t->signs, 0));
		rows_pad(t->out, STYLE(ROLE_TEXT), col + (t->align[i] == MD_RIGHT ? spare
					: t->align[i] == MD_CENTRE ? spare / 2 : 0));
		rows_add_line(t->out, l);
		col += t->cols[i];
		if (i + 1 < t->columns)
			rows_pad(t->out, STYLE(ROLE_TEXT), col);
		col += GAP;
	}
	rows_end(t->out, 0);
}

static void
put_rule(struct table *t)
{
	begin_row(t);
	for (size_t i = 0; i < t->columns; i++) {
		if (i > 0)
			rows_add_line(t->out, rows_line(&t->signs, 1));
		rows_rule(t->out, STYLE(ROLE_RULE), t->cols[i]);
	}
	rows_end(t->out, 0);
}

/* Remembers where the last row begins. */
static void
note_last(struct table *t, size_t row)
{
	if (t->mark != NULL && row + 1 == t->rows && t->more == 0)
		t->mark->rows = rows_count(t->out);
}

/* The rows of a cell in its column: as they are unless they are too wide for it. */
static struct cell_rows
fit_cell(struct table *t, size_t row, size_t column)
{
	const struct cell *c = cell(t, row, column);
	struct rows *lay = &t->lay[column];

	if (c->cols <= t->cols[column])
		return (struct cell_rows){ &t->natural, c->row, c->rows };
	rows_clear(lay);
	lay_cell(t, row, column, t->cols[column], lay);
	return (struct cell_rows){ lay, 0, rows_count(lay) };
}

static void
lay_columns(struct table *t, size_t from)
{
	struct cell_rows cells[TABLE_COLUMNS];

	rows_say(&t->signs, STYLE(ROLE_RULE), " │ ");
	rows_end(&t->signs, 0);
	rows_say(&t->signs, STYLE(ROLE_RULE), "─┼─");
	rows_end(&t->signs, 0);
	for (size_t row = from; row < t->rows; row++) {
		size_t height = 1;

		for (size_t i = 0; i < t->columns; i++) {
			cells[i] = fit_cell(t, row, i);
			if (cells[i].n > height)
				height = cells[i].n;
		}
		note_last(t, row);
		for (size_t n = 0; n < height; n++)
			put_row(t, cells, n);
		if (row == 0)
			put_rule(t);
	}
}

static void
lay_record(struct table *t, size_t row)
{
	unsigned width = t->width + t->next.cols;

	for (size_t i = 0; i < t->columns; i++) {
		struct flow f;

		if (cell(t, row, i)->op == 0)
			continue;
		flow_init(&f, t->out, width, t->started ? t->next : t->first, t->next);
		if (cell(t, 0, i)->op != 0)
			inline_lay(&f, t->v, cell(t, 0, i)->op, cell_style(0), NULL);
		flow_add(&f, cell_style(0), STR(": "), LINE_NO_SRC);
		inline_lay(&f, t->v, cell(t, row, i)->op, cell_style(row), NULL);
		flow_end(&f);
		t->started = true;
	}
}

/* Too narrow for columns: every row as a record. A head alone is its names. */
static void
lay_records(struct table *t, size_t from)
{
	for (size_t row = t->before + t->rows > 1 && from == 0 ? 1 : from; row < t->rows; row++) {
		note_last(t, row);
		if (t->before + row > 1) {
			begin_row(t);
			rows_end(t->out, 0);
		}
		lay_record(t, row);
	}
}

/* Whether the rows before the mark are laid out as they would be now. */
static bool
fits_mark(const struct table *t, bool records)
{
	if (records != t->mark->records)
		return false;
	for (size_t i = 0; i < t->columns && !records; i++)
		if (t->mark->cols[i] != t->cols[i])
			return false;
	return true;
}

/* The row that was read last may change, and those behind it are to come. */
static void
set_mark(struct table *t, bool records)
{
	struct table_mark *m = t->mark;

	if (t->more > 0)
		m->rows = rows_count(t->out);
	m->op = t->last;
	m->before = t->before + t->rows - (t->more == 0);
	m->more = t->last_more;
	m->records = records;
	for (size_t i = 0; i < t->columns; i++) {
		m->needs[i] = (uint16_t)t->before_last[i];
		m->cols[i] = (uint16_t)t->cols[i];
	}
	if (m->before < 2)
		*m = (struct table_mark){ 0 };
}

/* Reads the head and all rows, or those from the mark on. */
static size_t
read(struct table *t, size_t i)
{
	t->columns = t->v->op[i].arg < TABLE_COLUMNS ? t->v->op[i].arg : TABLE_COLUMNS;
	t->last = i + 1;
	i = read_row(t, i + 2) + 1;
	if (t->mark == NULL || t->mark->rows == 0)
		return read_table(t, i);
	t->before = t->mark->before - 1;
	t->more = t->mark->more;
	for (size_t k = 0; k < t->columns; k++)
		t->needs[k] = t->mark->needs[k];
	return read_table(t, t->mark->op);
}

static void
done(struct table *t)
{
	for (size_t i = 0; i < t->columns; i++)
		rows_done(&t->lay[i]);
	rows_done(&t->natural);
	rows_done(&t->signs);
	free(t->cells);
}

static size_t
lay(struct table *t, size_t i)
{
	size_t end = read(t, i), from = t->before > 0;
	bool records;

	measure(t);
	records = !fit(t);
	if (from > 0 && !fits_mark(t, records)) {
		*t->mark = (struct table_mark){ 0 };
		return 0;
	}
	t->started = from > 0;
	if (records)
		lay_records(t, from);
	else
		lay_columns(t, from);
	if (t->mark != NULL)
		set_mark(t, records);
	if (t->more > 0) {
		begin_row(t);
		rows_printf(t->out, STYLE(ROLE_NOTE), "… %zu more rows", t->more);
		rows_end(t->out, 0);
	}
	return end;
}

size_t
table_lay(struct rows *out, const struct md_view *v, size_t i, unsigned width, struct line first,
    struct line next, struct table_mark *mark)
{
	struct table t = { .out = out, .v = v, .first = first, .next = next, .mark = mark,
		.width = next.cols < width ? width - next.cols : 1 };
	size_t end = lay(&t, i);

	done(&t);
	return end;
}
