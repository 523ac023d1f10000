/*
 * Who reads a stream as it grows. A subscriber is a place in the log, nothing is queued for it: it
 * is woken when there is more and takes the next frame at its own pace. A frame is read from the
 * log and encoded once for all who stand at the same place. Belongs to the loop.
 */
#ifndef SERVE_HUB_H
#define SERVE_HUB_H

#include "serve/log.h"

struct hub;
struct topic;

/* How rows look on the wire; one const of it is one kind of frame. */
struct frame_kind {
	/* `rows` stand behind `from`. */
	void (*encode)(struct buf *out, const struct stream *s, struct offset from,
	    struct str rows);
};

/* Encoded bytes of the rows between two offsets; shared, so constant. */
struct frame {
	struct frame *next;
	const struct frame_kind *kind;
	struct offset from, to;
	unsigned refs;
	struct buf bytes;
};

void frame_release(struct frame *f);

/* Embedded in whoever reads. `wake` may not join or leave. */
struct subscriber {
	struct subscriber *next, **link;
	struct topic *topic;		/* NULL: not joined */
	struct offset at;		/* all before it was taken */
	void (*wake)(struct subscriber *sub);
	bool ended;			/* the stream is no more */
};

/* `reader` is borrowed. */
struct hub *hub_new(struct streams *reader);
void hub_free(struct hub *h);

/* Set `at` and `wake` before. */
void hub_join(struct hub *h, struct subscriber *sub, const struct stream *s);
void hub_leave(struct hub *h, struct subscriber *sub);

/* The stream as far as it is committed. */
const struct stream *hub_stream(const struct subscriber *sub);
bool hub_at_tail(const struct subscriber *sub);
/* The next frame, to be released; `at` moves behind it. NULL at the tail, or the rows are gone. */
struct frame *hub_next(struct hub *h, struct subscriber *sub, const struct frame_kind *kind);

/* Told after a commit. */
void hub_changed(struct hub *h, int64_t id, struct offset tail, bool closed);
void hub_ended(struct hub *h, int64_t id);
void hub_touched(struct hub *h, int64_t id, int64_t dies);
void hub_wake_all(struct hub *h);

/* Calls `each` with every stream that has subscribers. */
void hub_each(struct hub *h, void (*each)(void *ctx, const struct stream *s), void *ctx);
size_t hub_subscribers(const struct hub *h);

#endif
