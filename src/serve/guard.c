#include "serve/guard.h"

#include <string.h>

#include "serve/token.h"

enum { HEADERS_MAX = 100 };

static const char *const loopback_names[] = { "127.0.0.1", "localhost", "[::1]", NULL };
/* Not for TCP: names under .local are given out by anyone on the network. */
static const char *const socket_names[] = { "weir.local", "weir", NULL };

static bool
in_list(const char *const *list, struct str s)
{
	for (; list != NULL && *list != NULL; list++)
		if (str_eq_nocase(str_from(*list), s))
			return true;
	return false;
}

/* "name" or "name:port" without the port; false when the port is none. */
static bool
split_port(struct str authority, struct str *name)
{
	size_t at = authority.n;
	uint64_t port;

	*name = authority;
	while (at > 0 && authority.p[at - 1] >= '0' && authority.p[at - 1] <= '9')
		at--;
	if (at == 0 || authority.p[at - 1] != ':')
		return authority.n > 0 && authority.p[authority.n - 1] != ':';
	*name = str_head(authority, at - 1);
	return at < authority.n && str_to_u64(str_skip(authority, at), &port) && port <= 65535;
}

static bool
host_allowed(const struct guard *g, struct str authority, bool local)
{
	struct str name;

	if (!split_port(authority, &name))
		return false;
	return in_list(loopback_names, name) || (local && in_list(socket_names, name)) ||
	    in_list(g->hosts, name);
}

struct str
guard_allow_origin(const struct guard *g, struct str origin)
{
	for (const char *const *o = g->origins; origin.p != NULL && o != NULL && *o != NULL; o++) {
		if (str_eq(str_from(*o), STR("*")))
			return STR("*");
		if (str_eq(str_from(*o), origin))
			return origin;
	}
	return STR_NONE;
}

static bool
is_token(struct str s)
{
	static const char specials[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');

		if (!alnum && (c == '\0' || strchr(specials, c) == NULL))
			return false;
	}
	return s.n > 0;
}

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 ? s.p[i] != '\t' : s.p[i] == 0x7f)
			return true;
	return false;
}

void
guard_header(struct guard_request *r, struct str name, struct str value)
{
	struct str v = str_trim(value);

	r->headers++;
	if (!is_token(name) || has_control(v))
		r->bad = true;
	if (str_eq_nocase(name, STR("host"))) {
		r->hosts++;
		r->host = v;
	} else if (str_eq_nocase(name, STR("origin"))) {
		r->origins++;
		r->origin = v;
	} else if (str_eq_nocase(name, STR("sec-fetch-site"))) {
		r->site = v;
	} else if (str_eq_nocase(name, STR("authorization"))) {
		r->authorizations++;
		r->authorization = v;
	} else if (str_eq_nocase(name, STR("content-length"))) {
		r->lengths++;
		if (v.n == 0 || v.p[0] == '-' || !str_to_u64(v, &r->length))
			r->bad = true;
	} else if (str_eq_nocase(name, STR("transfer-encoding"))) {
		r->codings++;
		if (!str_eq_nocase(v, STR("chunked")))
			r->bad = true;
	}
}

bool
guard_framing(const struct guard_request *r)
{
	return !r->bad && r->lengths + r->codings <= 1;
}

int
guard_check(const struct guard *g, struct guard_request *r, const char **why)
{
	bool open = guard_allow_origin(g, r->origin).p != NULL;

	*why = "the headers are malformed";
	if (!guard_framing(r))
		return 400;
	*why = "too many headers";
	if (r->headers > HEADERS_MAX)
		return 431;
	*why = "the request needs exactly one Host and at most one Origin";
	if (r->hosts != 1 || r->origins > 1)
		return 400;
	*why = "the server is not known by this Host";
	if (!host_allowed(g, r->host, r->local) ||
	    (r->authority.p != NULL && !host_allowed(g, r->authority, r->local)))
		return 421;
	*why = "this Origin is not allowed; start the server with --cors to allow it";
	if (r->origin.p != NULL && !open)
		return 403;
	*why = "cross-site requests are not allowed";
	if (r->site.p != NULL && !open && guard_allow_origin(g, STR("any")).p == NULL &&
	    !str_eq(r->site, STR("same-origin")) && !str_eq(r->site, STR("none")))
		return 403;
	*why = "a token is needed";
	if (g->token.n > 0 && !r->local && !(r->preflight && open) &&
	    (r->authorizations != 1 || !token_matches(r->authorization, g->token, &r->user)))
		return 401;
	*why = NULL;
	return 0;
}

bool
guard_target(struct str target, struct str *authority, struct str *path, struct str *query)
{
	struct str rest = target;

	*authority = STR_NONE;
	if (str_eq_nocase(str_head(target, 7), STR("http://"))) {
		rest = str_skip(target, 7);
		*authority = str_head(rest, str_find_byte(rest, '/'));
		rest = str_skip(rest, authority->n);
	}
	if (rest.n == 0 || rest.p[0] != '/')
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] <= 0x20 || rest.p[i] > 0x7e || rest.p[i] == '#')
			return false;
	*path = str_cut(rest, '?', query);
	return true;
}
