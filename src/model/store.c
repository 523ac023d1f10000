#include "model/store.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/store_db.h"
#include "model/store_file.h"
#include "model/store_sync.h"

enum {
	APPLICATION_ID = 0x77656972,	/* "weir" */
	BUSY_MS = 1000,			/* somebody else's commit takes milliseconds */
	CHECK_NOW = 16 << 20,		/* bytes of a file that are looked through at once */
	MAX_VALUE = 128 << 20		/* bytes of one record, above what sse.h lets through */
};

enum err
store_fail(struct store *st, const char *what, struct error *e)
{
	return error_set(e, ERR_STORE, "cache %s: %s: %s",
	    st->path.n > 0 ? buf_cstr(&st->path) : "in memory", what, sqlite3_errmsg(st->db));
}

/* ---- statements: struct stmt is SQLite's own */

static sqlite3_stmt *
raw(struct stmt *s)
{
	return (sqlite3_stmt *)s;
}

struct stmt *
store_query(struct store *st, enum query q)
{
	sqlite3_stmt *s = NULL;

	if (st->queries[q] == NULL) {
		sqlite3_prepare_v3(st->db, store_sql[q], -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);
		st->queries[q] = (struct stmt *)s;
	}
	/* NULL after a failure: every call below takes that as one more failure. */
	return st->queries[q];
}

void
store_bind(struct stmt *s, int i, struct str v)
{
	sqlite3_bind_blob64(raw(s), i, v.n > 0 ? v.p : "", v.n, SQLITE_STATIC);
}

void
store_bind_i64(struct stmt *s, int i, int64_t v)
{
	sqlite3_bind_int64(raw(s), i, v);
}

bool
store_step(struct stmt *s)
{
	return sqlite3_step(raw(s)) == SQLITE_ROW;
}

struct str
store_str(struct stmt *s, int i)
{
	const void *p = sqlite3_column_blob(raw(s), i);

	return str_of(p, (size_t)sqlite3_column_bytes(raw(s), i));
}

int64_t
store_i64(struct stmt *s, int i)
{
	return sqlite3_column_int64(raw(s), i);
}

bool
store_end(struct stmt *s)
{
	bool ok;

	if (s == NULL)
		return false;
	ok = sqlite3_reset(raw(s)) == SQLITE_OK;
	sqlite3_clear_bindings(raw(s));
	return ok;
}

bool
store_run(struct stmt *s)
{
	store_step(s);
	return store_end(s);
}

int64_t
store_last_row(const struct store *st)
{
	return sqlite3_last_insert_rowid(st->db);
}

uint64_t
store_changes(const struct store *st)
{
	return (uint64_t)sqlite3_changes(st->db);
}

static bool
is_damage(int rc)
{
	return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

bool
store_found_damage(const struct store *st)
{
	return is_damage(sqlite3_errcode(st->db));
}

void
store_move_log(struct store *st)
{
	sqlite3_wal_checkpoint_v2(st->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* ---- opening */

/* Runs a pragma or a query and compares its first value. */
static bool
says(struct store *st, const char *text, const char *want)
{
	sqlite3_stmt *s = NULL;
	bool yes = false;

	if (sqlite3_prepare_v2(st->db, text, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		yes = str_eq(store_str((struct stmt *)s, 0), str_from(want));
	sqlite3_finalize(s);
	return yes;
}

static bool
number(struct store *st, const char *text, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(st->db, text, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW;

	if (ok)
		*out = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return ok;
}

/* What a file from outside could do beyond holding rows is switched off before it is read. */
static bool
harden(sqlite3 *db)
{
	static const struct {
		int what, value;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, MAX_VALUE }, { SQLITE_LIMIT_SQL_LENGTH, 10000 },
		{ SQLITE_LIMIT_COLUMN, 64 }, { SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 }, { SQLITE_LIMIT_WORKER_THREADS, 0 },
	};
	static const struct {
		int what, value;
	} config[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 }, { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 }, { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		sqlite3_limit(db, limits[i].what, limits[i].value);
	for (size_t i = 0; i < sizeof config / sizeof *config; i++)
		if (sqlite3_db_config(db, config[i].what, config[i].value, NULL) != SQLITE_OK)
			return false;
	return true;
}

enum found { FOUND_GOOD, FOUND_DAMAGED, FOUND_ERROR };

static enum found
judge(struct store *st, const char *what, struct error *e)
{
	if (is_damage(sqlite3_errcode(st->db)))
		return FOUND_DAMAGED;
	store_fail(st, what, e);
	return FOUND_ERROR;
}

/* The tables are the ones a weir of that version made, and there is nothing beside them. */
static bool
schema_is_ours(struct store *st, int64_t version)
{
	struct buf want = { 0 };
	bool ours;

	for (int64_t v = 0; v < version; v++)
		for (const char *const *s = store_migrations[v]; *s != NULL; s++)
			if (str_starts(str_from(*s), STR("CREATE ")))
				buf_printf(&want, "%s;", *s);
	ours = version == 0 || says(st, "SELECT group_concat(sql || ';', '') FROM "
	    "(SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid)", buf_cstr(&want));
	buf_done(&want);
	return ours;
}

/* An older weir, or a person who finds something missing, has the file as it was. */
static enum found
back_up(struct store *st, int64_t version, struct error *e)
{
	struct buf name = { 0 };
	enum found found = FOUND_ERROR;
	sqlite3 *to = NULL;
	sqlite3_backup *copy;
	int rc = SQLITE_CANTOPEN;

	if (st->path.n == 0)
		return FOUND_GOOD;
	buf_printf(&name, "%s.v%d", buf_cstr(&st->path), (int)version);
	if (store_file_copy_begin(buf_cstr(&name), e) != ERR_OK)
		goto out;
	if (sqlite3_open_v2(buf_cstr(&name), &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) ==
	    SQLITE_OK) {
		copy = sqlite3_backup_init(to, "main", st->db, "main");
		if (copy != NULL)
			sqlite3_backup_step(copy, -1);
		rc = copy != NULL ? sqlite3_backup_finish(copy) : sqlite3_errcode(to);
	}
	sqlite3_close(to);
	if (rc == SQLITE_OK)
		found = FOUND_GOOD;
	else if (is_damage(rc))
		found = FOUND_DAMAGED;
	else
		error_set(e, ERR_STORE, "the cache is of an older weir and cannot be copied before it is "
		    "changed: %s: %s", buf_cstr(&name), sqlite3_errstr(rc));
out:
	buf_done(&name);
	return found;
}

static enum found
migrate(struct store *st, int64_t version, struct error *e)
{
	char text[64];
	bool ok = (version > 0 || sqlite3_exec(st->db, "PRAGMA page_size = 8192; "
	    "PRAGMA auto_vacuum = INCREMENTAL", NULL, NULL, NULL) == SQLITE_OK) &&
	    sqlite3_exec(st->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;

	/* Somebody else may have been quicker. */
	ok = ok && number(st, "PRAGMA user_version", &version);
	for (; ok && version < store_version; version++)
		for (const char *const *s = store_migrations[version]; ok && *s != NULL; s++)
			ok = sqlite3_exec(st->db, *s, NULL, NULL, NULL) == SQLITE_OK;
	ok = ok && store_page_migrate(st);
	sqlite3_snprintf((int)sizeof text, text, "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    APPLICATION_ID, store_version);
	ok = ok && sqlite3_exec(st->db, text, NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(st->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	return ok ? FOUND_GOOD : judge(st, "make tables", e);
}

/* A check reads the whole file: it is for one that crashed or came from elsewhere, and of a large
 * one nobody waits for it. */
static enum found
look_for_damage(struct store *st, struct error *e)
{
	enum store_mark mark = STORE_UNMARKED;

	if (st->lock_fd >= 0)
		mark = store_file_marked(buf_cstr(&st->path), st->lock_fd);
	if (mark == STORE_DAMAGED)
		return FOUND_DAMAGED;
	if (mark == STORE_GOOD)
		return FOUND_GOOD;
	st->unchecked = st->path.n > 0 && store_file_size(buf_cstr(&st->path)) > CHECK_NOW;
	if (st->unchecked || says(st, "PRAGMA quick_check(1)", "ok"))
		return FOUND_GOOD;
	return (sqlite3_errcode(st->db) & 0xff) == SQLITE_BUSY ? judge(st, "check", e) : FOUND_DAMAGED;
}

static enum found
examine(struct store *st, struct error *e)
{
	int64_t version, application, objects;
	enum found f;

	if (!number(st, "PRAGMA user_version", &version) ||
	    !number(st, "PRAGMA application_id", &application) ||
	    !number(st, "SELECT count(*) FROM sqlite_schema", &objects))
		return judge(st, "read", e);
	if (application != APPLICATION_ID && (version != 0 || objects != 0)) {
		error_set(e, ERR_STORE, "%s is no cache of weir; choose another place for it",
		    buf_cstr(&st->path));
		return FOUND_ERROR;
	}
	if (version > store_version) {
		error_set(e, ERR_STORE, "%s was written by a newer weir; update this one or remove "
		    "the file", buf_cstr(&st->path));
		return FOUND_ERROR;
	}
	f = look_for_damage(st, e);
	if (f != FOUND_GOOD)
		return f;
	if (!schema_is_ours(st, version))
		return FOUND_DAMAGED;
	if (version < store_version) {
		f = version > 0 ? back_up(st, version, e) : FOUND_GOOD;

		if (f == FOUND_GOOD)
			f = migrate(st, version, e);
		if (f != FOUND_GOOD)
			return f;
	}
	return schema_is_ours(st, store_version) ? FOUND_GOOD : FOUND_DAMAGED;
}

/* How long the log is after a commit. */
static int
on_commit(void *ctx, sqlite3 *db, const char *name, int frames)
{
	struct store *st = ctx;

	(void)db;
	(void)name;
	if (frames < st->moved)
		st->moved = 0;
	st->frames = frames;
	return SQLITE_OK;
}

static enum found
open_db(struct store *st, struct error *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW |
	    SQLITE_OPEN_NOMUTEX;
	const char *name = st->path.n > 0 ? buf_cstr(&st->path) : ":memory:";
	int rc = sqlite3_open_v2(name, &st->db, flags, NULL);
	enum found f;

	if (st->db == NULL) {
		error_set(e, ERR_STORE, "open cache %s: out of memory", name);
		return FOUND_ERROR;
	}
	if (rc != SQLITE_OK || !harden(st->db))
		return judge(st, "open", e);
	sqlite3_busy_timeout(st->db, BUSY_MS);
	f = examine(st, e);
	if (f != FOUND_GOOD)
		return f;
	if (st->path.n > 0 && !says(st, "PRAGMA journal_mode = WAL", "wal"))
		return judge(st, "switch to a write-ahead log", e);
	sqlite3_wal_hook(st->db, on_commit, st);
	return store_run(store_query(st, Q_NORMAL)) ? FOUND_GOOD : judge(st, "configure", e);
}

static void
close_db(struct store *st)
{
	for (size_t i = 0; i < QUERIES; i++) {
		sqlite3_finalize(raw(st->queries[i]));
		st->queries[i] = NULL;
	}
	sqlite3_close(st->db);
	st->db = NULL;
}

static enum err
open_file(struct store *st, struct buf *note, struct error *e)
{
	enum found f = open_db(st, e);

	if (f == FOUND_DAMAGED && st->path.n > 0) {
		close_db(st);
		if (store_file_set_aside(buf_cstr(&st->path), note, e) != ERR_OK)
			return ERR_STORE;
		f = open_db(st, e);
	}
	if (f == FOUND_DAMAGED)
		return store_fail(st, "open", e);
	return f == FOUND_GOOD ? ERR_OK : ERR_STORE;
}

enum err
store_open(struct store **out, const char *path, struct buf *note, struct error *e)
{
	struct store *st = mem_zalloc(sizeof *st);
	enum err r = ERR_OK;

	st->lock_fd = -1;
	if (path != NULL)
		r = store_file_prepare(path, &st->path, e);
	if (r == ERR_OK && path != NULL)
		r = store_file_lock_open(buf_cstr(&st->path), &st->lock_fd, e);
	if (r == ERR_OK)
		r = open_file(st, note, e);
	if (r != ERR_OK) {
		store_close(st);
		st = NULL;
	}
	*out = st;
	return r;
}

enum err
store_open_second(struct store **out, const char *real, struct error *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	struct store *st = mem_zalloc(sizeof *st);

	*out = st;
	buf_set(&st->path, str_from(real));
	/* It has not looked at the file, so it must not say that it is good. */
	st->suspect = true;
	if (store_file_lock_open(real, &st->lock_fd, e) != ERR_OK)
		return ERR_STORE;
	if (sqlite3_open_v2(real, &st->db, flags, NULL) != SQLITE_OK || !harden(st->db) ||
	    !store_run(store_query(st, Q_NORMAL)))
		return store_fail(st, "open", e);
	sqlite3_busy_timeout(st->db, BUSY_MS);
	return ERR_OK;
}

void
store_close(struct store *st)
{
	enum store_mark mark = STORE_UNMARKED;

	if (st == NULL)
		return;
	store_sync_stop(st->sync);
	st->sync = NULL;
	store_touch(st);
	if (st->db != NULL)
		store_commit(st, NULL);
	if (st->damaged)
		mark = STORE_DAMAGED;
	else if (st->db != NULL && st->broken.code == ERR_OK && !st->suspect && !st->unchecked)
		mark = STORE_GOOD;
	close_db(st);
	if (st->lock_fd >= 0)
		store_file_mark(buf_cstr(&st->path), st->lock_fd, mark);
	if (st->lock_fd >= 0)
		close(st->lock_fd);
	for (size_t i = 0; i < st->nrows; i++)
		store_free_row(st->rows[i]);
	free(st->rows);
	buf_done(&st->path);
	free(st);
}
