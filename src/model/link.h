/*
 * Keeps one session in step with its server: connect, catch up, follow, notice every kind of death,
 * back off, resume from the exact position; and drives the outbox. It has no I/O of its own: HTTP
 * messages and the time come in, requests and records go out through ops, so tests run days in
 * milliseconds. Requests are sent from link_tick only: call it whenever link_deadline has come.
 */
#ifndef MODEL_LINK_H
#define MODEL_LINK_H

#include "model/outbox.h"
#include "wire/dialect.h"

enum link_state {
	LINK_IDLE,		/* not started */
	LINK_CONNECTING,
	LINK_CATCHING_UP,
	LINK_LIVE,
	LINK_STALE,		/* live, but silent for so long that it may be dead */
	LINK_WAITING,		/* until `next_try` */
	LINK_OFFLINE,		/* told not to connect */
	LINK_CLOSED,		/* the stream has ended, all of it is here */
	LINK_GONE,		/* it was there and is no more; what was read stays */
	LINK_NEEDS_TOKEN,
	LINK_FAILED		/* no stream at all: wrong content type, other 4xx */
};

enum send_outcome {
	SENT_CONFIRMED,		/* detail: the offset, if the server told */
	SENT_REJECTED,		/* detail: why */
	SENT_RETRYING,		/* detail: why */
	SENT_UNSURE		/* may have arrived; sent again once the stream shows it did not */
};

/* Records that came late because the connection was away. */
struct link_outage {
	int64_t from, to;		/* clock_wall */
	uint64_t first, last;		/* numbers of the records fetched; last < first: none */
	bool exact;			/* it is known that nothing is missing */
	bool missed;			/* what came meanwhile is not to be had any more */
};

/* Every one may be called from within link_message; of the others only `caught_up`, `acted`,
 * `changed` and `cut` may be NULL. */
struct link_ops {
	/* Returns the request's number, never 0. */
	uint64_t (*send)(void *ctx, const struct http_request *r);
	void (*cancel)(void *ctx, uint64_t request);
	/* A record that has not been seen before. */
	void (*record)(void *ctx, struct str bytes);
	/* The position behind the last record moved. */
	void (*moved)(void *ctx, const struct position *at);
	/* The server's history begins anew (410, truncated): what is here is no longer its past. */
	void (*reset)(void *ctx, const char *why);
	/* The oldest outbox entry was answered; it is gone from the outbox after this unless it is
	 * retried. */
	void (*sent)(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome,
	    struct str detail);
	/* After an outage everything the server has is here again. */
	void (*caught_up)(void *ctx, const struct link_outage *outage);
	/* What became of link_act, of which `act` has kind, name and text; `body` is the answer's. */
	void (*acted)(void *ctx, const struct act *act, bool ok, struct str detail, struct str body);
	void (*changed)(void *ctx);	/* state or counters */
	/* What was followed is followed no more, `why` as in link_stats; caught_up ends that. */
	void (*cut)(void *ctx, const char *why);
	void *ctx;
	/* Completes what is about to be sent; may be NULL. What it sets lives until the next call. */
	void (*prepare)(void *ctx, struct act *act);
};

struct link_options {
	int64_t backoff_first, backoff_max;	/* ms; 0 is the default: 1000, 30000 */
	double backoff_factor;			/* 0 is the default: 2 */
	uint64_t seed;				/* of the jitter; 0: from the system */
	uint64_t stored;			/* records that were replayed from the cache */
	bool polls;				/* no event streams: this path does not carry them */
	bool no_branches;			/* what a dialect follows beside its stream is left out */
};

/* The proof on the status line: `proven` means that all the server has was applied. */
struct link_stats {
	uint64_t received, applied;	/* records; with those of the cache */
	uint64_t duplicates, gaps, resumes, bytes;
	bool proven;			/* the server said: this is all there is */
	bool complete;			/* all it had when it was asked last is here */
	unsigned attempt;		/* failures in a row */
	int64_t next_try;		/* clock_mono; LINK_WAITING */
	int64_t since;			/* clock_mono of the last change of state */
	int64_t skew;			/* ms the server's clock is ahead of ours, 0 when it is not far */
	uint64_t denied;		/* times the server wanted another token: 401, 403 */
	bool basic;			/* the last of them for a user and a password */
	char reason[64];		/* why the last connection ended: a name of http_end, "http 503", … */
};

/* A change of state, and its cause as a code: client.…, connection.…, server.…, server-close.… and
 * watchdog.…. */
struct link_step {
	int64_t time;			/* clock_wall */
	enum link_state state;		/* the new one */
	char code[40];
};

enum { LINK_STEPS = 500 };		/* that many are kept */

struct link;

/* Borrows everything; `at` is copied. `outbox` may be NULL: read only. */
struct link *link_new(const struct dialect *d, const struct endpoint *ep, const struct position *at,
    struct outbox *outbox, const struct link_ops *ops, const struct link_options *options);
void link_free(struct link *l);

void link_start(struct link *l);
/* Stops reading and sending; the outbox keeps what it has. */
void link_stop(struct link *l);
/* Try at once, whatever the back-off says; also after a new token. */
void link_reconnect(struct link *l);
/* There is no token to ask with, `why` says why: LINK_NEEDS_TOKEN until link_reconnect. */
void link_deny(struct link *l, struct str why);
/* An entry was added to the outbox. */
void link_kick(struct link *l);
/* The stream brought back the input of this id: whatever the answer was, it has arrived. */
void link_echoed(struct link *l, struct str id);
/* Sends something that is not worth keeping, once and now: a stop, presence. */
enum err link_act(struct link *l, const struct act *act, struct error *e);
/* False when the message is not of one of this link's requests. */
bool link_message(struct link *l, const struct http_message *m);
/* Call when clock_mono reached link_deadline, or more often. */
void link_tick(struct link *l);
/* clock_mono of the next thing to do, INT64_MAX for none. */
int64_t link_deadline(const struct link *l);

enum link_state link_state(const struct link *l);
const struct link_stats *link_stats(const struct link *l);
/* Who looks at it was away and is back; the stream has lived on meanwhile. */
void link_remounted(struct link *l);
/* How many changes of state there ever were. */
uint64_t link_steps(const struct link *l);
/* The last changes of state, 0 the newest; NULL: there are no more. */
const struct link_step *link_step(const struct link *l, size_t back);
/* What the server said when it refused: LINK_FAILED, LINK_GONE, LINK_NEEDS_TOKEN. Untrusted. */
struct str link_detail(const struct link *l);
/* "live", "reconnecting in 4 s (try 3)", … into `out`. */
void link_words(const struct link *l, struct buf *out);
const char *link_state_name(enum link_state s);

#endif
