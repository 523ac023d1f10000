#include "serve/log_db.h"
#include "serve/params.h"

bool
streams_append(struct streams *l, int64_t id, struct offset at, struct str bytes, int64_t now)
{
	struct stmt *q = sql_query(l, Q_APPEND);

	if (at.n >= LOG_N_LIMIT)
		return sql_refuse(l);
	sql_ints(q, (int64_t[]){ log_key(id, at.n), at.b, now }, 3);
	sql_blob(q, 4, bytes);
	return sql_run(l, q);
}

/* ---- views: a row is three numbers instead of a message */

enum { REFERENCE = 16 };

static void
put_number(char *out, uint64_t v, int bytes)
{
	while (bytes-- > 0) {
		out[bytes] = (char)v;
		v >>= 8;
	}
}

static uint64_t
get_number(const char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

bool
streams_refer(struct streams *l, int64_t id, struct offset at, int64_t source, int64_t row,
    size_t from, size_t n, int64_t now)
{
	char bytes[REFERENCE];

	put_number(bytes, (uint64_t)log_key(source, row), 8);
	put_number(bytes + 8, from, 4);
	put_number(bytes + 12, n, 4);
	return streams_append(l, id, at, str_of(bytes, sizeof bytes), now);
}

/* Appends the message that is meant; returns its length. */
static size_t
follow(struct streams *l, struct str reference, struct buf *out)
{
	struct stmt *q = sql_query(l, Q_SLICE);
	size_t n, before = out->n;

	if (reference.n != REFERENCE)
		return 0;
	n = (size_t)get_number(reference.p + 12, 4);
	sql_int(q, 1, (int64_t)get_number(reference.p + 8, 4) + 1);
	sql_int(q, 2, (int64_t)n);
	sql_int(q, 3, (int64_t)get_number(reference.p, 8));
	if (sql_step(l, q)) {
		buf_str(out, sql_bytes(q, 0));
		sql_end(q);
	}
	if (out->n - before != n) {
		out->n = before;
		buf_str(out, STR("{}"));
		buf_fill(out, ' ', n > 2 ? n - 2 : 0);
	}
	return n;
}

/* ---- reading */

/* The part of a stream whose rows lie under one id: those from `base` up to `end`. */
struct segment {
	int64_t id;
	struct offset base, end;
	bool view;
};

/* Where the row that begins at `n` lies: walks up the forks. */
static struct segment
segment_of(struct streams *l, const struct stream *s, int64_t n)
{
	struct segment seg = { s->id, s->base, s->tail, s->view };
	struct stream up = { 0 };
	int64_t parent = s->parent;

	while (n < seg.base.n && parent != 0 && streams_get(l, parent, &up)) {
		/* A fork may have left its source before the source left its own. */
		struct offset end = offset_cmp(seg.base, seg.end) < 0 ? seg.base : seg.end;

		seg = (struct segment){ up.id, up.base, end, up.view };
		parent = up.parent;
	}
	stream_done(&up);
	return seg;
}

bool
streams_is_boundary(struct streams *l, const struct stream *s, struct offset at)
{
	struct stmt *q;
	bool found = false;

	if (at.n == 0)
		return at.b == 0;
	if (offset_cmp(at, s->tail) >= 0)
		return offset_cmp(at, s->tail) == 0;
	q = sql_query(l, Q_ROW_AT);
	sql_int(q, 1, log_key(segment_of(l, s, at.n).id, at.n));
	if (sql_step(l, q)) {
		found = sql_column(q, 0) == at.b;
		sql_end(q);
	}
	return found;
}

/* The last row of `seg` that begins at or before `n`. */
static struct offset
row_before(struct streams *l, const struct segment *seg, int64_t n)
{
	struct stmt *q = sql_query(l, Q_ROW_BEFORE);
	struct offset at = seg->base;

	sql_int(q, 1, log_key(seg->id, n));
	if (sql_step(l, q)) {
		int64_t key = sql_column(q, 0);

		if (key >= log_key(seg->id, 0))
			at = (struct offset){ key & (LOG_N_LIMIT - 1), sql_column(q, 1) };
		sql_end(q);
	}
	return at;
}

int64_t
streams_time(struct streams *l, const struct stream *s)
{
	struct stmt *q = sql_query(l, Q_LAST_TIME);
	int64_t time = 0;

	sql_int(q, 1, log_key(s->id, s->tail.n));
	if (sql_step(l, q)) {
		time = sql_column(q, 0) >= log_key(s->id, 0) ? sql_column(q, 1) : 0;
		sql_end(q);
	}
	return time;
}

struct offset
streams_before(struct streams *l, const struct stream *s, int64_t n)
{
	struct segment seg;

	if (n >= s->tail.n)
		return s->tail;
	seg = segment_of(l, s, n);
	return row_before(l, &seg, n);
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

/* Reads within one segment; returns where it stopped, `from` when not all of it is there. */
static struct offset
read_segment(struct streams *l, const struct segment *seg, struct offset from, struct offset to,
    bool json, size_t bytes, struct buf *out)
{
	struct stmt *q = sql_query(l, Q_READ);
	int64_t end = from.b;

	sql_ints(q, (int64_t[]){ log_key(seg->id, from.n), log_key(seg->id, to.n) }, 2);
	while (sql_step(l, q)) {
		struct offset at = { sql_column(q, 0) & (LOG_N_LIMIT - 1), sql_column(q, 1) };
		struct str data = sql_bytes(q, 2);

		if (end == from.b && at.n != from.n) {
			sql_end(q);
			return from;
		}
		if (at.n > from.n && out->n >= bytes) {
			sql_end(q);
			return at;
		}
		if (at.n > from.n && json)
			buf_byte(out, ',');
		if (seg->view)
			data.n = follow(l, data, out);
		else
			buf_str(out, data);
		end = at.b + (int64_t)data.n + json;
	}
	return end == to.b ? to : from;
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
