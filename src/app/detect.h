/*
 * How the server at an address speaks, when nobody said and the address does not tell: it is asked,
 * for a few seconds at most. An address that names a server and no session becomes that of the session
 * that changed last.
 */
#ifndef APP_DETECT_H
#define APP_DETECT_H

#include "app/access.h"

/* What tells a family of servers: `target` answers with an object that has this member. */
struct mark {
	const char *target, *member;
	const struct dialect *dialect;
};
/* In the order of asking, one without a target at the end. */
extern const struct mark detect_marks[];
bool detect_has(const struct mark *m, int status, struct str headers, struct str body);
/* The address names a server, and nothing on it. */
bool detect_is_server(const struct endpoint *ep);

/* ERR_CONNECT when nobody answers: *out is NULL then, and something else may be tried. ERR_GONE: a
 * server without a session. */
enum err detect_dialect(struct access *a, const struct dialect **out, struct error *e);

#endif
