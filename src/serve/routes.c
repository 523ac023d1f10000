#include "serve/routes.h"

#include "serve/durable.h"
#include "serve/metrics.h"
#include "serve/params.h"
#include "serve/sessions.h"

struct route {
	struct str prefix;
	bool whole;		/* the path ends there */
	void (*handle)(struct server *s, struct request *r, struct str rest);
};

struct reply *
routes_refuse(const struct request *r, int status, const char *why)
{
	if (str_starts(request_path(r), STR("/api/")))
		return session_failure(status, "REFUSED", why);
	return reply_error(status, why);
}

/* What a form of another site's page may send without the browser asking us first is no JSON. */
static bool
is_form(struct request *r)
{
	return request_method(r) == METHOD_POST && request_body(r)->n > 0 &&
	    str_starts(request_path(r), STR("/api/")) &&
	    !params_is_json(request_header(r, "Content-Type"));
}

void
routes_handle(struct server *s, struct request *r)
{
	static const struct route routes[] = {
		{ STR("/v1/stream/"), false, durable_handle },
		{ STR("/api/sessions"), false, sessions_handle },
		{ STR("/api/streams"), true, sessions_publish },
		{ STR("/healthz"), true, metrics_health },
		{ STR("/metrics"), true, metrics_handle },
	};
	struct str path = request_path(r);
	struct reply *p;

	if (request_method(r) == METHOD_OPTIONS) {
		p = reply_new(204, NULL);
		reply_header(p, "Allow", "GET, HEAD, PUT, POST, DELETE, OPTIONS");
		request_answer(r, p);
		return;
	}
	if (is_form(r)) {
		request_answer(r, routes_refuse(r, 415, "send application/json as Content-Type"));
		return;
	}
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		const struct route *route = &routes[i];

		if (!str_starts(path, route->prefix) || (route->whole && path.n > route->prefix.n))
			continue;
		route->handle(s, r, str_skip(path, route->prefix.n));
		return;
	}
	request_answer(r, reply_error(404, "there is nothing here"));
}
