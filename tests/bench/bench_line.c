#include <locale.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "tests/bench/bench.h"
#include "text/ansi.h"
#include "text/line.h"

enum { SIZE = 1 << 20, WIDTH = 100, PARAGRAPH = 600 };

struct input {
	struct buf text;
	struct rows rows;
	size_t sum;	/* keeps the work from being left out */
};

static void
fill(struct input *in, const char *const *words, size_t n, char between)
{
	uint32_t at = 1;

	buf_clear(&in->text);
	while (in->text.n < SIZE) {
		at = at * 1664525u + 1013904223u;
		buf_str(&in->text, str_from(words[(at >> 16) % n]));
		if (between != '\0')
			buf_byte(&in->text, between);
	}
}

static void
run_valid(void *ctx)
{
	struct input *in = ctx;

	in->sum += utf8_valid(buf_view(&in->text));
}

/* Paragraphs, as a chat is made of them. */
static void
run_flow(void *ctx)
{
	struct input *in = ctx;
	struct str rest = buf_view(&in->text);
	struct flow f;

	rows_clear(&in->rows);
	for (uint32_t at = 0; at < rest.n; at += PARAGRAPH) {
		flow_init(&f, &in->rows, WIDTH, (struct line){ 0 }, (struct line){ 0 });
		flow_add(&f, STYLE(ROLE_TEXT), str_head(str_skip(rest, at), PARAGRAPH), at);
		flow_end(&f);
	}
	in->sum += rows_count(&in->rows);
}

/* One paragraph without an end. */
static void
run_giant(void *ctx)
{
	struct input *in = ctx;
	struct flow f;

	rows_clear(&in->rows);
	flow_init(&f, &in->rows, WIDTH, (struct line){ 0 }, (struct line){ 0 });
	flow_add(&f, STYLE(ROLE_TEXT), buf_view(&in->text), 0);
	flow_end(&f);
	in->sum += rows_count(&in->rows);
}

static void
run_ansi(void *ctx)
{
	struct input *in = ctx;
	struct ansi a;

	rows_clear(&in->rows);
	ansi_init(&a, &in->rows, STYLE(ROLE_TERMINAL));
	ansi_update(&a, buf_view(&in->text));
	ansi_done(&a);
	in->sum += rows_count(&in->rows);
}

static void
compare(const char *name, void (*run)(void *ctx), struct input *in)
{
	double ns = bench(name, run, in, in->text.n, in->text.n), least = 20e6, from = bench_cpu_ns(), took = 0;
	size_t times = 0;

	for (; took < least; took = bench_cpu_ns() - from, times++)
		run_valid(in);
	printf("%44s %10.2f ns a byte, %.0f times utf8_valid\n", "", ns, ns * (double)in->text.n * (double)times / took);
}

#define WORDS(...) (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)

int
main(void)
{
	struct input in = { 0 };

	setlocale(LC_ALL, "C.UTF-8");
	fill(&in, WORDS("the", "function", "returns", "a", "pointer", "to", "memory,", "which"), ' ');
	compare("wrap ASCII", run_flow, &in);
	compare("wrap ASCII, one paragraph", run_giant, &in);
	fill(&in, WORDS("x"), '\0');
	compare("wrap one word", run_giant, &in);
	fill(&in, WORDS("the", "caf\u00e9", "na\u00efve", "returns \u2014 a", "pointer", "\u2192", "memory"), ' ');
	compare("wrap mostly ASCII", run_flow, &in);
	fill(&in, WORDS("\u0444\u0443\u043d\u043a\u0446\u0438\u044f", "\u043f\u0430\u043c\u044f\u0442\u044c"), ' ');
	compare("wrap Cyrillic", run_flow, &in);
	fill(&in, WORDS("\u4e2d\u6587", "\u6587\u5b57", "\u3002"), '\0');
	compare("wrap Chinese", run_flow, &in);
	fill(&in, WORDS("a\u0301\u0302\u0303\u0304\u0305", "\u200b", "\u202e", "\x1b[2J"), '\0');
	compare("wrap hostile", run_flow, &in);
	fill(&in, WORDS("make[1]: Entering directory", "/usr/src/linux/drivers\n", "CC main.o\n"), ' ');
	compare("terminal, plain", run_ansi, &in);
	fill(&in, WORDS("\x1b[1;32mok\x1b[0m test", "\x1b[K\n", "\r 55%", "\b\b"), ' ');
	compare("terminal, coloured", run_ansi, &in);
	rows_done(&in.rows);
	buf_done(&in.text);
	return in.sum == 0;
}
