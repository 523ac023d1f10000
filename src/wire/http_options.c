#include "wire/http_options.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/http_request.h"

enum { REDIRECTS_MAX = 5, CONNECT_TIMEOUT = 10000 };

/* What libcurl has no option for before 8.9, and no descriptor for child processes. */
static int
on_socket(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
	const struct http_request *r = ctx;
	int probes = 3, timeout = 60000;

	(void)purpose;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (r->unix_socket == NULL) {
		setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
	}
	return CURL_SOCKOPT_OK;
}

/* The same for every request. All other time limits are http.c's own. */
static void
set_connection(CURL *c, bool fresh_names)
{
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	/* Without it removing a handle waits for the resolver's thread. */
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT);
	curl_easy_setopt(c, CURLOPT_DNS_CACHE_TIMEOUT, fresh_names ? 0L : 60L);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPIDLE, 30L);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPINTVL, 10L);
	curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, 60L);
	curl_easy_setopt(c, CURLOPT_MAXLIFETIME_CONN, 600L);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_UNRESTRICTED_AUTH, 0L);
	curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "weir/" PACKAGE_VERSION);
}

static bool
is_direct(const struct http_request *r)
{
	return r->unix_socket != NULL || http_is_loopback(http_url_authority(str_from(r->url)));
}

static void
set_route(CURL *c, const struct http_request *r)
{
	bool https = http_is_https(str_from(r->url));

	curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_SOCKOPTDATA, r);
	curl_easy_setopt(c, CURLOPT_URL, r->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, https ? "https" : "http,https");
	/* HTTP/2 without TLS is broken in 7.88. */
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
	    (long)(https ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
	if (r->unix_socket != NULL)
		curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, r->unix_socket);
	/* NULL leaves it to the environment. */
	curl_easy_setopt(c, CURLOPT_PROXY, is_direct(r) ? "" : r->way.proxy);
}

/* Who the server must be, and who we are. */
static void
set_tls(CURL *c, const struct http_way *way)
{
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	if (way->ca != NULL) {
		curl_easy_setopt(c, CURLOPT_CAINFO, way->ca);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	if (way->pin != NULL)
		curl_easy_setopt(c, CURLOPT_PINNEDPUBLICKEY, way->pin);
	if (way->cert == NULL)
		return;
	curl_easy_setopt(c, CURLOPT_SSLCERT, way->cert);
	curl_easy_setopt(c, CURLOPT_SSLKEY, way->key != NULL ? way->key : way->cert);
	/* Without it OpenSSL asks the terminal for the password of an encrypted key. */
	curl_easy_setopt(c, CURLOPT_KEYPASSWD, "");
}

/* The connection alone, in which nothing but HTTP/1.1 can become something else. */
static void
set_bare(CURL *c)
{
	curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_HTTPPROXYTUNNEL, 1L);
}

static void
set_method(CURL *c, const struct http_request *r)
{
	bool posts = strcmp(r->method, "POST") == 0;

	if (posts || r->has_body) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body.n > 0 ? r->body.p : "");
	}
	if (strcmp(r->method, "HEAD") == 0)
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	else if (!posts && strcmp(r->method, "GET") != 0)
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
}

static void
add_header(void *ctx, const char *line)
{
	struct curl_slist **list = ctx;

	*list = curl_slist_append(*list, line);
}

struct curl_slist *
http_options_set(void *easy, const struct http_request *r, const struct http_options *o)
{
	struct curl_slist *headers = NULL;

	set_connection(easy, o->fresh_names);
	set_tls(easy, &r->way);
	set_route(easy, r);
	set_method(easy, r);
	if (r->websocket)
		set_bare(easy);
	http_request_lines(r, add_header, &headers);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	if (o->decodes)
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, o->follows ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, o->shares ? 1L : 0L);
	return headers;
}

/* ---- redirects */

/* "https://host:port" of what was set, with the port even when it is the usual one. */
static bool
put_origin(CURLU *u, struct buf *out)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	bool ok = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;

	buf_clear(out);
	if (ok)
		buf_printf(out, "%s://%s:%s", scheme, host, port);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	return ok;
}

static bool
is_followed(struct str from, struct str to)
{
	return http_is_https(to) || (!http_is_https(from) && str_starts(to, STR("http://")));
}

bool
http_options_leaves(const char *from, struct str to, struct buf *origin)
{
	CURLU *u = curl_url();
	struct buf here = { 0 };
	char *location = mem_str(to);
	bool leaves = u != NULL && curl_url_set(u, CURLUPART_URL, from, 0) == CURLUE_OK &&
	    put_origin(u, &here) &&
	    curl_url_set(u, CURLUPART_URL, location, CURLU_URLENCODE) == CURLUE_OK &&
	    put_origin(u, origin) && is_followed(buf_view(&here), buf_view(origin)) &&
	    !str_eq_nocase(buf_view(&here), buf_view(origin));

	curl_url_cleanup(u);
	free(location);
	buf_done(&here);
	return leaves;
}
