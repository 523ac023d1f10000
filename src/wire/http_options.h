/*
 * What libcurl is told about one request: the rules for connections, TLS, redirects and proxies in
 * one place. The request must outlive the handle.
 */
#ifndef WIRE_HTTP_OPTIONS_H
#define WIRE_HTTP_OPTIONS_H

#include "wire/http.h"

struct http_options {
	bool fresh_names;	/* ask the name server again */
	bool decodes;		/* a compressed answer will do */
	bool follows;		/* redirects */
	bool shares;		/* wait for a connection to share rather than open another */
};

struct curl_slist;

/* `easy` is a CURL handle. The header lines are the caller's to free, behind the handle. */
struct curl_slist *http_options_set(void *easy, const struct http_request *r,
    const struct http_options *o);

/*
 * Whether `to`, a URL or what a Location header says, is of another origin (scheme, host and port) than
 * the URL `from`; that origin is put into `origin` then. False for what libcurl does not follow in any
 * case: no URL, another protocol, http behind https.
 */
bool http_options_leaves(const char *from, struct str to, struct buf *origin);

#endif
