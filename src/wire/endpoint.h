/*
 * Where a session lives: a URL, the socket it is reached through, and the token that opens it. A URL
 * with a user name or password in it is refused: secrets do not belong where names are shown.
 */
#ifndef WIRE_ENDPOINT_H
#define WIRE_ENDPOINT_H

#include "wire/http.h"

/* `url` is http(s) even for unix sockets. Owned by whoever parsed it; zero-initialised is empty. */
struct endpoint {
	char *url;
	char *unix_socket;
	char *token;			/* NULL for none */
	bool basic;			/* it is USER:PASSWORD, else a bearer token */
	bool plaintext;			/* secrets may go over http to another machine */
	struct http_header *headers;	/* of every request, besides its own */
	size_t nheaders, cap_headers;
	struct http_way way;
};

/*
 * "http://…", "https://…", or "unix:/path/to.sock:/v1/stream/x" (the path part is what follows the
 * last ".sock:"). A path that begins with / or . and ends in .sock is a server without a path;
 * "host:port/…" is http. The fragment is dropped.
 */
enum err endpoint_parse(struct endpoint *ep, struct str url, struct error *e);
void endpoint_done(struct endpoint *ep);
/* The URL as shown and as the cache's key: without the query, with unix: when it is a socket. */
void endpoint_name(const struct endpoint *ep, struct buf *out);
/*
 * Of such a name the last part that tells sessions apart: the path before it is the same for all of a
 * server, and the session API ends all with the same word.
 */
struct str endpoint_short(struct str name);
/* The path with the query, as it stands in the URL. */
struct str endpoint_target(const struct endpoint *ep);
/* The path without the query, and the last part of it, as they stand in the URL. */
struct str endpoint_path(const struct endpoint *ep);
struct str endpoint_last(const struct endpoint *ep);
/* It shows what an agent does in all sessions; nobody can write there. */
bool endpoint_is_agent(const struct endpoint *ep);

/* NULL forgets; what was there is wiped. */
void endpoint_set_token(struct endpoint *ep, struct str token);
/*
 * A header "NAME: VALUE" for every request. ERR_USAGE for one that is weir's own to set, and for what
 * is none.
 */
enum err endpoint_add_header(struct endpoint *ep, struct str line, bool secret, struct error *e);
/* Without any header again, all of them or those that are secret. */
void endpoint_drop_headers(struct endpoint *ep, bool secret_only);
/* Whether a secret sent there can be read by nobody else: TLS, this machine, or `plaintext`. */
bool endpoint_is_private(const struct endpoint *ep);

/* A request to the URL with `query` ("a=b&c=d" or empty) joined on, with the token and the
 * headers. ERR_DENIED when a secret would be sent unencrypted to another machine. */
enum err endpoint_request(const struct endpoint *ep, const char *method, struct str query,
    struct http_request *out, struct error *e);
/* The same to another place on its server: `target` is a path, which begins with a slash, and may
 * have a query. */
enum err endpoint_request_at(const struct endpoint *ep, const char *method, struct str target,
    struct http_request *out, struct error *e);

#endif
