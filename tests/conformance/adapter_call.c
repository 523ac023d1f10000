#include "tests/conformance/adapter.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/backoff.h"
#include "wire/durable.h"

void
call_init(struct call *call, const struct adapter *a, const struct command *c, const char *method)
{
	struct buf url = { 0 };

	*call = (struct call){ 0 };
	adapter_url(a, c, &url);
	http_request_init(&call->request, method, buf_view(&url));
	buf_done(&url);
	command_headers(c, &call->request);
}

void
call_done(struct call *call)
{
	http_request_done(&call->request);
	buf_done(&call->headers);
	buf_done(&call->body);
}

/* An item of a JSON stream is sent as an array of one: else an array would be taken apart. */
void
call_body(struct call *call, const char *type, struct str data)
{
	struct buf body = { 0 };
	bool json = strncmp(type, "application/json", 16) == 0 && data.n > 0;

	buf_str(&body, json ? STR("[") : STR_NONE);
	buf_str(&body, data);
	buf_str(&body, json ? STR("]") : STR_NONE);
	http_request_body(&call->request, type, buf_view(&body));
	buf_done(&body);
}

/* Until the request has ended; the time a server wants to be left alone. */
static int64_t
once(struct adapter *a, struct call *call)
{
	uint64_t request = http_send(a->http, &call->request);
	struct http_message m;

	call->status = 0;
	buf_clear(&call->headers);
	buf_clear(&call->body);
	for (;;) {
		adapter_wait(a, INT64_MAX);
		while (http_next(a->http, &m)) {
			if (m.request != request)
				continue;
			if (m.kind == HTTP_HEAD) {
				call->status = m.status;
				buf_set(&call->headers, m.headers);
			} else if (m.kind == HTTP_BODY) {
				buf_str(&call->body, m.body);
			} else if (m.kind == HTTP_END) {
				call->end = m.end;
				return m.retry_after;
			}
		}
	}
}

static bool
is_passing(const struct call *call)
{
	return call->status == 0 || call->end != HTTP_DONE || call->status == 408 ||
	    call->status == 425 || call->status == 429 || call->status / 100 == 5;
}

void
call_send(struct adapter *a, struct call *call)
{
	struct backoff b;

	backoff_init(&b, ADAPTER_FIRST, ADAPTER_MAX, 0, 0);
	for (int i = 0; i < ADAPTER_TRIES; i++) {
		int64_t floor = once(a, call), until;

		if (!is_passing(call) || i + 1 == ADAPTER_TRIES)
			return;
		until = backoff_next(&b, clock_mono(), floor);
		while (clock_mono() < until) {
			struct http_message m;

			adapter_wait(a, until);
			while (http_next(a->http, &m))
				;
		}
	}
}

bool
call_run(struct adapter *a, struct call *call, const struct command *c, struct reply *r)
{
	call_send(a, call);
	if (call->status == 0)
		reply_error(r, call->end == HTTP_TIMEOUT || call->end == HTTP_HEAD_TIMEOUT ? "TIMEOUT" :
		    "NETWORK_ERROR", 0, "%.*s: %s", STR_ARG(buf_view(&c->path)),
		    http_end_name(call->end));
	else if (call->status / 100 != 2)
		reply_status(r, c, call->status, buf_view(&call->headers));
	return r->code == NULL;
}

static struct str
header(const struct call *call, const char *name)
{
	return http_header(buf_view(&call->headers), name);
}

/* ---- commands */

/* The text of a member as a header. */
static void
add_member(struct call *call, const struct command *c, const char *key, const char *name)
{
	struct str raw;
	struct buf text = { 0 };

	if (json_get_text(c->json, key, &text))
		http_request_header(&call->request, name, buf_view(&text));
	else if (json_get(c->json, key, &raw) && !str_eq(raw, STR("null")))
		http_request_header(&call->request, name, raw);
	buf_done(&text);
}

void
do_create(struct adapter *a, const struct command *c, struct reply *r)
{
	struct buf type = { 0 }, data = { 0 };
	struct call call;

	if (!json_get_text(c->json, "contentType", &type))
		buf_str(&type, STR("application/octet-stream"));
	call_init(&call, a, c, "PUT");
	if (command_data(c, &data))
		call_body(&call, buf_cstr(&type), buf_view(&data));
	else
		http_request_header(&call.request, "Content-Type", buf_view(&type));
	add_member(&call, c, "ttlSeconds", "Stream-TTL");
	add_member(&call, c, "expiresAt", "Stream-Expires-At");
	if (command_bool(c, "closed"))
		http_request_header(&call.request, "Stream-Closed", STR("true"));
	if (call_run(a, &call, c, r)) {
		adapter_set_type(a, buf_view(&c->path), buf_view(&type));
		jw_pair_i64(&r->json, "status", call.status);
		reply_offset(r, "offset", header(&call, "Stream-Next-Offset"));
	}
	call_done(&call);
	buf_done(&type);
	buf_done(&data);
}

static bool
head(struct adapter *a, const struct command *c, struct call *call, struct reply *r)
{
	call_init(call, a, c, "HEAD");
	if (!call_run(a, call, c, r))
		return false;
	adapter_set_type(a, buf_view(&c->path), header(call, "Content-Type"));
	jw_pair_i64(&r->json, "status", call->status);
	reply_offset(r, "offset", header(call, "Stream-Next-Offset"));
	return true;
}

void
do_connect(struct adapter *a, const struct command *c, struct reply *r)
{
	struct call call;

	head(a, c, &call, r);
	call_done(&call);
}

void
do_head(struct adapter *a, const struct command *c, struct reply *r)
{
	struct call call;
	int64_t ttl;

	if (head(a, c, &call, r)) {
		reply_offset(r, "contentType", header(&call, "Content-Type"));
		if (str_to_i64(header(&call, "Stream-TTL"), &ttl))
			jw_pair_i64(&r->json, "ttlSeconds", ttl);
		reply_offset(r, "expiresAt", header(&call, "Stream-Expires-At"));
		jw_key(&r->json, "streamClosed");
		jw_bool(&r->json, durable_answer(buf_view(&call.headers)).closed);
	}
	call_done(&call);
}

void
do_delete(struct adapter *a, const struct command *c, struct reply *r)
{
	struct call call;

	call_init(&call, a, c, "DELETE");
	if (call_run(a, &call, c, r)) {
		free(map_del(&a->types, buf_view(&c->path)));
		jw_pair_i64(&r->json, "status", 200);
	}
	call_done(&call);
}

static void
report_answer(struct reply *r, const struct call *call, bool producer)
{
	struct durable_answer answer = durable_answer(buf_view(&call->headers));

	jw_pair_i64(&r->json, "status", producer ? call->status : 200);
	reply_offset(r, "offset", answer.offset);
	if (!producer)
		return;
	jw_key(&r->json, "duplicate");
	jw_bool(&r->json, call->status == 204);
	if (answer.epoch >= 0)
		jw_pair_i64(&r->json, "producerEpoch", answer.epoch);
	if (answer.seq >= 0)
		jw_pair_i64(&r->json, "producerSeq", answer.seq);
}

void
do_append(struct adapter *a, const struct command *c, struct reply *r)
{
	struct buf data = { 0 }, id = { 0 };
	const char *type = adapter_type(a, c);
	bool producer = json_get_text(c->json, "producerId", &id);
	struct call call;

	dynamic_step(a);
	command_data(c, &data);
	call_init(&call, a, c, "POST");
	dynamic_put(a, &call.request);
	call_body(&call, type, buf_view(&data));
	add_member(&call, c, "seq", "Stream-Seq");
	if (producer)
		durable_produce(&call.request, buf_view(&id), command_i64(c, "producerEpoch", 0),
		    command_i64(c, "producerSeq", 0));
	if (call_run(a, &call, c, r)) {
		report_answer(r, &call, producer);
		dynamic_report(a, r);
	}
	call_done(&call);
	buf_done(&data);
	buf_done(&id);
}

void
do_close(struct adapter *a, const struct command *c, struct reply *r)
{
	struct buf data = { 0 }, type = { 0 };
	struct call call;

	if (!json_get_text(c->json, "contentType", &type))
		buf_str(&type, str_from(adapter_type(a, c)));
	call_init(&call, a, c, "POST");
	command_data(c, &data);
	call_body(&call, buf_cstr(&type), buf_view(&data));
	http_request_header(&call.request, "Stream-Closed", STR("true"));
	if (call_run(a, &call, c, r)) {
		jw_pair_i64(&r->json, "status", 200);
		jw_pair(&r->json, "finalOffset", header(&call, "Stream-Next-Offset"));
	}
	call_done(&call);
	buf_done(&data);
	buf_done(&type);
}
