#include "model/store_keep.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/store_db.h"
#include "model/store_file.h"

/* ---- what there is */

enum err
store_each(struct store *st, void (*session)(void *ctx, const struct store_session_row *row),
    void *ctx, struct error *e)
{
	struct stmt *s = store_query(st, Q_SESSIONS);

	while (store_step(s)) {
		const struct store_session_row row = {
			.id = store_i64(s, 0), .name = store_str(s, 1), .dialect = store_str(s, 2),
			.records = (uint64_t)store_i64(s, 3), .bytes = (uint64_t)store_i64(s, 4),
			.used = store_i64(s, 5), .unsent = (uint64_t)store_i64(s, 6),
		};

		session(ctx, &row);
	}
	return store_end(s) ? ERR_OK : store_fail(st, "list sessions", e);
}

static bool
number(struct store *st, enum query q, uint64_t *out)
{
	struct stmt *s = store_query(st, q);

	if (store_step(s))
		*out = (uint64_t)store_i64(s, 0);
	return store_end(s);
}

static void
count_session(void *ctx, const struct store_session_row *row)
{
	struct store_size *size = ctx;

	size->sessions++;
	size->records += row->records;
}

enum err
store_measure(struct store *st, struct store_size *out, struct error *e)
{
	struct buf log = { 0 };
	uint64_t page = 0, spare = 0;

	*out = (struct store_size){ 0 };
	if (!number(st, Q_PAGE_SIZE, &page) || !number(st, Q_PAGE_COUNT, &out->file) ||
	    !number(st, Q_SPARE, &spare))
		return store_fail(st, "measure", e);
	out->file *= page;
	out->spare = spare * page;
	buf_printf(&log, "%s-wal", buf_cstr(&st->path));
	out->log = store_file_size(buf_cstr(&log));
	buf_done(&log);
	return store_each(st, count_session, out, e);
}

/* ---- dropping */

struct due {
	int64_t id, used;
	bool unsent;
};

struct list {
	struct due *v;
	size_t n, cap;
};

static void
add_due(void *ctx, const struct store_session_row *row)
{
	struct list *l = ctx;

	l->v = mem_grow(l->v, l->n, &l->cap, sizeof *l->v);
	l->v[l->n++] = (struct due){ row->id, row->used, row->unsent > 0 };
}

/* One statement on one session in a transaction of its own; *n is how many rows it changed. */
static enum err
change(struct store *st, enum query q, int64_t session, uint64_t *n, struct error *e)
{
	struct stmt *s = store_write(st, q, e);

	if (s == NULL)
		return ERR_STORE;
	store_bind_i64(s, 1, session);
	if (!store_run(s))
		return store_write_failed(st, "drop a session", e);
	*n = store_changes(st);
	return store_commit(st, e);
}

/* What is big goes in slices, what makes it a session at the end: after a crash in between the rest
 * does not fit together, and store_session begins it anew. */
static enum err
drop(struct store *st, int64_t session, struct error *e)
{
	static const enum query slices[] = { Q_PRUNE_ITEMS, Q_PRUNE_ENTITIES, Q_PRUNE_PAGES };
	static const enum query rest[] = { Q_FOLD_DROP, Q_PRUNE_USAGE, Q_PRUNE_PRODUCERS,
	    Q_PRUNE_OUTBOX, Q_PRUNE_SESSION };
	uint64_t n;

	for (size_t i = 0; i < sizeof slices / sizeof *slices; i++)
		do {
			if (change(st, slices[i], session, &n, e) != ERR_OK)
				return ERR_STORE;
		} while (n > 0);
	for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
		if (change(st, rest[i], session, &n, e) != ERR_OK)
			return ERR_STORE;
	return ERR_OK;
}

static enum err
drop_if_free(struct store *st, const struct due *due, struct store_pruned *out, struct error *e)
{
	enum err r;

	if (due->unsent || !store_lock(st, due->id, STORE_LOCK_OPEN)) {
		out->held++;
		return ERR_OK;
	}
	r = drop(st, due->id, e);
	store_unlock(st, due->id, STORE_LOCK_OPEN);
	if (r == ERR_OK)
		out->sessions++;
	return r;
}

static bool
in_use(struct store *st, uint64_t *bytes)
{
	uint64_t page = 0, count = 0, spare = 0;

	if (!number(st, Q_PAGE_SIZE, &page) || !number(st, Q_PAGE_COUNT, &count) ||
	    !number(st, Q_SPARE, &spare))
		return false;
	*bytes = (count - spare) * page;
	return true;
}

static void
give_back(struct store *st, bool (*stop)(void *ctx), void *ctx)
{
	uint64_t before, spare = 0;

	if (!number(st, Q_SPARE, &spare))
		return;
	do {
		struct stmt *s = store_query(st, Q_VACUUM);

		before = spare;
		while (store_step(s))
			;
		if (!store_end(s) || !number(st, Q_SPARE, &spare))
			return;
	} while (spare > 0 && spare < before && (stop == NULL || !stop(ctx)));
}

enum err
store_prune(struct store *st, const struct store_limits *limits, bool (*stop)(void *ctx), void *ctx,
    struct store_pruned *out, struct error *e)
{
	int64_t oldest = limits->age > 0 ? clock_wall() - limits->age : INT64_MIN;
	struct list list = { 0 };
	uint64_t before = 0, now = 0;
	enum err r = store_each(st, add_due, &list, e);

	*out = (struct store_pruned){ 0 };
	if (r == ERR_OK && !in_use(st, &before))
		r = store_fail(st, "measure", e);
	now = before;
	for (size_t i = 0; r == ERR_OK && i < list.n && (stop == NULL || !stop(ctx)); i++) {
		bool full = limits->bytes > 0 && now > limits->bytes;

		if (list.v[i].used >= oldest && !full)
			break;
		r = drop_if_free(st, &list.v[i], out, e);
		if (!in_use(st, &now))
			break;
	}
	free(list.v);
	if (out->sessions > 0)
		give_back(st, stop, ctx);
	out->bytes = before > now ? before - now : 0;
	return r;
}

void
store_limit(struct store *st, const struct store_limits *limits)
{
	st->limits = *limits;
	st->limited = true;
}

/* ---- looking */

static bool
sound(void *ctx, struct str bytes, int64_t time)
{
	(void)ctx;
	(void)bytes;
	(void)time;
	return true;
}

enum err
store_each_record(struct store *st, int64_t session, uint64_t records,
    bool (*record)(void *ctx, struct str bytes, int64_t time), void *ctx, struct error *e)
{
	struct stmt *s = store_query(st, Q_REPLAY);
	bool broken = false, more = true;
	uint64_t n = 0;

	store_bind_i64(s, 1, session);
	store_bind_i64(s, 2, 0);
	store_bind_i64(s, 3, (int64_t)records);
	while (more && store_step(s))
		more = store_page_read(store_str(s, 1), (uint64_t)store_i64(s, 0), &n, &broken, record, ctx);
	if (store_end(s) && !broken && (!more || n == records))
		return ERR_OK;
	return error_set(e, ERR_STORE, "%llu of %llu records can be read", (unsigned long long)n,
	    (unsigned long long)records);
}

static void
verify_session(struct store *st, const struct due *due, struct str name, struct buf *found)
{
	struct error e;

	if (store_each_record(st, due->id, (uint64_t)due->used, sound, NULL, &e) != ERR_OK)
		buf_printf(found, "%.*s: %s\n", STR_ARG(name), e.text);
}

struct verify {
	struct list list;	/* `used` is how many records there should be */
	struct buf *names;	/* one each */
	size_t cap;
};

static void
add_session(void *ctx, const struct store_session_row *row)
{
	struct verify *v = ctx;

	v->names = mem_grow(v->names, v->list.n, &v->cap, sizeof *v->names);
	v->names[v->list.n] = (struct buf){ 0 };
	buf_set(&v->names[v->list.n], row->name);
	add_due(&v->list, row);
	v->list.v[v->list.n - 1].used = (int64_t)row->records;
}

enum err
store_verify(struct store *st, struct buf *found, struct error *e)
{
	struct verify v = { 0 };
	struct stmt *s = store_query(st, Q_INTEGRITY);
	enum err r;

	while (store_step(s)) {
		if (str_eq(store_str(s, 0), STR("ok")))
			continue;
		buf_str(found, store_str(s, 0));
		buf_byte(found, '\n');
	}
	if (!store_end(s))
		buf_str(found, STR("the file cannot be read to its end\n"));
	st->damaged |= found->n > 0;
	r = store_each(st, add_session, &v, e);
	for (size_t i = 0; i < v.list.n; i++) {
		verify_session(st, &v.list.v[i], buf_view(&v.names[i]), found);
		buf_done(&v.names[i]);
	}
	free(v.names);
	free(v.list.v);
	st->suspect |= found->n > 0;
	return r;
}
