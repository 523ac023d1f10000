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

#include "base/mem.h"
#include "ui/canvas.h"
#include "ui/clip.h"
#include "ui/frame.h"
#include "ui/keys.h"
#include "ui/pen.h"
#include "ui/tty.h"

enum { SYNC_ROWS = 3 };		/* fewer rows than this are sent without synchronizing */

/* What moves rows on the terminal; none where `save` is NULL. */
struct moving {
	const char *save, *restore, *margins, *row, *up, *down;
};

struct screen {
	struct tty tty;
	FILE *in, *out;
	SCREEN *curses;
	struct canvas *canvas;	/* instead of all above, or NULL */
	struct theme theme;
	struct pen pen;
	unsigned rows, cols;
	struct frame frame;
	struct arena arena;	/* of `moving` */
	struct moving moving;
	bool cursor, cursor_moved;
	unsigned cursor_y, cursor_x;
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

static void
learn_moving(struct screen *s)
{
	struct moving m = {
		.save = capability(&s->arena, "sc"), .restore = capability(&s->arena, "rc"),
		.margins = capability(&s->arena, "csr"), .row = capability(&s->arena, "vpa"),
		.up = capability(&s->arena, "ind"), .down = capability(&s->arena, "ri"),
	};

	if (m.row == NULL)
		m.row = capability(&s->arena, "cup");
	if (m.save != NULL && m.restore != NULL && m.margins != NULL && m.up != NULL && m.down != NULL)
		s->moving = m;
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
	frame_resize(&s->frame, rows);
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
	werase(newscr);
}

/* Shows an empty screen: ncurses sets its modes with its first output, ours come behind. */
static void
take_terminal(struct screen *s)
{
	clearok(curscr, TRUE);
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
	s->pen.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	/* Until it has come back from endwin once, ncurses 6.4 writes after every movement. */
	endwin();
	prepare();
	typeahead(-1);
	idlok(newscr, TRUE);
	idcok(newscr, FALSE);
	s->pen.depth = depth_of_terminal(o->no_color);
	ask_terminal(s, o->mouse);
	learn_moving(s);
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
	frame_done(&s->frame);
	arena_done(&s->arena);
	pen_done(&s->pen);
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
	s->pen.theme = &s->theme;
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

/* In the last cell of all ncurses would switch automatic wrapping on again. */
static unsigned
row_end(const struct screen *s, unsigned y)
{
	return y + 1 == s->rows && s->cols > 1 ? s->cols - 1 : s->cols;
}

static void
draw_rows(struct screen *s)
{
	for (struct frame_change c = { 0 }; frame_next(&s->frame, &c); c.y++) {
		s->stats.rows++;
		if (s->canvas != NULL)
			canvas_line(s->canvas, c.y, c.after);
		else
			pen_row(&s->pen, &c, row_end(s, c.y));
	}
}

void
screen_line(struct screen *s, unsigned y, struct line line)
{
	if (y < s->rows)
		frame_set(&s->frame, y, line);
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
	frame_forget(&s->frame);
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

/*
 * Moves rows on the terminal, and on both pictures of it, which then agree: to find out that they moved
 * ncurses would compare all their cells. `out` gets what is to be sent first.
 */
static void
move_rows(struct screen *s, const struct frame_move *m, struct buf *out)
{
	WINDOW *const pictures[] = { curscr, newscr };
	const struct moving *t = &s->moving;
	int top = (int)m->top, bottom = (int)m->bottom, last = (int)s->rows - 1;

	buf_str(out, str_from(t->save));
	buf_str(out, str_from(tiparm(t->margins, top, bottom)));
	buf_str(out, str_from(tiparm(t->row, m->by > 0 ? bottom : top, 0)));
	for (int i = abs(m->by); i > 0; i--)
		buf_str(out, str_from(m->by > 0 ? t->up : t->down));
	buf_str(out, str_from(tiparm(t->margins, 0, last)));
	buf_str(out, str_from(t->restore));
	for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
		scrollok(pictures[i], TRUE);
		wsetscrreg(pictures[i], top, bottom);
		wscrl(pictures[i], m->by);
		wsetscrreg(pictures[i], 0, last);
		scrollok(pictures[i], FALSE);
		wtouchln(pictures[i], top, bottom - top + 1, FALSE);
	}
}

static bool
flush_canvas(struct screen *s)
{
	draw_rows(s);
	if (s->again)
		canvas_redraw(s->canvas);
	if (s->cursor)
		canvas_cursor(s->canvas, s->cursor_y, s->cursor_x);
	else
		canvas_no_cursor(s->canvas);
	s->again = s->cursor_moved = false;
	s->stats.frames++;
	return true;
}

bool
screen_flush(struct screen *s)
{
	unsigned changed = frame_changed(&s->frame);
	bool sync = s->tty.sync && (changed >= SYNC_ROWS || s->again);
	struct frame_move move;
	struct buf first = { 0 };

	if (changed == 0 && !s->again && !s->cursor_moved)
		return true;
	if (s->canvas != NULL)
		return flush_canvas(s);
	if (!tty_writable(&s->tty)) {
		s->stats.skipped++;
		return false;
	}
	if (sync)
		buf_str(&first, STR("\033[?2026h"));
	if (s->again)
		clearok(curscr, TRUE);
	else if (s->moving.save != NULL && frame_move(&s->frame, s->rows - 1, &move))
		move_rows(s, &move, &first);
	draw_rows(s);
	tty_write(&s->tty, buf_view(&first));
	buf_done(&first);
	if (s->cursor_moved)
		curs_set(s->cursor);
	leaveok(newscr, !s->cursor);
	if (s->cursor)
		wmove(newscr, (int)s->cursor_y, (int)s->cursor_x);
	doupdate();
	if (sync)
		tty_write(&s->tty, STR("\033[?2026l"));
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
