#include "wire/http_response.h"

#include "base/clock.h"
#include "base/log.h"
#include "wire/http_request.h"

enum {
	HEAD_MAX = 64 << 10,	/* bytes of headers, redirects included */
	HEAD_TIMEOUT = 15000,
	TOTAL_TIMEOUT = 30000,
	PAUSE_TIMEOUT = 10000	/* the main thread takes nothing */
};

static void
stage(struct http_response *r, struct http_message m)
{
	m.request = r->id;
	http_queue_stage(r->queue, &m);
}

static void
on_event(void *ctx, const struct sse_message *m)
{
	stage(ctx, (struct http_message){ .kind = HTTP_SSE, .sse = *m });
}

static void
on_comment(void *ctx, struct str text)
{
	struct http_response *r = ctx;

	if (r->request->comments)
		stage(r, (struct http_message){ .kind = HTTP_ALIVE, .body = text });
	else
		r->comment = true;
}

static void
on_retry(void *ctx, uint64_t ms)
{
	stage(ctx, (struct http_message){ .kind = HTTP_RETRY, .number = ms });
}

static bool
is_event_stream(struct str headers)
{
	struct str params, type = str_cut(http_header(headers, "content-type"), ';', &params);

	return str_eq_nocase(str_trim(type), STR("text/event-stream"));
}

static void
begin_events(struct http_response *r)
{
	const struct sse_handler handler = { .message = on_event, .comment = on_comment,
		.retry = on_retry, .ctx = r };

	r->is_events = true;
	sse_init(&r->sse, &handler, SSE_LIMITS_DEFAULT);
	if (r->request->last_event_id != NULL)
		sse_seed_id(&r->sse, str_from(r->request->last_event_id));
}

/* A response that is not the last one: 1xx, or a redirect that will be followed. */
static bool
is_interim(const struct http_response *r)
{
	return (r->status < 200 && !(r->status == 101 && r->request->websocket)) || (r->follows && r->status >= 300 && r->status < 400 &&
	    http_header(buf_view(&r->head), "location").n > 0);
}

static void
deliver_head(struct http_response *r)
{
	struct str headers = buf_view(&r->head);

	r->has_head = true;
	r->heard = clock_mono();
	log_write(LOG_INFO, "http %llu: status %d", (unsigned long long)r->id, r->status);
	if (r->request->stream && r->status == 200 && is_event_stream(headers))
		begin_events(r);
	stage(r, (struct http_message){ .kind = HTTP_HEAD, .status = r->status, .headers = headers });
	http_queue_put(r->queue, &r->account);
}

bool
http_response_header(struct http_response *r, struct str line, int status)
{
	r->head_bytes += line.n;
	if (r->head_bytes > HEAD_MAX)
		return false;
	if (r->has_head)
		return true;	/* a trailer */
	r->status = status;
	if (str_starts(line, STR("HTTP/")))
		buf_clear(&r->head);
	else if (str_trim(line).n > 0)
		buf_str(&r->head, line);
	else if (!is_interim(r))
		deliver_head(r);
	return true;
}

bool
http_response_paused(struct http_response *r)
{
	r->paused = http_queue_full(r->queue, &r->account);
	if (r->paused)
		r->paused_at = clock_mono();
	return r->paused;
}

bool
http_response_resume(struct http_response *r)
{
	if (!r->paused || http_queue_full(r->queue, &r->account))
		return false;
	r->paused = false;
	r->heard = clock_mono();
	return true;
}

static bool
take_body(struct http_response *r, struct str bytes)
{
	r->received += bytes.n;
	if (r->received > http_request_body_max(r->request))
		return false;
	stage(r, (struct http_message){ .kind = HTTP_BODY, .body = bytes });
	return true;
}

static bool
take_events(struct http_response *r, struct str bytes)
{
	bool ok;

	r->comment = false;
	ok = sse_feed(&r->sse, bytes) == SSE_OK;
	/* One for all comments of a read: a flood of them must not fill the queue. */
	if (r->comment)
		stage(r, (struct http_message){ .kind = HTTP_ALIVE });
	return ok;
}

bool
http_response_bytes(struct http_response *r, struct str bytes)
{
	bool ok;

	r->heard = clock_mono();
	ok = r->is_events ? take_events(r, bytes) : take_body(r, bytes);
	http_queue_put(r->queue, &r->account);
	return ok;
}

void
http_response_frame(struct http_response *r, unsigned kind, struct str bytes)
{
	r->heard = clock_mono();
	stage(r, (struct http_message){ .kind = HTTP_FRAME, .number = kind, .body = bytes });
	http_queue_put(r->queue, &r->account);
}

void
http_response_end(struct http_response *r, enum http_end why, struct str detail,
    int64_t retry_after)
{
	struct http_message m = { .kind = HTTP_END, .status = r->status, .end = why, .detail = detail,
		.retry_after = retry_after };

	log_write(LOG_INFO, "http %llu: %s %.*s", (unsigned long long)r->id, http_end_name(why),
	    STR_ARG(detail));
	if (r->is_events)
		m.sse.id = sse_last_id(&r->sse);
	stage(r, m);
	http_queue_put(r->queue, &r->account);
}

void
http_response_done(struct http_response *r)
{
	if (r->is_events)
		sse_done(&r->sse);
	buf_done(&r->head);
}

static void
limit(int64_t *at, enum http_end *why, int64_t start, int64_t ms, enum http_end reason)
{
	if (ms < *at - start) {
		*at = start + ms;
		*why = reason;
	}
}

static int64_t
or_default(int64_t ms, int64_t standard)
{
	return ms > 0 ? ms : standard;
}

int64_t
http_response_deadline(const struct http_response *r, enum http_end *why)
{
	const struct http_request *q = r->request;
	int64_t at = INT64_MAX;

	limit(&at, why, r->started,
	    or_default(q->total_timeout, q->stream || q->websocket ? INT64_MAX : TOTAL_TIMEOUT),
	    HTTP_TIMEOUT);
	if (!r->has_head)
		limit(&at, why, r->started, or_default(q->head_timeout, HEAD_TIMEOUT),
		    HTTP_HEAD_TIMEOUT);
	else if (r->paused)
		limit(&at, why, r->paused_at, PAUSE_TIMEOUT, HTTP_OVERRUN);
	else
		limit(&at, why, r->heard, or_default(q->silence_timeout, INT64_MAX), HTTP_SILENT);
	return at;
}
