/*
 * The cache as a whole: what is in it, what of it is kept, and whether it is sound. Dropped is only
 * what no program has open and nothing of which waits to be sent; a session that is dropped is
 * read again from its server when somebody opens it.
 */
#ifndef MODEL_STORE_KEEP_H
#define MODEL_STORE_KEEP_H

#include "model/store.h"

struct store_session_row {
	int64_t id;
	struct str name, dialect;	/* borrowed for the call; as the user gave them */
	uint64_t records, bytes;	/* of the records as they came */
	uint64_t unsent;		/* inputs the server has not confirmed */
	int64_t used;			/* ms since 1970 */
};

/* The one used last is the last. */
enum err store_each(struct store *st, void (*session)(void *ctx, const struct store_session_row *row),
    void *ctx, struct error *e);

/* The records of one, in order; a hole is an error. */
enum err store_each_record(struct store *st, int64_t session, uint64_t records,
    bool (*record)(void *ctx, struct str bytes, int64_t time), void *ctx, struct error *e);

struct store_size {
	uint64_t file, log;	/* bytes on the disk */
	uint64_t spare;		/* of the file, not in use */
	uint64_t sessions, records;
};
enum err store_measure(struct store *st, struct store_size *out, struct error *e);

struct store_limits {
	int64_t age;		/* ms since a session was used last; 0: any */
	uint64_t bytes;		/* of the file in use; 0: any */
};
struct store_pruned {
	uint64_t sessions, bytes;	/* dropped; of the file, given back or spare now */
	uint64_t held;			/* sessions that were due and are open or have input to send */
};
/*
 * Drops the sessions beyond the limits, those not used for longest first, in transactions that hold
 * nobody up. `stop` is asked in between and may be NULL.
 */
enum err store_prune(struct store *st, const struct store_limits *limits, bool (*stop)(void *ctx),
    void *ctx, struct store_pruned *out, struct error *e);
/* From now on and once in this run a thread prunes the file of `st`. */
void store_limit(struct store *st, const struct store_limits *limits);

/* Looks at every page and every record: `found` gets a line for each thing that is wrong. A file that
 * is damaged is set aside with the next store_open. */
enum err store_verify(struct store *st, struct buf *found, struct error *e);

#endif
