#include "model/pack.h"
#include "model/store_db.h"

/* A page is how many records there are, then of each the time since the one before and its bytes. */

void
store_page_add(struct row *row, struct str record, int64_t time)
{
	if (row->in_page == 0) {
		buf_clear(&row->page);
		row->page_time = 0;
	}
	row->in_page++;
	pack_i64(&row->page, time - row->page_time);
	row->page_time = time;
	pack_str(&row->page, record);
}

static bool
put(struct store *st, int64_t session, uint64_t last, uint64_t count, struct str records)
{
	struct stmt *s = store_query(st, Q_APPEND);
	struct buf page = { 0 };
	bool ok;

	pack_u64(&page, count);
	buf_str(&page, records);
	store_bind_i64(s, 1, session);
	store_bind_i64(s, 2, (int64_t)last);
	store_bind(s, 3, buf_view(&page));
	ok = store_run(s);
	buf_done(&page);
	return ok;
}

bool
store_page_write(struct store *st, struct row *row)
{
	if (!put(st, row->id, row->records, row->in_page, buf_view(&row->page)))
		return false;
	row->in_page = 0;
	return true;
}

static bool
read_records(struct unpack u, uint64_t count, uint64_t first, uint64_t *n, bool *broken,
    bool (*record)(void *ctx, struct str bytes, int64_t time), void *ctx)
{
	int64_t time = 0;

	for (uint64_t i = 0; i < count; i++) {
		struct str bytes;

		time += unpack_i64(&u);
		bytes = unpack_str(&u);
		if (u.failed) {
			*broken = true;
			return false;
		}
		if (first + i <= *n)
			continue;
		++*n;
		if (!record(ctx, bytes, time))
			return false;
	}
	*broken = !unpack_end(&u);
	return !*broken;
}

bool
store_page_read(struct str page, uint64_t last, uint64_t *n, bool *broken,
    bool (*record)(void *ctx, struct str bytes, int64_t time), void *ctx)
{
	struct unpack u = { .rest = page };
	uint64_t count = unpack_u64(&u);

	/* Pages follow each other without a hole. */
	*broken = u.failed || count == 0 || count > last || last - count > *n;
	return !*broken && read_records(u, count, last - count + 1, n, broken, record, ctx);
}

bool
store_page_migrate(struct store *st)
{
	struct stmt *s = store_query(st, Q_OLD);
	bool ok = true;

	while (ok && store_step(s)) {
		struct buf one = { 0 };

		pack_i64(&one, store_i64(s, 2));
		pack_str(&one, store_str(s, 3));
		ok = put(st, store_i64(s, 0), (uint64_t)store_i64(s, 1), 1, buf_view(&one));
		buf_done(&one);
	}
	return store_end(s) && ok && store_run(store_query(st, Q_OLD_DROP));
}
