/*
 * Keeps one session in step with its server: connect, catch up, follow, notice every kind of death,
 * back off, resume from the exact position; and drives the outbox. It has no I/O of its own: HTTP
 * messages and the time come in, requests and records go out through ops, so tests run days in
 * milliseconds.
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
	LINK_WAITING,		/* until `next_try` */
	LINK_OFFLINE,		/* told not to connect */
	LINK_CLOSED,		/* the stream has ended, all of it is here */
	LINK_GONE,		/* 404, 410 after having read */
	LINK_NEEDS_TOKEN,
	LINK_FAILED		/* no stream at all: wrong content type, other 4xx */
};

enum send_outcome { SENT_CONFIRMED, SENT_REJECTED, SENT_RETRYING };

struct link_ops {
	/* Returns the request's number. */
	uint64_t (*send)(void *ctx, const struct http_request *r);
	void (*cancel)(void *ctx, uint64_t request);
	/* A record that has not been seen before. */
	void (*record)(void *ctx, struct str bytes);
	/* The position behind the last record moved. */
	void (*moved)(void *ctx, const struct position *at);
	/* The server's history begins anew (410, truncated): what is here is no longer its past. */
	void (*reset)(void *ctx, const char *why);
	/* The oldest outbox entry was answered. */
	void (*sent)(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome,
	    struct str detail);
	void (*changed)(void *ctx);	/* state or counters */
	void *ctx;
};

struct link_options {
	int64_t backoff_first, backoff_max;	/* ms; 0 is the default: 1000, 30000 */
	double backoff_factor;			/* 0 is the default: 2 */
	uint64_t seed;				/* of the jitter; 0: from the system */
};

/* The proof on the status line: applied == head and `proven` means nothing is missing. */
struct link_stats {
	uint64_t received, applied, duplicates, gaps, resumes, bytes;
	bool proven;			/* the server said: this is all there is */
	unsigned attempt;
	int64_t next_try;		/* clock_mono; LINK_WAITING */
	int64_t since;			/* clock_mono of the last change of state */
	char reason[64];		/* why the last connection ended, a name from http_end or an HTTP status */
};

struct link;

/* Borrows everything; `at` is copied. `outbox` may be NULL: read only. */
struct link *link_new(const struct dialect *d, const struct endpoint *ep, const struct position *at,
    struct outbox *outbox, const struct link_ops *ops, const struct link_options *options);
void link_free(struct link *l);

void link_start(struct link *l);
/* Stops reading and sending; the outbox keeps what it has. */
void link_stop(struct link *l);
/* Try at once, whatever the back-off says. */
void link_reconnect(struct link *l);
/* An entry was added to the outbox. */
void link_kick(struct link *l);
/* False when the message is not of one of this link's requests. */
bool link_message(struct link *l, const struct http_message *m);
/* Call when clock_mono reached link_deadline, or more often. */
void link_tick(struct link *l);
/* clock_mono of the next thing to do, INT64_MAX for none. */
int64_t link_deadline(const struct link *l);

enum link_state link_state(const struct link *l);
const struct link_stats *link_stats(const struct link *l);
/* "live", "reconnecting in 4 s (try 3)", … into `out`. */
void link_words(const struct link *l, struct buf *out);
const char *link_state_name(enum link_state s);

#endif
