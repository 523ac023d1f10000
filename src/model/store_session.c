#include "model/store_db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/store_file.h"

enum {
	PAGE_MAX = 8 << 20,	/* bytes that wait for the end of a turn */
	USAGE_STEP = 1 << 20	/* bytes after which it is noted how long a session is */
};

struct row *
store_row(const struct store *st, int64_t session)
{
	for (size_t i = 0; i < st->nrows; i++)
		if (st->rows[i]->id == session)
			return st->rows[i];
	return NULL;
}

void
store_free_row(struct row *row)
{
	buf_done(&row->dialect);
	buf_done(&row->page);
	buf_done(&row->at.cursor);
	free(row);
}

bool
store_lock(const struct store *st, int64_t session, int which)
{
	return st->lock_fd < 0 || store_file_lock(st->lock_fd, session * STORE_LOCKS + which);
}

void
store_unlock(const struct store *st, int64_t session, int which)
{
	if (st->lock_fd >= 0)
		store_file_unlock(st->lock_fd, session * STORE_LOCKS + which);
}

/* Now and then: it need not be exact while the session grows. */
static bool
tell_usage(struct store *st, struct row *row)
{
	struct stmt *s;

	if (row->bytes > row->told && row->bytes - row->told < USAGE_STEP)
		return true;
	row->told = row->bytes;
	s = store_query(st, Q_USAGE);
	store_bind_i64(s, 1, row->id);
	store_bind_i64(s, 2, clock_wall());
	store_bind_i64(s, 3, (int64_t)row->bytes);
	return store_run(s);
}

void
store_touch(struct store *st)
{
	for (size_t i = 0; i < st->nrows; i++)
		if (st->rows[i]->writer) {
			st->rows[i]->told = UINT64_MAX;
			st->rows[i]->dirty = true;
		}
}

bool
store_write_row(struct store *st, struct row *row)
{
	struct stmt *s;

	if (row->in_page > 0 && !store_page_write(st, row))
		return false;
	s = store_query(st, Q_SESSION_SET);
	store_bind_i64(s, 1, row->id);
	store_bind(s, 2, buf_view(&row->dialect));
	store_bind(s, 3, buf_view(&row->at.cursor));
	store_bind_i64(s, 4, (int64_t)row->at.skip);
	store_bind_i64(s, 5, (int64_t)row->records);
	row->dirty = false;
	return store_run(s) && (row->told == row->bytes || tell_usage(st, row));
}

/* Reads the row of a session; row->id stays 0 when there is none. */
static bool
read_row(struct store *st, struct str name, struct row *row)
{
	struct stmt *s = store_query(st, Q_SESSION);

	store_bind(s, 1, name);
	if (store_step(s)) {
		row->id = store_i64(s, 0);
		buf_set(&row->dialect, store_str(s, 1));
		buf_set(&row->at.cursor, store_str(s, 2));
		row->at.skip = (uint64_t)store_i64(s, 3);
		row->records = (uint64_t)store_i64(s, 4);
		row->bytes = (uint64_t)store_i64(s, 5);
	}
	return store_end(s);
}

static bool
add_row(struct store *st, struct str name, struct str dialect)
{
	struct stmt *s = store_query(st, Q_SESSION_ADD);

	store_bind(s, 1, name);
	store_bind(s, 2, dialect);
	return store_run(s);
}

/* A position that does not fit the records is worth nothing: reading begins anew. */
static bool
fits(struct store *st, const struct row *row)
{
	struct stmt *s = store_query(st, Q_LAST);
	uint64_t last = 0;

	store_bind_i64(s, 1, row->id);
	if (store_step(s))
		last = (uint64_t)store_i64(s, 0);
	return store_end(s) && last == row->records && row->at.skip <= row->records;
}

/* One transaction, so that of two programs that start at once one makes the row. */
static enum err
find_or_add(struct store *st, struct str name, struct str dialect, struct row *row, struct error *e)
{
	bool ok;

	if (store_commit(st, e) != ERR_OK || store_begin(st, e) != ERR_OK)
		return ERR_STORE;
	ok = read_row(st, name, row);
	if (ok && row->id == 0)
		ok = add_row(st, name, dialect) && read_row(st, name, row);
	if (!ok) {
		store_fail(st, "read a session", e);
		store_roll_back(st);
		return ERR_STORE;
	}
	return store_commit(st, e);
}

/* The row, and the lock that keeps it: whoever drops sessions may have been quicker. */
static enum err
hold(struct store *st, struct str name, struct str dialect, struct row *row, struct error *e)
{
	for (;;) {
		int64_t id;

		if (find_or_add(st, name, dialect, row, e) != ERR_OK)
			return ERR_STORE;
		id = row->id;
		if (st->lock_fd < 0 || store_row(st, id) != NULL)
			return ERR_OK;
		if (!store_file_share(st->lock_fd, id * STORE_LOCKS + STORE_LOCK_OPEN))
			return error_set(e, ERR_STORE, "lock %s: %s", buf_cstr(&st->path), strerror(errno));
		row->id = 0;
		if (!read_row(st, name, row))
			return store_fail(st, "read a session", e);
		if (row->id == id)
			return ERR_OK;
		store_unlock(st, id, STORE_LOCK_OPEN);
	}
}

enum err
store_session(struct store *st, struct str name, struct str dialect, int64_t *session,
    struct error *e)
{
	struct row *row = mem_zalloc(sizeof *row);

	if (hold(st, name, dialect, row, e) != ERR_OK) {
		store_free_row(row);
		return ERR_STORE;
	}
	*session = row->id;
	if (store_row(st, row->id) != NULL) {
		store_free_row(row);
		return ERR_OK;
	}
	row->writer = store_lock(st, row->id, STORE_LOCK_WRITER);
	st->rows = mem_grow(st->rows, st->nrows, &st->cap_rows, sizeof *st->rows);
	st->rows[st->nrows++] = row;
	row->told = UINT64_MAX;
	row->dirty = row->writer;
	if (str_eq(buf_view(&row->dialect), dialect) && fits(st, row))
		return ERR_OK;
	buf_set(&row->dialect, dialect);
	return store_forget(st, row->id, e);
}

void
store_position(const struct store *st, int64_t session, struct position *out)
{
	const struct row *row = store_row(st, session);

	*out = (struct position){ .skip = row->at.skip };
	buf_set(&out->cursor, buf_view(&row->at.cursor));
}

bool
store_writes(const struct store *st, int64_t session)
{
	return store_row(st, session)->writer;
}

uint64_t
store_records(const struct store *st, int64_t session)
{
	return store_row(st, session)->records;
}

enum err
store_append(struct store *st, int64_t session, struct str record, int64_t time, struct error *e)
{
	struct row *row = store_row(st, session);

	if (!row->writer)
		return ERR_OK;
	if (st->broken.code != ERR_OK)
		return store_broken(st, e);
	store_page_add(row, record, time);
	row->records++;
	row->bytes += record.n;
	row->at.skip++;
	row->dirty = true;
	return row->page.n < PAGE_MAX ? ERR_OK : store_write_rows(st, e);
}

void
store_set_position(struct store *st, int64_t session, const struct position *at)
{
	struct row *row = store_row(st, session);

	if (!row->writer || (row->at.skip == at->skip &&
	    str_eq(buf_view(&row->at.cursor), buf_view(&at->cursor))))
		return;
	buf_set(&row->at.cursor, buf_view(&at->cursor));
	row->at.skip = at->skip;
	row->dirty = true;
}

enum err
store_forget(struct store *st, int64_t session, struct error *e)
{
	struct row *row = store_row(st, session);
	struct stmt *s;

	buf_clear(&row->at.cursor);
	row->at.skip = 0;
	row->records = row->bytes = row->in_page = 0;
	if (!row->writer)
		return ERR_OK;
	row->dirty = true;
	s = store_write(st, Q_FORGET, e);
	if (s == NULL)
		return ERR_STORE;
	store_bind_i64(s, 1, session);
	if (!store_run(s))
		return store_write_failed(st, "drop records", e);
	return store_drop_fold(st, session, e);
}

enum err
store_replay(struct store *st, int64_t session,
    bool (*record)(void *ctx, struct str bytes, int64_t time), void *ctx, uint64_t *n,
    struct error *e)
{
	const struct row *row = store_row(st, session);
	bool more = true, broken = false;
	struct stmt *s;

	if (row->in_page > 0 && store_write_rows(st, e) != ERR_OK)
		return ERR_STORE;
	s = store_query(st, Q_REPLAY);
	store_bind_i64(s, 1, session);
	store_bind_i64(s, 2, (int64_t)*n);
	store_bind_i64(s, 3, (int64_t)row->records);
	while (more && store_step(s))
		more = store_page_read(store_str(s, 1), (uint64_t)store_i64(s, 0), n, &broken, record, ctx);
	if (!store_end(s) && more)
		return store_fail(st, "read records", e);
	if (!broken && (!more || *n == row->records))
		return ERR_OK;
	st->suspect = true;
	return error_set(e, ERR_STORE, "the cached copy holds %llu records where %llu are due; start "
	    "anew", (unsigned long long)*n, (unsigned long long)row->records);
}
