/*
 * The whole client as a person meets it: weir-serve on a socket, weir in a terminal of 120x40, tokens
 * posted one by one. Usage: bench_client [SECONDS of each stream, 10].
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/bench/bench.h"
#include "tests/e2e/world.h"

enum { ROWS = 40, COLS = 120, TOKEN = 4, STARTS = 15, KEYS = 60, GLYPHS = 40 };

static const char paragraph[] =
    "## What happens in case %d\n\nThe consumer checks the queue **once** and then waits, so a second "
    "consumer can take item %d between the signal and the wake-up; `pop` then reads an empty queue. This is "
    "the classic lost wake-up number %d, and it needs a loop around the wait.\n\n1. the producer "
    "signals %d\n2. *two* consumers wake up\n3. consumer %d finds nothing\n\n```c\n"
    "while (queue->n == %d)\n\tpthread_cond_wait(&queue->filled, &queue->lock);\n"
    "item = queue->items[--queue->n + %d];\n```\n\n";

static int64_t
now_us(void)
{
	return clock_mono_ns() / 1000;
}

static double
cpu_us(pid_t pid)
{
	struct timespec t = { 0 };
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) == 0)
		clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* The middle and the 99th of a hundred. */
static void
print_times(const char *name, double *ms, size_t n)
{
	qsort(ms, n, sizeof *ms, bench_compare);
	printf("%-44s %10.2f ms p50 %8.2f ms p99\n", name, ms[n / 2], ms[n - 1 - n / 100]);
}

/* ---- tokens */

struct speaker {
	struct world *world;
	struct buf text;
	size_t at, said;
	unsigned paragraphs;
};

static void
add_json(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			buf_str(out, STR("\\n"));
		else if (text.p[i] == '\t')
			buf_str(out, STR("\\t"));
		else if (text.p[i] == '"' || text.p[i] == '\\')
			buf_printf(out, "\\%c", text.p[i]);
		else
			buf_byte(out, text.p[i]);
	}
}

/* Posts the next tokens in one request, an item each. */
static void
speak(struct speaker *s, size_t tokens)
{
	struct buf items = { 0 };

	for (size_t i = 0; i < tokens; i++) {
		unsigned n = s->paragraphs;

		if (s->text.n - s->at < TOKEN) {
			buf_printf(&s->text, paragraph, n, n, n, n, n, n, n);
			s->paragraphs++;
		}
		buf_printf(&items, "%s{\"type\":\"chunks\",\"key\":\"c%zu\",\"value\":{\"id\":\"c%zu\","
		    "\"agentId\":\"main\",\"text\":\"", i == 0 ? "[" : ",", s->said, s->said);
		add_json(&items, str_head(str_skip(buf_view(&s->text), s->at), TOKEN));
		buf_str(&items, STR("\",\"turn\":1},\"headers\":{\"operation\":\"insert\"}}"));
		s->at += TOKEN;
		s->said++;
	}
	buf_byte(&items, ']');
	world_append(s->world, buf_view(&items));
	buf_done(&items);
}

/* Goes on drawing until then. */
static void
rest_until(struct term *t, int64_t at)
{
	for (;;) {
		int64_t left = at - now_us();

		term_poll(t);
		if (left <= 0)
			return;
		usleep(left < 500 ? (useconds_t)left : 500);
	}
}

static const char *
applied_words(const struct speaker *s)
{
	static char words[64];

	snprintf(words, sizeof words, "applied %zu = head %zu", s->said, s->said);
	return words;
}

/* Tokens at a rate for some seconds, and what they cost the client. */
static void
stream(struct speaker *s, struct term *t, double seconds)
{
	enum { RATE = 500 };
	size_t tokens = (size_t)(seconds * RATE);
	double cpu = cpu_us(term_pid(t));
	size_t bytes = term_received(t);
	int64_t start = now_us();

	for (size_t i = 0; i < tokens; i++) {
		rest_until(t, start + (int64_t)i * 1000000 / RATE);
		speak(s, 1);
	}
	term_wait_text(t, applied_words(s), SOON);
	printf("%-44s %10.1f us, at %.0f tokens/s\n", "CPU of the client, a token",
	    (cpu_us(term_pid(t)) - cpu) / (double)tokens,
	    (double)tokens * 1e6 / (double)(now_us() - start));
	printf("%-44s %10.1f bytes\n", "to the terminal, a token",
	    (double)(term_received(t) - bytes) / (double)tokens);
}

/* ---- keys */

struct echo {
	size_t received;
	struct buf text;
};

static bool
has_echo(struct term *t, const void *arg)
{
	const struct echo *e = arg;

	return term_received(t) > e->received && term_has(t, e->text.p);
}

/* Types letters into the composer, with tokens between them when `s` is not NULL. */
static void
type(struct term *t, struct speaker *s, const char *name)
{
	enum { BATCH = 25, APART = 5000 };	/* 25 tokens every 5 ms are 5,000/s */
	struct echo e = { 0 };
	double ms[KEYS];
	int64_t next = now_us();

	buf_str(&e.text, STR("> "));
	term_type(t, "i");
	term_wait_text(t, "Enter sends it", SOON);
	for (size_t i = 0; i < KEYS; i++) {
		char key[2] = { (char)('a' + i % 26), '\0' };
		int64_t from;

		for (size_t k = 0; k < 11; k++) {
			next = next + APART < now_us() ? now_us() : next + APART;
			rest_until(t, next);
			if (s != NULL)
				speak(s, BATCH);
		}
		buf_byte(&e.text, key[0]);
		buf_cstr(&e.text);
		e.received = term_received(t);
		from = now_us();
		term_type(t, key);
		term_wait(t, has_echo, &e, "the echo of a key", SOON);
		ms[i] = (double)(now_us() - from) / 1e3;
	}
	print_times(name, ms, KEYS);
	buf_done(&e.text);
	term_type(t, "\025");
	term_wait_text(t, "> your message", SOON);
	term_key(t, DISPLAY_ESCAPE, 0);
	term_wait_text(t, "i writes", SOON);
}

/* ---- idle */

static long
switches(pid_t pid)
{
	char path[64], line[128];
	long n = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		sscanf(line, "voluntary_ctxt_switches: %ld", &n);
	if (f != NULL)
		fclose(f);
	return n;
}

static void
idle(struct term *t, int64_t seconds)
{
	size_t bytes;
	long n;

	rest_until(t, now_us() + 2500000);
	bytes = term_received(t);
	n = switches(term_pid(t));
	rest_until(t, now_us() + seconds * 1000000);
	printf("%-44s %10.2f wake-ups/s, %zu bytes\n", "idle", (double)(switches(term_pid(t)) - n) /
	    (double)seconds, term_received(t) - bytes);
}

/* ---- starts */

static bool
has_glyphs(struct term *t, const void *arg)
{
	size_t n = 0;

	(void)arg;
	for (const char *p = term_screen(t); *p != '\0'; p++)
		n += *p != ' ' && *p != '\n' && ((unsigned char)*p & 0xC0) != 0x80;
	return n >= GLYPHS;
}

static bool
is_there(const char *program)
{
	struct str path = str_from(getenv("PATH"));
	struct buf file = { 0 };
	bool found = false;

	while (path.p != NULL && !found) {
		buf_set(&file, str_cut(path, ':', &path));
		buf_printf(&file, "/%s", program);
		found = access(buf_cstr(&file), X_OK) == 0;
	}
	buf_done(&file);
	return found;
}

/* From exec to the first forty characters. */
static void
starts(struct world *w, const char *name, const char *const *argv, bool own)
{
	const struct term_options o = { .display = { .rows = ROWS, .cols = COLS } };
	double ms[STARTS];

	if (!own && !is_there(argv[0]))
		return;
	for (size_t i = 0; i < STARTS; i++) {
		int64_t from = now_us();
		struct term *t = own ? world_term(w, argv, ROWS, COLS) : term_open(argv, &o);

		term_wait(t, has_glyphs, NULL, "the first characters", SOON);
		ms[i] = (double)(now_us() - from) / 1e3;
		/* Killed, it would leave the next one a cache to repair. */
		term_signal(t, SIGTERM);
		term_wait_exit(t, NULL, SOON);
		term_close(t);
	}
	print_times(name, ms, STARTS);
}

int
main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 10;
	const char *top = getenv("top_srcdir") != NULL ? getenv("top_srcdir") : ".";
	struct world w;
	struct speaker s = { .world = &w };
	struct term *t;

	setvbuf(stdout, NULL, _IOLBF, 0);
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	{
		const char *const attach[] = { "attach", world_url(&w, NULL), NULL };
		const char *const tig[] = { "tig", "-C", top, NULL }, *const vim[] = { "vim", argv[0], NULL };

		speak(&s, 1);
		t = world_term(&w, attach, ROWS, COLS);
		term_wait_text(t, applied_words(&s), SOON);
		idle(t, 5);
		stream(&s, t, seconds);
		idle(t, 3);
		type(t, NULL, "key echo, idle");
		type(t, &s, "key echo, 5,000 tokens/s");
		term_close(t);
		starts(&w, "first forty characters of weir", attach, true);
		starts(&w, "  of tig", tig, false);
		starts(&w, "  of vim", vim, false);
	}
	world_close(&w);
	buf_done(&s.text);
	return 0;
}
