#include "tests/conformance/adapter.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wire/http_request.h"

enum { TEXT_MARK = 0x02, PLAIN_TIMEOUT = 25000 };

/* One link at work, until the command has what it asked for. */
struct tail {
	struct adapter *a;
	const struct command *c;	/* NULL: none */
	struct link *link;
	/* What it asked for. */
	bool live, until_up_to_date;
	int64_t max_chunks, deadline;
	/* What has come; a chunk is what one commit covers. */
	struct buf chunks, chunk, cursor;
	int64_t nchunks;
	bool is_json, done;
	uint64_t records, bytes;
	/* What the suite counts as an error and weir would get over. */
	char why[64];
	uint64_t poll;			/* a long-poll */
};

static uint64_t
on_send(void *ctx, const struct http_request *r)
{
	struct tail *t = ctx;
	struct http_request mine;
	uint64_t request;

	http_request_copy(&mine, r);
	if (t->c != NULL) {
		command_headers(t->c, &mine);
		dynamic_put(t->a, &mine);
	}
	request = http_send(t->a->http, &mine);
	if (strstr(r->url, "live=long-poll") != NULL)
		t->poll = request;
	http_request_done(&mine);
	return request;
}

static void
on_cancel(void *ctx, uint64_t request)
{
	http_cancel(((struct tail *)ctx)->a->http, request);
}

static void
on_record(void *ctx, struct str bytes)
{
	struct tail *t = ctx;

	t->records++;
	t->bytes += bytes.n;
	t->is_json = bytes.n == 0 || bytes.p[0] != TEXT_MARK;
	if (t->is_json)
		buf_byte(&t->chunk, t->chunk.n == 0 ? '[' : ',');
	buf_str(&t->chunk, t->is_json ? bytes : str_skip(bytes, 1));
}

/* Bytes that are no text go as base64. */
static void
add_chunk(struct tail *t)
{
	struct json_writer w = { .out = &t->chunks, .comma = t->nchunks > 0 };
	struct str bytes = buf_view(&t->chunk);
	bool binary = !utf8_valid(bytes);
	struct buf text = { 0 };

	if (binary)
		base64_encode(bytes, &text);
	else
		buf_str(&text, bytes);
	jw_object(&w);
	jw_pair(&w, "data", buf_view(&text));
	if (binary) {
		jw_key(&w, "binary");
		jw_bool(&w, true);
	}
	jw_pair(&w, "offset", buf_view(&t->cursor));
	jw_end_object(&w);
	buf_done(&text);
	buf_clear(&t->chunk);
	t->nchunks++;
}

static void
on_moved(void *ctx, const struct position *at)
{
	struct tail *t = ctx;

	if (at->skip > 0 || t->done)
		return;
	buf_set(&t->cursor, buf_view(&at->cursor));
	if (t->chunk.n == 0)
		return;
	if (t->is_json)
		buf_byte(&t->chunk, ']');
	add_chunk(t);
	t->done = t->nchunks >= t->max_chunks;
}

/* The link reads from the start again; who asked for an offset must know. */
static void
on_reset(void *ctx, const char *why)
{
	struct tail *t = ctx;

	if (t->why[0] == '\0')
		snprintf(t->why, sizeof t->why, "%s", why);
}

static void
on_sent(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome, struct str detail)
{
	(void)ctx, (void)entry, (void)outcome, (void)detail;
}

/* weir reads on behind a broken answer and after many failures; a command ends with either. */
static void
on_changed(void *ctx)
{
	struct tail *t = ctx;
	const struct link_stats *s = link_stats(t->link);
	enum link_state state = link_state(t->link);
	bool final = state == LINK_GONE || state == LINK_NEEDS_TOKEN || state == LINK_FAILED;

	if (t->why[0] == '\0' && (final || strcmp(s->reason, "broken answer") == 0 ||
	    s->attempt >= ADAPTER_TRIES))
		snprintf(t->why, sizeof t->why, "%s", s->reason);
}

/* A live answer must say where caches meet, unless the stream has ended. */
static void
check_cursor(struct tail *t, const struct http_message *m)
{
	if (m->kind != HTTP_HEAD || m->request != t->poll || m->status / 100 != 2 ||
	    http_header(m->headers, "Stream-Cursor").n > 0 ||
	    str_eq_nocase(http_header(m->headers, "Stream-Closed"), STR("true")))
		return;
	snprintf(t->why, sizeof t->why, "no Stream-Cursor");
}

static bool
is_over(const struct tail *t)
{
	bool up_to_date = link_stats(t->link)->proven;

	return t->done || t->why[0] != '\0' || link_state(t->link) == LINK_CLOSED ||
	    clock_mono() >= t->deadline || (up_to_date && (!t->live || t->until_up_to_date));
}

static void
turn(struct tail *t)
{
	int64_t next = link_deadline(t->link);
	struct http_message m;

	adapter_wait(t->a, next < t->deadline ? next : t->deadline);
	while (!is_over(t) && http_next(t->a->http, &m)) {
		check_cursor(t, &m);
		if (t->why[0] == '\0')
			link_message(t->link, &m);
	}
	if (!is_over(t))
		link_tick(t->link);
}

static void
tail_open(struct tail *t, const struct endpoint *ep, struct str offset, bool polls)
{
	const struct link_options options = { .backoff_first = ADAPTER_FIRST,
		.backoff_max = ADAPTER_MAX, .polls = polls };
	const struct link_ops ops = { .send = on_send, .cancel = on_cancel, .record = on_record,
		.moved = on_moved, .reset = on_reset, .sent = on_sent, .changed = on_changed, .ctx = t };
	struct position at = { 0 };

	if (!str_eq(offset, STR("-1")))
		buf_set(&at.cursor, offset);
	t->link = link_new(&dialect_durable, ep, &at, NULL, &ops, &options);
	buf_done(&at.cursor);
	link_start(t->link);
	link_tick(t->link);
}

static void
tail_close(struct tail *t)
{
	link_free(t->link);
	buf_done(&t->chunks);
	buf_done(&t->chunk);
	buf_done(&t->cursor);
}

static void
reply_why(struct reply *r, const struct command *c, const char *why)
{
	int status = 0;

	if (sscanf(why, "http %d", &status) == 1)
		reply_status(r, c, status, STR_NONE);
	else if (strcmp(why, "broken answer") == 0 || strcmp(why, "not a stream") == 0 ||
	    strcmp(why, "no Stream-Cursor") == 0)
		reply_error(r, "PARSE_ERROR", 0, "%.*s: %s", STR_ARG(buf_view(&c->path)), why);
	else
		reply_error(r, "NETWORK_ERROR", 0, "%.*s: %s", STR_ARG(buf_view(&c->path)), why);
}

static void
reply_flag(struct reply *r, const char *key, bool v)
{
	jw_key(&r->json, key);
	jw_bool(&r->json, v);
}

static void
report(struct tail *t, const struct command *c, struct reply *r)
{
	bool closed = link_state(t->link) == LINK_CLOSED, timely = clock_mono() < t->deadline;

	if (t->why[0] != '\0') {
		reply_why(r, c, t->why);
		return;
	}
	if (!t->live && !closed && !link_stats(t->link)->proven && !t->done) {
		reply_error(r, "TIMEOUT", 0, "%.*s: no answer", STR_ARG(buf_view(&c->path)));
		return;
	}
	jw_pair_i64(&r->json, "status", 200);
	jw_key(&r->json, "chunks");
	jw_array(&r->json);
	buf_str(r->json.out, buf_view(&t->chunks));
	jw_end_array(&r->json);
	reply_offset(r, "offset", buf_view(&t->cursor));
	/* Who waited in vain has all there is. */
	reply_flag(r, "upToDate", closed || link_stats(t->link)->proven || !timely);
	reply_flag(r, "streamClosed", closed);
	dynamic_report(t->a, r);
}

void
do_read(struct adapter *a, const struct command *c, struct reply *r)
{
	struct tail t = { .a = a, .c = c, .max_chunks = command_i64(c, "maxChunks", 100),
		.until_up_to_date = command_bool(c, "waitForUpToDate") };
	struct buf url = { 0 }, offset = { 0 };
	struct endpoint ep = { 0 };
	struct str live = STR_NONE;

	json_get(c->json, "live", &live);
	json_get_text(c->json, "offset", &offset);
	t.live = live.n > 0 && !str_eq(live, STR("false")) && !str_eq(live, STR("null"));
	t.deadline = clock_mono() + (t.live ? command_i64(c, "timeoutMs", 5000) : PLAIN_TIMEOUT);
	adapter_url(a, c, &url);
	ep.url = mem_str(buf_view(&url));
	dynamic_step(a);
	buf_set(&t.cursor, offset.n > 0 ? buf_view(&offset) : STR("-1"));
	tail_open(&t, &ep, buf_view(&offset), str_eq(live, STR("\"long-poll\"")));
	while (!is_over(&t))
		turn(&t);
	report(&t, c, r);
	tail_close(&t);
	endpoint_done(&ep);
	buf_done(&url);
	buf_done(&offset);
}

bool
reading_run(struct adapter *a, struct reading *what, struct error *e)
{
	struct tail t = { .a = a, .max_chunks = what->live ? 1 : INT64_MAX, .live = what->live,
		.deadline = clock_mono() + PLAIN_TIMEOUT };
	struct endpoint ep = { .url = mem_str(what->url) };
	bool ok;

	tail_open(&t, &ep, what->offset, what->polls);
	while (!is_over(&t)) {
		turn(&t);
		if (what->ready != NULL && link_stats(t.link)->proven) {
			what->ready(what->ctx);
			what->ready = NULL;
		}
	}
	what->records = t.records;
	what->bytes = t.bytes;
	ok = t.why[0] == '\0' && (t.done || link_stats(t.link)->proven);
	if (!ok)
		error_set(e, ERR_FAILED, "%s: %s", ep.url, t.why[0] != '\0' ? t.why : "no answer");
	tail_close(&t);
	endpoint_done(&ep);
	return ok;
}
