#include "serve/log_db.h"

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

static bool
load(struct streams *l, struct stmt *q, struct stream *s)
{
	if (!sql_step(l, q))
		return false;
	s->id = sql_column(q, 0);
	buf_set(&s->path, sql_bytes(q, 1));
	buf_set(&s->type, sql_bytes(q, 2));
	s->base = (struct offset){ sql_column(q, 3), sql_column(q, 4) };
	s->tail = (struct offset){ sql_column(q, 5), sql_column(q, 6) };
	s->parent = sql_column(q, 7);
	s->forks = sql_column(q, 8);
	s->depth = sql_column(q, 9);
	buf_set(&s->fork_from, sql_bytes(q, 10));
	s->fork_sub = sql_column(q, 11);
	s->closed = sql_column(q, 12) != 0;
	s->gone = sql_column(q, 13) != 0;
	s->ttl = sql_column(q, 14);
	s->dies = sql_column(q, 15);
	buf_set(&s->expires, sql_bytes(q, 16));
	buf_set(&s->seq, sql_bytes(q, 17));
	s->first = (struct offset){ sql_column(q, 18), sql_column(q, 19) };
	s->view = sql_column(q, 20) != 0;
	sql_end(q);
	return true;
}

bool
streams_find(struct streams *l, struct str path, struct stream *s)
{
	struct stmt *q = sql_query(l, Q_FIND);

	sql_text(q, 1, path);
	return load(l, q, s);
}

bool
streams_get(struct streams *l, int64_t id, struct stream *s)
{
	struct stmt *q = sql_query(l, Q_GET);

	sql_int(q, 1, id);
	return load(l, q, s);
}

bool
streams_next(struct streams *l, struct str after, struct str before, struct stream *s)
{
	struct stmt *q = sql_query(l, Q_NEXT);

	sql_text(q, 1, after);
	sql_text(q, 2, before);
	return load(l, q, s);
}

bool
streams_insert(struct streams *l, struct stream *s)
{
	struct stmt *q = sql_query(l, Q_INSERT);

	sql_text(q, 1, buf_view(&s->path));
	sql_text(q, 2, buf_view(&s->type));
	sql_int(q, 3, s->base.n);
	sql_int(q, 4, s->base.b);
	sql_int(q, 5, s->tail.n);
	sql_int(q, 6, s->tail.b);
	sql_int(q, 7, s->parent);
	sql_int(q, 8, s->forks);
	sql_int(q, 9, s->depth);
	sql_text(q, 10, buf_view(&s->fork_from));
	sql_int(q, 11, s->fork_sub);
	sql_int(q, 12, s->closed);
	sql_int(q, 13, s->gone);
	sql_int(q, 14, s->ttl);
	sql_int(q, 15, s->dies);
	sql_text(q, 16, buf_view(&s->expires));
	sql_blob(q, 17, buf_view(&s->seq));
	s->first = s->base;
	sql_int(q, 18, s->first.n);
	sql_int(q, 19, s->first.b);
	sql_int(q, 20, s->view);
	if (!sql_run(l, q))
		return false;
	s->id = sql_last_id(l);
	return s->id < LOG_ID_LIMIT || sql_refuse(l);
}

bool
streams_update(struct streams *l, const struct stream *s)
{
	struct stmt *q = sql_query(l, Q_UPDATE);

	sql_ints(q, (int64_t[]){ s->tail.n, s->tail.b, s->closed }, 3);
	sql_blob(q, 4, buf_view(&s->seq));
	sql_int(q, 5, s->id);
	return sql_run(l, q);
}

bool
streams_set_dies(struct streams *l, int64_t id, int64_t dies)
{
	return sql_run_ints(l, Q_SET_DIES, (int64_t[]){ dies, id }, 2);
}

bool
streams_set_gone(struct streams *l, int64_t id)
{
	return sql_run_ints(l, Q_SET_GONE, &id, 1);
}

bool
streams_set_forks(struct streams *l, int64_t id, int64_t forks)
{
	return sql_run_ints(l, Q_SET_FORKS, (int64_t[]){ forks, id }, 2);
}

bool
streams_unlink(struct streams *l, int64_t id)
{
	return sql_run_ints(l, Q_UNLINK, &id, 1);
}

int64_t
streams_expired(struct streams *l, int64_t now)
{
	struct stmt *q = sql_query(l, Q_EXPIRED);

	sql_int(q, 1, now);
	return sql_number(l, q);
}

bool
streams_producer(struct streams *l, int64_t id, struct str producer, struct producer_state *out)
{
	struct stmt *q = sql_query(l, Q_PRODUCER);

	*out = (struct producer_state){ 0 };
	sql_int(q, 1, id);
	sql_blob(q, 2, producer);
	if (sql_step(l, q)) {
		*out = (struct producer_state){ true, sql_column(q, 0), sql_column(q, 1) };
		sql_end(q);
	}
	return streams_ok(l);
}

bool
streams_set_producer(struct streams *l, int64_t id, struct str producer,
    const struct producer_state *p, int64_t now)
{
	struct stmt *q = sql_query(l, Q_SET_PRODUCER);

	sql_ints(q, (int64_t[]){ id, p->epoch, p->seq, now }, 4);
	sql_blob(q, 5, producer);
	return sql_run(l, q);
}
