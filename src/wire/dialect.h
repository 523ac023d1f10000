/*
 * A dialect is how one family of servers speaks: one const table in one file. It has no I/O and no
 * clock. Reading has two steps: `frame` turns HTTP messages into records (the exact bytes of one
 * item, or a piece of plain text behind a 0x02; what the cache stores) and commits (a cursor
 * everything before it can be resumed from); `decode` turns a record into events, now or years
 * later from the cache.
 */
#ifndef WIRE_DIALECT_H
#define WIRE_DIALECT_H

#include "wire/endpoint.h"
#include "wire/event.h"
#include "wire/listing.h"

enum {
	DIALECT_EXACT = 1,		/* resumes from a cursor without loss or repetition */
	DIALECT_PROVES_HEAD = 2,	/* says when everything it has was delivered */
	DIALECT_SENDS_ONCE = 4,		/* a retried send is recognised */
	DIALECT_STREAM_ONLY = 8		/* one stream is all there is: no pages, no polls */
};

/*
 * Where a reader stands: behind `cursor` (empty: at the start) and `skip` records further. A server
 * gives a cursor only now and then; records are shown at once and counted in `skip` until one comes.
 * After a cut the same records come again from the cursor and that many are dropped.
 */
struct position {
	struct buf cursor;
	uint64_t skip;
};

enum read_mode {
	READ_CATCHUP,	/* what is there, then the response ends */
	READ_LIVE,	/* an event stream */
	READ_POLL	/* long-poll */
};

enum {
	COMMIT_UP_TO_DATE = 1,	/* the reader has all there is */
	COMMIT_CLOSED = 2	/* and nothing will follow */
};

struct frame_sink {
	void (*record)(void *ctx, struct str bytes);
	void (*commit)(void *ctx, struct str cursor, unsigned flags);
	void *ctx;
};

enum act_kind { ACT_INPUT, ACT_ANSWER, ACT_STOP, ACT_PRESENCE };

/* What the user does. `id` is chosen by the client and comes back as echo. */
struct act {
	enum act_kind kind;
	struct str id, user, text, ask;
	enum ask_answer answer;
	enum who_op who;
	int64_t time;		/* ms since 1970 */
	/* Set when the dialect sends once: the idempotent producer of this client. */
	struct str producer;
	int64_t epoch, seq;
};

struct framer;

struct dialect {
	const char *name;
	const char *about;		/* one line for --help */
	unsigned flags;
	int64_t silence;		/* ms of silence on a stream that mean it is dead */

	/* The request that reads on from `at`. */
	enum err (*read)(const struct endpoint *ep, struct framer *f, const struct position *at,
	    enum read_mode mode, struct http_request *out, struct error *e);
	/* Framing state of one reader. */
	struct framer *(*framer_new)(void);
	void (*framer_free)(struct framer *f);
	/*
	 * Messages of one response, HTTP_HEAD to HTTP_END, status 200, or 204 that ends a long-poll. A
	 * commit covers all records before it. An error means the response broke the protocol: drop it
	 * and resume.
	 */
	enum err (*frame)(struct framer *f, const struct http_message *m, const struct frame_sink *sink,
	    struct error *e);
	/* Never fails: what it cannot read becomes a note. Stateless. */
	void (*decode)(struct str record, const struct event_sink *sink);
	/* The request that carries `act` to the server. */
	enum err (*encode)(const struct endpoint *ep, const struct act *act, struct http_request *out,
	    struct error *e);
	/* The sessions of a server, see wire/listing.h; NULL where it cannot tell. */
	enum err (*list)(const struct endpoint *ep, struct str after, struct http_request *out,
	    struct error *e);
	enum err (*listed)(struct str body, const struct listing_sink *sink, struct buf *next,
	    struct error *e);
};

extern const struct dialect dialect_durable, dialect_sse;

/* The dialects in the order of detection, NULL at the end. */
extern const struct dialect *const dialects[];
const struct dialect *dialect_by_name(struct str name);
/* By the URL alone; NULL when it does not tell. */
const struct dialect *dialect_guess(struct str url);

#endif
