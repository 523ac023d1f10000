/*
 * What was sent and is not confirmed. An entry is durable before its first POST and is retried with
 * the same producer sequence until the server answers; the order of entries is the order they
 * arrive in, so only the oldest is in flight.
 */
#ifndef MODEL_OUTBOX_H
#define MODEL_OUTBOX_H

#include "model/store.h"

struct outbox_entry {
	struct buf id, user, text, ask, shown;
	struct buf reason;	/* of a rejected one */
	enum act_kind kind;
	enum ask_answer answer;
	int64_t time, seq, row;
	size_t producer;	/* which of this program's it is sent by */
	unsigned tries;		/* of an earlier run's entry at least 1: it may have arrived */
};

struct outbox;

/* Reads what an earlier run left unconfirmed. `store` outlives it. */
enum err outbox_open(struct outbox **out, struct store *store, int64_t session, struct error *e);
void outbox_free(struct outbox *o);

/* Durable when it returns ERR_OK. `act->id` must be set. */
enum err outbox_add(struct outbox *o, const struct act *act, struct error *e);
size_t outbox_count(const struct outbox *o);
const struct outbox_entry *outbox_at(const struct outbox *o, size_t i);
/* What the server refused, in this run or an earlier one. */
size_t outbox_refused_count(const struct outbox *o);
const struct outbox_entry *outbox_refused_at(const struct outbox *o, size_t i);
/* The one to be sent now, with the producer's fields filled in; false when there is none. */
bool outbox_next(const struct outbox *o, struct act *act);
/* The oldest goes out once more. */
void outbox_try(struct outbox *o);

/* What became of the oldest entry, which is then gone; a rejected one stays on the disk. */
enum err outbox_confirmed(struct outbox *o, struct error *e);
enum err outbox_rejected(struct outbox *o, struct str reason, struct error *e);
/* The server knows a later epoch than ours, or nothing of us any more: the oldest entry's producer
 * takes the one after `epoch` or after its own, in which its entries count from 0. */
enum err outbox_restart(struct outbox *o, int64_t epoch, struct error *e);

#endif
