#include "serve/durable.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "serve/live.h"
#include "serve/messages.h"
#include "serve/params.h"

enum {
	PAGE_BYTES = 1 << 20,	/* of one catch-up response, more only for one large append */
	READ_BYTES = 64 << 10	/* read from the log at a time */
};

static void
fail(struct request *r, int status, const char *why)
{
	request_answer(r, reply_error(status, why));
}

static void
header_offset(struct reply *p, const char *name, struct offset at)
{
	char text[OFFSET_LEN + 1];

	offset_format(at, text);
	reply_header(p, name, "%s", text);
}

static void
header_next(struct reply *p, struct offset at)
{
	header_offset(p, "Stream-Next-Offset", at);
}

static void
header_number(struct reply *p, const char *name, int64_t v)
{
	if (v >= 0)
		reply_header(p, name, "%lld", (long long)v);
}

void
durable_place(struct reply *p, const struct stream *stream, struct offset next)
{
	header_next(p, next);
	if (offset_cmp(next, stream->tail) < 0)
		return;
	reply_header(p, "Stream-Up-To-Date", "true");
	if (stream->closed)
		reply_header(p, "Stream-Closed", "true");
}

/* ---- writing */

/* The answer to a write that was committed, or that the rules refused. */
static void
write_done(void *owner, struct op *op)
{
	struct request *r = owner;
	int status = op->out.status;
	struct reply *p = status < 300 ? reply_new(status, NULL) : reply_error(status, op->out.why);

	reply_header(p, "Cache-Control", "no-store");
	if (op->out.id != 0 && op->kind != OP_DELETE) {
		header_next(p, op->out.tail);
		if (op->out.closed)
			reply_header(p, "Stream-Closed", "true");
	}
	if (op->kind == OP_CREATE && status < 300)
		reply_header(p, "Content-Type", "%.*s", STR_ARG(buf_view(&op->out.type)));
	if (status == 201)
		reply_header(p, "Location", "http://%.*s%.*s", STR_ARG(request_header(r, "Host")),
		    STR_ARG(request_path(r)));
	header_number(p, "Producer-Epoch", op->out.epoch);
	header_number(p, "Producer-Seq", op->out.seq);
	header_number(p, "Producer-Expected-Seq", op->out.expected);
	header_number(p, "Producer-Received-Seq", op->out.received);
	request_answer(r, p);
}

/* Puts the body into the op as it is stored. */
static bool
take_messages(struct request *r, struct op *op)
{
	struct buf *body = request_body(r);

	if (body->n == 0)
		return true;
	op->count = 1;
	if (params_is_json(buf_view(&op->type)))
		op->count = messages_split(buf_view(body), &op->body);
	else
		buf_set(&op->body, buf_view(body));
	return op->count >= 0;
}

/* What both writes carry; false when the request was answered. */
static bool
take_common(struct request *r, struct op *op)
{
	struct str type = request_header(r, "Content-Type");

	op->close = params_true(request_header(r, "Stream-Closed"));
	if (type.n > 0 && !params_type_ok(type))
		return fail(r, 400, "Content-Type is malformed"), false;
	buf_set(&op->type, type);
	if (type.n == 0 && op->kind == OP_CREATE && !op->fork)
		buf_set(&op->type, STR("application/octet-stream"));
	if (!take_messages(r, op))
		return fail(r, 400, "the body is not JSON"), false;
	return true;
}

static bool
take_expiry(struct request *r, struct op *op)
{
	struct str ttl = request_header(r, "Stream-TTL");
	struct str at = request_header(r, "Stream-Expires-At");

	if (ttl.p != NULL && at.p != NULL)
		return fail(r, 400, "Stream-TTL and Stream-Expires-At exclude each other"), false;
	if (ttl.p != NULL && !params_ttl(ttl, &op->ttl))
		return fail(r, 400, "Stream-TTL is not a number of seconds"), false;
	if (at.p != NULL && (!date_parse(at, &op->dies) || op->dies <= 0))
		return fail(r, 400, "Stream-Expires-At is not a time of RFC 3339"), false;
	buf_set(&op->expires, at);
	return true;
}

static bool
take_fork(struct request *r, struct op *op)
{
	struct str from = request_header(r, "Stream-Forked-From");
	struct str at = request_header(r, "Stream-Fork-Offset");
	struct str sub = request_header(r, "Stream-Fork-Sub-Offset");

	op->fork = from.p != NULL;
	if (!op->fork)
		return at.p == NULL && sub.p == NULL ? true :
		    (fail(r, 400, "fork offsets need Stream-Forked-From"), false);
	if (!str_starts(from, STR(DURABLE_ROOT)) ||
	    !params_path(str_skip(from, sizeof DURABLE_ROOT - 1), &op->fork_from))
		return fail(r, 400, "Stream-Forked-From is not the path of a stream"), false;
	op->fork_at_given = at.p != NULL;
	if (op->fork_at_given && !offset_parse(at, &op->fork_at))
		return fail(r, 400, "Stream-Fork-Offset is malformed"), false;
	if (sub.p != NULL && !params_ttl(sub, &op->fork_sub))
		return fail(r, 400, "Stream-Fork-Sub-Offset is not a number"), false;
	if (op->fork_sub > 0 && !op->fork_at_given)
		return fail(r, 400, "Stream-Fork-Sub-Offset needs Stream-Fork-Offset"), false;
	return true;
}

static bool
take_producer(struct request *r, struct op *op)
{
	struct str id = request_header(r, "Producer-Id");
	struct str epoch = request_header(r, "Producer-Epoch");
	struct str seq = request_header(r, "Producer-Seq");
	struct str order = request_header(r, "Stream-Seq");

	op->has_producer = id.p != NULL || epoch.p != NULL || seq.p != NULL;
	if (op->has_producer && (id.n == 0 || !producer_number(epoch, &op->producer_epoch) ||
	    !producer_number(seq, &op->producer_seq)))
		return fail(r, 400, "Producer-Id, -Epoch and -Seq go together"), false;
	buf_set(&op->producer, id);
	op->has_seq = order.p != NULL;
	buf_set(&op->seq, order);
	return true;
}

static bool
take_append(struct request *r, struct op *op)
{
	size_t n = request_body(r)->n;

	if (n == 0 && !params_true(request_header(r, "Stream-Closed")))
		return fail(r, 400, "there is nothing to append"), false;
	if (n > 0 && request_header(r, "Content-Type").n == 0)
		return fail(r, 400, "an append needs a Content-Type"), false;
	if (!take_producer(r, op))
		return false;
	if (n == 0) {
		/* Closing alone has no content, so its type means nothing. */
		op->close = true;
		return true;
	}
	if (!take_common(r, op))
		return false;
	if (op->count == 0)
		return fail(r, 400, "an empty array has no messages"), false;
	return true;
}

static void
write_request(struct server *s, struct request *r, enum op_kind kind, struct str path)
{
	struct op *op = op_new(kind);
	bool ok = true;

	buf_set(&op->path, path);
	op->done = write_done;
	if (kind == OP_CREATE)
		ok = take_expiry(r, op) && take_fork(r, op) && take_common(r, op);
	else if (kind == OP_APPEND)
		ok = take_append(r, op);
	if (ok)
		server_submit(s, r, op);
	else
		op_free(op);
}

/* ---- reading */

/* A body of rows as it is sent, in pieces, so that no response is held in memory. */
struct page {
	struct server *server;
	struct stream stream;
	struct offset at, to;
	bool json, closed;	/* closed: the last byte is out */
	struct buf piece;
	size_t sent;
};

static void
page_free(void *ctx)
{
	struct page *pg = ctx;

	stream_done(&pg->stream);
	buf_done(&pg->piece);
	free(pg);
}

/* False when the stream was deleted under us. */
static bool
page_fill(struct page *pg)
{
	struct offset next;

	buf_clear(&pg->piece);
	pg->sent = 0;
	if (offset_cmp(pg->at, pg->to) >= 0) {
		pg->closed = true;
		if (pg->json)
			buf_byte(&pg->piece, ']');
		return true;
	}
	next = streams_read(pg->server->reader, &pg->stream, pg->at, pg->to, READ_BYTES,
	    &pg->piece);
	streams_clear(pg->server->reader);
	if (offset_cmp(next, pg->at) == 0)
		return false;
	if (pg->json && offset_cmp(next, pg->to) < 0)
		buf_byte(&pg->piece, ',');
	pg->at = next;
	return true;
}

static ssize_t
page_pull(void *ctx, char *out, size_t max)
{
	struct page *pg = ctx;
	size_t n = 0;

	while (n < max) {
		struct str rest = str_skip(buf_view(&pg->piece), pg->sent);

		if (rest.n > 0) {
			rest = str_head(rest, max - n);
			memcpy(out + n, rest.p, rest.n);
			pg->sent += rest.n;
			n += rest.n;
		} else if (pg->closed) {
			break;
		} else if (!page_fill(pg)) {
			return SOURCE_FAIL;
		}
	}
	return n > 0 ? (ssize_t)n : SOURCE_END;
}

static struct reply *
page_reply(struct server *s, const struct stream *stream, struct offset from, struct offset to)
{
	struct page *pg = mem_zalloc(sizeof *pg);
	int64_t size = to.b - from.b;

	pg->server = s;
	stream_copy(&pg->stream, stream);
	pg->at = from;
	pg->to = to;
	pg->json = params_is_json(buf_view(&stream->type));
	if (pg->json) {
		buf_byte(&pg->piece, '[');
		/* The separator counted behind the last message pays for one bracket. */
		size += size > 0 ? 1 : 2;
	}
	return reply_stream(200, size, &(struct source){ page_pull, page_free, pg });
}

static void
page_etag(const struct stream *stream, struct offset from, struct offset to, struct buf *out)
{
	bool end = stream->closed && offset_cmp(to, stream->tail) >= 0;

	buf_printf(out, "\"%llx-%llx-%llx-%llx%s\"", (unsigned long long)stream->id,
	    (unsigned long long)from.n, (unsigned long long)to.n, (unsigned long long)to.b,
	    end ? "-c" : "");
}

struct offset
durable_page_end(struct server *s, const struct stream *stream, struct offset from)
{
	return streams_page(s->reader, stream, from, PAGE_BYTES);
}

struct reply *
durable_page(struct server *s, const struct stream *stream, struct offset from, struct offset to)
{
	struct reply *p = page_reply(s, stream, from, to);
	struct buf etag = { 0 };

	page_etag(stream, from, to, &etag);
	reply_header(p, "ETag", "%s", buf_cstr(&etag));
	reply_header(p, "Content-Type", "%.*s", STR_ARG(buf_view(&stream->type)));
	/* Whatever a stream holds, it is no page of this server. */
	reply_header(p, "Content-Security-Policy", "default-src 'none'; sandbox");
	durable_place(p, stream, to);
	buf_done(&etag);
	return p;
}

/* One of the entity tags in If-None-Match. */
static bool
etag_matches(struct str header, struct str etag)
{
	struct str rest = header;

	while (rest.p != NULL) {
		struct str tag = str_trim(str_cut(rest, ',', &rest));

		if (str_starts(tag, STR("W/")))
			tag = str_skip(tag, 2);
		if (str_eq(tag, etag) || str_eq(tag, STR("*")))
			return true;
	}
	return false;
}

static void
catch_up(struct server *s, struct request *r, const struct reading *at)
{
	const struct stream *stream = &at->stream;
	struct buf etag = { 0 };
	struct offset to;
	struct reply *p;

	if (at->now) {
		p = page_reply(s, stream, at->at, at->at);
		reply_header(p, "Content-Type", "%.*s", STR_ARG(buf_view(&stream->type)));
		reply_header(p, "Cache-Control", "no-store");
		durable_place(p, stream, at->at);
		request_answer(r, p);
		return;
	}
	to = durable_page_end(s, stream, at->at);
	page_etag(stream, at->at, to, &etag);
	if (etag_matches(request_header(r, "If-None-Match"), buf_view(&etag))) {
		p = reply_new(304, NULL);
		reply_header(p, "ETag", "%s", buf_cstr(&etag));
	} else {
		p = durable_page(s, stream, at->at, to);
	}
	reply_header(p, "Cache-Control", "private, max-age=60, stale-while-revalidate=300");
	buf_done(&etag);
	request_answer(r, p);
}

/* Finds a stream that can be read; false when the request was answered. */
static bool
find_stream(struct server *s, struct request *r, struct str path, struct stream *stream)
{
	bool found = streams_find(s->reader, path, stream), ok = streams_ok(s->reader);
	enum stream_life life = found ? stream_life(stream, clock_wall()) : STREAM_EXPIRED;

	streams_clear(s->reader);
	if (!ok)
		fail(r, 503, "the log cannot be read");
	else if (life == STREAM_EXPIRED)
		fail(r, 404, "there is no such stream");
	else if (life == STREAM_GONE)
		fail(r, 410, "the stream was deleted");
	return ok && life == STREAM_LIVE;
}

/* Whoever was that far behind has missed something and must know it. */
static void
fail_gone(struct request *r, struct offset first)
{
	struct reply *p = reply_error(410, "this offset is no longer kept; Stream-First-Offset is");

	header_offset(p, "Stream-First-Offset", first);
	request_answer(r, p);
}

static bool
find_place(struct server *s, struct request *r, struct reading *at, bool needed)
{
	struct buf text = { 0 };
	struct offset first = streams_first(s->reader, &at->stream);
	int times = params_query(request_query(r), "offset", &text);
	bool ok = true, gone = false;

	at->now = str_eq(buf_view(&text), STR("now"));
	at->at = at->now ? at->stream.tail : first;
	if (times > 0 && !at->now && !str_eq(buf_view(&text), STR("-1"))) {
		ok = offset_parse(buf_view(&text), &at->at);
		gone = ok && offset_cmp(at->at, first) < 0;
		ok = gone || (ok && streams_is_boundary(s->reader, &at->stream, at->at));
	}
	buf_done(&text);
	if (times == 1 && gone)
		return fail_gone(r, first), false;
	if (times > 1 || !ok)
		return fail(r, 400, "the offset is none of this stream"), false;
	if (times == 0 && needed)
		return fail(r, 400, "a live read needs an offset"), false;
	return true;
}

static void
read_stream(struct server *s, struct request *r, struct str path)
{
	struct reading at = { 0 };
	struct buf live = { 0 };
	int modes = params_query(request_query(r), "live", &live);
	bool poll = str_eq(buf_view(&live), STR("long-poll"));
	bool sse = str_eq(buf_view(&live), STR("sse"));

	if (find_stream(s, r, path, &at.stream) && find_place(s, r, &at, poll || sse)) {
		server_touch(s, &at.stream);
		if (modes > 1 || (modes == 1 && !poll && !sse))
			fail(r, 400, "live is long-poll or sse");
		else if (poll)
			live_poll(s, r, &at);
		else if (sse)
			live_events(s, r, &at);
		else
			catch_up(s, r, &at);
	}
	stream_done(&at.stream);
	buf_done(&live);
}

/* Said when it is not the beginning. */
static void
header_first(struct server *s, struct reply *p, const struct stream *stream)
{
	struct offset first = streams_first(s->reader, stream);

	streams_clear(s->reader);
	if (first.n > 0)
		header_offset(p, "Stream-First-Offset", first);
}

static void
describe(struct server *s, struct request *r, struct str path)
{
	struct stream stream = { 0 };
	struct reply *p;

	if (find_stream(s, r, path, &stream)) {
		p = reply_new(200, NULL);
		reply_header(p, "Content-Type", "%.*s", STR_ARG(buf_view(&stream.type)));
		reply_header(p, "Cache-Control", "no-store");
		header_next(p, stream.tail);
		header_first(s, p, &stream);
		if (stream.closed)
			reply_header(p, "Stream-Closed", "true");
		header_number(p, "Stream-TTL", stream.ttl);
		if (stream.expires.n > 0)
			reply_header(p, "Stream-Expires-At", "%.*s",
			    STR_ARG(buf_view(&stream.expires)));
		request_answer(r, p);
	}
	stream_done(&stream);
}

static void
by_method(struct server *s, struct request *r, struct str path)
{
	struct reply *p;

	switch (request_method(r)) {
	case METHOD_GET:
		read_stream(s, r, path);
		break;
	case METHOD_HEAD:
		describe(s, r, path);
		break;
	case METHOD_PUT:
		write_request(s, r, OP_CREATE, path);
		break;
	case METHOD_POST:
		write_request(s, r, OP_APPEND, path);
		break;
	case METHOD_DELETE:
		write_request(s, r, OP_DELETE, path);
		break;
	case METHOD_OPTIONS:
	case METHOD_OTHER:
		p = reply_error(405, "a stream knows GET, HEAD, PUT, POST and DELETE");
		reply_header(p, "Allow", "GET, HEAD, PUT, POST, DELETE, OPTIONS");
		request_answer(r, p);
		break;
	}
}

void
durable_handle(struct server *s, struct request *r, struct str rest)
{
	struct buf path = { 0 };
	struct str after;

	if (!params_path(rest, &path))
		fail(r, 400, "this is no name for a stream");
	else if (str_eq(str_cut(buf_view(&path), '/', &after), STR("__ds")))
		fail(r, 404, "subscriptions are not offered");
	else
		by_method(s, r, buf_view(&path));
	buf_done(&path);
}
