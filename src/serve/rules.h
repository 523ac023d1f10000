/*
 * What a write means: the state machine of streams, applied to the log within the caller's
 * transaction. An op carries a request's wish in and its answer out; nothing of it is true before
 * the transaction is committed.
 */
#ifndef SERVE_RULES_H
#define SERVE_RULES_H

#include "serve/log.h"

enum op_kind {
	OP_CREATE, OP_APPEND, OP_DELETE,
	OP_TOUCH,	/* a reader was here: the time to live begins anew */
	OP_SWEEP	/* end what has expired, remove what was deleted, a little at a time */
};

/* Numbers that are not said are -1. */
struct op {
	struct op *next;	/* whoever holds it */
	/* Called when it is done, with what waits for it; frees nothing. NULL: nobody waits. */
	void (*done)(void *owner, struct op *op);
	void *owner;
	enum op_kind kind;
	int64_t queued;		/* ns of clock_mono, of whoever queues it */
	struct buf path, type;
	struct buf body;	/* as it is stored: messages of JSON with commas between them */
	int64_t count;		/* messages in it */
	bool close;

	int64_t ttl, dies;	/* OP_CREATE */
	struct buf expires;
	bool fork;
	struct buf fork_from;
	bool fork_at_given;
	struct offset fork_at;
	int64_t fork_sub;

	bool has_producer, has_seq;	/* OP_APPEND */
	struct buf producer, seq;
	int64_t producer_epoch, producer_seq;

	int64_t id;		/* OP_TOUCH */

	struct {
		int status;		/* of HTTP */
		const char *why;	/* static text of a failure */
		int64_t id;
		struct buf type;
		struct offset tail;
		bool closed;
		bool changed;		/* readers at the tail want to know */
		bool garbage;		/* a sweep has something to do */
		int64_t epoch, seq, expected, received;
		int64_t dies;		/* OP_TOUCH: 0 when the stream is no more */
		struct op_view {
			int64_t id;
			struct offset tail;
		} *views;		/* streams that show some of what was appended */
		size_t n_views, cap_views;
		int64_t *ended;		/* streams that are no more */
		size_t n_ended, cap_ended;
	} out;
};

struct op *op_new(enum op_kind kind);
void op_free(struct op *op);
/* Forgets the answer: the transaction it was given in came to nothing. */
void op_fail(struct op *op, int status, const char *why);

enum stream_life { STREAM_LIVE, STREAM_EXPIRED, STREAM_GONE };
/* Expired counts as never having been, gone means that only its forks are left. */
enum stream_life stream_life(const struct stream *s, int64_t now);

/* What the log may hold. 0 is without a limit. */
struct retention {
	int64_t age;		/* ms that a row is kept */
	int64_t size;		/* bytes on disk; the oldest rows of all go first */
};

struct rules;

/* `l` is borrowed. */
struct rules *rules_new(struct streams *l, const struct retention *keep);
void rules_free(struct rules *r);
void rules_apply(struct rules *r, struct op *op, int64_t now);

#endif
