#include "tests/conformance/adapter.h"

#include <string.h>

#include "base/clock.h"

/* What one operation moved. */
struct moved {
	uint64_t bytes, messages;
};

/* The body of an append: that many bytes, of a JSON stream a string of them. */
static void
fill(struct buf *out, const char *type, int64_t size)
{
	bool json = strncmp(type, "application/json", 16) == 0;

	if (json)
		buf_byte(out, '"');
	buf_fill(out, '*', size > 0 ? (size_t)size : 0);
	if (json)
		buf_byte(out, '"');
}

static bool
bench_create(struct adapter *a, const struct command *c, struct reply *r)
{
	struct reply made = { .json.out = &(struct buf){ 0 } };
	bool ok;

	do_create(a, c, &made);
	ok = made.code == NULL;
	if (!ok)
		reply_error(r, made.code, made.status, "%.*s", STR_ARG(buf_view(&made.message)));
	buf_done(made.json.out);
	buf_done(&made.message);
	return ok;
}

static bool
bench_append(struct adapter *a, const struct command *c, struct reply *r, struct moved *m)
{
	int64_t size = command_i64(c, "size", 0);
	const char *type = adapter_type(a, c);
	struct buf data = { 0 };
	struct call call;
	bool ok;

	fill(&data, type, size);
	call_init(&call, a, c, "POST");
	call_body(&call, type, buf_view(&data));
	ok = call_run(a, &call, c, r);
	m->bytes += (uint64_t)size;
	m->messages++;
	call_done(&call);
	buf_done(&data);
	return ok;
}

static bool
bench_read(struct adapter *a, const struct command *c, struct reply *r, struct moved *m)
{
	struct buf url = { 0 }, offset = { 0 };
	struct reading what = { 0 };
	struct error e;
	bool ok;

	adapter_url(a, c, &url);
	json_get_text(c->json, "offset", &offset);
	what.url = buf_view(&url);
	what.offset = buf_view(&offset);
	ok = reading_run(a, &what, &e);
	if (!ok)
		reply_error(r, "INTERNAL_ERROR", 0, "%s", e.text);
	m->bytes += what.bytes;
	m->messages += what.records;
	buf_done(&url);
	buf_done(&offset);
	return ok;
}

struct echo {
	struct adapter *a;
	struct buf url, data;
	const char *type;
};

/* The reader is there: now something comes for it. */
static void
send_echo(void *ctx)
{
	struct echo *e = ctx;
	struct http_request r;
	struct buf body = { 0 };
	bool json = strncmp(e->type, "application/json", 16) == 0;

	buf_printf(&body, json ? "[%s]" : "%s", buf_cstr(&e->data));
	http_request_init(&r, "POST", buf_view(&e->url));
	http_request_body(&r, e->type, buf_view(&body));
	http_send(e->a->http, &r);
	http_request_done(&r);
	buf_done(&body);
}

static bool
bench_roundtrip(struct adapter *a, const struct command *c, struct reply *r, struct moved *m)
{
	int64_t size = command_i64(c, "size", 0);
	struct echo echo = { .a = a };
	struct reading what = { .live = true, .ready = send_echo, .ctx = &echo };
	struct buf live = { 0 };
	struct error e;
	bool ok = bench_create(a, c, r);

	if (!ok)
		return false;
	adapter_url(a, c, &echo.url);
	echo.type = adapter_type(a, c);
	fill(&echo.data, echo.type, size);
	json_get_text(c->json, "live", &live);
	what.url = buf_view(&echo.url);
	what.polls = str_eq(buf_view(&live), STR("long-poll"));
	ok = reading_run(a, &what, &e);
	if (!ok)
		reply_error(r, "INTERNAL_ERROR", 0, "%s", e.text);
	m->bytes += (uint64_t)size + what.bytes;
	m->messages += what.records;
	buf_done(&echo.url);
	buf_done(&echo.data);
	buf_done(&live);
	return ok;
}

static bool
bench_flood(struct adapter *a, const struct command *c, struct reply *r, struct moved *m)
{
	int64_t size = command_i64(c, "size", 0), count = command_i64(c, "count", 0);
	struct buf item = { 0 };
	struct error e;
	bool ok;

	if (map_get(&a->types, buf_view(&c->path)) == NULL && !bench_create(a, c, r))
		return false;
	fill(&item, adapter_type(a, c), size);
	ok = writer_flood(a, c, buf_view(&item), count, &e);
	if (!ok)
		reply_error(r, "INTERNAL_ERROR", 0, "%s", e.text);
	m->bytes += (uint64_t)(size * count);
	m->messages += (uint64_t)count;
	buf_done(&item);
	return ok;
}

static bool
bench_run(struct adapter *a, const struct command *c, struct str op, struct reply *r,
    struct moved *m)
{
	if (str_eq(op, STR("append")))
		return bench_append(a, c, r, m);
	if (str_eq(op, STR("read")) || str_eq(op, STR("throughput_read")))
		return bench_read(a, c, r, m);
	if (str_eq(op, STR("roundtrip")))
		return bench_roundtrip(a, c, r, m);
	if (str_eq(op, STR("create")))
		return bench_create(a, c, r);
	if (str_eq(op, STR("throughput_append")))
		return bench_flood(a, c, r, m);
	reply_error(r, "NOT_SUPPORTED", 0, "there is no benchmark \"%.*s\"", STR_ARG(op));
	return false;
}

static void
report(struct reply *r, const struct moved *m, int64_t ns)
{
	int64_t per = ns > 0 ? ns : 1;
	struct buf text = { 0 };

	buf_printf(&text, "%lld", (long long)ns);
	jw_pair(&r->json, "durationNs", buf_view(&text));
	jw_key(&r->json, "metrics");
	jw_object(&r->json);
	jw_pair_i64(&r->json, "bytesTransferred", (int64_t)m->bytes);
	jw_pair_i64(&r->json, "messagesProcessed", (int64_t)m->messages);
	jw_pair_i64(&r->json, "opsPerSecond", (int64_t)((double)m->messages * 1e9 / (double)per));
	jw_pair_i64(&r->json, "bytesPerSecond", (int64_t)((double)m->bytes * 1e9 / (double)per));
	jw_end_object(&r->json);
	buf_done(&text);
}

void
do_benchmark(struct adapter *a, const struct command *c, struct reply *r)
{
	struct command inner = { 0 };
	struct buf op = { 0 };
	struct moved m = { 0 };
	int64_t began;
	struct str id;

	if (!json_get(c->json, "operation", &inner.json) || !json_get_text(inner.json, "op", &op)) {
		reply_error(r, "INVALID_ARGUMENT", 0, "benchmark without an operation");
		return;
	}
	buf_str(&inner.type, buf_view(&c->type));
	json_get_text(inner.json, "path", &inner.path);
	began = clock_mono_ns();
	if (bench_run(a, &inner, buf_view(&op), r, &m)) {
		if (json_get(c->json, "iterationId", &id)) {
			jw_key(&r->json, "iterationId");
			jw_raw(&r->json, id);
		}
		report(r, &m, clock_mono_ns() - began);
	}
	buf_done(&inner.type);
	buf_done(&inner.path);
	buf_done(&op);
}
