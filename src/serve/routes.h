/* Which part of the server a request is for. */
#ifndef SERVE_ROUTES_H
#define SERVE_ROUTES_H

#include "serve/server.h"

void routes_handle(struct server *s, struct request *r);
/* The answer to a request that may not come in, in the form of the part that it is for. */
struct reply *routes_refuse(const struct request *r, int status, const char *why);

#endif
