/* Which part of the server a request is for. */
#ifndef SERVE_ROUTES_H
#define SERVE_ROUTES_H

#include "serve/server.h"

void routes_handle(struct server *s, struct request *r);

#endif
