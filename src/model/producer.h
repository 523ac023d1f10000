/*
 * Writes into one Durable Stream as an idempotent producer: what is added goes out in batches, some
 * of them at the same time, and each is tried with its own number until it is answered, so that
 * everything arrives once and in order. Like the link it has no I/O: messages and the time come in,
 * requests go out from producer_tick only, whenever producer_deadline has come.
 */
#ifndef MODEL_PRODUCER_H
#define MODEL_PRODUCER_H

#include "wire/endpoint.h"

struct producer_ops {
	/* Returns the request's number, never 0. */
	uint64_t (*send)(void *ctx, const struct http_request *r);
	void (*cancel)(void *ctx, uint64_t request);
	void *ctx;
};

struct producer_options {
	/* With application/json items are values and a batch is an array of them; else bytes. */
	const char *content_type;
	size_t batch_bytes;	/* of a batch that has more than one item; 0 is the default, 256 KiB */
	size_t batch_items;	/* 0: any number */
	unsigned in_flight;	/* batches under way at the same time; 0 is the default, 1 */
	/*
	 * Begins a new epoch when another writes under this name, or did before: a first answer that
	 * the batch is there already is taken to be about another's.
	 */
	bool claims;
	unsigned tries;		/* in vain, in a row, after which it gives up; 0: it does not */
	int64_t backoff_first, backoff_max;	/* ms; 0 is the default of model/backoff */
	uint64_t seed;		/* of the jitter; 0: from the system */
};

struct producer;

/* Borrows `ep` and options->content_type. */
struct producer *producer_new(const struct endpoint *ep, struct str id, int64_t epoch,
    const struct producer_ops *ops, const struct producer_options *options);
/* Forgets what is not answered; it may have arrived or not. */
void producer_free(struct producer *p);

/* Not after producer_close. A JSON item must be one value. */
void producer_add(struct producer *p, struct str item);
/* Closes the stream behind all that was added. */
void producer_close(struct producer *p);

/* False when the message is not of one of its requests. */
bool producer_message(struct producer *p, const struct http_message *m);
void producer_tick(struct producer *p);
/* clock_mono of the next thing to do, INT64_MAX for none. */
int64_t producer_deadline(const struct producer *p);

struct producer_stats {
	int64_t epoch;
	int64_t seq;			/* the last one that was accepted in it, -1 for none */
	uint64_t accepted, duplicates;	/* batches; that were there already */
	unsigned attempt;		/* failures in a row */
	bool closed;			/* the stream, by this producer */
};

/* Everything is answered. */
bool producer_idle(const struct producer *p);
const struct producer_stats *producer_stats(const struct producer *p);
/* Behind what was accepted, as the server said; borrowed until the next message. */
struct str producer_offset(const struct producer *p);
/*
 * Final: nothing more is sent. `status` (may be NULL) is that of the answer, 0 when there was none.
 * ERR_GONE: the stream was closed by another; ERR_DENIED: refused; ERR_CONNECT: too many tries.
 */
bool producer_failed(const struct producer *p, int *status, struct error *e);

#endif
