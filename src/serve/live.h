/* Reading a stream as it grows: long-poll and server-sent events. */
#ifndef SERVE_LIVE_H
#define SERVE_LIVE_H

#include "serve/durable.h"

/* They take over what `at` holds. */
void live_poll(struct server *s, struct request *r, struct reading *at);
void live_events(struct server *s, struct request *r, struct reading *at);

#endif
