#include "app/detect.h"

#include "app/loop.h"
#include "base/clock.h"
#include "wire/json.h"

enum { WAIT = 4000, BODY_MAX = 4 << 20 };

/* One answer, or as much of it as is of interest. */
struct answer {
	int status;			/* 0: there was none */
	struct buf headers, body;
};

static void
answer_done(struct answer *a)
{
	buf_done(&a->headers);
	buf_done(&a->body);
}

/* False: that is enough. */
static bool
take(struct answer *a, const struct http_message *m, bool head_only)
{
	if (m->kind == HTTP_HEAD) {
		a->status = m->status;
		buf_set(&a->headers, m->headers);
		return !head_only;
	}
	if (m->kind == HTTP_BODY && a->body.n + m->body.n <= BODY_MAX)
		buf_str(&a->body, m->body);
	return m->kind != HTTP_END;
}

static void
ask(struct http *http, struct http_request *r, bool head_only, struct answer *a)
{
	int64_t until = clock_mono() + WAIT;
	uint64_t id = http_send(http, r);
	struct http_message m;
	bool more = true;

	*a = (struct answer){ .status = 0 };
	while (more && clock_mono() < until) {
		struct pollfd fd = { .fd = http_fd(http), .events = POLLIN };

		loop_wait(&fd, 1, until);
		while (more && http_next(http, &m))
			more = m.request != id || take(a, &m, head_only);
	}
	http_cancel(http, id);
	http_request_done(r);
}

/* ---- a server without a path */

const struct mark detect_marks[] = {
	{ "/global/health", "healthy", &dialect_opencode },
	{ "/api/sessions?limit=1", "ok", &dialect_session },
	{ 0 }
};

bool
detect_has(const struct mark *m, int status, struct str headers, struct str body)
{
	struct str value, params;
	struct str type = str_trim(str_cut(http_header(headers, "content-type"), ';', &params));

	return status == 200 && str_eq_nocase(type, STR("application/json")) &&
	    json_get(body, m->member, &value);
}

bool
detect_is_server(const struct endpoint *ep)
{
	return endpoint_path(ep).n <= 1;
}

struct newest {
	struct buf target;
	int64_t time;
};

static void
on_session(void *ctx, const struct listed *s)
{
	struct newest *n = ctx;

	if (s->parent.n > 0 || (n->target.n > 0 && s->time < n->time))
		return;
	buf_set(&n->target, s->target);
	n->time = s->time;
}

static enum err
go_to_newest(struct access *a, struct http *http, const struct dialect *d, struct error *e)
{
	struct newest n = { .time = -1 };
	const struct listing_sink sink = { on_session, &n };
	struct http_request r = { 0 };
	struct answer got;
	struct buf next = { 0 };
	enum err err = d->list(access_endpoint(a), STR_NONE, &r, e);

	if (err != ERR_OK)
		return err;
	ask(http, &r, false, &got);
	err = d->listed(buf_view(&got.body), &sink, &next, e);
	if (err == ERR_OK && n.target.n == 0)
		err = error_set(e, ERR_GONE, "%s: the server (%s) has no session yet",
		    access_endpoint(a)->url, d->name);
	if (err == ERR_OK)
		access_go_to(a, buf_view(&n.target));
	answer_done(&got);
	buf_done(&next);
	buf_done(&n.target);
	return err;
}

static bool
has_mark(const struct access *a, struct http *http, const struct mark *m, bool *answered)
{
	struct http_request r = { 0 };
	struct answer got;
	bool has;

	if (endpoint_request_at(access_endpoint(a), "GET", str_from(m->target), &r, NULL) != ERR_OK)
		return false;
	ask(http, &r, false, &got);
	*answered = got.status != 0;
	has = detect_has(m, got.status, buf_view(&got.headers), buf_view(&got.body));
	answer_done(&got);
	return has;
}

static enum err
ask_server(struct access *a, struct http *http, const struct dialect **out, struct error *e)
{
	const struct dialect *better;
	bool answered = true;

	for (const struct mark *m = detect_marks; m->target != NULL && answered && *out == NULL; m++)
		if (has_mark(a, http, m, &answered))
			*out = m->dialect;
	if (*out == NULL)
		return ERR_OK;
	if (go_to_newest(a, http, *out, e) != ERR_OK)
		return e->code;
	/* A list may lead to where another dialect is better spoken. */
	better = dialect_guess(str_from(access_endpoint(a)->url));
	*out = better != NULL ? better : *out;
	return ERR_OK;
}

/* ---- an address with a path */

static const struct dialect *
ask_path(const struct access *a, struct http *http)
{
	const struct dialect *d = NULL;
	struct http_request r = { 0 };
	struct answer got;

	if (endpoint_request(access_endpoint(a), "GET", STR_NONE, &r, NULL) != ERR_OK)
		return NULL;
	r.stream = true;
	http_request_header(&r, "Accept", STR("text/event-stream, */*;q=0.5"));
	ask(http, &r, true, &got);
	if (http_header(buf_view(&got.headers), "stream-next-offset").n > 0)
		d = &dialect_durable;
	else if (got.status == 200)
		d = &dialect_sse;
	answer_done(&got);
	return d;
}

enum err
detect_dialect(struct access *a, const struct dialect **out, struct error *e)
{
	struct http *http;
	enum err err = access_wait(a, e);

	*out = NULL;
	if (err != ERR_OK)
		return err;
	http = http_new(e);
	if (http == NULL)
		return e->code;
	if (detect_is_server(access_endpoint(a)))
		err = ask_server(a, http, out, e);
	else
		*out = ask_path(a, http);
	http_free(http);
	return err;
}
