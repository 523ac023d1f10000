/*
 * Markdown to rows: in bulk, and as it streams in, on answers and on what is hard for a parser. Beside
 * each figure stands that of md4c alone over the same bytes, which only parses.
 */
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <malloc.h>
#include <math.h>
#include <md4c.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/bench/bench.h"
#include "text/layout.h"

enum {
	WIDTH = 100, SCREEN = 40,
	TOKEN = 4,		/* bytes, in the mean */
	FRAME = 16 * TOKEN,	/* what comes between two frames */
	KB = 1000, MB = 1000 * KB,
	SAMPLES = 16		/* sizes at which the naive way is measured */
};

static const double LIMIT = 1.5e3;	/* ns a byte after which a stream is given up */

/* ---- what is streamed */

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
add_words(struct buf *out, uint32_t *seed, unsigned n)
{
	static const char *const words[] = { "the", "buffer", "of", "a", "stream", "returns", "when", "client",
		"**server** is", "and", "`md_parse()`", "token", "pane", "to", "*cursor*", "window", "because",
		"[link](https://example.com/a?q=1)", "scroll", "naïve", "line,", "queue", "session", "must",
		"snake_case_name", "not", "渲染", "wait.", "🚀", "file", "a < b", "2 * 3", "result", "in" };

	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "%s%s", i > 0 ? " " : "",
		    words[next_random(seed) % (sizeof words / sizeof *words)]);
}

static void
add_list(struct buf *out, uint32_t *seed)
{
	unsigned n = 2 + next_random(seed) % 6;

	for (unsigned i = 0; i < n; i++) {
		buf_str(out, next_random(seed) % 4 == 0 ? STR("  - ") : STR("- "));
		add_words(out, seed, 4 + next_random(seed) % 18);
		buf_byte(out, '\n');
	}
}

static void
add_code(struct buf *out, uint32_t *seed)
{
	unsigned n = 3 + next_random(seed) % 20;

	buf_str(out, STR("```c\n"));
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "\tif (n[%u] > 0) /* count */\n\t\treturn \"text %u\";\n", i, i);
	buf_str(out, STR("```\n"));
}

static void
add_table(struct buf *out, uint32_t *seed)
{
	unsigned n = 2 + next_random(seed) % 8;

	buf_str(out, STR("| name | value | note |\n|:---|---:|---|\n"));
	for (unsigned i = 0; i < n; i++) {
		buf_printf(out, "| `row%u` | %u | ", i, next_random(seed) % 9999);
		add_words(out, seed, 3);
		buf_str(out, STR(" |\n"));
	}
}

/* An answer as models give them: prose most of all, with all the rest between. */
static void
add_answer(struct buf *out, size_t size)
{
	uint32_t seed = 7;

	while (out->n < size) {
		unsigned kind = next_random(&seed) % 16;

		if (kind == 0) {
			buf_str(out, STR("## "));
			add_words(out, &seed, 4);
			buf_byte(out, '\n');
		} else if (kind < 4) {
			add_list(out, &seed);
		} else if (kind < 6) {
			add_code(out, &seed);
		} else if (kind == 6) {
			add_table(out, &seed);
		} else if (kind == 7) {
			buf_str(out, STR("> "));
			add_words(out, &seed, 20);
			buf_byte(out, '\n');
		} else {
			add_words(out, &seed, 20 + next_random(&seed) % 80);
			buf_byte(out, '\n');
		}
		buf_byte(out, '\n');
	}
	out->n = size;
}

/* A text of any size: the head, then `unit` (from the middle on `next`), or prose when there is none. */
struct sample {
	const char *name, *head, *unit, *next;
};

static const struct sample samples[] = {
	{ "answer", "", NULL, NULL },
	{ "one paragraph", "p", NULL, "" },
	{ "paragraph in lines", "", "Some words, *more* `words` and [a](http://b.c/d) in a line\n", NULL },
	{ "open emphasis", "**a ", "word *b* ", NULL },
	{ "unclosed fence", "```c\n", "int f(void) { return \"a\"; }\n", NULL },
	{ "fence in a list", "- a\n  ```c\n", "  int f(void) { return \"a\"; }\n", NULL },
	{ "indented code", "", "    int f(void) { return \"a\"; }\n", NULL },
	{ "list", "", "- an item with `code` and *some* words in it\n", NULL },
	{ "loose list", "", "1. an item with `code` and *some* words in it\n\n", NULL },
	{ "list in a list", "- a\n", "  - an item with `code` and *some* words in it\n", NULL },
	{ "quote", "", "> words of *somebody* else, in a line\n", NULL },
	{ "table", "| a | b | c |\n|---|:-:|--:|\n", "| 1 | two `2` | *three* |\n", NULL },
	{ "table of pipes", "x|y\n---|---\n", "|\n", NULL },
	{ "HTML block", "<!--\n", "some <b>words</b> of it\n", NULL },
	{ "1,000-level lists", "\1", "- ", "a" },
	{ "1,000-level quotes", "\1", ">", "a" },
	{ "brackets", "", "[", "]" },
	{ "open brackets", "", "[a ", NULL },
	{ "links", "", "[a](b) ", NULL },
	{ "open links", "", "[a](", NULL },
	{ "stars", "", "*", NULL },
	{ "emphasis", "", "*a **b ", NULL },
	{ "back-ticks", "", "`", "x`" },
	{ "runs of back-ticks", "", "`a ``b ", NULL },
	{ "tildes", "", " ~a", "a~ " },
	{ "entities", "", "&amp;&#65;&lt; ", NULL },
	{ "angle brackets", "", "<a <", NULL },
	{ "addresses", "", "http://a.b ", NULL },
	{ "definitions", "", "[a]: /x\n", NULL },
	{ "used definitions", "[a]: /x\n\n", "A line that uses [a] once.\n\n", NULL },
	{ "blank lines", "", "\n", NULL },
	{ "bytes that are not text", "", "\xff\x1b[2J", NULL },
};

static void
make(struct buf *out, const struct sample *s, size_t size)
{
	uint32_t seed = 3;

	buf_clear(out);
	if (s->unit == NULL && s->next == NULL) {
		add_answer(out, size);
	} else if (s->unit == NULL) {
		while (out->n < size) {
			add_words(out, &seed, 50);
			buf_byte(out, ' ');
		}
	} else if (s->head[0] == '\1') {
		while (out->n < size) {
			for (unsigned i = 0; i < 1000; i++)
				buf_str(out, str_from(s->unit));
			buf_printf(out, "%s\n", s->next);
		}
	} else {
		buf_str(out, str_from(s->head));
		while (out->n < size)
			buf_str(out, str_from(s->next != NULL && out->n > size / 2 ? s->next : s->unit));
	}
	out->n = size;
}

/* ---- md4c alone */

static int
on_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	(void)type;
	(void)detail;
	(void)user;
	return 0;
}

static int
on_span(MD_SPANTYPE type, void *detail, void *user)
{
	(void)type;
	(void)detail;
	(void)user;
	return 0;
}

static int
on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE n, void *user)
{
	(void)type;
	(void)text;
	(void)n;
	(void)user;
	return 0;
}

static double
parse_once_ns(struct str text)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS |
			 MD_FLAG_PERMISSIVEAUTOLINKS,
		.enter_block = on_block, .leave_block = on_block,
		.enter_span = on_span, .leave_span = on_span, .text = on_text,
	};
	double from = bench_cpu_ns();
	unsigned times = 0;

	do
		md_parse(text.p, (MD_SIZE)text.n, &parser, NULL);
	while (++times < 100000 && bench_cpu_ns() - from < 2e6);
	return (bench_cpu_ns() - from) / times;
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, bench_compare);
	return v[n / 2];
}

static double
parse_ns(struct str text)
{
	double rounds[5];

	for (size_t i = 0; i < 5; i++)
		rounds[i] = parse_once_ns(text);
	return median(rounds, 5);
}

/*
 * How fast this machine is at the moment: what is required was measured where md4c takes 4.5 ns for a byte
 * of an answer. Figures are scaled by that to be compared.
 */
static double
pace(void)
{
	struct buf text = { 0 };
	double ns;

	make(&text, &samples[0], 100 * KB);
	buf_byte(&text, '\n');
	ns = parse_ns(buf_view(&text)) / (double)text.n;
	buf_done(&text);
	return 4.5 / ns;
}

/* ---- in bulk */

static double
bulk_once_ns(struct str text)
{
	double from = bench_cpu_ns();
	unsigned times = 0;

	do {
		struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);

		layout_update(l, text, 1, false, WIDTH);
		layout_count(l);
		layout_free(l);
	} while (++times < 1000 && bench_cpu_ns() - from < 5e6);
	return (bench_cpu_ns() - from) / times;
}

/* Both in turn, so that what else the machine does slows down both. */
static void
print_bulk(const char *name, struct str text)
{
	enum { ROUNDS = 11 };
	double ours[ROUNDS], theirs[ROUNDS], part[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		theirs[i] = parse_once_ns(text);
		ours[i] = bulk_once_ns(text);
		part[i] = theirs[i] / ours[i];
	}
	printf("  %-24s %20.1f %12.1f %18.2f\n", name, (double)text.n * 1e3 / median(ours, ROUNDS),
	    (double)text.n * 1e3 / median(theirs, ROUNDS), median(part, ROUNDS));
}

static void
head_bulk(void)
{
	printf("%-26s %20s %12s %18s\n", "in bulk", "MB/s", "md4c MB/s", "part of md4c");
}

static void
bench_bulk(struct buf *text)
{
	head_bulk();
	for (size_t size = 10 * KB; size <= 10 * MB; size *= 10) {
		char name[32];

		make(text, &samples[0], size);
		buf_byte(text, '\n');
		snprintf(name, sizeof name, "answer, %7zu KB", size / KB);
		print_bulk(name, buf_view(text));
	}
}

/* ---- as it comes */

enum { ROUNDS = 3 };

struct stream {
	double total;
	double at_tenth;	/* ns when a tenth of the text was there */
	size_t reached;
	double *each;		/* ns of each update */
	size_t n;
};

/* What a screen that follows the end asks for. */
static void
look(struct layout *l)
{
	size_t block = layout_blocks(l);

	for (size_t rows = 0; block > 0 && rows < SCREEN;) {
		size_t n = layout_rows(l, --block);

		for (size_t i = n > SCREEN ? n - SCREEN : 0; i < n; i++)
			layout_row(l, block, i);
		rows += n;
	}
	layout_trim(l);
}

/* What it takes to read the clock, twice for each update. */
static double
clock_ns(void)
{
	double each[101];

	for (size_t i = 0; i < 101; i++) {
		double from = bench_cpu_ns();

		each[i] = bench_cpu_ns() - from;
	}
	return median(each, 101);
}

static void
stream(struct stream *s, struct str text, size_t step)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	double idle = clock_ns();

	s->total = s->at_tenth = 0;
	s->n = 0;
	s->each = mem_alloc(text.n / step * sizeof *s->each);
	for (s->reached = step; s->reached <= text.n && s->total < LIMIT * (double)text.n; s->reached += step) {
		double from = bench_cpu_ns(), ns;

		layout_update(l, str_head(text, s->reached), 1, true, WIDTH);
		look(l);
		ns = bench_cpu_ns() - from - idle;
		s->total += ns;
		if (s->reached <= text.n / 10)
			s->at_tenth = s->total;
		s->each[s->n++] = ns;
	}
	s->reached -= step;
	layout_free(l);
}

/*
 * The same in some rounds, of which each update gets the median: what the machine does in between is seldom
 * in the same place. Memory is there then; `fresh` is a round before them, in memory that has to be mapped
 * again. It is worse there than in a client: large pieces find room between others and are copied as they grow.
 */
static void
stream_often(struct stream *s, struct stream *fresh, struct str text, size_t step)
{
	struct stream rounds[ROUNDS];

	malloc_trim(0);
	stream(fresh, text, step);
	for (size_t i = 0; i < ROUNDS; i++)
		stream(&rounds[i], text, step);
	*s = rounds[0];
	s->total = s->at_tenth = 0;
	for (size_t k = 0; k < s->n; k++) {
		double v[ROUNDS];

		for (size_t i = 0; i < ROUNDS; i++)
			v[i] = k < rounds[i].n ? rounds[i].each[k] : rounds[0].each[k];
		s->each[k] = median(v, ROUNDS);
		s->total += s->each[k];
		if ((k + 1) * step <= text.n / 10)
			s->at_tenth = s->total;
	}
	for (size_t i = 1; i < ROUNDS; i++)
		free(rounds[i].each);
	qsort(s->each, s->n, sizeof *s->each, bench_compare);
	qsort(fresh->each, fresh->n, sizeof *fresh->each, bench_compare);
}

static void
free_streams(struct stream *s, struct stream *fresh)
{
	free(s->each);
	free(fresh->each);
}

/* The worst of a first update and of some more when all of the text is there but its end. */
static double
end_ns(struct str text)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	double worst = 0;

	for (size_t left = 8 * FRAME; left > 0; left -= FRAME) {
		double from = bench_cpu_ns(), ns;

		layout_update(l, str_head(text, text.n - left), 1, true, WIDTH);
		look(l);
		ns = bench_cpu_ns() - from;
		if (ns > worst)
			worst = ns;
	}
	layout_free(l);
	return worst;
}

/* What md4c alone would cost if it parsed all of the text in each frame. */
static double
naive_ns(struct str text)
{
	struct buf part = { 0 };
	double sum = 0;

	for (size_t i = 1; i <= SAMPLES; i++) {
		buf_clear(&part);
		buf_str(&part, str_head(text, text.n * i / SAMPLES));
		buf_byte(&part, '\n');
		sum += parse_ns(buf_view(&part));
	}
	buf_done(&part);
	return sum / SAMPLES * (double)(text.n / FRAME);
}

static void
print_stream(const char *name, struct str text, bool naive)
{
	struct stream s, fresh;
	double tokens, end, naively = 0, scale = pace();

	stream_often(&s, &fresh, text, FRAME);
	end = end_ns(text);
	scale = (scale + pace()) / 2;
	tokens = (double)s.reached / TOKEN;
	printf("  %-24s %8.1f %8.2f %10.2f %10.2f", name, (double)s.reached / MB, s.total / tokens * 1e-3 * scale,
	    s.each[s.n - 1] * 1e-6 * scale, end * 1e-6 * scale);
	if (s.reached < text.n - FRAME)
		printf("   given up");
	else
		printf(" %10.2f", log10(s.total / s.at_tenth));
	printf(" %8.2f %8.2f", fresh.total / tokens * 1e-3 * scale, fresh.each[fresh.n - 1] * 1e-6 * scale);
	if (naive) {
		naively = naive_ns(text);
		printf(" %10.1f", naively / s.total);
	}
	putchar('\n');
	fflush(stdout);
	free_streams(&s, &fresh);
}

static void
head_stream(void)
{
	printf("%-26s %8s %8s %10s %10s %10s %8s %8s %10s\n", "16 tokens a frame", "MB", "us/token", "worst, ms",
	    "at the end", "exponent", "fresh:us", "worst", "naive is");
}

static void
bench_stream(struct buf *text, bool everything)
{
	head_stream();
	for (size_t size = 100 * KB; size <= 10 * MB; size *= 10) {
		make(text, &samples[0], size);
		print_stream("answer", buf_view(text), true);
	}
	for (size_t i = 1; i < sizeof samples / sizeof *samples; i++) {
		make(text, &samples[i], MB);
		print_stream(samples[i].name, buf_view(text), false);
		if (!everything)
			continue;
		make(text, &samples[i], 10 * MB);
		print_stream(samples[i].name, buf_view(text), false);
	}
}

static void
bench_tokens(struct buf *text)
{
	struct stream s, fresh;
	double scale = pace();

	make(text, &samples[0], MB);
	stream_often(&s, &fresh, buf_view(text), TOKEN);
	scale = (scale + pace()) / 2;
	printf("%-26s mean %.2f us, p99 %.1f us, p99.9 %.1f us, worst %.2f ms\n", "an update for each token",
	    s.total / (double)s.n * 1e-3 * scale, s.each[s.n * 99 / 100] * 1e-3 * scale,
	    s.each[s.n * 999 / 1000] * 1e-3 * scale, s.each[s.n - 1] * 1e-6 * scale);
	free_streams(&s, &fresh);
}

static bool
read_file(struct buf *text, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	buf_clear(text);
	ok = fd >= 0 && buf_read_fd(text, fd, 64 * MB) && text->n > 0;
	if (fd >= 0)
		close(fd);
	if (!ok)
		fprintf(stderr, "bench_markdown: cannot read %s\n", path);
	return ok;
}

/* Files instead: in bulk, and as they come. */
static int
bench_files(struct buf *text, char **paths)
{
	head_bulk();
	head_stream();
	for (; *paths != NULL; paths++) {
		const char *slash = strrchr(*paths, '/');

		if (!read_file(text, *paths))
			return 1;
		print_bulk(slash != NULL ? slash + 1 : *paths, buf_view(text));
		print_stream("  as it comes", buf_view(text), false);
	}
	return 0;
}

/* With "all" also 10 MB of everything, which takes its time; other arguments name files to measure. */
int
main(int argc, char **argv)
{
	struct buf text = { 0 };
	bool all = argc > 1 && strcmp(argv[1], "all") == 0;
	int status = 0;

	setlocale(LC_ALL, "C.UTF-8");
	/* As the client does; but here all of it stays, to be fresh when it is to be. */
	mem_keep();
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_MAX, 0);
	/* A clock that stands still: updates are put off by what there was to do, never by time. */
	clock_set(1000, 0);
	printf("%-26s %.2f of the one the requirements are for: times are scaled by it\n", "pace of this machine", pace());
	if (argc > 1 && !all) {
		status = bench_files(&text, argv + 1);
	} else {
		bench_bulk(&text);
		bench_tokens(&text);
		bench_stream(&text, all);
	}
	buf_done(&text);
	return status;
}
