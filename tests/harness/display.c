#include "tests/harness/display.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tests/harness/modes.h"

struct display {
	VTerm *vt;
	VTermScreen *screen;
	struct modes modes;
	struct modes_screen facts;
	bool mute;
	struct buf scrollback, row, text;
	struct buf *typed;	/* where keys go; libvterm's own answers go nowhere */
};

static void
on_vterm_output(const char *s, size_t n, void *arg)
{
	struct display *d = arg;

	if (d->typed != NULL)
		buf_add(d->typed, s, n);
}

static void
add_cell(const VTermScreenCell *cell, struct buf *out)
{
	if (cell->chars[0] == (uint32_t)-1)	/* the right half of a wide one */
		return;
	if (cell->chars[0] == 0)
		buf_byte(out, ' ');
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i] != 0; i++)
		utf8_add(out, cell->chars[i]);
}

static void
trim_row(struct buf *b, size_t start)
{
	while (b->n > start && b->p[b->n - 1] == ' ')
		b->n--;
}

static int
on_row_scrolled_off(int cols, const VTermScreenCell *cells, void *arg)
{
	struct display *d = arg;
	size_t start = d->scrollback.n;

	for (int i = 0; i < cols; i++)
		add_cell(&cells[i], &d->scrollback);
	trim_row(&d->scrollback, start);
	buf_byte(&d->scrollback, '\n');
	return 1;
}

static void
open_vterm(struct display *d)
{
	static const VTermScreenCallbacks callbacks = { .sb_pushline = on_row_scrolled_off };

	d->vt = vterm_new(d->facts.rows, d->facts.cols);
	vterm_set_utf8(d->vt, 1);
	vterm_output_set_callback(d->vt, on_vterm_output, d);
	d->screen = vterm_obtain_screen(d->vt);
	vterm_screen_set_callbacks(d->screen, &callbacks, d);
	vterm_screen_enable_altscreen(d->screen, 1);
	vterm_screen_reset(d->screen, 1);
}

struct display *
display_new(const struct display_options *o)
{
	struct display *d = mem_zalloc(sizeof *d);

	modes_init(&d->modes);
	d->mute = o->mute;
	d->facts = (struct modes_screen){
		.rows = o->rows > 0 ? o->rows : 24,
		.cols = o->cols > 0 ? o->cols : 80,
		.background = o->background != NULL ? o->background : "rgb:0000/0000/0000",
		.knows_2026 = !o->no_2026,
		.knows_2027 = o->knows_2027
	};
	open_vterm(d);
	return d;
}

void
display_free(struct display *d)
{
	if (d == NULL)
		return;
	vterm_free(d->vt);
	modes_done(&d->modes);
	buf_done(&d->scrollback);
	buf_done(&d->row);
	buf_done(&d->text);
	free(d);
}

void
display_resize(struct display *d, int rows, int cols)
{
	d->facts.rows = rows;
	d->facts.cols = cols;
	vterm_set_size(d->vt, rows, cols);
}

void
display_feed(struct display *d, struct str s, struct buf *answers)
{
	while (s.n > 0) {
		size_t n = modes_feed(&d->modes, s);

		vterm_input_write(d->vt, s.p, n);
		s = str_skip(s, n);
		if (d->mute)
			continue;
		display_cursor(d, &d->facts.row, &d->facts.col);
		modes_answer(&d->modes, &d->facts, answers);
	}
}

void
display_key(struct display *d, enum display_key key, int modifiers, struct buf *typed)
{
	static const VTermKey keys[] = {
		[DISPLAY_ENTER] = VTERM_KEY_ENTER, [DISPLAY_TAB] = VTERM_KEY_TAB,
		[DISPLAY_BACKSPACE] = VTERM_KEY_BACKSPACE, [DISPLAY_ESCAPE] = VTERM_KEY_ESCAPE,
		[DISPLAY_UP] = VTERM_KEY_UP, [DISPLAY_DOWN] = VTERM_KEY_DOWN,
		[DISPLAY_LEFT] = VTERM_KEY_LEFT, [DISPLAY_RIGHT] = VTERM_KEY_RIGHT,
		[DISPLAY_INSERT] = VTERM_KEY_INS, [DISPLAY_DELETE] = VTERM_KEY_DEL,
		[DISPLAY_HOME] = VTERM_KEY_HOME, [DISPLAY_END] = VTERM_KEY_END,
		[DISPLAY_PAGE_UP] = VTERM_KEY_PAGEUP, [DISPLAY_PAGE_DOWN] = VTERM_KEY_PAGEDOWN
	};

	d->typed = typed;
	vterm_keyboard_key(d->vt, keys[key], (VTermModifier)modifiers);
	d->typed = NULL;
}

void
display_paste(struct display *d, struct str text, struct buf *typed)
{
	d->typed = typed;
	vterm_keyboard_start_paste(d->vt);
	buf_str(typed, text);
	vterm_keyboard_end_paste(d->vt);
	d->typed = NULL;
}

int
display_rows(const struct display *d)
{
	return d->facts.rows;
}

int
display_cols(const struct display *d)
{
	return d->facts.cols;
}

static struct str
add_row(const struct display *d, int row, struct buf *out)
{
	size_t start = out->n;
	VTermScreenCell cell;

	for (int col = 0; col < d->facts.cols; col++)
		if (vterm_screen_get_cell(d->screen, (VTermPos){ row, col }, &cell) != 0)
			add_cell(&cell, out);
	trim_row(out, start);
	return str_skip(buf_view(out), start);
}

const char *
display_row(struct display *d, int row)
{
	buf_clear(&d->row);
	add_row(d, row, &d->row);
	return buf_cstr(&d->row);
}

const char *
display_text(struct display *d)
{
	buf_clear(&d->text);
	for (int row = 0; row < d->facts.rows; row++) {
		add_row(d, row, &d->text);
		buf_byte(&d->text, '\n');
	}
	return buf_cstr(&d->text);
}

const char *
display_scrollback(struct display *d)
{
	return buf_cstr(&d->scrollback);
}

/* The column whose cell begins `at` bytes into the row. */
static int
column_of(const struct display *d, int row, size_t at)
{
	size_t passed = 0;
	int col = 0;

	for (; col < d->facts.cols && passed < at; col++)
		passed += strlen(display_cell(d, row, col).text);
	while (col < d->facts.cols && display_cell(d, row, col).text[0] == '\0')
		col++;
	return col;
}

bool
display_find(struct display *d, const char *text, int *row, int *col)
{
	struct str needle = str_from(text), have;
	struct buf b = { 0 };
	bool found = false;
	size_t at = 0;
	int y;

	for (y = 0; y < d->facts.rows && !found; y += !found) {
		buf_clear(&b);
		have = add_row(d, y, &b);
		at = str_find(have, needle);
		found = at < have.n;
	}
	buf_done(&b);
	if (found && row != NULL)
		*row = y;
	if (found && col != NULL)
		*col = column_of(d, y, at);
	return found;
}

void
display_cursor(const struct display *d, int *row, int *col)
{
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(d->vt), &pos);
	*row = pos.row;
	*col = pos.col;
}

static int
colour(const VTermColor *c)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
		return -1;
	if (VTERM_COLOR_IS_INDEXED(c))
		return c->indexed.idx;
	return 0x1000000 | c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue;
}

struct display_cell
display_cell(const struct display *d, int row, int col)
{
	VTermScreenCell cell;
	struct display_cell out = { 0 };
	struct buf text = { 0 };

	if (vterm_screen_get_cell(d->screen, (VTermPos){ row, col }, &cell) == 0)
		return out;
	add_cell(&cell, &text);
	if (text.n > 0)
		memcpy(out.text, text.p, text.n);
	buf_done(&text);
	out.width = cell.width;
	out.fg = colour(&cell.fg);
	out.bg = colour(&cell.bg);
	out.bold = cell.attrs.bold;
	out.underline = cell.attrs.underline != 0;
	out.italic = cell.attrs.italic;
	out.blink = cell.attrs.blink;
	out.reverse = cell.attrs.reverse;
	out.strike = cell.attrs.strike;
	return out;
}

bool
display_mode(const struct display *d, int n)
{
	return modes_on(&d->modes, n);
}

const char *
display_title(struct display *d)
{
	return buf_cstr(&d->modes.title);
}

static void
add_pen_colour(const VTermState *state, VTermAttr attr, const char *name, struct buf *out)
{
	VTermValue value;

	if (vterm_state_get_penattr(state, attr, &value) && colour(&value.color) >= 0)
		buf_printf(out, " %s=%x", name, (unsigned)colour(&value.color));
}

static void
add_pen(const VTermState *state, struct buf *out)
{
	static const struct {
		VTermAttr attr;
		const char *name;
	} attrs[] = {
		{ VTERM_ATTR_BOLD, "bold" }, { VTERM_ATTR_UNDERLINE, "underline" },
		{ VTERM_ATTR_ITALIC, "italic" }, { VTERM_ATTR_BLINK, "blink" },
		{ VTERM_ATTR_REVERSE, "reverse" }, { VTERM_ATTR_STRIKE, "strike" }
	};

	for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
		VTermValue value = { 0 };

		if (vterm_state_get_penattr(state, attrs[i].attr, &value) && value.number != 0)
			buf_printf(out, " %s", attrs[i].name);
	}
	add_pen_colour(state, VTERM_ATTR_FOREGROUND, "fg", out);
	add_pen_colour(state, VTERM_ATTR_BACKGROUND, "bg", out);
}

void
display_leftovers(const struct display *d, struct buf *out)
{
	modes_text(&d->modes, out);
	add_pen(vterm_obtain_state(d->vt), out);
}
