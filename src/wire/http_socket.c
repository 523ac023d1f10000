#include "wire/http_socket.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/mem.h"
#include "wire/http_redact.h"
#include "wire/http_request.h"
#include "wire/websocket.h"

enum {
	READ = 16 << 10,
	MESSAGE_MAX = 8 << 20,
	UNSENT_MAX = 64 << 10	/* a server that asks and asks and reads no answer */
};

struct http_socket {
	CURL *easy;
	struct http_response *response;
	struct buf out, line;		/* what is to be sent; of a head, what came of it */
	struct buf accept;		/* what the server must answer to the key, and what it did */
	int status;
	bool accepted;
	struct websocket frames;
	bool closing;			/* the last frame is on its way */
};

/* ---- the handshake */

static void
random_bytes(unsigned char *p, size_t n)
{
	if (getrandom(p, n, 0) != (ssize_t)n)
		abort();
}

static void
add_line(void *ctx, const char *line)
{
	size_t n = strlen(line);

	/* In the form libcurl wants: a name with a colon alone is one it is to leave out. */
	if (n > 0 && line[n - 1] == ':')
		return;
	buf_add(ctx, line, n > 0 && line[n - 1] == ';' ? n - 1 : n);
	buf_str(ctx, n > 0 && line[n - 1] == ';' ? STR(":\r\n") : STR("\r\n"));
}

static void
write_head(struct http_socket *s)
{
	const struct http_request *r = s->response->request;
	struct str url = str_from(r->url), authority = http_url_authority(url);
	struct str target = str_skip(url, (size_t)(authority.p + authority.n - url.p));
	unsigned char random[WEBSOCKET_KEY];
	struct buf key = { 0 };

	random_bytes(random, sizeof random);
	websocket_key(random, &key);
	websocket_accept(buf_view(&key), &s->accept);
	buf_printf(&s->out, "GET %s%.*s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: weir/" PACKAGE_VERSION "\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: %s\r\n", str_starts(target, STR("/")) ? "" : "/", STR_ARG(target),
	    STR_ARG(authority), buf_cstr(&key));
	http_request_lines(r, add_line, &s->out);
	buf_str(&s->out, STR("\r\n"));
	if (log_wants(LOG_DEBUG))
		http_log_head(s->response->id, '>', buf_view(&s->out), r);
	buf_done(&key);
}

static int
status_of(struct str line)
{
	struct str rest, version = str_cut(line, ' ', &rest);
	uint64_t status;

	return str_starts(version, STR("HTTP/1.")) && str_to_u64(str_head(rest, 3), &status) &&
	    status >= 100 ? (int)status : 0;
}

/* Whoever answers 101 has understood what it is to become. */
static bool
take_line(struct http_socket *s, struct str line)
{
	struct str value, name = str_cut(line, ':', &value);

	if (str_starts(line, STR("HTTP/")))
		s->status = status_of(line);
	else if (str_eq_nocase(name, STR("Sec-WebSocket-Accept")))
		s->accepted = str_eq(str_trim(value), buf_view(&s->accept));
	if (s->status == 0 || (s->status == 101 && str_trim(line).n == 0 && !s->accepted))
		return false;
	return http_response_header(s->response, line, s->status);
}

/* What stands behind the head is left in `bytes`. False: it is no head of HTTP. */
static bool
take_head(struct http_socket *s, struct str *bytes)
{
	while (bytes->n > 0 && !s->response->has_head) {
		size_t n = str_find_byte(*bytes, '\n');
		bool whole = n < bytes->n;

		n += whole;
		buf_str(&s->line, str_head(*bytes, n));
		*bytes = str_skip(*bytes, n);
		if (!whole)
			return s->line.n < READ;
		if (!take_line(s, buf_view(&s->line)))
			return false;
		buf_clear(&s->line);
	}
	return true;
}

/* ---- frames */

static void
send_frame(struct http_socket *s, enum websocket_kind kind, struct str bytes)
{
	unsigned char mask[WEBSOCKET_MASK];

	random_bytes(mask, sizeof mask);
	websocket_frame(&s->out, kind, bytes, mask);
}

static void
on_message(void *ctx, enum websocket_kind kind, struct str bytes)
{
	struct http_socket *s = ctx;

	if (kind == WEBSOCKET_PING)
		send_frame(s, WEBSOCKET_PONG, bytes);
	else if (kind == WEBSOCKET_CLOSE)
		send_frame(s, WEBSOCKET_CLOSE, str_head(bytes, 2));
	s->closing = kind == WEBSOCKET_CLOSE;
	if (kind != WEBSOCKET_PING && kind != WEBSOCKET_PONG)
		http_response_frame(s->response, (unsigned)kind, bytes);
}

static bool
take(struct http_socket *s, struct str bytes, enum http_end *why)
{
	const struct websocket_sink sink = { on_message, s };

	*why = HTTP_MALFORMED;
	if (!take_head(s, &bytes))
		return false;
	if (!s->response->has_head)
		return true;
	*why = HTTP_DONE;
	if (s->status != 101)
		return false;
	*why = HTTP_MALFORMED;
	return websocket_feed(&s->frames, bytes, &sink);
}

/* ---- the connection */

static bool
flush(struct http_socket *s, enum http_end *why)
{
	size_t n = 0;
	CURLcode code = CURLE_OK;

	while (code == CURLE_OK && s->out.n > 0) {
		code = curl_easy_send(s->easy, s->out.p, s->out.n, &n);
		if (code == CURLE_OK) {
			/* It may have been a token. */
			explicit_bzero(s->out.p, n);
			buf_drop(&s->out, n);
		}
	}
	*why = code == CURLE_OK || code == CURLE_AGAIN ? HTTP_OVERRUN : HTTP_RESET;
	return *why == HTTP_OVERRUN && s->out.n <= UNSENT_MAX;
}

bool
http_socket_work(struct http_socket *s, enum http_end *why)
{
	char bytes[READ];
	size_t n;

	while (flush(s, why)) {
		CURLcode code;

		if (s->closing) {
			*why = HTTP_DONE;
			return s->out.n > 0;
		}
		if (http_response_paused(s->response))
			return true;
		code = curl_easy_recv(s->easy, bytes, sizeof bytes, &n);
		if (code == CURLE_AGAIN)
			return true;
		*why = HTTP_RESET;
		if (code != CURLE_OK || n == 0 || !take(s, str_of(bytes, n), why))
			return false;
	}
	return false;
}

int
http_socket_fd(const struct http_socket *s, bool *writes)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(s->easy, CURLINFO_ACTIVESOCKET, &fd);
	*writes = s->out.n > 0;
	return fd;
}

struct http_socket *
http_socket_new(void *easy, struct http_response *r)
{
	struct http_socket *s = mem_zalloc(sizeof *s);

	s->easy = easy;
	s->response = r;
	s->frames.max = MESSAGE_MAX;
	write_head(s);
	return s;
}

void
http_socket_free(struct http_socket *s)
{
	if (s == NULL)
		return;
	if (s->out.n > 0)
		explicit_bzero(s->out.p, s->out.n);
	buf_done(&s->out);
	buf_done(&s->line);
	buf_done(&s->accept);
	websocket_done(&s->frames);
	free(s);
}
