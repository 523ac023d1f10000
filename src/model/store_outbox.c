#include "model/store_db.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* The lanes in which something was left, as far as nobody has them, or else the first free one. */
static void
choose_lanes(struct store *st, struct row *row)
{
	struct stmt *s = store_query(st, Q_LANES);

	store_bind_i64(s, 1, row->id);
	while (store_step(s)) {
		int64_t left = store_i64(s, 0);

		if (left >= 0 && left < STORE_LANES && store_lock(st, row->id, (int)left))
			row->lanes |= UINT64_C(1) << left;
	}
	store_end(s);
	for (int i = 0; row->lanes == 0 && i < STORE_LANES; i++)
		if (store_lock(st, row->id, i))
			row->lanes = UINT64_C(1) << i;
}

size_t
store_lanes(struct store *st, int64_t session)
{
	struct row *row = store_row(st, session);
	size_t n = 0;

	if (row->lanes == 0)
		choose_lanes(st, row);
	for (uint64_t left = row->lanes; left != 0; left &= left - 1)
		n++;
	return n;
}

static int
lane_at(const struct row *row, size_t i)
{
	int lane = 0;

	for (;; lane++)
		if ((row->lanes >> lane & 1) != 0 && i-- == 0)
			return lane;
}

static struct stmt *
lane_query(struct store *st, enum query q, int64_t session, int lane)
{
	struct stmt *s = store_query(st, q);

	store_bind_i64(s, 1, session);
	store_bind_i64(s, 2, lane);
	return s;
}

static enum err
make_producer(struct store *st, int64_t session, int lane, struct error *e)
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
		s = lane_query(st, Q_PRODUCER_ADD, session, lane);
		store_bind(s, 3, buf_view(&id));
		r = store_commit_durable(st, store_run(s), e);
	}
	buf_done(&id);
	return r;
}

static bool
read_producer(struct store *st, int64_t session, int lane, struct buf *id, int64_t *epoch)
{
	struct stmt *s = lane_query(st, Q_PRODUCER, session, lane);

	buf_clear(id);
	if (store_step(s)) {
		buf_set(id, store_str(s, 0));
		*epoch = store_i64(s, 1);
	}
	return store_end(s);
}

enum err
store_producer(struct store *st, int64_t session, size_t i, int *lane, struct buf *id, int64_t *epoch,
    struct error *e)
{
	enum err r;

	*lane = lane_at(store_row(st, session), i);
	if (!read_producer(st, session, *lane, id, epoch))
		return store_fail(st, "read the outbox", e);
	if (id->n > 0)
		return ERR_OK;
	r = make_producer(st, session, *lane, e);
	if (r == ERR_OK && !read_producer(st, session, *lane, id, epoch))
		r = store_fail(st, "read the outbox", e);
	return r;
}

static bool
put(struct store *st, int64_t session, struct store_entry *entry)
{
	struct stmt *s = lane_query(st, Q_PRODUCER_NEXT, session, entry->lane);

	if (store_step(s))
		entry->seq = store_i64(s, 0);
	if (!store_end(s))
		return false;
	s = lane_query(st, Q_PUT, session, entry->lane);
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
	s = store_query(st, Q_JUDGED);
	store_bind_i64(s, 1, entry->row);
	store_bind(s, 2, entry->shown);
	return store_run(s);
}

enum err
store_outbox_put(struct store *st, int64_t session, struct store_entry *entry, struct error *e)
{
	if (store_begin_durable(st, e) != ERR_OK)
		return ERR_STORE;
	return store_commit_durable(st, put(st, session, entry), e);
}

enum err
store_outbox_end(struct store *st, int64_t row, struct str reason, struct error *e)
{
	struct stmt *s;
	bool ok;

	if (store_begin_durable(st, e) != ERR_OK)
		return ERR_STORE;
	s = store_query(st, reason.n == 0 ? Q_CONFIRM : Q_REJECT);
	store_bind_i64(s, 1, row);
	if (reason.n > 0)
		store_bind(s, 2, reason);
	ok = store_run(s);
	s = store_query(st, Q_JUDGED_DROP);
	store_bind_i64(s, 1, row);
	return store_commit_durable(st, store_run(s) && ok, e);
}

enum err
store_outbox_restart(struct store *st, int64_t session, int lane, int64_t epoch, struct error *e)
{
	struct stmt *s;
	bool ok;

	if (store_begin_durable(st, e) != ERR_OK)
		return ERR_STORE;
	ok = store_run(lane_query(st, Q_RENUMBER, session, lane));
	s = lane_query(st, Q_PRODUCER_SET, session, lane);
	store_bind_i64(s, 3, epoch);
	return store_commit_durable(st, store_run(s) && ok, e);
}

enum err
store_outbox_each(struct store *st, int64_t session,
    void (*entry)(void *ctx, const struct store_entry *entry), void *ctx, struct error *e)
{
	struct stmt *s = store_query(st, Q_ENTRIES);
	uint64_t lanes = store_row(st, session)->lanes;

	store_bind_i64(s, 1, session);
	while (store_step(s)) {
		const struct store_entry row = {
			.row = store_i64(s, 0), .seq = store_i64(s, 1), .id = store_str(s, 2),
			.kind = (int)store_i64(s, 3), .user = store_str(s, 4), .text = store_str(s, 5),
			.ask = store_str(s, 6), .answer = (int)store_i64(s, 7), .time = store_i64(s, 8),
			.lane = (int)store_i64(s, 9), .reason = store_str(s, 10),
			.shown = store_str(s, 11),
		};

		if (row.lane >= 0 && row.lane < STORE_LANES && (lanes >> row.lane & 1) != 0)
			entry(ctx, &row);
	}
	return store_end(s) ? ERR_OK : store_fail(st, "read the outbox", e);
}
