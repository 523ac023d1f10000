/*
 * The cache on disk: records as they came with the position behind them, and the outbox. One SQLite
 * file, 0600 in a directory of the user's. Writes are collected in one transaction until
 * store_commit; a crash loses at most what was not committed, and the position stored with it says
 * so. Of several programs that have a session open the first stores its records, the others only
 * read them; each has an outbox of its own.
 */
#ifndef MODEL_STORE_H
#define MODEL_STORE_H

#include "base/buf.h"
#include "base/err.h"
#include "wire/dialect.h"

struct store;

/* `path` NULL: in memory only. A damaged file is renamed to PATH.damaged-N, which is said in
 * `note` (may be NULL), and a new one is begun. */
enum err store_open(struct store **out, const char *path, struct buf *note, struct error *e);
/* Commits what was written. */
void store_close(struct store *st);

/* The row of a session, made if need be; `name` is endpoint_name. What another dialect stored of it
 * is dropped. */
enum err store_session(struct store *st, struct str name, struct str dialect, int64_t *session,
    struct error *e);
/* Where reading goes on: behind the last record store_replay gives. Empty for a new session.
 * `out` is initialised. */
void store_position(const struct store *st, int64_t session, struct position *out);
/* False: another program stores this session; what is written here goes nowhere. */
bool store_writes(const struct store *st, int64_t session);

/* A record counts as one more that is skipped until the next position is set. After an error
 * nothing more is stored: a copy with holes is worse than a short one. */
enum err store_append(struct store *st, int64_t session, struct str record, int64_t time,
    struct error *e);
void store_set_position(struct store *st, int64_t session, const struct position *at);
/* All records of the session are dropped, the outbox stays. */
enum err store_forget(struct store *st, int64_t session, struct error *e);
/* The log has grown faster than it is moved, and can only begin anew when nothing is added to it: what
 * can wait should, store_commit does. It never lasts. */
bool store_waits(const struct store *st);
/* Does nothing when nothing was written. */
enum err store_commit(struct store *st, struct error *e);

/* How many there are. */
uint64_t store_records(const struct store *st, int64_t session);
/* Calls `record` for each behind the first *n, in order, until it returns false; *n counts on. It
 * may not write to the store. */
enum err store_replay(struct store *st, int64_t session,
    bool (*record)(void *ctx, struct str bytes, int64_t time), void *ctx, uint64_t *n,
    struct error *e);

/*
 * The shelf: see model/shelf.h, its only user. What is put is on the disk after store_commit; what
 * is got replaces what is in the buffer, false: there is none.
 */
bool store_get_fold(struct store *st, int64_t session, struct buf *state);
bool store_get_item(struct store *st, int64_t session, uint64_t n, struct buf *bytes);
bool store_get_entity(struct store *st, int64_t session, struct str key, struct buf *bytes);
enum err store_put_fold(struct store *st, int64_t session, struct str state, struct error *e);
enum err store_put_item(struct store *st, int64_t session, uint64_t n, struct str bytes,
    struct error *e);
enum err store_put_entity(struct store *st, int64_t session, struct str key, struct str bytes,
    struct error *e);
/* All of it; of a session another program stores nothing. */
enum err store_drop_fold(struct store *st, int64_t session, struct error *e);

/*
 * The outbox: see model/outbox.h, its only user. Each of these is on the disk when it returns.
 */
struct store_entry {
	int64_t row;		/* ascending in the order of sending; given by store_outbox_put */
	int64_t seq;
	int lane;
	struct str id, user, text, ask, shown;
	int kind, answer;
	int64_t time;
	struct str reason;	/* why it was rejected; empty: it was not */
};
/*
 * How many idempotent producers this program is for this session, each in a lane that no other
 * program uses meanwhile: its own, and those in which programs that are gone left something, which
 * only they can send without sending it twice. 0: too many programs have the session open.
 */
size_t store_lanes(struct store *st, int64_t session);
/* The i-th; it is made if need be. `id` is cleared first. */
enum err store_producer(struct store *st, int64_t session, size_t i, int *lane, struct buf *id,
    int64_t *epoch, struct error *e);
/* Adds an entry with the next sequence number of its lane. */
enum err store_outbox_put(struct store *st, int64_t session, struct store_entry *entry,
    struct error *e);
/* Confirmed without a reason; with one the entry is kept as rejected. */
enum err store_outbox_end(struct store *st, int64_t row, struct str reason, struct error *e);
/* A new epoch of a lane, in which the entries that are left in it count from 0. */
enum err store_outbox_restart(struct store *st, int64_t session, int lane, int64_t epoch,
    struct error *e);
/* The entries of this program's lanes, in order, and those that were rejected. */
enum err store_outbox_each(struct store *st, int64_t session,
    void (*entry)(void *ctx, const struct store_entry *entry), void *ctx, struct error *e);

#endif
