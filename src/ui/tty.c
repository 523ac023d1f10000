#include "ui/tty.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/screen.h"

enum { BELL_MS = 5000, ANSWER_MS = 1000, DRAIN_MS = 100, MAX_ROWS = 1000, MAX_COLS = 2000 };

bool
screen_locale(void)
{
	static const char *const names[] = { "", "C.UTF-8", "en_US.UTF-8" };
	const char *wanted = getenv("LC_ALL");
	bool utf8;

	if (wanted == NULL || wanted[0] == '\0')
		wanted = getenv("LC_CTYPE");
	if (wanted == NULL || wanted[0] == '\0')
		wanted = getenv("LANG");
	/* A UTF-8 locale that is not installed here (ssh passes names on) is UTF-8 all the same. */
	utf8 = wanted != NULL &&
	    (strcasestr(wanted, "utf-8") != NULL || strcasestr(wanted, "utf8") != NULL);
	for (size_t i = 0; i < (utf8 ? 3 : 1); i++)
		if (setlocale(LC_CTYPE, names[i]) != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
			return true;
	return false;
}

/* The terminal a signal handler restores. */
static struct tty *volatile current;

static void
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno != EINTR)
			return;
		if (k > 0) {
			p += k;
			n -= (size_t)k;
		}
	}
}

void
tty_write(struct tty *t, struct str s)
{
	write_all(t->out, s.p, s.n);
}

bool
tty_open(struct tty *t, int in, int out)
{
	*t = (struct tty){ .in = in, .out = out, .last_bell = -BELL_MS };
	return isatty(out) && tcgetattr(in, &t->saved) == 0;
}

static void
add(struct buf *b, const char *s)
{
	buf_str(b, str_from(s));
}

/* Old ones print what they do not understand. */
static bool
answers(const char *name)
{
	static const char *const silent[] = { "linux", "vt", "ansi", "cons", "dumb", "sun", "hp" };

	for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
		if (strncmp(name, silent[i], strlen(silent[i])) == 0)
			return false;
	return true;
}

/* "15;0": the palette number behind the last semicolon is the background. */
static void
guess_background(struct tty *t, struct str colorfgbg)
{
	uint64_t bg;

	while (str_find_byte(colorfgbg, ';') < colorfgbg.n)
		str_cut(colorfgbg, ';', &colorfgbg);
	if (!str_to_u64(colorfgbg, &bg))
		return;
	t->light_known = true;
	t->light = bg == 7 || bg > 8;
}

/*
 * Without automatic wrapping a row that turns out wider than thought cannot reach the next one.
 * Crash bytes end synchronized output first, or nothing of them would be seen.
 */
void
tty_enter(struct tty *t, const struct tty_caps *caps, bool mouse)
{
	add(&t->enter, "\033[?2004h");
	add(&t->leave, "\033[?2004l");
	if (caps->wraps) {
		add(&t->enter, "\033[?7l");
		add(&t->leave, "\033[?7h");
	}
	/* ncurses sets margins, of the whole screen; setting or resetting them moves the cursor. */
	if (caps->margins != NULL)
		add(&t->leave, "\0337\033[r\0338");
	if (mouse) {
		add(&t->enter, "\033[?1000h\033[?1006h");
		add(&t->leave, "\033[?1006l\033[?1000l");
	}
	guess_background(t, str_from(getenv("COLORFGBG")));
	t->asking = answers(caps->name);
	if (t->asking)
		add(&t->crash, "\033[?2026l");
	add(&t->crash, caps->reset);
	add(&t->crash, caps->leave_screen != NULL ? caps->leave_screen : "\r\n");
	add(&t->crash, caps->show_cursor);
	buf_str(&t->crash, buf_view(&t->leave));
	t->opened = clock_mono();
	current = t;
	if (t->asking)
		tty_write(t, STR("\033[?2026$p\033[?2027$p\033]11;?\033\\\033[c"));
}

void
tty_modes(struct tty *t)
{
	current = t;
	tty_write(t, buf_view(&t->enter));
	if (t->was_2027)
		tty_write(t, STR("\033[?2027l"));
}

/* Answers that come after the end would be typed into the shell. */
static void
drain(struct tty *t)
{
	struct pollfd pfd = { .fd = t->in, .events = POLLIN };
	int64_t until = clock_mono() + DRAIN_MS;
	char bytes[256];

	while (t->asking && clock_mono() < t->opened + ANSWER_MS && clock_mono() <= until) {
		ssize_t n;

		if (poll(&pfd, 1, DRAIN_MS) <= 0)
			return;
		n = read(t->in, bytes, sizeof bytes);
		if (n <= 0)
			return;
		t->asking = memchr(bytes, 'c', (size_t)n) == NULL;
	}
}

void
tty_leave(struct tty *t)
{
	drain(t);
	current = NULL;
	tty_write(t, buf_view(&t->leave));
	if (t->was_2027)
		tty_write(t, STR("\033[?2027h"));
	tcsetattr(t->in, TCSADRAIN, &t->saved);
}

void
tty_done(struct tty *t)
{
	buf_done(&t->enter);
	buf_done(&t->leave);
	buf_done(&t->crash);
}

bool
tty_reply(struct tty *t, const struct key *k)
{
	if (k->reply == REPLY_DEVICE)
		t->asking = false;
	if (k->reply == REPLY_MODE && k->a == 2026)
		t->sync = k->b == 1 || k->b == 2;
	if (k->reply == REPLY_MODE && k->a == 2027 && k->b == 1 && !t->was_2027) {
		t->was_2027 = true;
		tty_write(t, STR("\033[?2027l"));
	}
	if (k->reply == REPLY_BACKGROUND) {
		uint32_t sum = 3 * (k->a >> 16) + 6 * (k->a >> 8 & 255) + (k->a & 255);

		t->light_known = true;
		t->light = sum > 10 * 127;
		return true;
	}
	return false;
}

bool
tty_writable(const struct tty *t)
{
	struct pollfd pfd = { .fd = t->out, .events = POLLOUT };

	return poll(&pfd, 1, 0) != 0;
}

bool
tty_size(const struct tty *t, unsigned *rows, unsigned *cols)
{
	struct winsize ws;

	if (ioctl(t->out, TIOCGWINSZ, &ws) != 0 || ws.ws_row == 0 || ws.ws_col == 0)
		return false;
	*rows = ws.ws_row < MAX_ROWS ? ws.ws_row : MAX_ROWS;
	*cols = ws.ws_col < MAX_COLS ? ws.ws_col : MAX_COLS;
	return true;
}

void
tty_bell(struct tty *t)
{
	int64_t now = clock_mono();

	if (now - t->last_bell < BELL_MS)
		return;
	t->last_bell = now;
	tty_write(t, STR("\a"));
}

void
screen_emergency(void)
{
	struct tty *t = current;

	if (t == NULL)
		return;
	current = NULL;
	write_all(t->out, t->crash.p, t->crash.n);
	if (t->was_2027)
		write_all(t->out, "\033[?2027h", 8);
	tcsetattr(t->in, TCSANOW, &t->saved);
}

static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT };
enum { FATAL = sizeof fatal / sizeof fatal[0] };
static struct sigaction before[FATAL];

/* What would have happened without weir happens then: the default, or a sanitizer's report. */
static void
die(int sig)
{
	screen_emergency();
	for (size_t i = 0; i < FATAL; i++)
		if (fatal[i] == sig)
			sigaction(sig, &before[i], NULL);
	raise(sig);
}

static void
out_of_memory(const char *message)
{
	screen_emergency();
	write_all(STDERR_FILENO, message, strlen(message));
}

/* On a stack of its own: the other one may be what ran out. */
void
screen_guard(void)
{
	static char stack[16384];
	stack_t alternative = { .ss_sp = stack, .ss_size = sizeof stack };
	struct sigaction sa = { .sa_handler = die, .sa_flags = SA_NODEFER | SA_ONSTACK };

	sigaltstack(&alternative, NULL);
	for (size_t i = 0; i < FATAL; i++)
		sigaction(fatal[i], &sa, &before[i]);
	mem_on_failure(out_of_memory);
}
