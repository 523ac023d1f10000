/*
 * HTTP over libcurl on a thread of its own (the resolver can block for seconds). The main thread
 * sends requests and takes messages; two queues and one descriptor to poll are all the two share.
 * A response that is an event stream arrives as SSE messages, any other as body bytes. When 8 MiB
 * of one wait for the main thread, reading pauses; when it takes nothing for 10 s more, it ends.
 */
#ifndef WIRE_HTTP_H
#define WIRE_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "wire/sse.h"

struct http;

struct http_header {
	char *name, *value;
	bool secret;			/* not logged, and never sent where a redirect leads */
};

/* Who the server must be, who we are, and what is in between. Owned; NULL: the system's way. */
struct http_way {
	char *ca;			/* file of certificates that are trusted instead of the system's */
	char *cert, *key;		/* files that say who we are; the key may be in the first */
	char *pin;			/* "sha256//…" of the server's public key, on top of all else */
	char *proxy;			/* URL; "" for none. Loopback and sockets need none in any case */
	bool redirects_any;		/* redirects are followed to other origins too */
};

void http_way_copy(struct http_way *out, const struct http_way *w);
void http_way_done(struct http_way *w);

/* Owned by whoever initialised it; http_send copies. */
struct http_request {
	char method[8];
	char *url;
	char *unix_socket;		/* NULL: over TCP; an absolute path */
	struct http_way way;
	struct http_header *headers;
	size_t nheaders, cap_headers;
	struct buf body;
	bool has_body;
	bool stream;			/* a long-lived GET: no total time limit, SSE is framed */
	bool websocket;			/* a GET that becomes one: no total time limit, HTTP_FRAMEs come */
	bool comments;			/* its comments matter: each is an HTTP_ALIVE with its text */
	char *last_event_id;		/* seeds the SSE parser, NULL for none */
	int64_t head_timeout;		/* ms until the status line; 0 is the default, 15 s */
	int64_t total_timeout;		/* ms; 0: 30 s for others, none for streams; INT64_MAX: none */
	int64_t silence_timeout;	/* ms without a byte behind the head; 0: none */
	/* Decoded bytes of a body; 0 is the default, 64 MiB. With more it is not asked for compressed. */
	size_t max_body;
};

void http_request_init(struct http_request *r, const char *method, struct str url);
void http_request_done(struct http_request *r);
/* Name and value as they may stand in a head: no control characters, the name a token. */
bool http_is_header(struct str name, struct str value);
/* False, and nothing added, when it is none. */
bool http_request_header(struct http_request *r, const char *name, struct str value);
/* The same for a value that nobody else may see, whatever the header is called. */
bool http_request_secret(struct http_request *r, const char *name, struct str value);
void http_request_body(struct http_request *r, const char *content_type, struct str body);

enum http_kind {
	HTTP_HEAD,	/* status and headers of the final response */
	HTTP_SSE,
	HTTP_ALIVE,	/* a comment came: the peer lives; `body` is its text if asked for */
	HTTP_RETRY,	/* the stream's retry field, in `number` */
	HTTP_BODY,
	HTTP_FRAME,	/* a message of a WebSocket: `number` is its enum websocket_kind, `body` what it says */
	HTTP_END	/* last message of a request */
};

/* Why a request ended. The names are in http_end_name and appear in :stats. */
enum http_end {
	HTTP_DONE,		/* the response is complete */
	HTTP_CANCELLED,
	HTTP_REFUSED,		/* nobody listens, or no such socket */
	HTTP_UNRESOLVED,
	HTTP_CONNECT_TIMEOUT,
	HTTP_HEAD_TIMEOUT,
	HTTP_TIMEOUT,
	HTTP_SILENT,		/* watchdog */
	HTTP_RESET,		/* the connection broke, also in the middle of a chunk */
	HTTP_TLS,
	HTTP_MALFORMED,
	HTTP_REDIRECT,		/* too many, or to where weir does not go */
	HTTP_TOO_LARGE,
	HTTP_OVERRUN,		/* the main thread did not take what was there */
	HTTP_FAILED
};

struct http_message {
	uint64_t request;
	enum http_kind kind;
	int status;			/* HEAD; on END the last status seen, 0 if none */
	struct str headers;		/* HEAD: raw lines, for http_header */
	struct sse_message sse;		/* on END of an event stream `id`: where it goes on */
	struct str body;
	uint64_t number;
	enum http_end end;
	struct str detail;		/* END: what libcurl said; untrusted text */
	int64_t retry_after;		/* END: ms from a Retry-After header, 0 if none */
};

struct http *http_new(struct error *e);
/* Ends at once, also while a name is being resolved. */
void http_free(struct http *h);

/* Poll this for reading; then take messages until http_next says no. */
int http_fd(const struct http *h);
/* What the message points to lives until the next call. */
bool http_next(struct http *h, struct http_message *m);

/* Returns the request's number, never 0; its messages end with exactly one HTTP_END. */
uint64_t http_send(struct http *h, const struct http_request *r);
/* After this no message of the request arrives any more, not even HTTP_END. */
void http_cancel(struct http *h, uint64_t request);

/* Value of a header in `headers` (no case), trimmed; STR_NONE when absent. */
struct str http_header(struct str headers, const char *name);
/* Of an answer 401: it wants a user and a password. */
bool http_wants_basic(struct str headers);
const char *http_end_name(enum http_end end);

/* Percent-encodes all but RFC 3986 unreserved characters. */
void http_escape(struct buf *out, struct str s);
/* "host", "host:port", "127.0.0.1", "[::1]": what of a URL stands between // and the path. */
struct str http_url_authority(struct str url);
bool http_is_loopback(struct str authority);
bool http_is_https(struct str url);

#endif
