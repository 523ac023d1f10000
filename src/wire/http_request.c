#include "wire/http_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "wire/http_redact.h"

enum { ID_MAX = 4096 };

static char *
copy(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

void
http_way_copy(struct http_way *out, const struct http_way *w)
{
	*out = (struct http_way){ copy(w->ca), copy(w->cert), copy(w->key), copy(w->pin),
		copy(w->proxy), w->redirects_any };
}

void
http_way_done(struct http_way *w)
{
	/* It may hold a password. */
	if (w->proxy != NULL)
		explicit_bzero(w->proxy, strlen(w->proxy));
	free(w->proxy);
	free(w->ca);
	free(w->cert);
	free(w->key);
	free(w->pin);
	*w = (struct http_way){ 0 };
}

void
http_request_init(struct http_request *r, const char *method, struct str url)
{
	*r = (struct http_request){ .url = mem_str(url) };
	strncpy(r->method, method, sizeof r->method - 1);
}

void
http_request_done(struct http_request *r)
{
	for (size_t i = 0; i < r->nheaders; i++) {
		free(r->headers[i].name);
		/* It may be a token. */
		explicit_bzero(r->headers[i].value, strlen(r->headers[i].value));
		free(r->headers[i].value);
	}
	free(r->headers);
	http_way_done(&r->way);
	free(r->url);
	free(r->unix_socket);
	free(r->last_event_id);
	buf_done(&r->body);
	*r = (struct http_request){ 0 };
}

static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7F || strchr("()<>@,;:\\\"/[]?={}", s.p[i]) != NULL)
			return false;
	return s.n > 0;
}

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7F)
			return true;
	return false;
}

bool
http_is_header(struct str name, struct str value)
{
	return is_token(name) && !has_control(value);
}

bool
http_request_header(struct http_request *r, const char *name, struct str value)
{
	if (!http_is_header(str_from(name), value))
		return false;
	r->headers = mem_grow(r->headers, r->nheaders, &r->cap_headers, sizeof *r->headers);
	r->headers[r->nheaders++] = (struct http_header){ mem_strdup(name), mem_str(value),
		http_is_secret(str_from(name)) };
	return true;
}

bool
http_request_secret(struct http_request *r, const char *name, struct str value)
{
	if (!http_request_header(r, name, value))
		return false;
	r->headers[r->nheaders - 1].secret = true;
	return true;
}

void
http_request_body(struct http_request *r, const char *content_type, struct str body)
{
	http_request_header(r, "Content-Type", str_from(content_type));
	buf_set(&r->body, body);
	r->has_body = true;
}

void
http_request_copy(struct http_request *out, const struct http_request *r)
{
	*out = *r;
	out->url = mem_strdup(r->url);
	out->unix_socket = copy(r->unix_socket);
	out->last_event_id = copy(r->last_event_id);
	http_way_copy(&out->way, &r->way);
	out->headers = NULL;
	out->nheaders = out->cap_headers = 0;
	for (size_t i = 0; i < r->nheaders; i++) {
		http_request_header(out, r->headers[i].name, str_from(r->headers[i].value));
		out->headers[i].secret = r->headers[i].secret;
	}
	out->body = (struct buf){ 0 };
	buf_str(&out->body, buf_view(&r->body));
}

static bool
names(const struct http_request *r, const char *header)
{
	for (size_t i = 0; i < r->nheaders; i++)
		if (str_eq_nocase(str_from(r->headers[i].name), str_from(header)))
			return true;
	return false;
}

/* An id is the server's own, but one that would end the header is not given back. */
static bool
may_send_id(struct str id)
{
	bool ok = id.n <= ID_MAX && !has_control(id);

	if (!ok)
		log_write(LOG_WARN, "http: not resuming from an event id of %zu bytes%s", id.n,
		    id.n > ID_MAX ? "" : " with control characters");
	return ok && id.n > 0;
}

void
http_request_lines(const struct http_request *r, void (*line)(void *ctx, const char *line),
    void *ctx)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < r->nheaders; i++) {
		const struct http_header *h = &r->headers[i];

		/* A colon alone takes libcurl's own header away, a semicolon sends an empty one. */
		buf_printf(&b, h->value[0] != '\0' ? "%s: %s" : "%s;", h->name, h->value);
		line(ctx, buf_cstr(&b));
		explicit_bzero(b.p, b.n);
		buf_clear(&b);
	}
	if (r->stream && !names(r, "accept"))
		line(ctx, "Accept: text/event-stream");
	if (r->stream)
		line(ctx, "Cache-Control: no-cache");
	if (r->stream && may_send_id(str_from(r->last_event_id))) {
		buf_printf(&b, "Last-Event-ID: %s", r->last_event_id);
		line(ctx, buf_cstr(&b));
	}
	line(ctx, "Expect:");
	if (!names(r, "content-type"))
		line(ctx, "Content-Type:");
	buf_done(&b);
}

bool
http_request_follows(const struct http_request *r)
{
	for (size_t i = 0; i < r->nheaders; i++)
		/* libcurl drops Authorization when a redirect leaves the origin, no other. */
		if (r->headers[i].secret &&
		    !str_eq_nocase(str_from(r->headers[i].name), STR("authorization")))
			return false;
	return strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
}

size_t
http_request_body_max(const struct http_request *r)
{
	return r->max_body != 0 ? r->max_body : HTTP_BODY_MAX;
}

struct str
http_header(struct str headers, const char *name)
{
	struct str want = str_from(name);

	while (headers.p != NULL && headers.n > 0) {
		struct str value, line = str_cut(headers, '\n', &headers);

		if (str_eq_nocase(str_cut(line, ':', &value), want) && value.p != NULL)
			return str_trim(value);
	}
	return STR_NONE;
}

bool
http_wants_basic(struct str headers)
{
	while (headers.n > 0) {
		struct str value, line = str_cut(headers, '\n', &headers);

		if (str_eq_nocase(str_cut(line, ':', &value), STR("www-authenticate")) &&
		    str_eq_nocase(str_head(str_trim(value), 5), STR("Basic")))
			return true;
	}
	return false;
}

const char *
http_end_name(enum http_end end)
{
	static const char *const names[] = {
		[HTTP_DONE] = "done", [HTTP_CANCELLED] = "cancelled", [HTTP_REFUSED] = "refused",
		[HTTP_UNRESOLVED] = "unresolved", [HTTP_CONNECT_TIMEOUT] = "connect-timeout",
		[HTTP_HEAD_TIMEOUT] = "head-timeout", [HTTP_TIMEOUT] = "timeout", [HTTP_SILENT] = "silent",
		[HTTP_RESET] = "reset", [HTTP_TLS] = "tls", [HTTP_MALFORMED] = "malformed",
		[HTTP_REDIRECT] = "redirect", [HTTP_TOO_LARGE] = "too-large", [HTTP_OVERRUN] = "overrun",
		[HTTP_FAILED] = "failed",
	};

	return names[end];
}

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '.' || c == '_' || c == '~';
}

void
http_escape(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_unreserved(s.p[i]))
			buf_byte(out, s.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)s.p[i]);
}

struct str
http_url_authority(struct str url)
{
	size_t n = 0;

	url = str_skip(url, str_find(url, STR("//")) + 2);
	while (n < url.n && strchr("/?#\\", url.p[n]) == NULL)
		n++;
	return str_head(url, n);
}

/* 127.0.0.0/8 as four plain decimal numbers: other spellings may mean another address elsewhere. */
static bool
is_loopback_v4(struct str host)
{
	for (int i = 0; i < 4; i++) {
		struct str part = str_cut(host, '.', &host);
		uint64_t v;

		if (!str_to_u64(part, &v) || v > 255 || (part.n > 1 && part.p[0] == '0') ||
		    (i == 0 && v != 127) || (host.p == NULL) != (i == 3))
			return false;
	}
	return true;
}

bool
http_is_loopback(struct str authority)
{
	struct str port, host;

	if (str_eq(str_head(authority, 5), STR("[::1]")))
		return authority.n == 5 || authority.p[5] == ':';
	host = str_cut(authority, ':', &port);
	return str_find_byte(authority, '@') == authority.n &&
	    (str_eq_nocase(host, STR("localhost")) || is_loopback_v4(host));
}

bool
http_is_https(struct str url)
{
	return str_eq_nocase(str_head(url, 8), STR("https://"));
}
