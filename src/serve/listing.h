/* What streams there are, for whoever copies them elsewhere: the protocol itself does not say. */
#ifndef SERVE_LISTING_H
#define SERVE_LISTING_H

#include "serve/server.h"

/* GET /api/streams?after=PATH&limit=N */
void listing_handle(struct server *s, struct request *r);

#endif
