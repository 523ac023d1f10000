/*
 * A program for tests/ui/test_screen: it opens the screen, draws rows that say what it knows, and
 * does what keys tell it. Its last row counts what it read.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/keys.h"
#include "ui/screen.h"

static volatile sig_atomic_t terminated, resized;

static void
on_signal(int sig)
{
	if (sig == SIGTERM)
		terminated = 1;
	else
		resized = 1;
}

struct play {
	struct screen *screen;
	struct keys keys;
	struct rows rows;
	struct buf last;
	unsigned shift;		/* rows scrolled */
	unsigned mixed;		/* which mixture of texts the rows are, 0 none */
	unsigned pressed;	/* keys; the last row of a mixture says how many */
	bool wide;
	bool over;
};

/* Rows that often begin like the one before them, and go on with all that can stand in cells. */
static void
mix(struct play *p, unsigned y)
{
	static const char *const pieces[] = { "e", "e\xcc\x81", "\xcc\x81", "ab", "漢", "字", " ", "c", "👩‍💻", "é" };
	unsigned n = p->mixed * 2654435761u + y / 4 * 40503u;

	for (unsigned i = 0; i < 2 + n % 5; i++) {
		unsigned k = i < 2 ? y * 7 + i : n >> (4 * i);

		rows_add(&p->rows, STYLE_WITH(ROLE_TEXT, k / 16 % 3 == 0 ? ATTR_BOLD : 0),
		    str_from(pieces[k % 10]), LINE_NO_SRC);
	}
}

static void
draw(struct play *p)
{
	unsigned rows, cols;

	screen_size(p->screen, &rows, &cols);
	rows_clear(&p->rows);
	for (unsigned y = 0; y < rows; y++) {
		if (y + 1 == rows && p->mixed > 0)
			rows_printf(&p->rows, STYLE(ROLE_STATUS), "key %u.", p->pressed);
		else if (y + 1 == rows)
			rows_add(&p->rows, STYLE(ROLE_STATUS), buf_view(&p->last), LINE_NO_SRC);
		else if (y == 0)
			rows_printf(&p->rows, STYLE(ROLE_HEADING), "size %ux%u", cols, rows);
		else if (p->mixed > 0)
			mix(p, y);
		else if (p->wide)
			rows_printf(&p->rows, STYLE(ROLE_TEXT), "%u 漢字 e\xcc\x81 👩‍💻 ❤️ 🇩🇪 |", y);
		else
			rows_printf(&p->rows, STYLE(ROLE_TEXT), "row %u", y + p->shift);
		rows_end(&p->rows, 0);
		screen_line(p->screen, y, rows_line(&p->rows, y));
	}
	screen_cursor(p->screen, rows - 1, 0);
	screen_flush(p->screen);
}

static __attribute__((noinline)) int
overflow(int n)
{
	volatile char page[4096];

	page[0] = (char)n;
	return n < 0 ? page[0] : overflow(n + 1) + page[0];
}

static void
press(struct play *p, const struct key *k)
{
	if (k->kind == INPUT_REPLY) {
		screen_reply(p->screen, k);
		return;
	}
	if (p->last.n > 60)
		buf_clear(&p->last);
	if (k->kind == INPUT_PASTE)
		buf_printf(&p->last, "paste(%.*s) ", STR_ARG(k->text));
	else
		key_text(k, &p->last);
	buf_byte(&p->last, ' ');
	if (k->kind != INPUT_KEY)
		return;
	p->pressed++;
	switch (k->code) {
	case 'q':
		p->over = true;
		break;
	case 's':
		p->shift++;
		break;
	case 'm':
		p->mixed++;
		break;
	case 'u':
		p->shift--;
		break;
	case 'w':
		p->wide = !p->wide;
		break;
	case 'l':
		screen_redraw(p->screen);
		break;
	case 'S':
		raise(SIGSEGV);
		break;
	case 'A':
		abort();
	case 'R':
		exit(overflow(0));
	case 'M':
		free(mem_alloc(SIZE_MAX / 4));
		break;
	case 'Z':
		screen_suspend(p->screen);
		kill(0, SIGTSTP);
		screen_resume(p->screen);
		break;
	}
}

int
main(int argc, char **argv)
{
	struct screen_options options = { .in = 0, .out = 1, .no_color = getenv("NO_COLOR") != NULL };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t mask, waiting;
	struct play p = { 0 };
	struct error e;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGWINCH);
	sigprocmask(SIG_BLOCK, &mask, &waiting);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGWINCH, &sa, NULL);
	screen_locale();
	options.mouse = argc > 1 && strcmp(argv[1], "mouse") == 0;
	if (screen_open(&p.screen, &options, &e) != ERR_OK) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	screen_guard();
	buf_printf(&p.last, "ready ");
	while (!p.over && !terminated) {
		struct timespec soon = { .tv_nsec = 60000000 };
		struct pollfd pfd = { .fd = 0, .events = POLLIN };
		char bytes[4096];
		struct key key;

		if (resized) {
			resized = 0;
			screen_resize(p.screen);
		}
		draw(&p);
		if (ppoll(&pfd, 1, keys_deadline(&p.keys) == INT64_MAX ? NULL : &soon, &waiting) > 0) {
			ssize_t n = read(0, bytes, sizeof bytes);

			if (n <= 0)
				break;
			keys_feed(&p.keys, str_of(bytes, (size_t)n), clock_mono());
		}
		while (keys_next(&p.keys, clock_mono(), &key))
			press(&p, &key);
	}
	screen_close(p.screen);
	keys_done(&p.keys);
	rows_done(&p.rows);
	buf_done(&p.last);
	return 0;
}
