/*
 * The cache on disk: records as they came with the position behind them, and the outbox. One SQLite
 * file, 0600 in a 0700 directory. Writes are collected in one transaction until store_commit; a
 * crash loses at most what was not committed, and the position stored with it says so.
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
void store_close(struct store *st);

/* The row of a session, made if need be; `name` is endpoint_name. */
enum err store_session(struct store *st, struct str name, struct str dialect, int64_t *session,
    struct error *e);
/* Where reading goes on. Empty for a new session. */
enum err store_position(struct store *st, int64_t session, struct position *out, struct error *e);

enum err store_append(struct store *st, int64_t session, struct str record, int64_t time,
    struct error *e);
enum err store_set_position(struct store *st, int64_t session, const struct position *at,
    struct error *e);
/* All records of the session are dropped, the outbox stays. */
enum err store_forget(struct store *st, int64_t session, struct error *e);
/* Does nothing when nothing was written. */
enum err store_commit(struct store *st, struct error *e);

/* Calls `record` for each in order; it may not call the store. */
enum err store_replay(struct store *st, int64_t session,
    void (*record)(void *ctx, struct str bytes, int64_t time), void *ctx, uint64_t *count,
    struct error *e);

/* The outbox: see model/outbox.h, its only user. */
struct store_entry {
	int64_t seq;
	struct str id, text, ask, state, offset, reason;
	int kind, answer;
	int64_t time;
};
enum err store_producer(struct store *st, int64_t session, struct buf *id, int64_t *epoch,
    int64_t *next_seq, struct error *e);
enum err store_set_producer(struct store *st, int64_t session, int64_t epoch, int64_t next_seq,
    struct error *e);
enum err store_outbox_put(struct store *st, int64_t session, const struct store_entry *entry,
    struct error *e);
enum err store_outbox_each(struct store *st, int64_t session,
    void (*entry)(void *ctx, const struct store_entry *entry), void *ctx, struct error *e);

#endif
