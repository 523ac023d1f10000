#include "serve/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "serve/log_db.h"

static sqlite3_stmt *
raw(struct stmt *s)
{
	return (sqlite3_stmt *)(void *)s;
}

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

static void
failed(struct streams *l, int code)
{
	if (!streams_ok(l))
		return;
	l->code = code;
	buf_clear(&l->error);
	buf_printf(&l->error, "%s (%d)", sqlite3_errmsg(l->db), code);
	buf_cstr(&l->error);
}

bool
sql_refuse(struct streams *l)
{
	failed(l, SQLITE_FULL);
	return false;
}

/* ---- statements */

struct stmt *
sql_query(struct streams *l, enum query which)
{
	sqlite3_stmt *s = raw(l->queries[which]);
	int code;

	if (!streams_ok(l))
		return NULL;
	if (s == NULL) {
		code = sqlite3_prepare_v3(l->db, log_sql[which], -1, SQLITE_PREPARE_PERSISTENT, &s,
		    NULL);
		if (code != SQLITE_OK)
			failed(l, code);
		l->queries[which] = (struct stmt *)(void *)s;
	}
	return l->queries[which];
}

void
sql_int(struct stmt *s, int at, int64_t v)
{
	if (s != NULL)
		sqlite3_bind_int64(raw(s), at, v);
}

void
sql_ints(struct stmt *s, const int64_t *v, int n)
{
	for (int i = 0; i < n; i++)
		sql_int(s, i + 1, v[i]);
}

void
sql_text(struct stmt *s, int at, struct str v)
{
	if (s != NULL)
		sqlite3_bind_text64(raw(s), at, v.n > 0 ? v.p : "", v.n, SQLITE_STATIC,
		    SQLITE_UTF8);
}

void
sql_blob(struct stmt *s, int at, struct str v)
{
	if (s != NULL)
		sqlite3_bind_blob64(raw(s), at, v.n > 0 ? v.p : "", v.n, SQLITE_STATIC);
}

bool
sql_step(struct streams *l, struct stmt *s)
{
	int code;

	if (s == NULL)
		return false;
	code = sqlite3_step(raw(s));
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		failed(l, sqlite3_extended_errcode(l->db));
	sqlite3_reset(raw(s));
	return false;
}

void
sql_end(struct stmt *s)
{
	sqlite3_reset(raw(s));
}

bool
sql_run(struct streams *l, struct stmt *s)
{
	if (sql_step(l, s))
		sql_end(s);
	return streams_ok(l);
}

bool
sql_run_ints(struct streams *l, enum query which, const int64_t *v, int n)
{
	struct stmt *s = sql_query(l, which);

	sql_ints(s, v, n);
	return sql_run(l, s);
}

int64_t
sql_number(struct streams *l, struct stmt *s)
{
	int64_t v = 0;

	if (sql_step(l, s)) {
		v = sql_column(s, 0);
		sql_end(s);
	}
	return v;
}

int64_t
sql_column(struct stmt *s, int at)
{
	return sqlite3_column_int64(raw(s), at);
}

struct str
sql_bytes(struct stmt *s, int at)
{
	const void *p = sqlite3_column_blob(raw(s), at);

	return str_of(p, (size_t)sqlite3_column_bytes(raw(s), at));
}

int64_t
sql_last_id(struct streams *l)
{
	return sqlite3_last_insert_rowid(l->db);
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
		return error_set(e, ERR_STORE, "%s: cannot make the lock: %s", dir,
		    strerror(errno));
	if (flock(l->lock, LOCK_EX | LOCK_NB) < 0)
		return error_set(e, ERR_STORE,
		    "%s: another weir-serve uses it; stop that one or give --data", dir);
	return ERR_OK;
}

static int
version_of(struct streams *l)
{
	sqlite3_stmt *s = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(l->db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		version = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return version;
}

/* ---- versions and copies */

/* Writes all of `from` into `path`, a file that is empty. */
static enum err
copy_into(sqlite3 *from, const char *path, struct error *e)
{
	sqlite3 *to = NULL;
	sqlite3_backup *backup = NULL;
	int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL);

	if (code == SQLITE_OK && (backup = sqlite3_backup_init(to, "main", from, "main")) == NULL)
		code = sqlite3_errcode(to);
	/* In one step, so that it is one moment; whoever writes meanwhile does not wait for it. */
	if (backup != NULL) {
		code = sqlite3_backup_step(backup, -1);
		code = sqlite3_backup_finish(backup) != SQLITE_OK ? sqlite3_errcode(to) : code;
	}
	/* It stands alone: whoever opens it to look makes no files beside it. */
	if (code == SQLITE_DONE)
		code = sqlite3_exec(to, "PRAGMA journal_mode = DELETE;", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		error_set(e, ERR_STORE, "copy to %s: %s", path, sqlite3_errmsg(to));
	sqlite3_close(to);
	return code == SQLITE_OK ? ERR_OK : ERR_STORE;
}

static bool
sync_file(const char *path, bool directory)
{
	int fd = open(path, (directory ? O_RDONLY | O_DIRECTORY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* The directory that `path` stands in. */
static void
parent_of(const char *path, struct buf *out)
{
	const char *slash = strrchr(path, '/');

	buf_clear(out);
	if (slash == NULL)
		buf_byte(out, '.');
	else
		buf_add(out, path, slash > path ? (size_t)(slash - path) : 1);
}

/* A whole copy under this name or none: it is made beside it and moved there. */
static enum err
copy_to(sqlite3 *from, const char *path, bool replace, struct error *e)
{
	struct buf part = { 0 }, dir = { 0 };
	enum err err = ERR_STORE;
	int fd, moved;

	buf_printf(&part, "%s.part", path);
	parent_of(path, &dir);
	unlink(buf_cstr(&part));
	fd = open(part.p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		error_set(e, ERR_STORE, "make %s: %s", part.p, strerror(errno));
		goto out;
	}
	close(fd);
	err = copy_into(from, part.p, e);
	if (err != ERR_OK)
		goto out;
	/* A link, unlike a rename, does not replace what came there meanwhile. */
	moved = !sync_file(part.p, false) ? -1 :
	    replace ? rename(part.p, path) : link(part.p, path);
	if (moved < 0 || !sync_file(buf_cstr(&dir), true))
		err = error_set(e, ERR_STORE, "make %s: %s", path, strerror(errno));
out:
	unlink(part.p);
	buf_done(&part);
	buf_done(&dir);
	return err;
}

/* Makes version `from` the newest one, all at once. */
static enum err
migrate(struct streams *l, const char *path, int from, struct error *e)
{
	struct buf sql = { 0 };
	int code;

	buf_str(&sql, STR("BEGIN;"));
	for (int v = from; v < log_version; v++)
		buf_str(&sql, str_from(log_schema[v]));
	buf_printf(&sql, "PRAGMA user_version = %d; COMMIT;", log_version);
	code = sqlite3_exec(l->db, buf_cstr(&sql), NULL, NULL, NULL);
	buf_done(&sql);
	return code == SQLITE_OK ? ERR_OK : open_failed(l, path, "cannot make the tables", e);
}

static enum err
make_schema(struct streams *l, const char *path, struct error *e)
{
	int version = version_of(l);
	struct buf copy = { 0 };
	enum err err = ERR_OK;

	if (version < 0)
		return open_failed(l, path, "not a log of weir", e);
	if (version > log_version)
		return error_set(e, ERR_STORE, "%s: made by a newer weir (version %d); use that",
		    path, version);
	if (version == log_version)
		return ERR_OK;
	if (version > 0) {
		buf_printf(&copy, "%s.v%d", path, version);
		err = copy_to(l->db, buf_cstr(&copy), true, e);
		buf_done(&copy);
	}
	return err == ERR_OK ? migrate(l, path, version, e) : err;
}

static enum err
open_file(struct streams *l, const char *dir, const char *path, enum streams_mode mode,
    struct error *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
	    (mode == STREAMS_WRITE ? SQLITE_OPEN_CREATE : 0);
	const char *settings = mode == STREAMS_WRITE ?
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = 0;"
	    "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;" :
	    "PRAGMA query_only = 1; PRAGMA cache_size = -8192; PRAGMA trusted_schema = 0;";
	struct buf up = { 0 };
	enum err err;

	if (sqlite3_open_v2(path, &l->db, flags, NULL) != SQLITE_OK)
		return open_failed(l, path, "cannot open", e);
	sqlite3_extended_result_codes(l->db, 1);
	sqlite3_busy_timeout(l->db, 5000);
	sqlite3_limit(l->db, SQLITE_LIMIT_SQL_LENGTH, 10000);
	if (sqlite3_exec(l->db, settings, NULL, NULL, NULL) != SQLITE_OK)
		return open_failed(l, path, "cannot read", e);
	if (mode == STREAMS_READ)
		return ERR_OK;
	err = make_schema(l, path, e);
	/* A new file is only safe once its name is on disk too, and so is a new directory. */
	sync_file(dir, true);
	parent_of(dir, &up);
	sync_file(buf_cstr(&up), true);
	buf_done(&up);
	return err;
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
	for (size_t i = 0; i < QUERIES; i++)
		sqlite3_finalize(raw(l->queries[i]));
	sqlite3_close(l->db);
	if (l->lock >= 0)
		close(l->lock);
	buf_done(&l->error);
	buf_done(&l->producer_id);
	free(l);
}

enum err
streams_backup(const char *dir, const char *file, struct error *e)
{
	struct streams *l;
	enum err err;

	if (access(file, F_OK) == 0)
		return error_set(e, ERR_FAILED, "backup %s: it is there already; give a new name", file);
	err = streams_open(&l, dir, STREAMS_READ, e);
	if (err == ERR_OK)
		err = copy_to(l->db, file, false, e);
	streams_close(l);
	return err;
}

bool
streams_begin(struct streams *l)
{
	return sql_run(l, sql_query(l, Q_BEGIN));
}

bool
streams_commit(struct streams *l)
{
	return sql_run(l, sql_query(l, Q_COMMIT));
}

void
streams_rollback(struct streams *l)
{
	if (!sqlite3_get_autocommit(l->db))
		sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
}
