/*
 * What the files of the store share. store.c is the room of SQLite: it opens, checks and closes the
 * file and runs statements; the others say in SQL what they want. For store*.c only.
 */
#ifndef MODEL_STORE_DB_H
#define MODEL_STORE_DB_H

#include "model/store_keep.h"

enum query {
	Q_BEGIN, Q_COMMIT, Q_ROLLBACK, Q_FULL, Q_NORMAL,
	Q_SESSION, Q_SESSION_ADD, Q_SESSION_SET, Q_LAST, Q_FORGET, Q_APPEND, Q_REPLAY,
	Q_SESSIONS, Q_PAGE_SIZE, Q_PAGE_COUNT, Q_SPARE, Q_VACUUM, Q_INTEGRITY,
	Q_PRUNE_PAGES, Q_PRUNE_ITEMS, Q_PRUNE_ENTITIES, Q_PRUNE_USAGE, Q_PRUNE_PRODUCERS,
	Q_PRUNE_OUTBOX, Q_PRUNE_SESSION,
	Q_OLD, Q_OLD_DROP, Q_USAGE,
	Q_FOLD, Q_FOLD_PUT, Q_FOLD_DROP,
	Q_ITEM, Q_ITEM_PUT, Q_ITEM_DROP,
	Q_ENTITY, Q_ENTITY_PUT, Q_ENTITY_DROP,
	Q_LANES, Q_PRODUCER, Q_PRODUCER_ADD, Q_PRODUCER_NEXT, Q_PRODUCER_SET,
	Q_PUT, Q_JUDGED, Q_JUDGED_DROP, Q_CONFIRM, Q_REJECT, Q_ENTRIES, Q_RENUMBER,
	QUERIES
};

/* store_sql.c */
extern const char *const store_sql[QUERIES];
/* The statements that make version n + 1 of the file out of version n; NULL ends each. */
extern const char *const *const store_migrations[];
extern const int store_version;

/* A session that was opened. */
struct row {
	int64_t id;
	uint64_t lanes;		/* of its outbox that are ours, a bit each; 0: not chosen yet */
	bool writer, dirty;
	struct buf dialect;
	struct position at;
	uint64_t records;	/* that stand before the position */
	uint64_t bytes;		/* of these */
	uint64_t told;		/* `bytes` as they stand in `usage`, UINT64_MAX: not written yet */
	struct buf page;	/* the last ones, not written yet; see store_page.c */
	uint64_t in_page;
	int64_t page_time;
};

struct stmt;

struct store {
	struct sqlite3 *db;
	struct stmt *queries[QUERIES];
	struct buf path;	/* empty in memory */
	int lock_fd;		/* -1 in memory */
	bool writing;		/* a transaction is open */
	struct store_sync *sync;	/* NULL: it had nothing to do yet */
	int frames, moved;	/* of the log: now, and when it was moved last */
	bool suspect;		/* something could not be read */
	bool unchecked, checking;	/* the file is to be looked through; it is under way */
	bool damaged;
	struct store_limits limits;	/* to be kept by the thread, once */
	bool limited;
	struct error broken;	/* why nothing more is stored; code 0 while all is well */
	struct row **rows;
	size_t nrows, cap_rows;
};

/* A statement ready to bind, from 1. What is bound lives until the end of the statement. */
struct stmt *store_query(struct store *st, enum query q);
void store_bind(struct stmt *s, int i, struct str v);
void store_bind_i64(struct stmt *s, int i, int64_t v);
/* Steps: true when there is a row, whose columns are read from 0. */
bool store_step(struct stmt *s);
struct str store_str(struct stmt *s, int i);
int64_t store_i64(struct stmt *s, int i);
/* Ends it; false when a step failed. */
bool store_end(struct stmt *s);
/* Steps once and ends. */
bool store_run(struct stmt *s);
int64_t store_last_row(const struct store *st);
/* Rows the last statement changed. */
uint64_t store_changes(const struct store *st);
/* A store of a file that another one of this program has open and has looked at. */
enum err store_open_second(struct store **out, const char *real, struct error *e);

/* The last statement met something that cannot be. */
bool store_found_damage(const struct store *st);
/* Moves the log into the file, as far as nobody reads it. */
void store_move_log(struct store *st);

/* "cache PATH: what: why". */
enum err store_fail(struct store *st, const char *what, struct error *e);
/* store_turn.c: opens a transaction if none is open; store_commit ends it. */
enum err store_begin(struct store *st, struct error *e);
void store_roll_back(struct store *st);
/* What could not be stored would be a hole: from now on nothing is, and every call says why. */
enum err store_break(struct store *st, const struct error *why, struct error *e);
enum err store_broken(const struct store *st, struct error *e);
/* A statement that writes, in a transaction that is opened if need be; NULL: the store broke. */
struct stmt *store_write(struct store *st, enum query q, struct error *e);
/* It failed: see store_break. */
enum err store_write_failed(struct store *st, const char *what, struct error *e);
/* A transaction of its own that survives a power cut; what was written before is committed first.
 * `ok` false rolls back. */
enum err store_begin_durable(struct store *st, struct error *e);
enum err store_commit_durable(struct store *st, bool ok, struct error *e);

/* store_page.c: records that are written together are one row, by the number of the last. */
void store_page_add(struct row *row, struct str record, int64_t time);
/* Writes the page of a session as a part of the transaction. */
bool store_page_write(struct store *st, struct row *row);
/* Calls `record` for those of a page that come after the first *n; false: it wants no more, or the
 * page is none, which *broken says. */
bool store_page_read(struct str page, uint64_t last, uint64_t *n, bool *broken,
    bool (*record)(void *ctx, struct str bytes, int64_t time), void *ctx);
/* Makes pages of the records of version 1. */
bool store_page_migrate(struct store *st);

struct row *store_row(const struct store *st, int64_t session);
/* Positions and pages of all sessions that have moved, as a part of the transaction. */
enum err store_write_rows(struct store *st, struct error *e);
/* All sessions were used until now: to be written with the next commit. */
void store_touch(struct store *st);
/* Those of one session. */
bool store_write_row(struct store *st, struct row *row);
void store_free_row(struct row *row);
/*
 * Takes a lock of this session if nobody else has it: a lane of its outbox, the right to store its
 * records, or, STORE_LOCK_OPEN, the right to drop it.
 */
enum { STORE_LOCKS = 64, STORE_LANES = STORE_LOCKS - 2, STORE_LOCK_OPEN = STORE_LANES,
	STORE_LOCK_WRITER };
bool store_lock(const struct store *st, int64_t session, int which);
void store_unlock(const struct store *st, int64_t session, int which);

#endif
