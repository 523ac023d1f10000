/*
 * Responses of the servers of all dialects but durable, which has its own: the first byte says which,
 * each line after it is one event, a piece of a page, or the answer to what was asked besides. What
 * is framed is decoded.
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"
#include "tests/wire/print_event.h"
#include "wire/dialect.h"

static const struct {
	const struct dialect *const *d;
	const char *url;
} servers[] = {
	{ (const struct dialect *const[]){ &dialect_opencode }, "http://h/session/ses_1" },
	{ (const struct dialect *const[]){ &dialect_session }, "http://h/api/sessions/s1" },
	{ (const struct dialect *const[]){ &dialect_session }, "http://h/api/streams/s1/subscribe" },
	{ (const struct dialect *const[]){ &dialect_sse }, "http://h/events" },
};

struct seen {
	const struct dialect *d;
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
	s->d->decode(bytes, &(struct event_sink){ on_event, s });
}

static void
on_commit(void *ctx, struct str cursor, unsigned flags)
{
	(void)ctx, (void)cursor;
	CHECK(flags <= (COMMIT_UP_TO_DATE | COMMIT_CLOSED | COMMIT_MORE | COMMIT_RESET));
}

/* One line: "<" what was asked besides, "p" a page, anything else an event. */
static bool
give(struct framer *f, const struct endpoint *ep, struct str line, struct seen *s)
{
	const struct frame_sink sink = { on_record, on_commit, s };
	struct http_message m = { .kind = HTTP_SSE, .sse = { STR("message"), line, STR("1") } };
	struct http_request r = { 0 };
	struct aside a = { .status = 200, .body = str_skip(line, 1) };

	if (line.n > 0 && line.p[0] == '<') {
		if (s->d->ask == NULL || !s->d->ask(ep, f, &a.what, &r))
			return true;
		http_request_done(&r);
		return s->d->aside(f, &a, &sink, NULL) == ERR_OK;
	}
	if (line.n > 0 && line.p[0] == 'p')
		m = (struct http_message){ .kind = HTTP_BODY, .body = str_skip(line, 1) };
	return s->d->frame(f, &m, &sink, NULL) == ERR_OK;
}

static bool
begin(struct framer *f, const struct endpoint *ep, enum read_mode mode, struct seen *s)
{
	const struct frame_sink sink = { on_record, on_commit, s };
	struct position at = { .skip = 0 };
	struct http_request r;
	struct http_message m = { .kind = HTTP_HEAD, .status = 200 };

	if (s->d->read(ep, f, &at, mode, &r, NULL) != ERR_OK)
		return false;
	m.headers = r.stream ? STR("Content-Type: text/event-stream\r\n") :
	    STR("Content-Type: application/json\r\n");
	http_request_done(&r);
	return s->d->frame(f, &m, &sink, NULL) == ERR_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned sort = size > 0 ? data[0] : 0, n = sizeof servers / sizeof *servers;
	struct str rest = str_skip(str_of(data, size), 1);
	struct seen s = { .d = *servers[sort % n].d };
	struct endpoint ep = { .url = mem_strdup(servers[sort % n].url) };
	const struct frame_sink sink = { on_record, on_commit, &s };
	const struct http_message end = { .kind = HTTP_END, .end = HTTP_DONE };
	struct framer *f = s.d->framer_new();

	if (begin(f, &ep, sort / n % 2 == 0 ? READ_LIVE : READ_CATCHUP, &s)) {
		while (rest.p != NULL && rest.n > 0 && give(f, &ep, str_cut(rest, '\n', &rest), &s))
			;
		s.d->frame(f, &end, &sink, NULL);
	}
	s.d->framer_free(f);
	endpoint_done(&ep);
	return 0;
}
