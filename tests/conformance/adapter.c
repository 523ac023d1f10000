#include "tests/conformance/adapter.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/conformance/headers.h"

/* ---- replies */

void
reply_error(struct reply *r, const char *code, int status, const char *fmt, ...)
{
	va_list ap;

	r->code = code;
	r->status = status;
	buf_clear(&r->message);
	va_start(ap, fmt);
	buf_vprintf(&r->message, fmt, ap);
	va_end(ap);
}

static const char *
conflict(const struct command *c, struct str headers)
{
	struct str seq;

	if (str_eq_nocase(http_header(headers, "Stream-Closed"), STR("true")))
		return "STREAM_CLOSED";
	if (json_get(c->json, "seq", &seq) || http_header(headers, "Producer-Expected-Seq").n > 0)
		return "SEQUENCE_CONFLICT";
	return "CONFLICT";
}

void
reply_status(struct reply *r, const struct command *c, int status, struct str headers)
{
	bool reads = str_eq(buf_view(&c->type), STR("read"));
	const char *code = "UNEXPECTED_STATUS", *why = "the server refuses it";

	if (status == 404) {
		code = "NOT_FOUND";
		why = "there is no such stream";
	} else if (status == 409) {
		code = conflict(c, headers);
		why = strcmp(code, "STREAM_CLOSED") == 0 ? "the stream is closed" :
		    "the stream is not as expected";
	} else if (status == 400 && reads) {
		code = "INVALID_OFFSET";
		why = "the server knows no such offset";
	}
	reply_error(r, code, status, "%.*s: %s (status %d)", STR_ARG(buf_view(&c->path)), why, status);
}

void
reply_offset(struct reply *r, const char *key, struct str offset)
{
	if (offset.n > 0)
		jw_pair(&r->json, key, offset);
}

/* ---- commands */

bool
command_bool(const struct command *c, const char *key)
{
	struct str raw;

	return json_get(c->json, key, &raw) && str_eq(raw, STR("true"));
}

int64_t
command_i64(const struct command *c, const char *key, int64_t otherwise)
{
	int64_t v;

	return json_get_i64(c->json, key, &v) ? v : otherwise;
}

bool
command_data(const struct command *c, struct buf *out)
{
	struct buf text = { 0 };
	bool there = json_get_text(c->json, "data", &text);

	if (there && command_bool(c, "binary"))
		there = base64_decode(buf_view(&text), out);
	else
		buf_str(out, buf_view(&text));
	buf_done(&text);
	return there;
}

void
command_headers(const struct command *c, struct http_request *r)
{
	struct str headers;

	if (json_get(c->json, "headers", &headers))
		headers_add(r, headers);
}

void
adapter_url(const struct adapter *a, const struct command *c, struct buf *out)
{
	buf_str(out, buf_view(&a->server));
	buf_str(out, buf_view(&c->path));
}

void
adapter_wait(struct adapter *a, int64_t until)
{
	struct pollfd p = { .fd = http_fd(a->http), .events = POLLIN };
	int64_t now = clock_mono(), left = until > now ? until - now : 0;

	poll(&p, 1, left > 60000 ? 60000 : (int)left);
}

void
adapter_set_type(struct adapter *a, struct str path, struct str type)
{
	if (type.n > 0)
		free(map_put(&a->types, path, mem_str(type)));
}

const char *
adapter_type(struct adapter *a, const struct command *c)
{
	struct call call;
	const char *type = map_get(&a->types, buf_view(&c->path));

	if (type == NULL) {
		call_init(&call, a, c, "HEAD");
		call_send(a, &call);
		if (call.status == 200)
			adapter_set_type(a, buf_view(&c->path),
			    http_header(buf_view(&call.headers), "Content-Type"));
		call_done(&call);
		type = map_get(&a->types, buf_view(&c->path));
	}
	return type != NULL ? type : "application/octet-stream";
}

/* ---- values that change */

void
dynamic_step(struct adapter *a)
{
	for (size_t i = 0; i < a->ndynamics; i++) {
		struct dynamic *d = &a->dynamics[i];

		buf_clear(&d->value);
		if (d->kind == DYNAMIC_COUNTER)
			buf_printf(&d->value, "%lld", (long long)++d->count);
		else if (d->kind == DYNAMIC_TIMESTAMP)
			buf_printf(&d->value, "%lld", (long long)clock_wall());
		else
			buf_str(&d->value, str_from(d->initial));
	}
}

static void
put_param(struct http_request *r, const struct dynamic *d)
{
	struct buf url = { 0 };

	buf_printf(&url, "%s%c", r->url, strchr(r->url, '?') != NULL ? '&' : '?');
	http_escape(&url, str_from(d->name));
	buf_byte(&url, '=');
	http_escape(&url, buf_view(&d->value));
	free(r->url);
	r->url = mem_strdup(buf_cstr(&url));
	buf_done(&url);
}

void
dynamic_put(const struct adapter *a, struct http_request *r)
{
	for (size_t i = 0; i < a->ndynamics; i++) {
		const struct dynamic *d = &a->dynamics[i];

		if (d->param)
			put_param(r, d);
		else
			http_request_header(r, d->name, buf_view(&d->value));
	}
}

static void
report(const struct adapter *a, struct reply *r, const char *key, bool params)
{
	bool any = false;

	for (size_t i = 0; i < a->ndynamics; i++) {
		const struct dynamic *d = &a->dynamics[i];

		if (d->param != params)
			continue;
		if (!any) {
			jw_key(&r->json, key);
			jw_object(&r->json);
		}
		any = true;
		jw_pair(&r->json, d->name, buf_view(&d->value));
	}
	if (any)
		jw_end_object(&r->json);
}

void
dynamic_report(const struct adapter *a, struct reply *r)
{
	report(a, r, "headersSent", false);
	report(a, r, "paramsSent", true);
}

/* The one of this name, made when it is not there. */
static struct dynamic *
dynamic_of(struct adapter *a, struct str name, bool param)
{
	for (size_t i = 0; i < a->ndynamics; i++)
		if (a->dynamics[i].param == param && str_eq(str_from(a->dynamics[i].name), name))
			return &a->dynamics[i];
	a->dynamics = mem_grow(a->dynamics, a->ndynamics, &a->cap_dynamics, sizeof *a->dynamics);
	a->dynamics[a->ndynamics] = (struct dynamic){ .name = mem_str(name), .param = param };
	return &a->dynamics[a->ndynamics++];
}

void
dynamic_set(struct adapter *a, const struct command *c, bool param)
{
	struct buf name = { 0 }, type = { 0 }, initial = { 0 };
	struct dynamic *d;

	json_get_text(c->json, "name", &name);
	json_get_text(c->json, "valueType", &type);
	json_get_text(c->json, "initialValue", &initial);
	d = dynamic_of(a, buf_view(&name), param);
	d->kind = str_eq(buf_view(&type), STR("counter")) ? DYNAMIC_COUNTER :
	    str_eq(buf_view(&type), STR("timestamp")) ? DYNAMIC_TIMESTAMP : DYNAMIC_TOKEN;
	d->count = 0;
	free(d->initial);
	d->initial = mem_str(buf_view(&initial));
	buf_done(&name);
	buf_done(&type);
	buf_done(&initial);
}

void
dynamic_clear(struct adapter *a)
{
	for (size_t i = 0; i < a->ndynamics; i++) {
		free(a->dynamics[i].name);
		free(a->dynamics[i].initial);
		buf_done(&a->dynamics[i].value);
	}
	a->ndynamics = 0;
}
