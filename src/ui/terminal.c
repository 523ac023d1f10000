#include "ui/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "text/sgr.h"

enum {
	ROWS = 24, COLS = 80, MAX_ROWS = 200, MAX_COLS = 500,
	AT_ONCE = 64 * 1024	/* bytes that are played in one go: some milliseconds */
};

/* ---- does it need one */

/* What the output says by itself. */
struct probe {
	size_t at;		/* how much is read */
	bool moves;		/* to other lines, or on an alternate screen */
	bool lines, cooked;	/* it has line ends; they are CR LF, as a line discipline makes them */
	unsigned rows, cols;	/* the farthest place it names */
	bool alternate, hidden;	/* it has the other screen; it shows no cursor */
	bool homes, columns;	/* it goes to the first place; it names columns */
	unsigned run;		/* characters since the cursor was put somewhere */

	enum { GROUND, ESCAPE, CSI } place;
	char last;
	bool private;
	unsigned params[2], nparams;
};

static void
begin_csi(struct probe *p)
{
	p->place = CSI;
	p->private = false;
	p->nparams = 0;
	p->params[0] = p->params[1] = 0;
}

static unsigned
at_most(unsigned v, unsigned most)
{
	return v < most ? v : most;
}

static void
names_place(struct probe *p, unsigned row, unsigned col)
{
	if (row > p->rows)
		p->rows = at_most(row, MAX_ROWS);
	if (col > p->cols)
		p->cols = at_most(col, MAX_COLS);
}

/* It has the screen to itself, whose columns stand where it put them. */
static bool
is_picture(const struct probe *p)
{
	return p->alternate || (p->hidden && p->homes);
}

static void
end_private(struct probe *p, char final)
{
	if (final != 'h' && final != 'l')
		return;
	if (p->params[0] == 1049 || p->params[0] == 1047 || p->params[0] == 47) {
		p->moves = true;
		p->alternate = final == 'h';
	} else if (p->params[0] == 25) {
		p->hidden = final == 'l';
	}
}

/* Erasing and moving within the line is what progress bars do; text/ansi understands that. */
static void
end_csi(struct probe *p, char final)
{
	if (final != 'm' && final != 'K')
		p->run = 0;
	if (p->private) {
		end_private(p, final);
		return;
	}
	p->homes |= (final == 'H' || final == 'f') && p->params[0] <= 1 && p->params[1] <= 1;
	p->columns |= final == 'G' || ((final == 'H' || final == 'f') && p->params[1] > 1);
	p->moves |= strchr("ABEFHfLMSTdr", final) != NULL;
	p->moves |= final == 'J' && p->params[0] != 0;
	if (final == 'H' || final == 'f')
		names_place(p, p->params[0], p->params[1]);
	else if (final == 'd')
		names_place(p, p->params[0], 0);
	else if (final == 'r')
		names_place(p, p->params[1], 0);
	else if (final == 'G')
		names_place(p, 0, p->params[0]);
}

static void
probe_csi(struct probe *p, char c)
{
	if (c >= '0' && c <= '9') {
		if (p->nparams < 2 && p->params[p->nparams] < 10000)
			p->params[p->nparams] = p->params[p->nparams] * 10 + (unsigned)(c - '0');
	} else if (c == ';' || c == ':') {
		p->nparams++;
	} else if (c >= '<' && c <= '?') {
		p->private = true;
	} else if (c >= '@' && c <= '~') {
		end_csi(p, c);
		p->place = GROUND;
	} else if (c < ' ') {
		p->place = GROUND;
	}
}

/*
 * Of a program that names no columns, but clears the screen and writes it row by row, as top does, the
 * longest row says how wide it is. One with a screen of its own may let the terminal wrap, as less does.
 */
static void
count_run(struct probe *p, char c)
{
	if (c == '\r' || c == '\n')
		p->run = 0;
	else if ((unsigned char)c >= ' ' && ((unsigned char)c & 0xC0) != 0x80)
		p->run++;
	if (p->run > p->cols && !p->columns && is_picture(p) && !p->alternate)
		names_place(p, 0, p->run);
}

static void
probe_byte(struct probe *p, char c)
{
	if (c == 0x1B) {
		p->place = ESCAPE;
	} else if (p->place == CSI) {
		probe_csi(p, c);
	} else if (p->place == ESCAPE && c == '[') {
		begin_csi(p);
	} else {
		if (p->place == ESCAPE && (c == 'M' || c == '8'))
			p->moves = true;
		if (p->place == GROUND)
			count_run(p, c);
		p->place = GROUND;
		if (c == '\n' && !p->lines) {
			p->lines = true;
			p->cooked = p->last == '\r';
		}
	}
	p->last = c;
}

static void
probe(struct probe *p, struct str text)
{
	while (p->at < text.n) {
		if (p->place == GROUND && p->lines && !is_picture(p))
			p->at += str_find_byte(str_skip(text, p->at), 0x1B);
		if (p->at < text.n)
			probe_byte(p, text.p[p->at++]);
	}
}

/* ---- the emulator */

struct terminal {
	struct probe probe;
	unsigned generation;
	VTerm *vt;		/* NULL: not needed yet */
	VTermScreen *screen;
	int rows, cols;
	size_t fed, known;	/* of so many bytes */
	struct rows back;	/* what left the screen, in plain style */
	struct buf cell;
};

/* The colours and attributes of a cell, as SGR would have asked for them. */
static struct style
style_of(const VTermScreenCell *c, struct style base)
{
	struct style s = base;
	const VTermColor *const colours[] = { &c->fg, &c->bg };
	struct buf params = { 0 };

	buf_printf(&params, "%s%s%s%s", c->attrs.bold ? "1;" : "", c->attrs.italic ? "3;" : "",
	    c->attrs.underline ? "4;" : "", c->attrs.reverse ? "7;" : "");
	for (int i = 0; i < 2; i++) {
		const VTermColor *v = colours[i];

		if (i == 0 ? VTERM_COLOR_IS_DEFAULT_FG(v) : VTERM_COLOR_IS_DEFAULT_BG(v))
			continue;
		if (VTERM_COLOR_IS_INDEXED(v))
			buf_printf(&params, "%d;5;%u;", i == 0 ? 38 : 48, (unsigned)v->indexed.idx);
		else
			buf_printf(&params, "%d;2;%u;%u;%u;", i == 0 ? 38 : 48, (unsigned)v->rgb.red,
			    (unsigned)v->rgb.green, (unsigned)v->rgb.blue);
	}
	if (params.n > 0)
		sgr_apply(&s, base, str_head(buf_view(&params), params.n - 1));
	buf_done(&params);
	return s;
}

static bool
is_blank(const VTermScreenCell *c)
{
	return (c->chars[0] == 0 || c->chars[0] == ' ') && VTERM_COLOR_IS_DEFAULT_BG(&c->bg) &&
	    !c->attrs.reverse && !c->attrs.underline;
}

static bool
same_style(const VTermScreenCell *a, const VTermScreenCell *b)
{
	return a->attrs.bold == b->attrs.bold && a->attrs.italic == b->attrs.italic &&
	    a->attrs.underline == b->attrs.underline && a->attrs.reverse == b->attrs.reverse &&
	    vterm_color_is_equal(&a->fg, &b->fg) && vterm_color_is_equal(&a->bg, &b->bg);
}

/* Runs of one style go to text/safe as one text, so that clusters stay whole. */
static void
add_row(struct rows *out, struct buf *text, const VTermScreenCell *cells, int n, struct style base)
{
	while (n > 0 && is_blank(&cells[n - 1]))
		n--;
	for (int i = 0, run; i < n; i = run) {
		buf_clear(text);
		for (run = i; run < n && same_style(&cells[i], &cells[run]); run++) {
			const VTermScreenCell *c = &cells[run];

			if (c->chars[0] == (uint32_t)-1)	/* the right half of a wide one */
				continue;
			if (c->chars[0] == 0)
				buf_byte(text, ' ');
			for (int k = 0; k < VTERM_MAX_CHARS_PER_CELL && c->chars[k] != 0; k++)
				utf8_add(text, c->chars[k]);
		}
		rows_add(out, style_of(&cells[i], base), buf_view(text), LINE_NO_SRC);
	}
	rows_end(out, 0);
}

/* Half of what is kept goes at once: moving it row by row would be quadratic. */
static int
on_pushed(int cols, const VTermScreenCell *cells, void *arg)
{
	struct terminal *t = arg;

	if (rows_count(&t->back) >= 2 * TERMINAL_BACK) {
		struct rows kept = { 0 };

		for (size_t i = TERMINAL_BACK; i < rows_count(&t->back); i++) {
			rows_add_line(&kept, rows_line(&t->back, i));
			rows_end(&kept, 0);
		}
		rows_done(&t->back);
		t->back = kept;
	}
	add_row(&t->back, &t->cell, cells, cols, STYLE(ROLE_TEXT));
	return 1;
}

static void
stop(struct terminal *t)
{
	if (t->vt != NULL)
		vterm_free(t->vt);
	t->vt = NULL;
	t->fed = 0;
	rows_clear(&t->back);
}

static void
start(struct terminal *t)
{
	static const VTermScreenCallbacks callbacks = { .sb_pushline = on_pushed };

	t->rows = t->probe.rows > ROWS ? (int)t->probe.rows : ROWS;
	t->cols = t->probe.cols > COLS ? (int)t->probe.cols : COLS;
	t->vt = vterm_new(t->rows, t->cols);
	vterm_set_utf8(t->vt, 1);
	t->screen = vterm_obtain_screen(t->vt);
	vterm_screen_set_callbacks(t->screen, &callbacks, t);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
}

/*
 * Byte by byte: given more, the emulator draws clusters that are cut between two calls otherwise than
 * whole ones. Without a line discipline behind it, a line feed of a plain program also returns.
 */
static void
feed(struct terminal *t, struct str text)
{
	size_t end = text.n - t->fed > AT_ONCE ? t->fed + AT_ONCE : text.n;

	for (; t->fed < end; t->fed++) {
		if (text.p[t->fed] == '\n' && !t->probe.cooked)
			vterm_input_write(t->vt, "\r", 1);
		vterm_input_write(t->vt, text.p + t->fed, 1);
	}
}

struct terminal *
terminal_new(void)
{
	return mem_zalloc(sizeof(struct terminal));
}

void
terminal_free(struct terminal *t)
{
	if (t == NULL)
		return;
	stop(t);
	rows_done(&t->back);
	buf_done(&t->cell);
	free(t);
}

bool
terminal_update(struct terminal *t, struct str text, unsigned generation)
{
	struct probe was;

	if (generation != t->generation || text.n < t->probe.at) {
		stop(t);
		t->probe = (struct probe){ 0 };
		t->generation = generation;
	}
	was = t->probe;
	probe(&t->probe, text);
	if (!t->probe.moves)
		return false;
	/* What it learnt would have changed what was drawn before. */
	if (was.rows != t->probe.rows || was.cols != t->probe.cols || was.cooked != t->probe.cooked)
		stop(t);
	if (t->vt == NULL)
		start(t);
	feed(t, text);
	t->known = text.n;
	return true;
}

bool
terminal_is_picture(const struct terminal *t)
{
	return is_picture(&t->probe);
}

bool
terminal_behind(const struct terminal *t)
{
	return t->vt != NULL && t->fed < t->known;
}

void
terminal_rows(const struct terminal *t, struct style style, struct rows *out)
{
	size_t back = rows_count(&t->back), skip = back > TERMINAL_BACK ? back - TERMINAL_BACK : 0;
	VTermScreenCell *cells = mem_zalloc((size_t)t->cols * sizeof *cells);
	struct buf text = { 0 };
	size_t used;

	for (size_t i = skip; i < back; i++) {
		rows_add_line(out, rows_line(&t->back, i));
		rows_end(out, 0);
	}
	used = rows_count(out);
	for (int row = 0; row < t->rows; row++) {
		for (int col = 0; col < t->cols; col++)
			vterm_screen_get_cell(t->screen, (VTermPos){ row, col }, &cells[col]);
		add_row(out, &text, cells, t->cols, style);
		if (rows_line(out, rows_count(out) - 1).n > 0)
			used = rows_count(out);
	}
	rows_truncate(out, used);
	buf_done(&text);
	free(cells);
}
