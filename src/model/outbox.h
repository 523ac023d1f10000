/*
 * What was sent and is not confirmed. An entry is durable before its first POST and is retried with
 * the same producer sequence until the server answers; the order of entries is the order they
 * arrive in, so only the oldest is in flight.
 */
#ifndef MODEL_OUTBOX_H
#define MODEL_OUTBOX_H

#include "model/store.h"

struct outbox_entry {
	struct buf id, text, ask;
	enum act_kind kind;
	enum ask_answer answer;
	int64_t time, seq;
	unsigned tries;
};

struct outbox;

/* Reads what an earlier run left unconfirmed. `store` and `session` outlive it. */
enum err outbox_open(struct outbox **out, struct store *store, int64_t session, struct error *e);
void outbox_free(struct outbox *o);

/* Durable when it returns ERR_OK. `act->id` must be set. */
enum err outbox_add(struct outbox *o, const struct act *act, struct error *e);
size_t outbox_count(const struct outbox *o);
const struct outbox_entry *outbox_at(const struct outbox *o, size_t i);
/* The one to be sent now, with the producer's fields filled in; false when there is none. */
bool outbox_next(const struct outbox *o, struct act *act);

/* What became of the oldest entry. */
enum err outbox_confirmed(struct outbox *o, struct str offset, struct error *e);
enum err outbox_rejected(struct outbox *o, struct str reason, struct error *e);
void outbox_retry(struct outbox *o);
/* 403: somebody else is this producer now; takes the next epoch after `epoch`. */
enum err outbox_fenced(struct outbox *o, int64_t epoch, struct error *e);

#endif
