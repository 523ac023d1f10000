/*
 * The link's two halves: reading and sending do not wait for each other. For link*.c only.
 */
#ifndef MODEL_LINK_PARTS_H
#define MODEL_LINK_PARTS_H

#include "model/backoff.h"
#include "model/link.h"

enum {
	LINK_EXCERPT = 200,		/* bytes kept of what a server says when it refuses */
	LINK_ANSWER = 64 << 10,		/* and of its answer to an act, */
	LINK_OFFERS = 8 << 20		/* to one that asks what there is */
};

enum { LINK_ASIDES = 4 };

struct aside_request {
	uint64_t request;		/* 0: none */
	unsigned what;
	int status;
	struct buf headers, body;
};

enum { LINK_BRANCHES = 32 };

struct branch_request {
	uint64_t request;		/* 0: none */
	int64_t again;			/* clock_mono: it has ended, and may be made again; 0: it has not */
	unsigned which;
};

struct reader {
	struct framer *framer;
	struct backoff backoff;
	enum read_mode mode;
	int64_t due;			/* of the next request, INT64_MAX for none */
	/* The response in progress. */
	uint64_t request;		/* 0: none */
	int64_t asked_at;		/* when it was asked for */
	int64_t opened;			/* when its head came, -1 before */
	int64_t heard;			/* when its last message came */
	int64_t silence;		/* ms after which it counts as dead, 0: never */
	int status;
	struct buf asked;		/* the cursor it was asked with */
	uint64_t seen;			/* records since the cursor */
	bool progress;			/* it brought new records */
	bool refused;			/* it is no stream: only its first bytes are of interest */
	bool behind;			/* it ends before what was read already */
	bool reset;			/* it is of another history */
	bool closed;
	/* From one response to the next. */
	bool up_to_date;
	bool ever;			/* a response was a stream */
	bool restarting;		/* asks whether there is anything from the start */
	int64_t healthy;		/* since when nothing failed, -1 after a failure */
	int64_t poll_until;		/* no event streams before that */
	bool polls;			/* nor ever */
	unsigned shorts, spoiled, regressions;	/* in a row */
	struct aside_request asides[LINK_ASIDES];
	struct branch_request branches[LINK_BRANCHES];
	struct backoff branch_backoff;
	bool no_branches;
};

struct sender {
	struct backoff backoff;
	int64_t due;
	bool hold;			/* waits for the stream to show what arrived */
	bool echoed;			/* the stream showed it while the answer was under way */
	uint64_t request;
	int status;
	struct buf offset, body;
	int64_t epoch;			/* of 403, -1 not said */
	bool expected;			/* of 409: the server counts otherwise */
};

enum { LINK_ACTS = 8 };

struct link {
	const struct dialect *d;
	const struct endpoint *ep;
	struct outbox *outbox;
	struct link_ops ops;
	struct position at;
	enum link_state state;
	struct link_stats stats;
	struct link_outage outage;	/* from 0: none */
	struct reader read;
	struct sender send;
	struct {
		uint64_t request;
		enum act_kind kind;
		int status;
		struct buf name, text;	/* of what was asked */
		struct buf body;	/* its beginning */
	} acts[LINK_ACTS];
	struct buf detail;
	int64_t asleep;			/* how long the machine slept since it was started */
	int64_t ticked;
	struct link_step trail[LINK_STEPS];
	uint64_t steps;			/* ever made */
};

/* link_trail.c */
/* `why` in words, as in link_stats. */
void link_enter(struct link *l, enum link_state state, const char *why);

/* link.c */
void link_changed(struct link *l);
void link_excerpt(struct buf *out, struct str bytes);
/* Adds the bytes as far as there is room for `max`. */
void link_keep(struct buf *out, struct str bytes, size_t max);

/* link_read.c */
void link_read_init(struct link *l, const struct link_options *o);
void link_read_done(struct link *l);
void link_read_start(struct link *l, const char *why);
void link_read_stop(struct link *l, const char *why);
void link_read_now(struct link *l, const char *why);
void link_read_deny(struct link *l, struct str why);
/* When a live stream becomes a stale one, INT64_MAX for never. */
int64_t link_read_stale_at(const struct link *l);
/* Reads to the end at once, so that it is known what the server has. */
void link_read_prove(struct link *l);
void link_read_tick(struct link *l, int64_t now);
void link_read_message(struct link *l, const struct http_message *m);

/* What belongs to the response could not be had: drops it and tries again. */
void link_read_again(struct link *l, const char *why);
/* What the framer may have found out that ends the response. */
void link_read_settle(struct link *l);

/* link_aside.c */
void link_aside_ask(struct link *l);
bool link_aside_message(struct link *l, const struct http_message *m);
void link_aside_drop(struct link *l);

/* link_branch.c */
void link_branch_init(struct link *l, const struct link_options *o);
/* Opens those that are due. */
void link_branch_ask(struct link *l);
int64_t link_branch_due(const struct link *l);
void link_branch_tick(struct link *l, int64_t now);
bool link_branch_message(struct link *l, const struct http_message *m);
void link_branch_drop(struct link *l);

/* link_take.c: what the framer finds */
bool link_take_branch(struct link *l, unsigned which, const struct http_message *m, struct error *e);
bool link_take_aside(struct link *l, const struct aside *a, struct error *e);
bool link_frame(struct link *l, const struct http_message *m, struct error *e);
/* A stream that numbers nothing goes on somewhere else than where it was left. */
bool link_can_resume(const struct link *l);
/* What came while the connection was away is lost. */
void link_tell_gap(struct link *l);

/* link_send.c */
void link_send_init(struct link *l, const struct link_options *o);
void link_send_done(struct link *l);
void link_send_stop(struct link *l);
/* Whatever it waits for, it waits no longer. */
void link_send_now(struct link *l);
/* All that the server had until now was seen. */
void link_send_proof(struct link *l);
void link_send_tick(struct link *l, int64_t now);
void link_send_message(struct link *l, const struct http_message *m);

#endif
