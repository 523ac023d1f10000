#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/bench/bench.h"
#include "tests/ui/scene.h"
#include "ui/view.h"

/* One answer of 100 KB in tokens of four bytes, on 120x40: 500 tokens/s at 60 frames/s. */
enum { ANSWER = 100000, TOKEN = 4, TOKENS_A_FRAME = 8, ROWS = 40, COLS = 120 };

static const char paragraph[] =
    "## What happens in case %d\n\nThe consumer checks the queue **once** and then waits, so a second "
    "consumer can take item %d between the signal and the wake-up; `pop` then reads an empty queue. This is "
    "the classic lost wake-up number %d, and it needs a loop around the wait.\n\n1. the producer "
    "signals %d\n2. *two* consumers wake up\n3. consumer %d finds nothing\n\n```c\n"
    "while (queue->n == %d)\n\tpthread_cond_wait(&queue->filled, &queue->lock);\n"
    "item = queue->items[--queue->n + %d];\n```\n\n";

static void
write_answer(struct buf *out)
{
	for (int i = 0; out->n < ANSWER; i++)
		buf_printf(out, paragraph, i, i, i, i, i, i, i);
	out->n = ANSWER;
}

/* A terminal that reads as fast as it can; its child counts what comes. */
struct sink {
	int tty, count;
	pid_t reader;
};

static void
count_bytes(int master, int out)
{
	static char bytes[65536];
	size_t n = 0;
	ssize_t k;

	while ((k = read(master, bytes, sizeof bytes)) > 0)
		n += (size_t)k;
	if (write(out, &n, sizeof n) != sizeof n)
		_exit(1);
	_exit(0);
}

static bool
sink_open(struct sink *s)
{
	struct winsize size = { .ws_row = ROWS, .ws_col = COLS };
	int master = posix_openpt(O_RDWR | O_NOCTTY), report[2];

	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || pipe(report) != 0)
		return false;
	s->tty = open(ptsname(master), O_RDWR | O_NOCTTY);
	ioctl(s->tty, TIOCSWINSZ, &size);
	s->count = report[0];
	s->reader = fork();
	if (s->reader == 0) {
		close(s->tty);
		count_bytes(master, report[1]);
	}
	close(master);
	close(report[1]);
	return true;
}

static size_t
sink_close(struct sink *s)
{
	size_t n = 0;

	close(s->tty);
	if (read(s->count, &n, sizeof n) != sizeof n)
		n = 0;
	close(s->count);
	waitpid(s->reader, NULL, 0);
	return n;
}

static void
say(struct session *s, struct str token)
{
	struct event e = scene_event(EVENT_TEXT);

	e.text.msg = STR("m1");
	e.text.op = TEXT_APPEND;
	e.text.data = token;
	session_apply(s, &e);
}

/* Returns the frames it took. */
static size_t
stream(struct view *v, struct session *s, struct str text)
{
	struct status st = { .name = STR("s1"), .connection = STR("live"), .mood = MOOD_LIVE,
		.proof = '=', .rate = 500, .session = s };
	size_t frames = 0;

	while (text.n > 0) {
		for (int i = 0; i < TOKENS_A_FRAME && text.n > 0; i++) {
			say(s, str_head(text, TOKEN));
			text = str_skip(text, TOKEN);
			st.received = ++st.applied;
		}
		clock_advance(1000 / 60);
		st.head = st.applied;
		view_draw(v, &st, clock_mono());
		frames++;
	}
	return frames;
}

int
main(void)
{
	struct session *s = session_new();
	struct screen_options options = { .term = "xterm-256color" };
	struct screen *screen;
	struct sink sink;
	struct view *v;
	struct buf answer = { 0 };
	struct error e;
	double from, took;
	size_t tokens = ANSWER / TOKEN, frames, bytes;

	write_answer(&answer);
	screen_locale();
	if (!sink_open(&sink))
		return 1;
	options.in = options.out = sink.tty;
	from = bench_cpu_ns();
	if (screen_open(&screen, &options, &e) != ERR_OK) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	v = view_new(screen, &(struct view_options){ 0 });
	view_session(v, s);
	view_draw(v, &(struct status){ .name = STR("s1"), .session = s }, clock_mono());
	printf("%-44s %10.2f us\n", "from nothing to the first frame",
	    (bench_cpu_ns() - from) / 1e3);
	clock_set(1000, SCENE_TIME);
	from = bench_cpu_ns();
	frames = stream(v, s, buf_view(&answer));
	took = bench_cpu_ns() - from;
	clock_unset();
	printf("drawn %zu of %zu frames\n", (size_t)screen_stats(screen)->frames, frames);
	view_free(v);
	screen_close(screen);
	session_free(s);
	buf_done(&answer);
	bytes = sink_close(&sink);
	printf("%-44s %10.2f us\n", "one answer of 100 KB, a token", took / 1e3 / (double)tokens);
	printf("%-44s %10.2f bytes\n", "to the terminal, a token", (double)bytes / (double)tokens);
	return 0;
}
