/*
 * What a dialect makes of responses, as text: "record …", "commit CURSOR …", "error …", a line each.
 * For tests of dialects; include tests/unit.h first.
 */
#ifndef TESTS_WIRE_FRAMING_H
#define TESTS_WIRE_FRAMING_H

#include "base/mem.h"
#include "tests/wire/print_event.h"
#include "wire/dialect.h"

struct framing {
	const struct dialect *d;
	struct framer *f;
	struct endpoint ep;
	struct position at;		/* behind the last commit */
	struct buf out;
};

static inline void
framing_record(void *ctx, struct str bytes)
{
	struct framing *x = ctx;

	buf_printf(&x->out, "record %.*s\n", STR_ARG(bytes));
}

static inline void
framing_commit(void *ctx, struct str cursor, unsigned flags)
{
	struct framing *x = ctx;

	buf_set(&x->at.cursor, cursor);
	buf_printf(&x->out, "commit %.*s%s%s%s\n", STR_ARG(cursor),
	    flags & COMMIT_UP_TO_DATE ? " up-to-date" : "", flags & COMMIT_CLOSED ? " closed" : "",
	    flags & COMMIT_RESET ? " reset" : "");
}

static inline void
framing_again(void *ctx)
{
	struct framing *x = ctx;

	buf_str(&x->out, STR("again\n"));
}

static inline void
framing_init(struct framing *x, const struct dialect *d, const char *url)
{
	*x = (struct framing){ .d = d, .f = d->framer_new(), .ep.url = mem_strdup(url) };
}

static inline void
framing_done(struct framing *x)
{
	x->d->framer_free(x->f);
	endpoint_done(&x->ep);
	buf_done(&x->at.cursor);
	buf_done(&x->out);
}

static inline bool
framing_give(struct framing *x, struct http_message m)
{
	const struct frame_sink sink = { framing_record, framing_commit, x, framing_again };
	struct error e;

	if (x->d->frame(x->f, &m, &sink, &e) == ERR_OK)
		return true;
	buf_printf(&x->out, "error %s\n", e.text);
	return false;
}

/* The next request, as "METHOD URL"; what follows is the answer to it. */
static inline void
framing_ask(struct framing *x, enum read_mode mode, const char *want)
{
	struct http_request r;
	struct buf got = { 0 };

	assert_int_equal(x->d->read(&x->ep, x->f, &x->at, mode, &r, NULL), ERR_OK);
	buf_printf(&got, "%s %s", r.method, r.url);
	if (want != NULL)
		assert_string_equal(buf_cstr(&got), want);
	http_request_done(&r);
	buf_done(&got);
}

static inline bool
framing_head(struct framing *x, const char *type)
{
	struct buf headers = { 0 };
	bool ok;

	buf_printf(&headers, "Content-Type: %s\r\n", type);
	ok = framing_give(x, (struct http_message){ .kind = HTTP_HEAD, .status = 200,
	    .headers = buf_view(&headers) });
	buf_done(&headers);
	return ok;
}

static inline bool
framing_body(struct framing *x, const char *bytes)
{
	return framing_give(x, (struct http_message){ .kind = HTTP_BODY, .body = str_from(bytes) });
}

static inline bool
framing_end(struct framing *x)
{
	return framing_give(x, (struct http_message){ .kind = HTTP_END, .end = HTTP_DONE });
}

static inline bool
framing_event(struct framing *x, const char *type, const char *id, const char *data)
{
	struct sse_message m = { str_from(type), str_from(data), str_from(id) };

	return framing_give(x, (struct http_message){ .kind = HTTP_SSE, .sse = m });
}

/* Takes what came out since the last time. */
static inline void
framing_expect(struct framing *x, const char *want)
{
	assert_str(buf_view(&x->out), str_from(want));
	buf_clear(&x->out);
}

static inline void
framing_print(void *ctx, const struct event *e)
{
	print_event(ctx, e);
}

/* The events of a record, a line each. */
static inline void
framing_decode(const struct dialect *d, const char *record, const char *want)
{
	struct buf out = { 0 };

	d->decode(str_from(record), &(struct event_sink){ framing_print, &out });
	assert_str(buf_view(&out), str_from(want));
	buf_done(&out);
}

#endif
