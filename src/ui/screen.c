#include "ui/screen.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include "text/ascii.h"
#include "ui/canvas.h"
#include "ui/clip.h"
#include "ui/keys.h"
#include "ui/tty.h"

enum { SYNC_ROWS = 3 };		/* fewer rows than this are sent without synchronizing */

struct screen {
	struct tty tty;
	FILE *in, *out;
	SCREEN *curses;
	struct canvas *canvas;	/* instead of all above, or NULL */
	struct theme theme;
	enum depth depth;
	bool utf8;
	unsigned rows, cols;
	struct buf *drawn;	/* of each row, what stands there */
	struct buf key;		/* of the line that is drawn now */
	wchar_t *wide;
	size_t cap_wide;
	bool cursor, cursor_moved;
	unsigned cursor_y, cursor_x;
	unsigned changed;	/* rows since the last flush */
	bool again;		/* everything */
	struct screen_stats stats;
};

/* ---- opening and closing */

/* newterm takes signals over that are not its own business here. */
static SCREEN *
new_term(const char *name, FILE *out, FILE *in)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
	struct sigaction saved[4];
	SCREEN *s;

	for (size_t i = 0; i < 4; i++)
		sigaction(signals[i], NULL, &saved[i]);
	s = newterm(name, out, in);
	if (s == NULL)
		s = newterm("xterm-256color", out, in);
	for (size_t i = 0; i < 4; i++)
		sigaction(signals[i], &saved[i], NULL);
	return s;
}

static FILE *
stream_of(int fd, const char *mode)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	FILE *f = copy >= 0 ? fdopen(copy, mode) : NULL;

	if (f == NULL && copy >= 0)
		close(copy);
	return f;
}

/* A capability without its padding ("$<2>"), kept in `arena`. */
static const char *
capability(struct arena *arena, const char *name)
{
	const char *s = tigetstr(name);
	char *out, *p;

	if (s == NULL || s == (const char *)-1)
		return NULL;
	out = p = arena_alloc(arena, strlen(s) + 1);
	for (; *s != '\0'; s++) {
		const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;

		if (end != NULL)
			s = end;
		else
			*p++ = *s;
	}
	*p = '\0';
	return out;
}

static void
ask_terminal(struct screen *s, bool mouse)
{
	struct arena arena = { 0 };
	struct tty_caps caps = {
		.name = termname(),
		.reset = capability(&arena, "sgr0"),
		.leave_screen = capability(&arena, "rmcup"),
		.show_cursor = capability(&arena, "cnorm"),
		.margins = capability(&arena, "csr"),
		.wraps = tigetflag("am") > 0 && tigetflag("xenl") > 0,
	};

	tty_enter(&s->tty, &caps, mouse);
	arena_done(&arena);
}

static enum depth
depth_of_terminal(bool no_color)
{
	if (no_color || !has_colors() || start_color() != OK)
		return DEPTH_MONO;
	use_default_colors();
	if (COLORS >= LOOK_RGB && tigetflag("RGB") > 0)
		return DEPTH_RGB;
	return COLORS >= 256 ? DEPTH_256 : COLORS >= 16 ? DEPTH_16 : DEPTH_8;
}

/* The same for every start and return. */
static void
prepare(void)
{
	reset_prog_mode();
	raw();
	noecho();
	nonl();
	curs_set(0);
}

static void
fit_rows(struct screen *s, unsigned rows, unsigned cols)
{
	for (unsigned y = rows; y < s->rows; y++)
		buf_done(&s->drawn[y]);
	s->drawn = mem_realloc(s->drawn, mem_mul(rows, sizeof *s->drawn));
	for (unsigned y = 0; y < rows; y++) {
		if (y >= s->rows)
			s->drawn[y] = (struct buf){ 0 };
		buf_clear(&s->drawn[y]);
	}
	s->rows = rows;
	s->cols = cols;
	s->again = true;
}

static void
set_size(struct screen *s)
{
	unsigned rows, cols;

	if (s->canvas != NULL) {
		canvas_size(s->canvas, &rows, &cols);
		fit_rows(s, rows, cols);
		return;
	}
	rows = (unsigned)LINES;
	cols = (unsigned)COLS;
	if (tty_size(&s->tty, &rows, &cols))
		resize_term((int)rows, (int)cols);
	fit_rows(s, rows, cols);
	werase(stdscr);
}

/* Shows an empty screen: ncurses sets its modes with its first output, ours come behind. */
static void
take_terminal(struct screen *s)
{
	clearok(curscr, TRUE);
	wnoutrefresh(stdscr);
	doupdate();
	tty_modes(&s->tty);
	s->again = false;
}

static enum err
open_curses(struct screen *s, const struct screen_options *o, struct error *e)
{
	const char *term = o->term != NULL ? o->term : getenv("TERM");

	s->in = stream_of(o->in, "r");
	s->out = stream_of(o->out, "w");
	if (s->in == NULL || s->out == NULL)
		return error_set(e, ERR_FAILED, "terminal: %s", strerror(errno));
	s->curses = new_term(term, s->out, s->in);
	if (s->curses == NULL)
		return error_set(e, ERR_FAILED, "terminal type '%s' is not known here; set TERM, or use "
		    "weir tail", term != NULL ? term : "");
	if (tigetstr("cup") == NULL)
		return error_set(e, ERR_FAILED, "terminal type '%s' has no screen; use weir tail",
		    termname());
	return ERR_OK;
}

enum err
screen_open(struct screen **out, const struct screen_options *o, struct error *e)
{
	struct screen *s = mem_zalloc(sizeof *s);
	enum err err;

	*out = NULL;
	if (o->canvas != NULL) {
		s->canvas = o->canvas;
		set_size(s);
		screen_theme(s, o->theme);
		*out = s;
		return ERR_OK;
	}
	if (!tty_open(&s->tty, o->in, o->out)) {
		free(s);
		return error_set(e, ERR_FAILED, "standard input and output are no terminal; use weir tail");
	}
	err = open_curses(s, o, e);
	if (err != ERR_OK) {
		screen_close(s);
		return err;
	}
	s->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	/* Until it has come back from endwin once, ncurses 6.4 writes after every movement. */
	endwin();
	prepare();
	typeahead(-1);
	idlok(stdscr, TRUE);
	idcok(stdscr, FALSE);
	s->depth = depth_of_terminal(o->no_color);
	ask_terminal(s, o->mouse);
	set_size(s);
	screen_theme(s, o->theme);
	take_terminal(s);
	*out = s;
	return ERR_OK;
}

void
screen_close(struct screen *s)
{
	if (s == NULL)
		return;
	if (s->curses != NULL) {
		endwin();
		tty_leave(&s->tty);
		delscreen(s->curses);
	}
	if (s->in != NULL)
		fclose(s->in);
	if (s->out != NULL)
		fclose(s->out);
	tty_done(&s->tty);
	for (unsigned y = 0; y < s->rows; y++)
		buf_done(&s->drawn[y]);
	free(s->drawn);
	buf_done(&s->key);
	free(s->wide);
	free(s);
}

void
screen_suspend(struct screen *s)
{
	if (s->canvas != NULL)
		return;
	endwin();
	tty_leave(&s->tty);
}

void
screen_resume(struct screen *s)
{
	if (s->canvas != NULL)
		return;
	prepare();
	set_size(s);
	take_terminal(s);
	s->cursor_moved = true;
}

void
screen_theme(struct screen *s, const struct theme *theme)
{
	s->theme = theme != NULL ? *theme : *theme_builtin();
	if (s->canvas != NULL)
		canvas_theme(s->canvas, &s->theme);
	screen_redraw(s);
}

bool
screen_reply(struct screen *s, const struct key *k)
{
	return tty_reply(&s->tty, k);
}

bool
screen_light(const struct screen *s, bool *known)
{
	if (known != NULL)
		*known = s->tty.light_known;
	return s->tty.light;
}

void
screen_size(const struct screen *s, unsigned *rows, unsigned *cols)
{
	*rows = s->rows;
	*cols = s->cols;
}

bool
screen_resize(struct screen *s)
{
	unsigned rows = s->rows, cols = s->cols;

	if (s->canvas != NULL)
		canvas_size(s->canvas, &rows, &cols);
	else if (!tty_size(&s->tty, &rows, &cols))
		return false;
	if (rows == s->rows && cols == s->cols)
		return false;
	set_size(s);
	return true;
}

/* ---- drawing */

/* Direct colour terminals take 0 to 7 for the palette; other numbers are colours there. */
static int
colour_number(const struct screen *s, int32_t colour)
{
	uint32_t rgb;

	if (s->depth != DEPTH_RGB || colour < 8)
		return colour;
	if (colour >= LOOK_RGB)
		return colour - LOOK_RGB < 8 ? 8 : colour - LOOK_RGB;
	colour_rgb((struct colour){ COLOUR_PALETTE, (uint32_t)colour }, &rgb);
	return rgb < 8 ? 8 : (int)rgb;
}

/* ncurses knows no strike-through: what is deleted is dim. */
static attr_t
attributes(uint8_t attr)
{
	attr_t a = A_NORMAL;

	if (attr & ATTR_BOLD)
		a |= A_BOLD;
	if (attr & ATTR_ITALIC)
		a |= A_ITALIC;
	if (attr & ATTR_UNDERLINE)
		a |= A_UNDERLINE;
	if (attr & ATTR_REVERSE)
		a |= A_REVERSE;
	if (attr & (ATTR_DIM | ATTR_STRIKE))
		a |= A_DIM;
	return a;
}

static void
pen(struct screen *s, struct style style, attr_t *attrs, int *pair)
{
	struct look look = theme_look(&s->theme, style, s->depth);

	*attrs = attributes(look.attr);
	*pair = 0;
	if (look.fg >= 0 || look.bg >= 0)
		*pair = alloc_pair(colour_number(s, look.fg), colour_number(s, look.bg));
	if (*pair < 0)
		*pair = 0;
}

static void
add_wide(struct screen *s, struct str text)
{
	size_t n = 0;

	while (text.n > 0) {
		size_t len;
		bool ok;

		s->wide = mem_grow(s->wide, n, &s->cap_wide, sizeof *s->wide);
		s->wide[n++] = (wchar_t)utf8_decode(text, &len, &ok);
		text = str_skip(text, len);
	}
	waddnwstr(stdscr, s->wide, (int)n);
}

/* Where the terminal takes no UTF-8, everything is something like it in ASCII, of its width. */
static void
add_narrow(struct str text)
{
	while (text.n > 0) {
		int cols = 1;
		size_t len = width_cluster(text, &cols), first;
		bool ok;
		char like[2] = { ascii_like(utf8_decode(text, &first, &ok)), '?' };

		waddnstr(stdscr, cols > 1 ? "??" : like, cols);
		text = str_skip(text, len);
	}
}

static void
fill(struct screen *s, unsigned y, unsigned x, unsigned n, struct style style)
{
	attr_t attrs;
	int pair;
	cchar_t blank;

	pen(s, style, &attrs, &pair);
	setcchar(&blank, L" ", attrs, (short)pair, &pair);
	mvwhline_set(stdscr, (int)y, (int)x, &blank, (int)n);
}

/* Returns the column behind it. */
static unsigned
draw_span(struct screen *s, struct line line, const struct span *span, unsigned x, unsigned end)
{
	struct str text = str_of(line.text + span->off, span->len);
	size_t used = span->cols;
	attr_t attrs;
	int pair;

	if (x + span->cols > end)
		text = str_head(text, width_prefix(text, end - x, &used));
	pen(s, span->style, &attrs, &pair);
	wattr_set(stdscr, attrs, (short)pair, &pair);
	if (span->ascii)
		waddnstr(stdscr, text.p, (int)text.n);
	else if (s->utf8)
		add_wide(s, text);
	else
		add_narrow(text);
	return x + (unsigned)used;
}

/* Everything that decides what a row looks like. */
static void
make_key(struct buf *key, unsigned x, unsigned width, struct line line)
{
	buf_clear(key);
	buf_add(key, &x, sizeof x);
	buf_add(key, &width, sizeof width);
	buf_add(key, &line.flags, sizeof line.flags);
	for (size_t i = 0; i < line.n; i++) {
		const struct span *span = &line.spans[i];

		buf_add(key, &span->style, sizeof span->style);
		buf_add(key, &span->len, sizeof span->len);
		buf_add(key, line.text + span->off, span->len);
	}
}

void
screen_line(struct screen *s, unsigned y, unsigned x, unsigned width, struct line line)
{
	unsigned at = x, end;
	struct buf other;

	if (y >= s->rows || x >= s->cols)
		return;
	end = width < s->cols - x ? x + width : s->cols;
	/* In the last cell of all ncurses would switch automatic wrapping on again. */
	if (y + 1 == s->rows && end == s->cols && s->cols > 1)
		end--;
	make_key(&s->key, x, width, line);
	if (str_eq(buf_view(&s->key), buf_view(&s->drawn[y])))
		return;
	other = s->drawn[y];
	s->drawn[y] = s->key;
	s->key = other;
	s->changed++;
	s->stats.rows++;
	if (s->canvas != NULL) {
		canvas_line(s->canvas, y, x, end - x, line);
		return;
	}
	wmove(stdscr, (int)y, (int)x);
	for (size_t i = 0; i < line.n && at < end; i++)
		at = draw_span(s, line, &line.spans[i], at, end);
	if (at < end)
		fill(s, y, at, end - at, (line.flags & LINE_FILL) && line.n > 0 ?
		    line.spans[line.n - 1].style : STYLE(ROLE_TEXT));
}

void
screen_cursor(struct screen *s, unsigned y, unsigned x)
{
	if (s->cursor && s->cursor_y == y && s->cursor_x == x)
		return;
	s->cursor = s->cursor_moved = true;
	s->cursor_y = y;
	s->cursor_x = x;
}

void
screen_no_cursor(struct screen *s)
{
	s->cursor_moved = s->cursor_moved || s->cursor;
	s->cursor = false;
}

void
screen_redraw(struct screen *s)
{
	for (unsigned y = 0; y < s->rows; y++)
		buf_clear(&s->drawn[y]);
	s->again = true;
}

void
screen_bell(struct screen *s)
{
	if (s->canvas != NULL)
		canvas_bell(s->canvas);
	else
		tty_bell(&s->tty);
}

static bool
flush_canvas(struct screen *s)
{
	if (s->again)
		canvas_redraw(s->canvas);
	if (s->cursor)
		canvas_cursor(s->canvas, s->cursor_y, s->cursor_x);
	else
		canvas_no_cursor(s->canvas);
	s->changed = 0;
	s->again = s->cursor_moved = false;
	s->stats.frames++;
	return true;
}

bool
screen_flush(struct screen *s)
{
	bool sync = s->tty.sync && (s->changed >= SYNC_ROWS || s->again);

	if (s->changed == 0 && !s->again && !s->cursor_moved)
		return true;
	if (s->canvas != NULL)
		return flush_canvas(s);
	if (!tty_writable(&s->tty)) {
		s->stats.skipped++;
		return false;
	}
	if (s->again)
		clearok(curscr, TRUE);
	if (sync)
		tty_write(&s->tty, STR("\033[?2026h"));
	if (s->cursor_moved)
		curs_set(s->cursor);
	leaveok(stdscr, !s->cursor);
	if (s->cursor)
		wmove(stdscr, (int)s->cursor_y, (int)s->cursor_x);
	wnoutrefresh(stdscr);
	doupdate();
	if (sync)
		tty_write(&s->tty, STR("\033[?2026l"));
	s->changed = 0;
	s->again = s->cursor_moved = false;
	s->stats.frames++;
	return true;
}

bool
screen_copy(struct screen *s, struct str text)
{
	struct buf sequence = { 0 };
	bool ok = clip_sequence(text, &sequence);

	if (ok && s->canvas == NULL)
		tty_write(&s->tty, buf_view(&sequence));
	buf_done(&sequence);
	return ok;
}

const struct screen_stats *
screen_stats(const struct screen *s)
{
	return &s->stats;
}
