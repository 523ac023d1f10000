/* What goes: rows of deleted streams, rows that are too old, producers that fell silent. */
#include "serve/log_db.h"

/* What one call removes or looks at: no writer waits for more than this. */
enum { SLICE_ROWS = 1024, SLICE_BYTES = 4 << 20, PRODUCERS = 256 };

/* Some rows at the front of a stream. */
struct slice {
	int64_t id;
	struct offset end;	/* of the first row that stays */
	int64_t oldest;		/* when that one came, 0 when none stays */
};

/* Finds those of `s` from n on that came before `before`. */
static void
find_slice(struct streams *l, struct slice *s, int64_t n, int64_t before)
{
	struct stmt *q = sql_query(l, Q_FRONT);
	int64_t bytes = -1;

	s->oldest = 0;
	sql_ints(q, (int64_t[]){ log_key(s->id, n), log_key(s->id + 1, 0), SLICE_ROWS + 1 }, 3);
	for (int rows = 0; sql_step(l, q); rows++) {
		struct offset at = { sql_column(q, 0) & (LOG_N_LIMIT - 1), sql_column(q, 1) };
		int64_t time = sql_column(q, 2);

		if (bytes < 0)
			bytes = at.b;
		if (rows == SLICE_ROWS || at.b - bytes >= SLICE_BYTES || time >= before) {
			s->end = at;
			s->oldest = time > 0 ? time : 1;
			sql_end(q);
			return;
		}
	}
}

static bool
cut(struct streams *l, int64_t id, struct offset end)
{
	return sql_run_ints(l, Q_CUT, (int64_t[]){ log_key(id, 0), log_key(id, end.n) }, 2);
}

bool
streams_purge(struct streams *l)
{
	struct slice s = { .id = sql_number(l, sql_query(l, Q_DEAD)) };

	if (s.id == 0)
		return false;
	s.end.n = LOG_N_LIMIT - 1;
	find_slice(l, &s, 0, INT64_MAX);
	cut(l, s.id, s.end);
	if (s.oldest != 0)
		return true;
	sql_run_ints(l, Q_PURGE_PRODUCERS, &s.id, 1);
	sql_run_ints(l, Q_FORGET_ABOUT, &s.id, 1);
	return sql_run_ints(l, Q_FORGET, &s.id, 1);
}

int64_t
streams_oldest(struct streams *l, int64_t before)
{
	struct stmt *q = sql_query(l, Q_OLDEST);

	sql_int(q, 1, before);
	return sql_number(l, q);
}

static bool
set_first(struct streams *l, const struct stream *s, int64_t oldest)
{
	return sql_run_ints(l, Q_SET_FIRST, (int64_t[]){ s->first.n, s->first.b, oldest, s->id }, 4);
}

bool
streams_set_oldest(struct streams *l, const struct stream *s, int64_t time)
{
	return set_first(l, s, time > 0 ? time : 1);
}

bool
streams_trim(struct streams *l, struct stream *s, int64_t before)
{
	struct slice slice = { .id = s->id, .end = s->tail };

	find_slice(l, &slice, s->first.n, before);
	cut(l, s->id, slice.end);
	s->first = slice.end;
	return set_first(l, s, slice.oldest);
}

struct offset
streams_first(struct streams *l, const struct stream *s)
{
	struct offset first = s->first, base = s->base;
	struct stream up = { 0 };
	int64_t parent = s->parent;

	/* As long as nothing is missing in front of it, what it was forked from goes on before it. */
	while (parent != 0 && offset_cmp(first, base) == 0 && streams_get(l, parent, &up) &&
	    offset_cmp(up.first, base) < 0) {
		first = up.first;
		base = up.base;
		parent = up.parent;
	}
	stream_done(&up);
	return first;
}

bool
streams_about(struct streams *l, int64_t id, struct buf *out)
{
	struct stmt *q = sql_query(l, Q_ABOUT);

	sql_int(q, 1, id);
	if (!sql_step(l, q))
		return false;
	buf_set(out, sql_bytes(q, 0));
	sql_end(q);
	return true;
}

bool
streams_set_about(struct streams *l, int64_t id, struct str about)
{
	struct stmt *q = sql_query(l, Q_SET_ABOUT);

	sql_int(q, 1, id);
	sql_blob(q, 2, about);
	return sql_run(l, q);
}

int64_t
streams_size(struct streams *l)
{
	return sql_number(l, sql_query(l, Q_SIZE));
}

bool
streams_forget_producers(struct streams *l, int64_t before)
{
	struct stmt *q = sql_query(l, Q_PRODUCERS), *forget = sql_query(l, Q_FORGET_PRODUCERS);
	struct buf id = { 0 };
	int64_t stream = LOG_ID_LIMIT;

	sql_int(q, 1, l->producer_stream);
	sql_blob(q, 2, buf_view(&l->producer_id));
	sql_int(q, 3, PRODUCERS - 1);
	if (sql_step(l, q)) {
		stream = sql_column(q, 0);
		buf_set(&id, sql_bytes(q, 1));
		sql_end(q);
	}
	sql_int(forget, 1, l->producer_stream);
	sql_blob(forget, 2, buf_view(&l->producer_id));
	sql_int(forget, 3, stream);
	sql_blob(forget, 4, buf_view(&id));
	sql_int(forget, 5, before);
	sql_run(l, forget);
	/* Behind the last one it begins again. */
	l->producer_stream = stream < LOG_ID_LIMIT ? stream : 0;
	buf_set(&l->producer_id, buf_view(&id));
	buf_done(&id);
	return streams_ok(l);
}
