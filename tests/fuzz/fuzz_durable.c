/*
 * A response of a Durable Streams server: the first byte says of what sort, each line after the
 * head is one event ("d" data, "c" control) or a piece of the body. Records are decoded; their
 * events may say anything, but what they say is text, or the record itself in a note.
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"
#include "tests/wire/print_event.h"
#include "wire/dialect.h"

enum { LIVE = 1, TEXT = 2, BASE64 = 4, CUT = 8 };

struct seen {
	struct buf records;
	bool valid;
};

static void
on_event(void *ctx, const struct event *e)
{
	struct seen *s = ctx;
	struct buf line = { 0 };

	print_event(&line, e);
	if (e->kind != EVENT_NOTE && s->valid)
		CHECK(utf8_valid(buf_view(&line)));
	buf_done(&line);
}

static void
on_record(void *ctx, struct str bytes)
{
	struct seen *s = ctx;

	CHECK(bytes.n > 0);
	s->valid = utf8_valid(bytes);
	dialect_durable.decode(bytes, &(struct event_sink){ on_event, s });
	buf_str(&s->records, bytes);
	buf_byte(&s->records, '\n');
}

static void
on_commit(void *ctx, struct str cursor, unsigned flags)
{
	struct seen *s = ctx;

	CHECK(cursor.n > 0 && flags <= (COMMIT_UP_TO_DATE | COMMIT_CLOSED));
	buf_str(&s->records, STR("commit\n"));
}

static bool
give(struct framer *f, struct http_message m, struct seen *s)
{
	return dialect_durable.frame(f, &m, &(struct frame_sink){ on_record, on_commit, s }, NULL) == ERR_OK;
}

static bool
give_line(struct framer *f, unsigned sort, struct str line, struct seen *s)
{
	struct sse_message m = { .type = STR("data"), .data = str_skip(line, 1) };

	if ((sort & LIVE) == 0)
		return give(f, (struct http_message){ .kind = HTTP_BODY, .body = line }, s);
	if (line.n > 0 && line.p[0] == 'c')
		m.type = STR("control");
	return give(f, (struct http_message){ .kind = HTTP_SSE, .sse = m }, s);
}

static void
begin(struct framer *f, unsigned sort, struct seen *s)
{
	struct endpoint ep = { .url = NULL };
	struct position at = { .skip = 0 };
	struct http_request r;
	const char *plain = sort & TEXT ? "Content-Type: text/plain\r\nStream-Next-Offset: 1\r\n" :
	    "Content-Type: application/json\r\nStream-Next-Offset: 1\r\n";
	const char *events = sort & BASE64 ?
	    "Content-Type: text/event-stream\r\nStream-SSE-Data-Encoding: base64\r\n" :
	    "Content-Type: text/event-stream\r\n";

	CHECK(give(f, (struct http_message){ .kind = HTTP_HEAD, .headers = str_from(plain) }, s));
	if ((sort & LIVE) == 0)
		return;
	ep.url = mem_strdup("http://127.0.0.1:1/");
	CHECK(dialect_durable.read(&ep, f, &at, READ_LIVE, &r, NULL) == ERR_OK);
	http_request_done(&r);
	endpoint_done(&ep);
	CHECK(give(f, (struct http_message){ .kind = HTTP_HEAD, .headers = str_from(events) }, s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_of(data, size);
	struct framer *f = dialect_durable.framer_new();
	struct seen s = { .valid = false };
	unsigned sort = size > 0 ? data[0] : 0;

	begin(f, sort, &s);
	for (rest = str_skip(rest, 1); rest.p != NULL && rest.n > 0;)
		if (!give_line(f, sort, str_cut(rest, '\n', &rest), &s))
			break;
	give(f, (struct http_message){ .kind = HTTP_END, .end = sort & CUT ? HTTP_RESET : HTTP_DONE }, &s);
	dialect_durable.framer_free(f);
	buf_done(&s.records);
	return 0;
}
