#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/json.h"
#include "wire/sse.h"

/* The bytes of an event stream on stdin, its events on stdout: one JSON object a line. */
static const char usage[] = "usage: sse-events [--chunk N] [--last-id S] <STREAM\n";

static void
on_message(void *ctx, const struct sse_message *m)
{
	struct buf *line = ctx;
	struct json_writer w = { .out = line };

	jw_object(&w);
	jw_pair(&w, "type", m->type);
	jw_pair(&w, "data", m->data);
	jw_pair(&w, "id", m->id);
	jw_end_object(&w);
	buf_byte(line, '\n');
	fwrite(line->p, 1, line->n, stdout);
	buf_clear(line);
}

static enum sse_result
read_stream(struct sse *s, size_t chunk)
{
	char *bytes = mem_alloc(chunk);
	enum sse_result result = SSE_OK;
	size_t n;

	while (result == SSE_OK && (n = fread(bytes, 1, chunk, stdin)) > 0)
		result = sse_feed(s, str_of(bytes, n));
	free(bytes);
	return result;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "chunk", required_argument, NULL, 'c' },
		{ "last-id", required_argument, NULL, 'l' },
		{ 0 },
	};
	struct buf line = { 0 };
	struct sse_handler h = { .message = on_message, .ctx = &line };
	uint64_t chunk = 65536;
	enum sse_result result;
	struct sse s;
	int c;

	sse_init(&s, &h, SSE_LIMITS_DEFAULT);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'l') {
			sse_seed_id(&s, str_from(optarg));
		} else if (c != 'c' || !str_to_u64(str_from(optarg), &chunk) || chunk == 0) {
			fputs(usage, stderr);
			return 2;
		}
	}
	result = read_stream(&s, chunk);
	if (result != SSE_OK)
		fprintf(stderr, "sse-events: %s too long\n", result == SSE_LINE_TOO_LONG ? "line" : "event");
	sse_done(&s);
	buf_done(&line);
	return result != SSE_OK || fflush(stdout) != 0 || ferror(stdin) != 0;
}
