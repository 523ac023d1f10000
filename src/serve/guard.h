/*
 * Who may speak to the server at all, decided from a request's headers before anything is routed:
 * a web page in the user's browser must not reach it, by its own origin or by a name that it made
 * point here. Pure.
 */
#ifndef SERVE_GUARD_H
#define SERVE_GUARD_H

#include "base/str.h"

struct guard {
	/* Both end with NULL and may be NULL. */
	const char *const *hosts;	/* names beside the loopback ones */
	const char *const *origins;	/* "*" or "https://name[:port]" */
	struct str token;		/* lines of token_read, asked for over TCP; empty: none is */
};

/* What a request says of itself. Zero-initialise, set what is known, give all headers. */
struct guard_request {
	bool local;			/* over the unix socket */
	bool preflight;			/* OPTIONS: browsers ask without a token */
	struct str authority;		/* of an absolute-form target, or STR_NONE */
	struct str host, origin, authorization;	/* STR_NONE: absent */
	struct str site;		/* Sec-Fetch-Site */
	size_t headers, hosts, origins, authorizations, lengths, codings;
	uint64_t length;		/* Content-Length */
	bool bad;
	struct str user;		/* out: whose token it was, STR_NONE for nobody's */
};

/* `name` and `value` are borrowed until the check. */
void guard_header(struct guard_request *r, struct str name, struct str value);
/* False: where the body ends can be read in two ways, so nothing more may be read. */
bool guard_framing(const struct guard_request *r);
/* 0, or the status to answer with and in *why the reason as a static text. */
int guard_check(const struct guard *g, struct guard_request *r, const char **why);
/* The value for Access-Control-Allow-Origin, STR_NONE when the origin gets none. */
struct str guard_allow_origin(const struct guard *g, struct str origin);

/*
 * The target of a request line: "/path?query" or "http://authority/path?query". False when it is
 * something else.
 */
bool guard_target(struct str target, struct str *authority, struct str *path, struct str *query);

#endif
