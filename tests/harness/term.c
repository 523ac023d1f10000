#include "tests/harness/term.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/harness/job.h"

#define OUTPUT_MAX (16u << 20)

extern char **environ;

struct term {
	struct job job;
	struct display *display;
	struct buf output, answers, state;
	size_t received;
	bool ended;	/* nothing more comes from the pty */
};

/* Tests stop base/clock; this one goes on. */
static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
take_output(struct term *t, struct str s)
{
	t->received += s.n;
	if (t->output.n > OUTPUT_MAX)
		buf_drop(&t->output, OUTPUT_MAX / 2);
	buf_str(&t->output, s);
	display_feed(t->display, s, &t->answers);
}

static void
read_pty(struct term *t)
{
	char bytes[65536];
	ssize_t n;

	while (!t->ended) {
		n = read(t->job.tty, bytes, sizeof bytes);
		if (n > 0)
			take_output(t, str_of(bytes, (size_t)n));
		else if (n < 0 && errno == EAGAIN)
			return;
		else if (n == 0 || errno != EINTR)
			t->ended = true;
	}
}

/* A program that writes while we do is read meanwhile, so that neither waits for the other. */
static void
write_pty(struct term *t, struct str s)
{
	int64_t end = now() + 5000;

	while (s.n > 0 && !t->ended) {
		struct pollfd fd = { .fd = t->job.tty, .events = POLLIN | POLLOUT };
		ssize_t n = write(t->job.tty, s.p, s.n);

		if (n > 0)
			s = str_skip(s, (size_t)n);
		else if (errno != EAGAIN || now() > end)
			return;
		else if (poll(&fd, 1, 100) > 0 && (fd.revents & POLLIN) != 0)
			read_pty(t);
	}
}

void
term_poll(struct term *t)
{
	struct buf answers;

	read_pty(t);
	answers = t->answers;
	t->answers = (struct buf){ 0 };
	write_pty(t, buf_view(&answers));
	buf_done(&answers);
	job_poll(&t->job);
}

static struct str
name_of(const char *entry)
{
	struct str rest;

	return str_cut(str_from(entry), '=', &rest);
}

static bool
names_it(const char *const *list, const char *entry)
{
	for (; list != NULL && *list != NULL; list++)
		if (str_eq(name_of(*list), name_of(entry)))
			return true;
	return false;
}

/* NAME=value of `o` and what the test has, in allocated strings. */
static char **
environment(const struct term_options *o)
{
	static const char *const outer[] = { "TERM", "COLORTERM", "COLORFGBG", "NO_COLOR", "LINES",
		"COLUMNS", "TMUX", "STY", "TERM_PROGRAM", "ACCESSIBLE", NULL };
	struct buf term = { 0 };
	char **env;
	size_t n = 0, max = 2;

	for (char **e = environ; *e != NULL; e++)
		max++;
	for (const char *const *e = o->env; e != NULL && *e != NULL; e++)
		max++;
	env = mem_zalloc(mem_mul(max, sizeof *env));
	for (char **e = environ; *e != NULL; e++)
		if (!names_it(outer, *e) && !names_it(o->env, *e))
			env[n++] = mem_strdup(*e);
	for (const char *const *e = o->env; e != NULL && *e != NULL; e++)
		if (strchr(*e, '=') != NULL)
			env[n++] = mem_strdup(*e);
	buf_printf(&term, "TERM=%s", o->name != NULL ? o->name : "xterm-256color");
	env[n] = mem_str(buf_view(&term));
	buf_done(&term);
	return env;
}

struct term *
term_open(const char *const *argv, const struct term_options *o)
{
	static const struct term_options none;
	struct term *t = mem_zalloc(sizeof *t);
	char **env;

	if (o == NULL)
		o = &none;
	env = environment(o);
	t->display = display_new(&o->display);
	if (!job_open(&t->job, argv, env, display_rows(t->display), display_cols(t->display))) {
		fprintf(stderr, "term: start %s: %s\n", argv[0], strerror(errno));
		abort();
	}
	for (char **e = env; *e != NULL; e++)
		free(*e);
	free(env);
	return t;
}

void
term_close(struct term *t)
{
	if (t == NULL)
		return;
	job_close(&t->job);
	display_free(t->display);
	buf_done(&t->output);
	buf_done(&t->answers);
	buf_done(&t->state);
	free(t);
}

struct display *
term_display(struct term *t)
{
	return t->display;
}

void
term_type(struct term *t, const char *bytes)
{
	write_pty(t, str_from(bytes));
}

void
term_key(struct term *t, enum display_key key, int modifiers)
{
	struct buf typed = { 0 };

	display_key(t->display, key, modifiers, &typed);
	write_pty(t, buf_view(&typed));
	buf_done(&typed);
}

void
term_paste(struct term *t, const char *text)
{
	struct buf typed = { 0 };

	display_paste(t->display, str_from(text), &typed);
	write_pty(t, buf_view(&typed));
	buf_done(&typed);
}

void
term_resize(struct term *t, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	term_poll(t);
	display_resize(t->display, rows, cols);
	ioctl(t->job.tty, TIOCSWINSZ, &size);
}

void
term_hang_up(struct term *t)
{
	term_poll(t);
	t->ended = true;
	job_hang_up(&t->job);
}

pid_t
term_pid(const struct term *t)
{
	return t->job.pid;
}

void
term_signal(struct term *t, int sig)
{
	job_poll(&t->job);
	if (t->job.phase != JOB_ENDED)
		kill(t->job.pid, sig);
}

void
term_resume(struct term *t)
{
	job_resume(&t->job);
}

static void
wait_for_more(const struct term *t, int ms)
{
	struct pollfd fds[] = {
		{ .fd = t->job.reports, .events = POLLIN },
		{ .fd = t->job.tty, .events = POLLIN }
	};

	poll(fds, t->ended ? 1 : 2, ms);
}

static bool
wait_quietly(struct term *t, bool (*state)(struct term *t, const void *arg), const void *arg,
    int ms)
{
	int64_t end = now() + ms;

	for (;;) {
		int64_t left = end - now();

		term_poll(t);
		if ((t->ended || !display_mode(t->display, 2026)) && state(t, arg))
			return true;
		if (left <= 0 || (t->ended && t->job.phase == JOB_ENDED))
			return false;
		wait_for_more(t, (int)left);
	}
}

static void
say_screen(struct term *t)
{
	struct str screen = str_trim(str_from(term_screen(t)));

	fprintf(stderr, "%.*s\n--\n", STR_ARG(screen));
}

bool
term_wait(struct term *t, bool (*state)(struct term *t, const void *arg), const void *arg,
    const char *what, int ms)
{
	static const char *const phases[] = { "running", "stopped", "ended" };

	if (wait_quietly(t, state, arg, ms))
		return true;
	fprintf(stderr, "term: waited up to %d ms for %s; the program is %s (wait status %#x) and wrote "
	    "%zu bytes:\n", ms, what, phases[t->job.phase], (unsigned)t->job.status, t->received);
	say_screen(t);
	return false;
}

static bool
has_text(struct term *t, const void *text)
{
	return term_has(t, text);
}

static bool
lacks_text(struct term *t, const void *text)
{
	return !term_has(t, text);
}

bool
term_wait_text(struct term *t, const char *text, int ms)
{
	return term_wait(t, has_text, text, text, ms);
}

bool
term_wait_gone(struct term *t, const char *text, int ms)
{
	struct buf what = { 0 };
	bool gone;

	buf_printf(&what, "the end of %s", text);
	gone = term_wait(t, lacks_text, text, buf_cstr(&what), ms);
	buf_done(&what);
	return gone;
}

static bool
mode_set(struct term *t, const void *mode)
{
	return display_mode(t->display, *(const int *)mode);
}

static bool
mode_reset(struct term *t, const void *mode)
{
	return !mode_set(t, mode);
}

bool
term_wait_mode(struct term *t, int mode, bool on, int ms)
{
	char what[32];

	snprintf(what, sizeof what, "mode %d %s", mode, on ? "set" : "reset");
	return term_wait(t, on ? mode_set : mode_reset, &mode, what, ms);
}

static bool
in_phase(struct term *t, const void *phase)
{
	return t->job.phase == *(const enum job_phase *)phase;
}

static bool
wait_phase(struct term *t, enum job_phase phase, const char *what, int ms)
{
	return term_wait(t, in_phase, &phase, what, ms);
}

bool
term_wait_stop(struct term *t, int ms)
{
	return wait_phase(t, JOB_STOPPED, "the program to stop", ms);
}

bool
term_wait_running(struct term *t, int ms)
{
	return wait_phase(t, JOB_RUNNING, "the program to run", ms);
}

static bool
at_end(struct term *t, const void *unused)
{
	(void)unused;
	return t->ended;
}

bool
term_wait_exit(struct term *t, int *status, int ms)
{
	if (!wait_phase(t, JOB_ENDED, "the program to end", ms))
		return false;
	/* A child that outlives the program may keep the pty open. */
	wait_quietly(t, at_end, NULL, 500);
	if (status != NULL)
		*status = t->job.status;
	return true;
}

bool
term_has(struct term *t, const char *text)
{
	return display_find(t->display, text, NULL, NULL);
}

const char *
term_row(struct term *t, int row)
{
	return display_row(t->display, row);
}

const char *
term_screen(struct term *t)
{
	return display_text(t->display);
}

const char *
term_state(struct term *t)
{
	struct termios tio = { 0 };

	buf_clear(&t->state);
	tcgetattr(t->job.tty, &tio);
	buf_printf(&t->state, "iflag=%x oflag=%x", (unsigned)tio.c_iflag, (unsigned)tio.c_oflag);
	buf_printf(&t->state, " cflag=%x lflag=%x", (unsigned)tio.c_cflag, (unsigned)tio.c_lflag);
	buf_printf(&t->state, " cc=");
	for (size_t i = 0; i < sizeof tio.c_cc; i++)
		buf_printf(&t->state, "%02x", tio.c_cc[i]);
	display_leftovers(t->display, &t->state);
	return buf_cstr(&t->state);
}

struct str
term_output(const struct term *t)
{
	return buf_view(&t->output);
}

size_t
term_received(const struct term *t)
{
	return t->received;
}
