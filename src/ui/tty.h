/*
 * The terminal below ncurses, for ui/screen alone: its line discipline, the modes ncurses does not
 * know, what it answers, and how to leave it as it was when the program dies. One at a time,
 * because a signal handler has to find it.
 */
#ifndef UI_TTY_H
#define UI_TTY_H

#include <termios.h>

#include "base/buf.h"
#include "ui/keys.h"

struct tty {
	int in, out;
	struct termios saved;
	struct buf enter, leave;	/* modes on and off again */
	struct buf crash;		/* all of it, for a program that dies: leaves the screen too */
	bool asking, sync, was_2027, light, light_known;
	int64_t opened, last_bell;
};

/* What terminfo says, without padding; NULL where it says nothing. */
struct tty_caps {
	const char *name;		/* of the terminal type */
	const char *reset, *leave_screen, *show_cursor, *margins;
	bool wraps;			/* as a VT100 does: the cursor waits behind the last column */
};

/* False leaves errno: `in` is no terminal. */
bool tty_open(struct tty *t, int in, int out);
/* Asks terminals that answer; from here on the terminal is restored on every way out. */
void tty_enter(struct tty *t, const struct tty_caps *caps, bool mouse);
/* Sets the modes, at first and after tty_leave; behind ncurses, which sets some in its own way. */
void tty_modes(struct tty *t);
/* Back to how it was found; swallows answers that are still under way. */
void tty_leave(struct tty *t);
void tty_done(struct tty *t);

bool tty_reply(struct tty *t, const struct key *k);
void tty_write(struct tty *t, struct str s);
bool tty_writable(const struct tty *t);
bool tty_size(const struct tty *t, unsigned *rows, unsigned *cols);
void tty_bell(struct tty *t);

#endif
