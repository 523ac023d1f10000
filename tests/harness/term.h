/*
 * A terminal for tests: a program runs in a pty, and what it draws is on a display. Tests wait for
 * states, never for times; a wait that fails says so with the screen on stderr. The pty is read
 * only inside these calls, and what the program draws under synchronized output (mode 2026) is
 * judged when it is whole.
 */
#ifndef HARNESS_TERM_H
#define HARNESS_TERM_H

#include <sys/types.h>

#include "base/str.h"
#include "tests/harness/display.h"

struct term;

struct term_options {
	struct display_options display;
	const char *name;		/* TERM; xterm-256color when NULL */
	const char *const *env;		/* "NAME=value" sets, "NAME" unsets; ends with NULL */
};

/*
 * Runs argv (searched in PATH) without the variables of the terminal the test runs in; `o` may be
 * NULL. Aborts when there is no pty; what cannot be executed exits with 127.
 */
struct term *term_open(const char *const *argv, const struct term_options *o);
/* Kills what still runs. */
void term_close(struct term *t);
/* To look at cells, cursor, modes, scrollback. */
struct display *term_display(struct term *t);

/* What a person does. term_type sends bytes as they are, term_key what the key stands for now. */
void term_type(struct term *t, const char *bytes);
void term_key(struct term *t, enum display_key key, int modifiers);
void term_paste(struct term *t, const char *text);
void term_resize(struct term *t, int rows, int cols);
/* The window is closed: the program gets SIGHUP and the end of its input. */
void term_hang_up(struct term *t);

/* The program's process. term_resume is what `fg` does after a stop. */
pid_t term_pid(const struct term *t);
void term_signal(struct term *t, int sig);
void term_resume(struct term *t);

/*
 * Waits until `state` holds; false after `ms` milliseconds, or when the program has ended and
 * nothing can change any more. `what` completes "waited for".
 */
bool term_wait(struct term *t, bool (*state)(struct term *t, const void *arg), const void *arg,
    const char *what, int ms);
bool term_wait_text(struct term *t, const char *text, int ms);
bool term_wait_gone(struct term *t, const char *text, int ms);
bool term_wait_mode(struct term *t, int mode, bool on, int ms);
bool term_wait_stop(struct term *t, int ms);
bool term_wait_running(struct term *t, int ms);
/* Also waits for the last output. `status` as from waitpid(2), may be NULL. */
bool term_wait_exit(struct term *t, int *status, int ms);
/* Takes what is there now. */
void term_poll(struct term *t);

bool term_has(struct term *t, const char *text);
const char *term_row(struct term *t, int row);
const char *term_screen(struct term *t);
/* All a program can leave behind (termios, modes, pen), as text: the same again is restored. */
const char *term_state(struct term *t);

/* The bytes the program wrote, and how many (the first of very many are forgotten). */
struct str term_output(const struct term *t);
size_t term_received(const struct term *t);

#endif
