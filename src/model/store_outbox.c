#include "model/store_db.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* Tries the lanes in which an earlier run left something, the first free one otherwise. */
static int
choose_lane(struct store *st, int64_t session)
{
	struct stmt *s = store_query(st, Q_LANES);
	int lane = -1;

	store_bind_i64(s, 1, session);
	while (lane < 0 && store_step(s)) {
		int64_t left = store_i64(s, 0);

		if (left >= 0 && left < STORE_LANES && store_lock(st, session, (int)left))
			lane = (int)left;
	}
	store_end(s);
	for (int i = 0; lane < 0 && i < STORE_LANES; i++)
		if (store_lock(st, session, i))
			lane = i;
	return lane;
}

static struct stmt *
lane_query(struct store *st, enum query q, const struct row *row)
{
	struct stmt *s = store_query(st, q);

	store_bind_i64(s, 1, row->id);
	store_bind_i64(s, 2, row->lane);
	return s;
}

static enum err
make_producer(struct store *st, const struct row *row, struct error *e)
{
	unsigned char random[16];
	struct buf id = { 0 };
	struct stmt *s;
	enum err r;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return error_set(e, ERR_STORE, "no random numbers: %s", strerror(errno));
	buf_str(&id, STR("weir-"));
	for (size_t i = 0; i < sizeof random; i++)
		buf_printf(&id, "%02x", random[i]);
	r = store_begin_durable(st, e);
	if (r == ERR_OK) {
		s = lane_query(st, Q_PRODUCER_ADD, row);
		store_bind(s, 3, buf_view(&id));
		r = store_commit_durable(st, store_run(s), e);
	}
	buf_done(&id);
	return r;
}

static bool
read_producer(struct store *st, const struct row *row, struct buf *id, int64_t *epoch)
{
	struct stmt *s = lane_query(st, Q_PRODUCER, row);

	buf_clear(id);
	if (store_step(s)) {
		buf_set(id, store_str(s, 0));
		*epoch = store_i64(s, 1);
	}
	return store_end(s);
}

enum err
store_producer(struct store *st, int64_t session, struct buf *id, int64_t *epoch, struct error *e)
{
	struct row *row = store_row(st, session);
	enum err r;

	if (row->lane < 0)
		row->lane = choose_lane(st, session);
	if (row->lane < 0)
		return error_set(e, ERR_STORE, "too many programs have this session open");
	if (!read_producer(st, row, id, epoch))
		return store_fail(st, "read the outbox", e);
	if (id->n > 0)
		return ERR_OK;
	r = make_producer(st, row, e);
	if (r == ERR_OK && !read_producer(st, row, id, epoch))
		r = store_fail(st, "read the outbox", e);
	return r;
}

static bool
put(struct store *st, const struct row *row, struct store_entry *entry)
{
	struct stmt *s = lane_query(st, Q_PRODUCER_NEXT, row);

	if (store_step(s))
		entry->seq = store_i64(s, 0);
	if (!store_end(s))
		return false;
	s = lane_query(st, Q_PUT, row);
	store_bind_i64(s, 3, entry->seq);
	store_bind(s, 4, entry->id);
	store_bind_i64(s, 5, entry->kind);
	store_bind(s, 6, entry->user);
	store_bind(s, 7, entry->text);
	store_bind(s, 8, entry->ask);
	store_bind_i64(s, 9, entry->answer);
	store_bind_i64(s, 10, entry->time);
	if (!store_run(s))
		return false;
	entry->row = store_last_row(st);
	return true;
}

enum err
store_outbox_put(struct store *st, int64_t session, struct store_entry *entry, struct error *e)
{
	if (store_begin_durable(st, e) != ERR_OK)
		return ERR_STORE;
	return store_commit_durable(st, put(st, store_row(st, session), entry), e);
}

enum err
store_outbox_end(struct store *st, int64_t row, struct str reason, struct error *e)
{
	struct stmt *s;

	if (store_begin_durable(st, e) != ERR_OK)
		return ERR_STORE;
	s = store_query(st, reason.n == 0 ? Q_CONFIRM : Q_REJECT);
	store_bind_i64(s, 1, row);
	if (reason.n > 0)
		store_bind(s, 2, reason);
	return store_commit_durable(st, store_run(s), e);
}

enum err
store_outbox_restart(struct store *st, int64_t session, int64_t epoch, struct error *e)
{
	const struct row *row = store_row(st, session);
	struct stmt *s;
	bool ok;

	if (store_begin_durable(st, e) != ERR_OK)
		return ERR_STORE;
	ok = store_run(lane_query(st, Q_RENUMBER, row));
	s = lane_query(st, Q_PRODUCER_SET, row);
	store_bind_i64(s, 3, epoch);
	return store_commit_durable(st, store_run(s) && ok, e);
}

enum err
store_outbox_each(struct store *st, int64_t session,
    void (*entry)(void *ctx, const struct store_entry *entry), void *ctx, struct error *e)
{
	struct stmt *s = lane_query(st, Q_ENTRIES, store_row(st, session));

	while (store_step(s)) {
		const struct store_entry row = {
			.row = store_i64(s, 0), .seq = store_i64(s, 1), .id = store_str(s, 2),
			.kind = (int)store_i64(s, 3), .user = store_str(s, 4), .text = store_str(s, 5),
			.ask = store_str(s, 6), .answer = (int)store_i64(s, 7), .time = store_i64(s, 8),
		};

		entry(ctx, &row);
	}
	return store_end(s) ? ERR_OK : store_fail(st, "read the outbox", e);
}
