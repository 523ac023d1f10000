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
	char *token;			/* Bearer; NULL for none */
	bool plaintext;			/* the token may go over http to another machine */
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
/* The last part of the path, as it stands in the URL. */
struct str endpoint_last(const struct endpoint *ep);

/* A request to the URL with `query` ("a=b&c=d" or empty) joined on, and with the token. ERR_DENIED
 * when the token would be sent unencrypted to another machine. */
enum err endpoint_request(const struct endpoint *ep, const char *method, struct str query,
    struct http_request *out, struct error *e);

#endif
