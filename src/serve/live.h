/* Reading a stream as it grows: long-poll and server-sent events. */
#ifndef SERVE_LIVE_H
#define SERVE_LIVE_H

#include "serve/durable.h"

/* They take over what `at` holds. */
void live_poll(struct server *s, struct request *r, struct reading *at);
void live_events(struct server *s, struct request *r, struct reading *at);

/* How a stream is told as events. */
struct live_view {
	struct frame_kind frames;
	bool control;		/* behind every frame stands where the reader is */
};

/* `first` is sent before all else. */
void live_follow(struct server *s, struct request *r, struct reading *at,
    const struct live_view *view, struct str first);

#endif
