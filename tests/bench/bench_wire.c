#include <string.h>

#include "tests/bench/bench.h"
#include "tests/bench/jansson.h"
#include "wire/json.h"
#include "wire/sse.h"

enum { EVENTS = 10000, READ = 16384 };

/* A token as small as they come, and one in the envelope servers really send. */
static const char token[] = "{\"type\":\"chunk\",\"data\":{\"text\":\" the\"}}";
static const char envelope[] =
    "{\"type\":\"message.part.updated\",\"properties\":{\"part\":{\"id\":\"prt_8f3a61c2d001Xq5mWbT0aYkPzE\","
    "\"messageID\":\"msg_8f3a61c1f001nV7cJr2LhQwSdG\",\"sessionID\":\"ses_709c5e3e2ffeUoK4iAqZt1XbYd\","
    "\"type\":\"text\",\"text\":\" the\"},\"delta\":\" the\"},\"time\":1763660000000}";

struct input {
	struct buf bytes;
	struct str piece;
	uint64_t sum;	/* keeps the work from being left out */
};

static void
stream_of(struct input *in, const char *event)
{
	buf_clear(&in->bytes);
	in->piece = str_from(event);
	for (int i = 0; i < EVENTS; i++)
		buf_printf(&in->bytes, "data: %s\n\n", event);
}

/* ---- event stream */

static void
on_message(void *ctx, const struct sse_message *m)
{
	struct input *in = ctx;

	in->sum += m->data.n;
}

static void
run_sse(void *ctx)
{
	struct input *in = ctx;
	struct sse_handler h = { .message = on_message, .ctx = in };
	struct str rest = buf_view(&in->bytes);
	struct sse s;

	sse_init(&s, &h, SSE_LIMITS_DEFAULT);
	for (; rest.n > 0; rest = str_skip(rest, READ))
		sse_feed(&s, str_head(rest, READ));
	sse_done(&s);
}

/* The least that finds the lines. */
static void
run_memchr(void *ctx)
{
	struct input *in = ctx;
	struct str rest = buf_view(&in->bytes);

	for (size_t at; (at = str_find_byte(rest, '\n')) < rest.n; rest = str_skip(rest, at + 1))
		in->sum += at;
}

static void
run_memcpy(void *ctx)
{
	static char to[READ];
	struct input *in = ctx;

	for (struct str rest = buf_view(&in->bytes); rest.n > 0; rest = str_skip(rest, READ)) {
		struct str piece = str_head(rest, READ);

		memcpy(to, piece.p, piece.n);
		in->sum += (unsigned char)to[piece.n - 1];
	}
}

/* ---- JSON */

static void
run_valid(void *ctx)
{
	struct input *in = ctx;

	for (int i = 0; i < EVENTS; i++)
		in->sum += json_valid(in->piece);
}

/* As a decoder goes through an event: some names it knows, the rest is skipped. */
static void
decode(struct json *j, struct input *in, struct arena *a)
{
	struct str key, raw;

	json_object(j);
	while (json_member(j, &key))
		if (json_is(key, "data") || json_is(key, "properties") || json_is(key, "part"))
			decode(j, in, a);
		else if (json_is(key, "text") && json_string(j, &raw))
			in->sum += json_text(raw, a).n;
}

static void
run_decode(void *ctx)
{
	struct input *in = ctx;

	for (int i = 0; i < EVENTS; i++) {
		struct arena a = { 0 };
		struct json j;

		json_init(&j, in->piece);
		decode(&j, in, &a);
		in->sum += json_end(&j);
		arena_done(&a);
	}
}

#ifdef HAVE_JANSSON
static void
run_jansson(void *ctx)
{
	struct input *in = ctx;

	for (int i = 0; i < EVENTS; i++)
		in->sum += bench_jansson(in->piece);
}
#endif

static void
run_write(void *ctx)
{
	struct input *in = ctx;
	struct buf out = { 0 };

	for (int i = 0; i < EVENTS; i++) {
		struct json_writer w = { .out = &out };

		buf_clear(&out);
		jw_object(&w);
		jw_pair(&w, "type", STR("chunk"));
		jw_pair(&w, "data", in->piece);
		jw_pair_i64(&w, "offset", i);
		jw_end_object(&w);
		in->sum += out.n;
	}
	buf_done(&out);
}

static void
measure(struct input *in, const char *event)
{
	size_t bytes;

	stream_of(in, event);
	bytes = in->bytes.n;
	printf("%zu bytes an event\n", in->piece.n);
	bench("sse_feed", run_sse, in, EVENTS, bytes);
	bench("  memchr for LF", run_memchr, in, EVENTS, bytes);
	bench("  memcpy", run_memcpy, in, EVENTS, bytes);
	bytes = in->piece.n * EVENTS;
	bench("json_valid", run_valid, in, EVENTS, bytes);
	bench("json decode", run_decode, in, EVENTS, bytes);
#ifdef HAVE_JANSSON
	bench("  jansson: load, find the text", run_jansson, in, EVENTS, bytes);
#endif
	bench("json write", run_write, in, EVENTS, bytes);
}

int
main(void)
{
	struct input in = { { 0 } };
	struct buf long_line = { 0 };

	measure(&in, token);
	measure(&in, envelope);
	buf_str(&long_line, STR("data: "));
	buf_fill(&long_line, 'x', (size_t)14 << 20);
	buf_str(&long_line, STR("\n\n"));
	buf_set(&in.bytes, buf_view(&long_line));
	bench("sse_feed, one event of 14 MB", run_sse, &in, 1, in.bytes.n);
	buf_done(&in.bytes);
	buf_done(&long_line);
	return in.sum == 0;
}
