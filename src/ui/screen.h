/*
 * The terminal: the only place that writes to it. Opened, it is in raw mode on its alternate
 * screen; closed, suspended or crashed it is as it was found. Only struct lines reach it, a frame
 * at a time; rows that did not change cost nothing. One screen at a time.
 */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include "base/err.h"
#include "text/line.h"
#include "text/theme.h"

struct canvas;
struct screen;
struct key;

struct screen_options {
	int in, out;		/* of the same terminal; blocking: O_NONBLOCK loses output */
	const char *term;	/* NULL: $TERM; unknown ones are tried as xterm-256color */
	const struct theme *theme;	/* NULL: the built-in one; copied */
	bool no_color;		/* attributes only; $NO_COLOR is the caller's to read */
	bool mouse;		/* takes the terminal's own selection away */
	/* Drawn on instead of a terminal, by whose own size it is; borrowed. Then only the theme of
	 * the others counts. */
	struct canvas *canvas;
};

/* Sets LC_CTYPE by the environment; true when that is UTF-8. Before any other thread starts. */
bool screen_locale(void);

enum err screen_open(struct screen **out, const struct screen_options *options, struct error *e);
/* Gives the terminal back; NULL is allowed. */
void screen_close(struct screen *s);
/* Gives the terminal back for a while ($EDITOR, SIGTSTP) and takes it again; repaints. */
void screen_suspend(struct screen *s);
void screen_resume(struct screen *s);

/*
 * Signal handlers for SEGV, BUS, FPE, ILL, ABRT, QUIT and the hook of base/mem: they restore the
 * terminal and go on dying. All other signals are the caller's.
 */
void screen_guard(void);
/* Restores the terminal, with async-signal-safe calls only. Nothing to do is fine. */
void screen_emergency(void);

void screen_theme(struct screen *s, const struct theme *theme);
/* What the terminal answered (INPUT_REPLY); true when it changes what is drawn. */
bool screen_reply(struct screen *s, const struct key *k);
/* By the terminal's background once it told it, else COLORFGBG; `known` may be NULL. */
bool screen_light(const struct screen *s, bool *known);

void screen_size(const struct screen *s, unsigned *rows, unsigned *cols);
/* After SIGWINCH or canvas_resize: asks for the size; true when it is another one. */
bool screen_resize(struct screen *s);

/* What row y shows after the next flush; copied. What the line leaves free is blank. */
void screen_line(struct screen *s, unsigned y, struct line line);
/* Where the cursor stands after the next flush. */
void screen_cursor(struct screen *s, unsigned y, unsigned x);
void screen_no_cursor(struct screen *s);
/* C-l: everything is sent again with the next flush. */
void screen_redraw(struct screen *s);
/* Hands a text the user asked for to the terminal's clipboard; false when it is too long. */
bool screen_copy(struct screen *s, struct str text);
/* At most one in five seconds. */
void screen_bell(struct screen *s);

/*
 * Sends what changed. False when the line is not ready for it (POLLOUT): nothing was sent, flush
 * again when it is; the next flush carries the difference.
 */
bool screen_flush(struct screen *s);

struct screen_stats {
	uint64_t frames, skipped, rows;
};
const struct screen_stats *screen_stats(const struct screen *s);

#endif
