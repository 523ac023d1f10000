#include "tests/conformance/service_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/backoff.h"
#include "tests/conformance/headers.h"
#include "wire/json.h"

struct stream {
	struct http *http;
	struct http_request request;
	struct backoff backoff;
	uint64_t reading;		/* the request that is open, 0: none */
	int status;
	bool events;			/* its answer is an event stream */
	int64_t due;
	char *last_id;
	/* to the harness */
	struct buf callback;
	struct buf *reports;
	size_t n, cap;
	uint64_t posting;
	unsigned long counter;
};

/* ---- what is told to the harness */

static void
post(struct stream *s)
{
	struct http_request r;
	struct buf url = { 0 };

	if (s->posting != 0 || s->n == 0)
		return;
	buf_printf(&url, "%s/%lu", buf_cstr(&s->callback), ++s->counter);
	http_request_init(&r, "POST", buf_view(&url));
	http_request_body(&r, "application/json", buf_view(&s->reports[0]));
	s->posting = http_send(s->http, &r);
	http_request_done(&r);
	buf_done(&url);
	buf_done(&s->reports[0]);
	s->n--;
	memmove(s->reports, s->reports + 1, s->n * sizeof *s->reports);
}

static struct json_writer
begin(struct stream *s, const char *kind)
{
	struct json_writer w = { 0 };

	s->reports = mem_grow(s->reports, s->n, &s->cap, sizeof *s->reports);
	s->reports[s->n] = (struct buf){ 0 };
	w.out = &s->reports[s->n++];
	jw_object(&w);
	jw_pair(&w, "kind", str_from(kind));
	return w;
}

static void
report_text(struct stream *s, const char *kind, struct str text)
{
	struct json_writer w = begin(s, kind);

	jw_pair(&w, "comment", text);
	jw_end_object(&w);
	post(s);
}

static void
report_event(struct stream *s, const struct sse_message *m)
{
	struct json_writer w = begin(s, "event");

	jw_key(&w, "event");
	jw_object(&w);
	jw_pair(&w, "type", m->type);
	jw_pair(&w, "data", m->data);
	jw_pair(&w, "id", m->id);
	jw_end_object(&w);
	jw_end_object(&w);
	post(s);
}

/* ---- what is asked for */

static void
read_body(struct stream *s, struct str json)
{
	struct buf body = { 0 };
	bool typed = false;

	if (!json_get_text(json, "body", &body))
		return;
	for (size_t i = 0; i < s->request.nheaders; i++)
		typed |= strcasecmp(s->request.headers[i].name, "content-type") == 0;
	if (typed) {
		buf_set(&s->request.body, buf_view(&body));
		s->request.has_body = true;
	} else {
		http_request_body(&s->request, "text/plain", buf_view(&body));
	}
	buf_done(&body);
}

static void
read_request(struct stream *s, struct str json, struct str url)
{
	struct buf method = { 0 };
	struct str headers;

	if (!json_get_text(json, "method", &method))
		buf_str(&method, STR("GET"));
	http_request_init(&s->request, buf_cstr(&method), url);
	s->request.stream = s->request.comments = true;
	if (json_get(json, "headers", &headers))
		headers_add(&s->request, headers);
	read_body(s, json);
	json_get_i64(json, "readTimeoutMs", &s->request.silence_timeout);
	buf_done(&method);
}

struct stream *
stream_new(struct http *http, struct str json)
{
	struct buf url = { 0 }, id = { 0 };
	int64_t delay = 1000;
	struct stream *s;

	if (!json_valid(json) || !json_get_text(json, "streamUrl", &url)) {
		buf_done(&url);
		return NULL;
	}
	s = mem_zalloc(sizeof *s);
	s->http = http;
	json_get_text(json, "callbackUrl", &s->callback);
	json_get_text(json, "lastEventId", &id);
	json_get_i64(json, "initialDelayMs", &delay);
	s->last_id = mem_str(buf_view(&id));
	read_request(s, json, buf_view(&url));
	backoff_init(&s->backoff, delay > 0 ? delay : 1, 0, 0, 0);
	s->due = clock_mono();
	buf_done(&url);
	buf_done(&id);
	return s;
}

void
stream_free(struct stream *s)
{
	if (s->reading != 0)
		http_cancel(s->http, s->reading);
	if (s->posting != 0)
		http_cancel(s->http, s->posting);
	for (size_t i = 0; i < s->n; i++)
		buf_done(&s->reports[i]);
	free(s->reports);
	free(s->last_id);
	http_request_done(&s->request);
	buf_done(&s->callback);
	free(s);
}

/* ---- the connection */

void
stream_restart(struct stream *s)
{
	if (s->reading != 0)
		http_cancel(s->http, s->reading);
	s->reading = 0;
	s->due = clock_mono();
}

void
stream_tick(struct stream *s)
{
	if (s->reading != 0 || clock_mono() < s->due)
		return;
	s->due = INT64_MAX;
	s->status = 0;
	s->events = false;
	free(s->request.last_event_id);
	s->request.last_event_id = *s->last_id != '\0' ? mem_strdup(s->last_id) : NULL;
	s->reading = http_send(s->http, &s->request);
}

int64_t
stream_deadline(const struct stream *s)
{
	return s->reading == 0 ? s->due : INT64_MAX;
}

static bool
is_event_stream(struct str headers)
{
	struct str params, type = str_cut(http_header(headers, "Content-Type"), ';', &params);

	return str_eq_nocase(str_trim(type), STR("text/event-stream"));
}

static void
keep_id(struct stream *s, struct str id)
{
	free(s->last_id);
	s->last_id = mem_str(id);
}

static bool
is_passing(int status)
{
	return status == 0 || status == 408 || status == 425 || status == 429 || status / 100 == 5;
}

/* An event stream has no good end but 204, behind which nothing more will come. */
static void
ended(struct stream *s, const struct http_message *m)
{
	bool redirected = m->end == HTTP_REDIRECT || m->end == HTTP_MALFORMED || m->end == HTTP_TLS;
	struct buf why = { 0 };

	s->reading = 0;
	/* It may have changed behind the last event. */
	if (s->events)
		keep_id(s, m->sse.id);
	if (s->status == 204)
		return;
	if (s->events || (is_passing(s->status) && !redirected))
		s->due = backoff_next(&s->backoff, clock_mono(), m->retry_after);
	if (s->events && m->end == HTTP_DONE)
		return;
	if (m->end != HTTP_DONE)
		buf_printf(&why, "the connection ended: %s", http_end_name(m->end));
	else
		buf_printf(&why, "the server answers with status %d and no event stream", s->status);
	report_text(s, "error", buf_view(&why));
	buf_done(&why);
}

static void
read_message(struct stream *s, const struct http_message *m)
{
	switch (m->kind) {
	case HTTP_HEAD:
		s->status = m->status;
		s->events = m->status == 200 && is_event_stream(m->headers);
		break;
	case HTTP_SSE:
		keep_id(s, m->sse.id);
		backoff_reset(&s->backoff);
		report_event(s, &m->sse);
		break;
	case HTTP_ALIVE:
		report_text(s, "comment", m->body);
		break;
	case HTTP_RETRY:
		backoff_suggest(&s->backoff, m->number);
		break;
	case HTTP_END:
		ended(s, m);
		break;
	default:
		break;
	}
}

bool
stream_message(struct stream *s, const struct http_message *m)
{
	if (m->request == s->reading && s->reading != 0) {
		read_message(s, m);
		return true;
	}
	if (m->request != s->posting || s->posting == 0)
		return false;
	if (m->kind == HTTP_END) {
		s->posting = 0;
		post(s);
	}
	return true;
}
