/*
 * What the files of the log share. log.c is the room of SQLite: it opens, checks and closes the
 * file and runs statements; the others say in SQL what they want. For log*.c only. After an error
 * there is no statement any more: everything takes NULL for one and does nothing.
 */
#ifndef SERVE_LOG_DB_H
#define SERVE_LOG_DB_H

#include "serve/log.h"

enum query {
	Q_BEGIN, Q_COMMIT, Q_FIND, Q_GET, Q_NEXT, Q_INSERT, Q_UPDATE, Q_SET_DIES, Q_SET_GONE, Q_SET_FORKS,
	Q_UNLINK, Q_DEAD, Q_PURGE_PRODUCERS, Q_FORGET, Q_EXPIRED, Q_APPEND, Q_PRODUCER,
	Q_SET_PRODUCER, Q_ROW_AT, Q_ROW_BEFORE, Q_READ,
	Q_FRONT, Q_LAST_TIME, Q_CUT, Q_OLDEST, Q_SET_FIRST, Q_ABOUT, Q_SET_ABOUT, Q_FORGET_ABOUT, Q_SIZE,
	Q_PRODUCERS, Q_FORGET_PRODUCERS, Q_SLICE,
	QUERIES
};

/* log_sql.c */
extern const char *const log_sql[QUERIES];
/* Run inside a transaction: [v] makes version v + 1 of version v, [0] makes the first. */
extern const char *const log_schema[];
extern const int log_version;

struct stmt;

struct streams {
	struct sqlite3 *db;
	struct stmt *queries[QUERIES];
	int lock;
	int64_t producer_stream;	/* streams_forget_producers was here */
	struct buf producer_id;
	int code;		/* SQLITE_OK, or what went wrong first */
	struct buf error;
};

/* Statements, bound from 1 on, columns from 0 on. What is bound must outlive the run. */
struct stmt *sql_query(struct streams *l, enum query which);
void sql_int(struct stmt *s, int at, int64_t v);
void sql_ints(struct stmt *s, const int64_t *v, int n);
void sql_text(struct stmt *s, int at, struct str v);
void sql_blob(struct stmt *s, int at, struct str v);
/* True on a row: read it, then end the statement. False at the end or on an error, and ended. */
bool sql_step(struct streams *l, struct stmt *s);
void sql_end(struct stmt *s);
/* Runs one that gives no rows; the second one binds numbers from the left. */
bool sql_run(struct streams *l, struct stmt *s);
bool sql_run_ints(struct streams *l, enum query which, const int64_t *v, int n);
/* The number in the first row; 0 when there is none. */
int64_t sql_number(struct streams *l, struct stmt *s);
int64_t sql_column(struct stmt *s, int at);
/* Until the next step. */
struct str sql_bytes(struct stmt *s, int at);
/* Of the last insert. */
int64_t sql_last_id(struct streams *l);
/* What cannot be stored counts as a full disk. */
bool sql_refuse(struct streams *l);

/*
 * Rows of all streams lie in one table in the order of (stream, n): reading a stream is walking
 * along its leaves. A key holds both: 27 bits of stream, 36 of n.
 */
enum { LOG_N_BITS = 36 };
#define LOG_N_LIMIT (INT64_C(1) << LOG_N_BITS)
#define LOG_ID_LIMIT (INT64_C(1) << 27)

static inline int64_t
log_key(int64_t id, int64_t n)
{
	return (int64_t)((uint64_t)id << LOG_N_BITS | (uint64_t)n);
}

#endif
