/*
 * The event-stream parser: WHATWG HTML 9.2.6 and what browsers do where it is silent. A pure
 * function over (state, bytes, callbacks); bytes may be cut anywhere; time is linear in the bytes.
 */
#ifndef WIRE_SSE_H
#define WIRE_SSE_H

#include "base/buf.h"

/* Valid UTF-8, malformed bytes are U+FFFD; may hold NUL, and `type` and `id` other controls. */
struct sse_message {
	struct str type;	/* "message" unless said otherwise */
	struct str data;
	struct str id;		/* the last event id in force when it was dispatched */
};

struct sse_handler {
	void (*message)(void *ctx, const struct sse_message *m);
	void (*comment)(void *ctx, struct str text);	/* may be NULL; the bytes behind the colon */
	void (*retry)(void *ctx, uint64_t ms);		/* may be NULL; not clamped */
	void *ctx;
};

enum sse_result { SSE_OK, SSE_LINE_TOO_LONG, SSE_EVENT_TOO_LONG };

struct sse_limits {
	size_t line, event;	/* bytes of one line, of one event's data */
};
#define SSE_LIMITS_DEFAULT ((struct sse_limits){ (size_t)16 << 20, (size_t)32 << 20 })

struct sse {
	struct sse_handler handler;
	struct sse_limits limits;
	enum sse_result result;
	/* the rest belongs to sse.c */
	struct buf line;		/* of a line whose end has not come */
	struct buf data, type, id;	/* of the block that is being read */
	struct buf last_id;
	uint8_t bom;			/* bytes of a leading BOM seen, or BOM_SETTLED */
	bool skip_lf, has_id;
};

void sse_init(struct sse *s, const struct sse_handler *h, struct sse_limits limits);
void sse_done(struct sse *s);
/* The stream ended, another one begins: all is forgotten but the last event id. */
void sse_restart(struct sse *s);
void sse_seed_id(struct sse *s, struct str id);
/* Sticky: after an error nothing is read any more. Callbacks may not touch `s`. */
enum sse_result sse_feed(struct sse *s, struct str bytes);
/* What a resume asks for: the id at the last blank line, empty when there is none. */
struct str sse_last_id(const struct sse *s);

#endif
