#include "tests/model/rig.h"

#include "tests/unit.h"

#include "base/clock.h"
#include "base/mem.h"
#include "tests/model/print_session.h"

static uint64_t
on_send(void *ctx, const struct http_request *h)
{
	struct rig *r = ctx;
	struct str url = str_from(h->url), authority = http_url_authority(url);
	struct buf *what;

	assert_true(r->nrequests < RIG_REQUESTS);
	what = &r->requests[r->nrequests].what;
	buf_printf(what, "%s %s", h->method, authority.p + authority.n);
	if (h->last_event_id != NULL)
		buf_printf(what, " behind %s", h->last_event_id);
	if (h->has_body)
		buf_printf(what, " %.*s", STR_ARG(buf_view(&h->body)));
	r->requests[r->nrequests].open = true;
	return ++r->nrequests;
}

static void
on_cancel(void *ctx, uint64_t request)
{
	struct rig *r = ctx;

	r->requests[request - 1].open = false;
}

static void
on_event(void *ctx, const struct event *e)
{
	struct rig *r = ctx;

	session_apply(r->session, e);
}

static void
on_record(void *ctx, struct str bytes)
{
	struct rig *r = ctx;

	buf_str(&r->records, bytes);
	buf_byte(&r->records, '\n');
	r->dialect->decode(bytes, &(struct event_sink){ on_event, r });
}

static void
on_moved(void *ctx, const struct position *at)
{
	struct rig *r = ctx;

	buf_set(&r->at.cursor, buf_view(&at->cursor));
	r->at.skip = at->skip;
}

static void
on_reset(void *ctx, const char *why)
{
	struct rig *r = ctx;

	(void)why;
	session_reset(r->session);
}

static void
on_sent(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome, struct str detail)
{
	(void)ctx, (void)entry, (void)outcome, (void)detail;
}

static void
on_caught_up(void *ctx, const struct link_outage *o)
{
	struct rig *r = ctx;

	r->outages++;
	r->missed += o->missed;
	r->exact += o->exact;
}

static void
on_acted(void *ctx, const struct act *act, bool ok, struct str detail, struct str body)
{
	struct rig *r = ctx;

	buf_printf(&r->acted, "%d %s %.*s %.*s\n", (int)act->kind, ok ? "ok" : "failed",
	    STR_ARG(detail), STR_ARG(body));
}

void
rig_init(struct rig *r, const struct dialect *d, const char *url)
{
	const struct link_ops ops = { on_send, on_cancel, on_record, on_moved, on_reset, on_sent,
	    on_caught_up, on_acted, NULL, NULL, r };

	*r = (struct rig){ .dialect = d, .ep.url = mem_strdup(url), .session = session_new() };
	clock_set(1000000, 1700000000000);
	r->link = link_new(d, &r->ep, &r->at, NULL, &ops, &(struct link_options){ .seed = 1 });
}

void
rig_done(struct rig *r)
{
	link_free(r->link);
	session_free(r->session);
	endpoint_done(&r->ep);
	for (size_t i = 0; i < r->nrequests; i++)
		buf_done(&r->requests[i].what);
	buf_done(&r->records);
	buf_done(&r->acted);
	buf_done(&r->at.cursor);
	clock_unset();
}

void
rig_run(struct rig *r, int64_t ms)
{
	int64_t until = clock_mono() + ms;

	while (link_deadline(r->link) <= until) {
		int64_t next = link_deadline(r->link);

		if (next > clock_mono())
			clock_advance(next - clock_mono());
		link_tick(r->link);
	}
	clock_advance(until - clock_mono());
}

void
rig_asked(struct rig *r, const char *want)
{
	struct buf got = { 0 };

	while (r->told < r->nrequests)
		buf_printf(&got, "%s\n", buf_cstr(&r->requests[r->told++].what));
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

size_t
rig_find(struct rig *r, const char *begins)
{
	for (size_t i = r->nrequests; i > 0; i--)
		if (r->requests[i - 1].open &&
		    str_starts(buf_view(&r->requests[i - 1].what), str_from(begins)))
			return i - 1;
	fail_msg("no request %s is open", begins);
	return 0;
}

static void
give(struct rig *r, size_t i, struct http_message m)
{
	m.request = i + 1;
	if (m.kind == HTTP_END)
		r->requests[i].open = false;
	link_message(r->link, &m);
}

void
rig_head(struct rig *r, size_t i, int status, const char *type)
{
	struct buf headers = { 0 };

	buf_printf(&headers, "Content-Type: %s\r\n", type);
	give(r, i, (struct http_message){ .kind = HTTP_HEAD, .status = status,
	    .headers = buf_view(&headers) });
	buf_done(&headers);
}

void
rig_event(struct rig *r, size_t i, const char *data)
{
	give(r, i, (struct http_message){ .kind = HTTP_SSE,
	    .sse = { STR("message"), str_from(data), STR_NONE } });
}

void
rig_body(struct rig *r, size_t i, const char *bytes)
{
	give(r, i, (struct http_message){ .kind = HTTP_BODY, .body = str_from(bytes) });
}

void
rig_frame(struct rig *r, size_t i, unsigned kind, struct str bytes)
{
	give(r, i, (struct http_message){ .kind = HTTP_FRAME, .number = kind, .body = bytes });
}

void
rig_end(struct rig *r, size_t i, enum http_end end)
{
	give(r, i, (struct http_message){ .kind = HTTP_END, .end = end });
}

void
rig_answer(struct rig *r, const char *begins, int status, const char *json)
{
	size_t i = rig_find(r, begins);

	rig_head(r, i, status, "application/json");
	rig_body(r, i, json);
	if (r->requests[i].open)
		give(r, i, (struct http_message){ .kind = HTTP_END, .end = HTTP_DONE, .status = status });
	rig_run(r, 0);
}

void
rig_expect(struct rig *r, const char *items)
{
	struct buf got = { 0 };

	print_items(&got, r->session);
	assert_str(buf_view(&got), str_from(items));
	buf_done(&got);
}
