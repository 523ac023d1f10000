#include "serve/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "serve/params.h"

/*
 * Rows of all streams lie in one table in the order of (stream, n): reading a stream is walking
 * along its leaves. A key holds both: 27 bits of stream, 36 of n.
 */
enum { N_BITS = 36, N_MAX_STREAM = 1 << 27, PURGE_ROWS = 256 };
#define N_LIMIT (INT64_C(1) << N_BITS)

#define SCHEMA_VERSION 1
static const char schema[] =
	"CREATE TABLE stream (id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT UNIQUE, type TEXT NOT NULL,"
	" base_n INTEGER NOT NULL, base_b INTEGER NOT NULL, n INTEGER NOT NULL, b INTEGER NOT NULL,"
	" parent INTEGER NOT NULL, forks INTEGER NOT NULL, depth INTEGER NOT NULL,"
	" fork_from TEXT NOT NULL, fork_sub INTEGER NOT NULL,"
	" closed INTEGER NOT NULL, gone INTEGER NOT NULL,"
	" ttl INTEGER NOT NULL, dies INTEGER NOT NULL, expires TEXT NOT NULL, seq BLOB NOT NULL);"
	"CREATE INDEX stream_dies ON stream (dies) WHERE dies > 0;"
	"CREATE TABLE row (key INTEGER PRIMARY KEY, b INTEGER NOT NULL, time INTEGER NOT NULL,"
	" data BLOB NOT NULL);"
	"CREATE TABLE producer (stream INTEGER NOT NULL, id BLOB NOT NULL, epoch INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (stream, id)) WITHOUT ROWID;"
	"PRAGMA user_version = 1;";

#define COLUMNS "path, type, base_n, base_b, n, b, parent, forks, depth, fork_from, fork_sub," \
	" closed, gone, ttl, dies, expires, seq"

enum statement {
	BEGIN, COMMIT, FIND, GET, INSERT, UPDATE, SET_DIES, SET_GONE, SET_FORKS, UNLINK, DEAD, PURGE,
	PURGE_PRODUCERS, FORGET, EXPIRED, APPEND, PRODUCER, SET_PRODUCER, ROW_AT, ROW_BEFORE, READ,
	STATEMENTS
};

static const char *const statements[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[FIND] = "SELECT id, " COLUMNS " FROM stream WHERE path = ?",
	[GET] = "SELECT id, " COLUMNS " FROM stream WHERE id = ?",
	[INSERT] = "INSERT INTO stream (" COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[UPDATE] = "UPDATE stream SET n = ?, b = ?, closed = ?, seq = ? WHERE id = ?",
	[SET_DIES] = "UPDATE stream SET dies = ? WHERE id = ?",
	[SET_GONE] = "UPDATE stream SET gone = 1, dies = 0 WHERE id = ?",
	[SET_FORKS] = "UPDATE stream SET forks = ? WHERE id = ?",
	[UNLINK] = "UPDATE stream SET path = NULL, dies = 0 WHERE id = ?",
	[DEAD] = "SELECT id FROM stream WHERE path IS NULL LIMIT 1",
	[PURGE] = "DELETE FROM row WHERE key IN (SELECT key FROM row WHERE key >= ? AND key < ? LIMIT ?)",
	[PURGE_PRODUCERS] = "DELETE FROM producer WHERE stream = ?",
	[FORGET] = "DELETE FROM stream WHERE id = ?",
	[EXPIRED] = "SELECT id FROM stream WHERE dies > 0 AND dies <= ? LIMIT 1",
	[APPEND] = "INSERT INTO row (key, b, time, data) VALUES (?, ?, ?, ?)",
	[PRODUCER] = "SELECT epoch, seq FROM producer WHERE stream = ? AND id = ?",
	[SET_PRODUCER] = "REPLACE INTO producer (stream, id, epoch, seq, time) VALUES (?, ?, ?, ?, ?)",
	[ROW_AT] = "SELECT b FROM row WHERE key = ?",
	[ROW_BEFORE] = "SELECT key, b FROM row WHERE key <= ? ORDER BY key DESC LIMIT 1",
	[READ] = "SELECT key, b, data FROM row WHERE key >= ? AND key < ? ORDER BY key",
};

struct streams {
	sqlite3 *db;
	sqlite3_stmt *prepared[STATEMENTS];
	int lock;
	int code;		/* SQLITE_OK, or what went wrong first */
	struct buf error;
};

/* ---- errors */

bool
streams_ok(const struct streams *l)
{
	return l->code == SQLITE_OK;
}

const char *
streams_error(const struct streams *l)
{
	return streams_ok(l) ? "" : l->error.p;
}

bool
streams_full(const struct streams *l)
{
	return (l->code & 0xff) == SQLITE_FULL;
}

void
streams_clear(struct streams *l)
{
	l->code = SQLITE_OK;
}

static bool
failed(struct streams *l, int code)
{
	if (streams_ok(l)) {
		l->code = code;
		buf_clear(&l->error);
		buf_printf(&l->error, "%s (%d)", sqlite3_errmsg(l->db), code);
		buf_cstr(&l->error);
	}
	return false;
}

/* ---- statements: ready gives one with no bindings, step runs it to its next row */

static sqlite3_stmt *
ready(struct streams *l, enum statement which)
{
	sqlite3_stmt **s = &l->prepared[which];
	int code;

	if (!streams_ok(l))
		return NULL;
	if (*s == NULL) {
		code = sqlite3_prepare_v3(l->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT, s, NULL);
		if (code != SQLITE_OK) {
			failed(l, code);
			return NULL;
		}
	}
	return *s;
}

static void
bind_bytes(sqlite3_stmt *s, int at, struct str bytes, bool text)
{
	const char *p = bytes.p != NULL ? bytes.p : "";

	if (text)
		sqlite3_bind_text64(s, at, p, bytes.n, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_blob64(s, at, p, bytes.n, SQLITE_STATIC);
}

/* True on a row: read it, then finish the statement. False at the end or on an error: finished. */
static bool
step(struct streams *l, sqlite3_stmt *s)
{
	int code;

	if (s == NULL)
		return false;
	code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		failed(l, sqlite3_extended_errcode(l->db));
	sqlite3_reset(s);
	return false;
}

static void
finish(sqlite3_stmt *s)
{
	sqlite3_reset(s);
}

/* Runs one that gives no rows. */
static bool
run(struct streams *l, sqlite3_stmt *s)
{
	if (step(l, s))
		finish(s);
	return streams_ok(l);
}

/* Runs one whose numbers are bound from the left. */
static bool
run_numbers(struct streams *l, enum statement which, const int64_t *v, int n)
{
	sqlite3_stmt *s = ready(l, which);

	for (int i = 0; s != NULL && i < n; i++)
		sqlite3_bind_int64(s, i + 1, v[i]);
	return run(l, s);
}

/* The first column of the first row; 0 when there is none. */
static int64_t
number(struct streams *l, enum statement which, int64_t arg)
{
	sqlite3_stmt *s = ready(l, which);
	int64_t v = 0;

	if (s != NULL && sqlite3_bind_parameter_count(s) > 0)
		sqlite3_bind_int64(s, 1, arg);
	if (step(l, s)) {
		v = sqlite3_column_int64(s, 0);
		finish(s);
	}
	return v;
}

/* ---- opening */

static enum err
open_failed(struct streams *l, const char *path, const char *what, struct error *e)
{
	return error_set(e, ERR_STORE, "%s: %s: %s", path, what, sqlite3_errmsg(l->db));
}

/* One writer: two servers on one log would each think the tail is theirs. */
static enum err
take_lock(struct streams *l, const char *dir, struct error *e)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/lock", dir);
	l->lock = open(buf_cstr(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	buf_done(&path);
	if (l->lock < 0)
		return error_set(e, ERR_STORE, "%s: cannot make the lock: %s", dir, strerror(errno));
	if (flock(l->lock, LOCK_EX | LOCK_NB) < 0)
		return error_set(e, ERR_STORE, "%s: another weir-serve uses it; stop that one or give --data",
		    dir);
	return ERR_OK;
}

static enum err
make_schema(struct streams *l, const char *path, struct error *e)
{
	sqlite3_stmt *s = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(l->db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		version = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	if (version < 0)
		return open_failed(l, path, "not a log of weir", e);
	if (version > SCHEMA_VERSION)
		return error_set(e, ERR_STORE, "%s: made by a newer weir (version %d); use that one", path,
		    version);
	if (version == 0) {
		struct buf sql = { 0 };
		int code;

		buf_printf(&sql, "BEGIN; %s COMMIT;", schema);
		code = sqlite3_exec(l->db, buf_cstr(&sql), NULL, NULL, NULL);
		buf_done(&sql);
		if (code != SQLITE_OK)
			return open_failed(l, path, "cannot make the tables", e);
	}
	return ERR_OK;
}

/* A new file is only safe once its name is on disk too. */
static void
sync_directory(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static enum err
open_file(struct streams *l, const char *dir, const char *path, enum streams_mode mode, struct error *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
	    (mode == STREAMS_WRITE ? SQLITE_OPEN_CREATE : 0);
	const char *settings = mode == STREAMS_WRITE ?
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
	    "PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = 0;" :
	    "PRAGMA query_only = 1; PRAGMA cache_size = -8192; PRAGMA trusted_schema = 0;";

	if (sqlite3_open_v2(path, &l->db, flags, NULL) != SQLITE_OK)
		return open_failed(l, path, "cannot open", e);
	sqlite3_extended_result_codes(l->db, 1);
	sqlite3_busy_timeout(l->db, 5000);
	sqlite3_limit(l->db, SQLITE_LIMIT_SQL_LENGTH, 10000);
	if (sqlite3_exec(l->db, settings, NULL, NULL, NULL) != SQLITE_OK)
		return open_failed(l, path, "cannot read", e);
	if (mode == STREAMS_READ)
		return ERR_OK;
	sync_directory(dir);
	return make_schema(l, path, e);
}

enum err
streams_open(struct streams **out, const char *dir, enum streams_mode mode, struct error *e)
{
	struct streams *l = mem_zalloc(sizeof *l);
	struct buf path = { 0 };
	enum err err = ERR_OK;

	l->lock = -1;
	buf_printf(&path, "%s/streams.db", dir);
	if (mode == STREAMS_WRITE)
		err = take_lock(l, dir, e);
	if (err == ERR_OK)
		err = open_file(l, dir, buf_cstr(&path), mode, e);
	buf_done(&path);
	if (err != ERR_OK) {
		streams_close(l);
		l = NULL;
	}
	*out = l;
	return err;
}

void
streams_close(struct streams *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(l->prepared[i]);
	sqlite3_close(l->db);
	if (l->lock >= 0)
		close(l->lock);
	buf_done(&l->error);
	free(l);
}

bool
streams_begin(struct streams *l)
{
	return run(l, ready(l, BEGIN));
}

bool
streams_commit(struct streams *l)
{
	return run(l, ready(l, COMMIT));
}

void
streams_rollback(struct streams *l)
{
	if (!sqlite3_get_autocommit(l->db))
		sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- streams */

void
stream_done(struct stream *s)
{
	buf_done(&s->path);
	buf_done(&s->type);
	buf_done(&s->fork_from);
	buf_done(&s->expires);
	buf_done(&s->seq);
}

void
stream_copy(struct stream *to, const struct stream *from)
{
	*to = *from;
	to->path = to->type = to->fork_from = to->expires = to->seq = (struct buf){ 0 };
	buf_set(&to->path, buf_view(&from->path));
	buf_set(&to->type, buf_view(&from->type));
	buf_set(&to->fork_from, buf_view(&from->fork_from));
	buf_set(&to->expires, buf_view(&from->expires));
	buf_set(&to->seq, buf_view(&from->seq));
}

static void
column(sqlite3_stmt *s, int at, struct buf *out)
{
	const void *p = sqlite3_column_blob(s, at);

	buf_set(out, str_of(p, (size_t)sqlite3_column_bytes(s, at)));
}

static bool
load(struct streams *l, sqlite3_stmt *q, struct stream *s)
{
	if (!step(l, q))
		return false;
	s->id = sqlite3_column_int64(q, 0);
	column(q, 1, &s->path);
	column(q, 2, &s->type);
	s->base = (struct offset){ sqlite3_column_int64(q, 3), sqlite3_column_int64(q, 4) };
	s->tail = (struct offset){ sqlite3_column_int64(q, 5), sqlite3_column_int64(q, 6) };
	s->parent = sqlite3_column_int64(q, 7);
	s->forks = sqlite3_column_int64(q, 8);
	s->depth = sqlite3_column_int64(q, 9);
	column(q, 10, &s->fork_from);
	s->fork_sub = sqlite3_column_int64(q, 11);
	s->closed = sqlite3_column_int(q, 12);
	s->gone = sqlite3_column_int(q, 13);
	s->ttl = sqlite3_column_int64(q, 14);
	s->dies = sqlite3_column_int64(q, 15);
	column(q, 16, &s->expires);
	column(q, 17, &s->seq);
	finish(q);
	return true;
}

bool
streams_find(struct streams *l, struct str path, struct stream *s)
{
	sqlite3_stmt *q = ready(l, FIND);

	if (q != NULL)
		bind_bytes(q, 1, path, true);
	return load(l, q, s);
}

bool
streams_get(struct streams *l, int64_t id, struct stream *s)
{
	sqlite3_stmt *q = ready(l, GET);

	if (q != NULL)
		sqlite3_bind_int64(q, 1, id);
	return load(l, q, s);
}

bool
streams_insert(struct streams *l, struct stream *s)
{
	sqlite3_stmt *q = ready(l, INSERT);

	if (q == NULL)
		return false;
	bind_bytes(q, 1, buf_view(&s->path), true);
	bind_bytes(q, 2, buf_view(&s->type), true);
	sqlite3_bind_int64(q, 3, s->base.n);
	sqlite3_bind_int64(q, 4, s->base.b);
	sqlite3_bind_int64(q, 5, s->tail.n);
	sqlite3_bind_int64(q, 6, s->tail.b);
	sqlite3_bind_int64(q, 7, s->parent);
	sqlite3_bind_int64(q, 8, s->forks);
	sqlite3_bind_int64(q, 9, s->depth);
	bind_bytes(q, 10, buf_view(&s->fork_from), true);
	sqlite3_bind_int64(q, 11, s->fork_sub);
	sqlite3_bind_int(q, 12, s->closed);
	sqlite3_bind_int(q, 13, s->gone);
	sqlite3_bind_int64(q, 14, s->ttl);
	sqlite3_bind_int64(q, 15, s->dies);
	bind_bytes(q, 16, buf_view(&s->expires), true);
	bind_bytes(q, 17, buf_view(&s->seq), false);
	if (!run(l, q))
		return false;
	s->id = sqlite3_last_insert_rowid(l->db);
	return s->id < N_MAX_STREAM || failed(l, SQLITE_FULL);
}

bool
streams_update(struct streams *l, const struct stream *s)
{
	sqlite3_stmt *q = ready(l, UPDATE);

	if (q == NULL)
		return false;
	sqlite3_bind_int64(q, 1, s->tail.n);
	sqlite3_bind_int64(q, 2, s->tail.b);
	sqlite3_bind_int(q, 3, s->closed);
	bind_bytes(q, 4, buf_view(&s->seq), false);
	sqlite3_bind_int64(q, 5, s->id);
	return run(l, q);
}

bool
streams_set_dies(struct streams *l, int64_t id, int64_t dies)
{
	return run_numbers(l, SET_DIES, (int64_t[]){ dies, id }, 2);
}

bool
streams_set_gone(struct streams *l, int64_t id)
{
	return run_numbers(l, SET_GONE, (int64_t[]){ id }, 1);
}

bool
streams_set_forks(struct streams *l, int64_t id, int64_t forks)
{
	return run_numbers(l, SET_FORKS, (int64_t[]){ forks, id }, 2);
}

bool
streams_unlink(struct streams *l, int64_t id)
{
	return run_numbers(l, UNLINK, (int64_t[]){ id }, 1);
}

bool
streams_purge(struct streams *l)
{
	int64_t id = number(l, DEAD, 0);

	if (id == 0)
		return false;
	run_numbers(l, PURGE, (int64_t[]){ id << N_BITS, (id + 1) << N_BITS, PURGE_ROWS }, 3);
	if (streams_ok(l) && sqlite3_changes(l->db) == PURGE_ROWS)
		return true;
	run_numbers(l, PURGE_PRODUCERS, (int64_t[]){ id }, 1);
	return run_numbers(l, FORGET, (int64_t[]){ id }, 1);
}

int64_t
streams_expired(struct streams *l, int64_t now)
{
	return number(l, EXPIRED, now);
}

/* ---- rows */

bool
streams_append(struct streams *l, int64_t id, struct offset at, struct str bytes, int64_t now)
{
	sqlite3_stmt *q = ready(l, APPEND);

	if (q == NULL || at.n >= N_LIMIT)
		return failed(l, SQLITE_FULL);
	sqlite3_bind_int64(q, 1, id << N_BITS | at.n);
	sqlite3_bind_int64(q, 2, at.b);
	sqlite3_bind_int64(q, 3, now);
	bind_bytes(q, 4, bytes, false);
	return run(l, q);
}

bool
streams_producer(struct streams *l, int64_t id, struct str producer, struct producer_state *out)
{
	sqlite3_stmt *q = ready(l, PRODUCER);

	*out = (struct producer_state){ 0 };
	if (q == NULL)
		return false;
	sqlite3_bind_int64(q, 1, id);
	bind_bytes(q, 2, producer, false);
	if (step(l, q)) {
		*out = (struct producer_state){ true, sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1) };
		finish(q);
	}
	return streams_ok(l);
}

bool
streams_set_producer(struct streams *l, int64_t id, struct str producer,
    const struct producer_state *p, int64_t now)
{
	sqlite3_stmt *q = ready(l, SET_PRODUCER);

	if (q == NULL)
		return false;
	sqlite3_bind_int64(q, 1, id);
	bind_bytes(q, 2, producer, false);
	sqlite3_bind_int64(q, 3, p->epoch);
	sqlite3_bind_int64(q, 4, p->seq);
	sqlite3_bind_int64(q, 5, now);
	return run(l, q);
}

/* The part of a stream whose rows lie under one id: those from `base` up to `end`. */
struct segment {
	int64_t id;
	struct offset base, end;
};

/* Where the row that begins at `n` lies: walks up the forks. */
static struct segment
segment_of(struct streams *l, const struct stream *s, int64_t n)
{
	struct segment seg = { s->id, s->base, s->tail };
	struct stream up = { 0 };
	int64_t parent = s->parent;

	while (n < seg.base.n && parent != 0 && streams_get(l, parent, &up)) {
		/* A fork may have left its source before the source left its own. */
		struct offset end = offset_cmp(seg.base, seg.end) < 0 ? seg.base : seg.end;

		seg = (struct segment){ up.id, up.base, end };
		parent = up.parent;
	}
	stream_done(&up);
	return seg;
}

bool
streams_is_boundary(struct streams *l, const struct stream *s, struct offset at)
{
	sqlite3_stmt *q;
	bool found = false;

	if (at.n == 0 || offset_cmp(at, s->tail) >= 0)
		return at.n == 0 ? at.b == 0 : offset_cmp(at, s->tail) == 0;
	if ((q = ready(l, ROW_AT)) == NULL)
		return false;
	sqlite3_bind_int64(q, 1, segment_of(l, s, at.n).id << N_BITS | at.n);
	if (step(l, q)) {
		found = sqlite3_column_int64(q, 0) == at.b;
		finish(q);
	}
	return found;
}

/* The last row of `seg` that begins at or before `n`. */
static struct offset
row_before(struct streams *l, const struct segment *seg, int64_t n)
{
	sqlite3_stmt *q = ready(l, ROW_BEFORE);
	struct offset at = seg->base;

	if (q == NULL)
		return at;
	sqlite3_bind_int64(q, 1, seg->id << N_BITS | n);
	if (step(l, q)) {
		int64_t key = sqlite3_column_int64(q, 0);

		if (key >> N_BITS == seg->id)
			at = (struct offset){ key & (N_LIMIT - 1), sqlite3_column_int64(q, 1) };
		finish(q);
	}
	return at;
}

/* The boundary behind the row that begins at `from`. */
static struct offset
row_end(struct streams *l, const struct stream *s, const struct segment *seg, struct offset from)
{
	struct buf row = { 0 };
	struct offset end = streams_read(l, s, from, seg->end, 1, &row);

	buf_done(&row);
	return end;
}

struct offset
streams_page(struct streams *l, const struct stream *s, struct offset from, int64_t bytes)
{
	struct segment seg;
	struct offset last = from;
	int64_t low = from.n, high;

	if (s->tail.b - from.b <= bytes)
		return s->tail;
	seg = segment_of(l, s, from.n);
	if (seg.end.b - from.b <= bytes)
		return seg.end;
	high = seg.end.n;
	/* The row that holds `low` begins within the limit, the one at `high` does not. */
	while (high - low > 1 && streams_ok(l)) {
		int64_t mid = low + (high - low) / 2;
		struct offset at = row_before(l, &seg, mid);

		if (at.b - from.b > bytes) {
			high = at.n;
			continue;
		}
		low = mid;
		if (at.n > last.n)
			last = at;
	}
	return last.n > from.n ? last : row_end(l, s, &seg, from);
}

/* Reads within one segment; returns where it stopped. */
static struct offset
read_segment(struct streams *l, const struct segment *seg, struct offset from, struct offset to,
    bool json, size_t bytes, struct buf *out)
{
	sqlite3_stmt *q = ready(l, READ);
	struct offset at = from;

	if (q == NULL)
		return at;
	sqlite3_bind_int64(q, 1, seg->id << N_BITS | from.n);
	sqlite3_bind_int64(q, 2, seg->id << N_BITS | to.n);
	while (step(l, q)) {
		struct offset begins = { sqlite3_column_int64(q, 0) & (N_LIMIT - 1),
			sqlite3_column_int64(q, 1) };
		struct str data = str_of(sqlite3_column_blob(q, 2), (size_t)sqlite3_column_bytes(q, 2));

		if (begins.n != from.n) {
			at = begins;
			if (out->n >= bytes) {
				finish(q);
				return at;
			}
			if (json)
				buf_byte(out, ',');
		}
		buf_str(out, data);
		at.b = begins.b + (int64_t)data.n + json;
		at.n = begins.n + 1;
	}
	/* The rows ended, so the last one ends where the reader wanted to go: or it is not all there. */
	return at.b == to.b ? to : from;
}

struct offset
streams_read(struct streams *l, const struct stream *s, struct offset from, struct offset to,
    size_t bytes, struct buf *out)
{
	bool json = params_is_json(buf_view(&s->type));
	struct offset at = from;

	while (offset_cmp(at, to) < 0 && out->n < bytes) {
		struct segment seg = segment_of(l, s, at.n);
		struct offset end = offset_cmp(seg.end, to) < 0 ? seg.end : to, next;

		if (out->n > 0 && json)
			buf_byte(out, ',');
		next = read_segment(l, &seg, at, end, json, bytes, out);
		if (offset_cmp(next, at) == 0)
			break;
		at = next;
	}
	return at;
}
