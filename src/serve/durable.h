/* The Durable Streams protocol: create, append, read, describe and delete a stream by its path. */
#ifndef SERVE_DURABLE_H
#define SERVE_DURABLE_H

#include "serve/server.h"

#define DURABLE_ROOT "/v1/stream/"

/* `rest` is the stream's name as it stands in the URL. */
void durable_handle(struct server *s, struct request *r, struct str rest);

/* What durable.c and live.c share. */

/* A place in a stream that a request asks for. */
struct reading {
	struct stream stream;
	struct offset at;
	bool now;
};

/* How far one response reaches, and that response with its headers. */
struct offset durable_page_end(struct server *s, const struct stream *stream, struct offset from);
struct reply *durable_page(struct server *s, const struct stream *stream, struct offset from,
    struct offset to);
/* Stream-Next-Offset, and at the tail Stream-Up-To-Date and Stream-Closed. */
void durable_place(struct reply *p, const struct stream *stream, struct offset next);

#endif
