/*
 * markdown-rows --width N [--chunk N] [--seed S]: markdown on stdin, its rows with style letters on
 * stdout. With --chunk the text arrives in pieces of N bytes, with --seed of random sizes; the
 * result must not show it.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/text/dump.h"

struct options {
	unsigned width;
	size_t chunk;
	uint64_t seed;
};

static int
usage(void)
{
	fputs("usage: markdown-rows --width N [--chunk N] [--seed S] <FILE\n", stderr);
	return 2;
}

static bool
parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = { { "width", required_argument, NULL, 'w' },
		{ "chunk", required_argument, NULL, 'c' }, { "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		uint64_t value;

		if (c == '?' || !str_to_u64(str_from(optarg), &value))
			return false;
		if (c == 'w')
			o->width = (unsigned)value;
		else if (c == 'c')
			o->chunk = value;
		else
			o->seed = value | (uint64_t)1 << 63;
	}
	return o->width > 0 && optind == argc;
}

static size_t
next_size(struct options *o)
{
	if (o->seed == 0)
		return o->chunk;
	o->seed = o->seed * 6364136223846793005u + 1442695040888963407u;
	return 1 + (o->seed >> 33) % (o->chunk > 0 ? o->chunk : 64);
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	struct buf text = { 0 }, out = { 0 };
	struct layout *l;

	if (!parse(argc, argv, &o))
		return usage();
	if (!buf_read_fd(&text, STDIN_FILENO, SIZE_MAX - 1)) {
		perror("markdown-rows: stdin");
		return 1;
	}
	l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	if (o.chunk > 0 || o.seed > 0)
		for (size_t n = next_size(&o); n < text.n; n += next_size(&o))
			layout_update(l, str_head(buf_view(&text), n), 1, true, o.width);
	layout_update(l, buf_view(&text), 1, false, o.width);
	dump_layout(l, &out);
	fwrite(out.p, 1, out.n, stdout);
	layout_free(l);
	buf_done(&text);
	buf_done(&out);
	return 0;
}
