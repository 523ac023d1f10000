#include "wire/endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"

#define LOCAL_HOST "http://weir.local"

static enum err
not_a_url(struct str url, struct error *e)
{
	return error_set(e, ERR_USAGE, "\"%.*s\" is not a session's address: give http://HOST/PATH, "
	    "https://HOST/PATH or unix:/PATH.sock:/PATH", STR_ARG(url));
}

/* The path relative to the current directory where it is not absolute. */
static enum err
set_socket(struct endpoint *ep, struct str path, struct error *e)
{
	struct sockaddr_un address;
	struct buf full = { 0 };
	enum err err = ERR_OK;
	char *here = NULL;

	if (path.n > 0 && path.p[0] != '/') {
		here = getcwd(NULL, 0);
		if (here == NULL)
			return error_set(e, ERR_FAILED, "the current directory: %s; give an absolute path",
			    strerror(errno));
		buf_printf(&full, "%s/", here);
		path = str_starts(path, STR("./")) ? str_skip(path, 2) : path;
	}
	buf_str(&full, path);
	if (path.n == 0)
		err = error_set(e, ERR_USAGE, "unix: which socket? give unix:/PATH.sock:/PATH");
	else if (full.n >= sizeof address.sun_path)
		err = error_set(e, ERR_USAGE, "%s: the path of a socket may have %zu bytes, no more",
		    buf_cstr(&full), sizeof address.sun_path - 1);
	else
		ep->unix_socket = mem_str(buf_view(&full));
	free(here);
	buf_done(&full);
	return err;
}

/* Offset of the ':' behind the last ".sock", or the length. */
static size_t
end_of_socket(struct str s)
{
	for (size_t i = s.n; i >= 6; i--)
		if (str_eq(str_of(s.p + i - 6, 6), STR(".sock:")))
			return i - 1;
	return s.n;
}

static enum err
parse_unix(struct endpoint *ep, struct str s, struct error *e)
{
	size_t end = end_of_socket(s);
	struct str path = str_skip(s, end + 1);
	struct buf url = { 0 };

	buf_printf(&url, "%s%s%.*s", LOCAL_HOST, str_starts(path, STR("/")) ? "" : "/", STR_ARG(path));
	ep->url = mem_str(buf_view(&url));
	buf_done(&url);
	return set_socket(ep, str_head(s, end), e);
}

static bool
is_port(struct str s)
{
	uint64_t port;

	return str_to_u64(s, &port) && port > 0 && port < 65536;
}

/* "host", "host:port", "[address]:port". */
static bool
is_authority(struct str a)
{
	size_t host = str_find_byte(a, ':');

	if (str_starts(a, STR("[")))
		host = str_find_byte(a, ']') + 1;
	return host > 0 && host <= a.n &&
	    (host == a.n || (a.p[host] == ':' && is_port(str_skip(a, host + 1))));
}

static enum err
parse_http(struct endpoint *ep, struct str url, struct error *e)
{
	struct str authority = http_url_authority(url);
	size_t at = str_find_byte(authority, '@');

	if (at < authority.n)
		return error_set(e, ERR_USAGE, "%.*s: a user name or password does not belong in a URL, where "
		    "everybody sees it; give a token instead", STR_ARG(str_skip(authority, at + 1)));
	if (!is_authority(authority))
		return not_a_url(url, e);
	ep->url = mem_str(url);
	return ERR_OK;
}

/* "localhost:4437", "[::1]:4437/x": what a person types for http. */
static bool
is_bare_host(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '/' && s.p[n] != '?')
		n++;
	s = str_head(s, n);
	return is_authority(s) && n > 0 && s.p[n - 1] >= '0' && s.p[n - 1] <= '9' &&
	    str_find_byte(s, ':') < n;
}

static enum err
parse_bare(struct endpoint *ep, struct str s, struct error *e)
{
	struct buf url = { 0 };
	enum err err;

	buf_str(&url, STR("http://"));
	buf_str(&url, s);
	err = parse_http(ep, buf_view(&url), e);
	buf_done(&url);
	return err;
}

/* What must be escaped in a URL and is read in more than one way when it is not. */
static bool
is_ambiguous(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7F || s.p[i] == '\\')
			return true;
	return false;
}

static enum err
parse(struct endpoint *ep, struct str url, struct error *e)
{
	if (is_ambiguous(url))
		return error_set(e, ERR_USAGE, "an address has no blanks, backslashes or control characters; "
		    "write them as %%20, %%5C and the like");
	if (str_eq_nocase(str_head(url, 7), STR("http://")) ||
	    str_eq_nocase(str_head(url, 8), STR("https://")))
		return parse_http(ep, url, e);
	if (str_starts(url, STR("unix:")))
		return parse_unix(ep, str_skip(url, 5), e);
	if ((str_starts(url, STR("/")) || str_starts(url, STR("."))) && str_ends(url, STR(".sock")))
		return parse_unix(ep, url, e);
	if (is_bare_host(url))
		return parse_bare(ep, url, e);
	return not_a_url(url, e);
}

enum err
endpoint_parse(struct endpoint *ep, struct str url, struct error *e)
{
	enum err err;

	*ep = (struct endpoint){ 0 };
	err = parse(ep, str_head(url, str_find_byte(url, '#')), e);
	if (err != ERR_OK)
		endpoint_done(ep);
	return err;
}

void
endpoint_set_token(struct endpoint *ep, struct str token)
{
	if (ep->token != NULL)
		explicit_bzero(ep->token, strlen(ep->token));
	free(ep->token);
	ep->token = token.p != NULL ? mem_str(token) : NULL;
}

void
endpoint_drop_headers(struct endpoint *ep, bool secret_only)
{
	size_t kept = 0;

	for (size_t i = 0; i < ep->nheaders; i++) {
		struct http_header *h = &ep->headers[i];

		if (secret_only && !h->secret) {
			ep->headers[kept++] = *h;
			continue;
		}
		explicit_bzero(h->value, strlen(h->value));
		free(h->value);
		free(h->name);
	}
	ep->nheaders = kept;
}

void
endpoint_done(struct endpoint *ep)
{
	endpoint_set_token(ep, STR_NONE);
	endpoint_drop_headers(ep, false);
	free(ep->headers);
	http_way_done(&ep->way);
	free(ep->url);
	free(ep->unix_socket);
	*ep = (struct endpoint){ 0 };
}

static struct str
without_query(const struct endpoint *ep)
{
	struct str rest;

	return str_cut(str_from(ep->url), '?', &rest);
}

void
endpoint_name(const struct endpoint *ep, struct buf *out)
{
	struct str url = without_query(ep);

	if (ep->unix_socket != NULL) {
		buf_printf(out, "unix:%s:", ep->unix_socket);
		url = str_skip(url, STR(LOCAL_HOST).n);
	}
	buf_str(out, url);
}

struct str
endpoint_short(struct str name)
{
	struct str rest = name;

	while (rest.p != NULL) {
		struct str part = str_cut(rest, '/', &rest);

		if (part.n > 0 && (rest.n > 0 || !str_eq(part, STR("stream"))))
			name = part;
	}
	return name;
}

static struct str
behind_authority(struct str url)
{
	struct str authority = http_url_authority(url);

	return str_skip(url, (size_t)(authority.p + authority.n - url.p));
}

struct str
endpoint_target(const struct endpoint *ep)
{
	return behind_authority(str_from(ep->url));
}

struct str
endpoint_path(const struct endpoint *ep)
{
	return behind_authority(without_query(ep));
}

struct str
endpoint_last(const struct endpoint *ep)
{
	struct str url = without_query(ep);
	size_t at = url.n;

	while (at > 0 && url.p[at - 1] != '/')
		at--;
	return str_skip(url, at);
}

bool
endpoint_is_agent(const struct endpoint *ep)
{
	return str_starts(endpoint_last(ep), STR("agent:"));
}

/* What the protocol, the connection or another option is there for. */
static bool
is_reserved(struct str name)
{
	static const char *const names[] = { "accept", "accept-encoding", "authorization",
		"cache-control", "connection", "content-encoding", "content-length", "content-type", "expect",
		"host", "http2-settings", "keep-alive", "last-event-id", "proxy-authorization",
		"proxy-connection", "range", "te", "trailer", "transfer-encoding", "upgrade" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq_nocase(name, str_from(names[i])))
			return true;
	return str_eq_nocase(str_head(name, 9), STR("producer-")) ||
	    str_eq_nocase(str_head(name, 7), STR("stream-"));
}

enum err
endpoint_add_header(struct endpoint *ep, struct str line, bool secret, struct error *e)
{
	struct str value, name = str_cut(line, ':', &value);

	/* The value is not repeated in a message: it may be a secret. */
	if (value.p == NULL)
		return error_set(e, ERR_USAGE, "a header is written NAME: VALUE");
	if (is_reserved(name))
		return error_set(e, ERR_USAGE, "%.*s: weir sets this header itself", STR_ARG(name));
	value = str_trim(value);
	if (!http_is_header(name, value))
		return error_set(e, ERR_USAGE, "%.*s: a header's name has no blanks and its value no control "
		    "characters", STR_ARG(name));
	ep->headers = mem_grow(ep->headers, ep->nheaders, &ep->cap_headers, sizeof *ep->headers);
	ep->headers[ep->nheaders++] = (struct http_header){ mem_str(name), mem_str(value), secret };
	return ERR_OK;
}

bool
endpoint_is_private(const struct endpoint *ep)
{
	struct str url = str_from(ep->url);

	return http_is_https(url) || ep->unix_socket != NULL || ep->plaintext ||
	    http_is_loopback(http_url_authority(url));
}

static bool
has_secret(const struct endpoint *ep)
{
	for (size_t i = 0; i < ep->nheaders; i++)
		if (ep->headers[i].secret)
			return true;
	return ep->token != NULL;
}

static enum err
add_token(const struct endpoint *ep, struct http_request *r, struct error *e)
{
	struct buf value = { 0 };
	bool added;

	/* All of it at once: growing would leave copies behind. */
	buf_room(&value, 16 + 2 * strlen(ep->token));
	buf_str(&value, ep->basic ? STR("Basic ") : STR("Bearer "));
	if (ep->basic)
		base64_encode(str_from(ep->token), &value);
	else
		buf_str(&value, str_from(ep->token));
	added = http_request_secret(r, "Authorization", buf_view(&value));
	explicit_bzero(value.p, value.n);
	buf_done(&value);
	return added ? ERR_OK : error_set(e, ERR_USAGE, "the token has a control character in it");
}

static enum err
add_headers(const struct endpoint *ep, struct http_request *r, struct error *e)
{
	if (has_secret(ep) && !endpoint_is_private(ep))
		return error_set(e, ERR_DENIED, "%.*s: the token is not sent over http, where it could be read "
		    "on the way; use https or --allow-plaintext",
		    STR_ARG(http_url_authority(str_from(ep->url))));
	for (size_t i = 0; i < ep->nheaders; i++) {
		const struct http_header *h = &ep->headers[i];

		if (h->secret)
			http_request_secret(r, h->name, str_from(h->value));
		else
			http_request_header(r, h->name, str_from(h->value));
	}
	return ep->token != NULL ? add_token(ep, r, e) : ERR_OK;
}

static enum err
make_request(const struct endpoint *ep, const char *method, struct str url, struct http_request *out,
    struct error *e)
{
	enum err err;

	http_request_init(out, method, url);
	if (ep->unix_socket != NULL)
		out->unix_socket = mem_strdup(ep->unix_socket);
	http_way_copy(&out->way, &ep->way);
	err = add_headers(ep, out, e);
	if (err != ERR_OK)
		http_request_done(out);
	return err;
}

enum err
endpoint_request(const struct endpoint *ep, const char *method, struct str query,
    struct http_request *out, struct error *e)
{
	struct buf url = { 0 };
	enum err err;

	buf_str(&url, str_from(ep->url));
	if (query.n > 0)
		buf_byte(&url, strchr(ep->url, '?') != NULL ? '&' : '?');
	buf_str(&url, query);
	err = make_request(ep, method, buf_view(&url), out, e);
	buf_done(&url);
	return err;
}

enum err
endpoint_request_at(const struct endpoint *ep, const char *method, struct str target,
    struct http_request *out, struct error *e)
{
	struct str url = str_from(ep->url), authority = http_url_authority(url);
	struct buf whole = { 0 };
	enum err err;

	buf_str(&whole, str_head(url, (size_t)(authority.p + authority.n - url.p)));
	buf_str(&whole, target);
	err = make_request(ep, method, buf_view(&whole), out, e);
	buf_done(&whole);
	return err;
}
