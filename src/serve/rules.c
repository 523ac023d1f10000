#include "serve/rules.h"

#include <stdlib.h>

#include "base/mem.h"
#include "serve/about.h"
#include "serve/agents.h"
#include "serve/messages.h"
#include "serve/params.h"

/* Forks of forks: a read walks up as many parents. */
enum { FORK_DEPTH_MAX = 64, SWEEP_STREAMS = 64 };

/* A producer may come back that late with what it could not send. */
#define PRODUCER_MS (INT64_C(30) * 24 * 3600 * 1000)

struct rules {
	struct streams *log;
	struct retention keep;
	struct stream s, other, view;	/* their buffers are used again */
	struct buf scratch, agent;
	int64_t now;
};

struct op *
op_new(enum op_kind kind)
{
	struct op *op = mem_zalloc(sizeof *op);

	op->kind = kind;
	op->ttl = -1;
	op->fork_sub = -1;
	op->out.epoch = op->out.seq = op->out.expected = op->out.received = -1;
	return op;
}

void
op_free(struct op *op)
{
	if (op == NULL)
		return;
	buf_done(&op->path);
	buf_done(&op->type);
	buf_done(&op->body);
	buf_done(&op->expires);
	buf_done(&op->fork_from);
	buf_done(&op->producer);
	buf_done(&op->seq);
	buf_done(&op->out.type);
	free(op->out.views);
	free(op->out.ended);
	free(op);
}

void
op_fail(struct op *op, int status, const char *why)
{
	op->out.status = status;
	op->out.why = why;
	op->out.changed = op->out.garbage = false;
	op->out.n_ended = op->out.n_views = 0;
}

enum stream_life
stream_life(const struct stream *s, int64_t now)
{
	bool over = s->dies > 0 && s->dies <= now;

	if (s->gone || (over && s->forks > 0))
		return STREAM_GONE;
	return over ? STREAM_EXPIRED : STREAM_LIVE;
}

struct rules *
rules_new(struct streams *l, const struct retention *keep)
{
	struct rules *r = mem_zalloc(sizeof *r);

	r->log = l;
	r->keep = *keep;
	return r;
}

void
rules_free(struct rules *r)
{
	if (r == NULL)
		return;
	stream_done(&r->s);
	stream_done(&r->other);
	stream_done(&r->view);
	buf_done(&r->scratch);
	buf_done(&r->agent);
	free(r);
}

static const char only_shown[] = "this stream shows what is in others; write to those";

static void
answer(struct op *op, int status, const char *why)
{
	op->out.status = status;
	op->out.why = why;
}

/* What every answer about a stream says of it. */
static void
describe(struct op *op, const struct stream *s)
{
	op->out.id = s->id;
	op->out.tail = s->tail;
	op->out.closed = s->closed;
}

static bool
find_live(struct rules *r, struct op *op)
{
	if (!streams_find(r->log, buf_view(&op->path), &r->s)) {
		answer(op, 404, "there is no such stream");
		return false;
	}
	switch (stream_life(&r->s, r->now)) {
	case STREAM_LIVE:
		if (r->s.view)
			answer(op, 403, only_shown);
		return !r->s.view;
	case STREAM_EXPIRED:
		answer(op, 404, "the stream has expired");
		return false;
	case STREAM_GONE:
		answer(op, 410, "the stream was deleted");
		return false;
	}
	return false;
}

static void
ended(struct op *op, int64_t id)
{
	op->out.ended = mem_grow(op->out.ended, op->out.n_ended, &op->out.cap_ended,
	    sizeof *op->out.ended);
	op->out.ended[op->out.n_ended++] = id;
}

/* Ends `s`; with the last fork of a stream that is gone its source ends too, and so on upwards. */
static void
remove_stream(struct rules *r, struct op *op, const struct stream *s)
{
	int64_t parent = s->parent;

	streams_unlink(r->log, s->id);
	ended(op, s->id);
	op->out.garbage = true;
	while (parent != 0 && streams_get(r->log, parent, &r->other)) {
		struct stream *up = &r->other;

		streams_set_forks(r->log, up->id, --up->forks);
		if (up->forks > 0 || stream_life(up, r->now) != STREAM_GONE)
			break;
		streams_unlink(r->log, up->id);
		parent = up->parent;
	}
}

/* Ends it, or only its name as long as forks need the data. */
static void
end_stream(struct rules *r, struct op *op, const struct stream *s)
{
	if (s->forks == 0) {
		remove_stream(r, op, s);
		return;
	}
	streams_set_gone(r->log, s->id);
	ended(op, s->id);
}

static void
touch(struct rules *r, struct op *op, const struct stream *s)
{
	if (s->ttl < 0)
		return;
	op->out.dies = r->now + s->ttl * 1000;
	streams_set_dies(r->log, s->id, op->out.dies);
}

/* ---- views */

/* Fills r->view with the stream of r->agent. */
static void
find_view(struct rules *r)
{
	struct stream *v = &r->view;
	struct buf path = { 0 };

	buf_printf(&path, AGENTS_ROOT "%.*s", STR_ARG(buf_view(&r->agent)));
	if (!streams_find(r->log, buf_view(&path), v)) {
		stream_done(v);
		*v = (struct stream){ .ttl = -1, .view = true };
		buf_set(&v->path, buf_view(&path));
		buf_set(&v->type, STR("application/json"));
		streams_insert(r->log, v);
	}
	buf_done(&path);
}

static void
note_view(struct op *op, const struct stream *v)
{
	size_t n = op->out.n_views;

	if (n > 0 && op->out.views[n - 1].id == v->id) {
		op->out.views[n - 1].tail = v->tail;
		return;
	}
	op->out.views = mem_grow(op->out.views, n, &op->out.cap_views, sizeof *op->out.views);
	op->out.views[op->out.n_views++] = (struct op_view){ v->id, v->tail };
}

/* What was appended to `s` at `at` is seen in the streams of the agents that it names too. */
static void
show(struct rules *r, struct op *op, const struct stream *s, struct offset at, struct str bytes)
{
	struct str rest = bytes, item;
	struct stream *v = &r->view;

	if (!str_starts(buf_view(&s->path), STR(AGENTS_SOURCE)) ||
	    !params_is_json(buf_view(&s->type)))
		return;
	while (agents_next(&rest, &item, &r->agent)) {
		find_view(r);
		if (offset_cmp(v->first, v->tail) == 0)
			streams_set_oldest(r->log, v, r->now);
		streams_refer(r->log, v->id, v->tail, s->id, at.n, (size_t)(item.p - bytes.p), item.n,
		    r->now);
		v->tail.n++;
		v->tail.b += (int64_t)item.n + 1;
		streams_update(r->log, v);
		note_view(op, v);
	}
}

/* ---- create */

static bool
same_config(const struct op *op, const struct stream *s)
{
	bool inherits = op->fork && op->ttl < 0 && op->dies == 0;

	if (op->fork != (s->parent != 0) || op->close != s->closed)
		return false;
	if ((op->type.n > 0 || !op->fork) &&
	    !params_same_type(buf_view(&op->type), buf_view(&s->type)))
		return false;
	if (!inherits && (op->ttl != s->ttl || (s->ttl < 0 && op->dies != s->dies)))
		return false;
	if (!op->fork)
		return true;
	return str_eq(buf_view(&op->fork_from), buf_view(&s->fork_from)) &&
	    (op->fork_sub > 0 ? op->fork_sub : 0) == s->fork_sub &&
	    (!op->fork_at_given || offset_cmp(op->fork_at, s->base) == 0);
}

/* Adds a row at the tail of `s`, which the caller writes back. */
static void
add_row(struct rules *r, struct op *op, struct stream *s, struct str bytes, int64_t count)
{
	struct offset at = s->tail;

	if (offset_cmp(s->first, s->tail) == 0)
		streams_set_oldest(r->log, s, r->now);
	streams_append(r->log, s->id, s->tail, bytes, r->now);
	s->tail.n += count;
	s->tail.b += (int64_t)bytes.n + params_is_json(buf_view(&s->type));
	about_append(r->log, s, at, bytes);
	show(r, op, s, at, bytes);
}

/* The part of the append behind the fork's offset that it takes over; false: there is less. */
static bool
fork_part(struct rules *r, const struct stream *source, struct offset at, int64_t sub,
    struct str *part)
{
	buf_clear(&r->scratch);
	if (offset_cmp(streams_read(r->log, source, at, source->tail, 1, &r->scratch), at) == 0)
		return false;
	if (params_is_json(buf_view(&source->type)))
		return messages_head(buf_view(&r->scratch), sub, part);
	*part = str_head(buf_view(&r->scratch), (size_t)sub);
	return (int64_t)r->scratch.n >= sub;
}

/* Makes `s` a fork as `op` asks for; `part` is what it copies of the append it begins within. */
static bool
fork_from(struct rules *r, struct op *op, struct stream *s, struct str *part)
{
	struct stream *source = &r->other;
	enum stream_life life;

	if (!streams_find(r->log, buf_view(&op->fork_from), source) ||
	    (life = stream_life(source, r->now)) == STREAM_EXPIRED)
		return answer(op, 404, "there is no such stream to fork from"), false;
	if (life == STREAM_GONE)
		return answer(op, 409, "the stream to fork from was deleted"), false;
	if (op->type.n > 0 && !params_same_type(buf_view(&op->type), buf_view(&source->type)))
		return answer(op, 409, "a fork has the content type of its source"), false;
	if (source->depth >= FORK_DEPTH_MAX)
		return answer(op, 400, "too many forks of forks"), false;
	if (source->view)
		return answer(op, 403, only_shown), false;
	s->base = op->fork_at_given ? op->fork_at : source->tail;
	if (offset_cmp(s->base, streams_first(r->log, source)) < 0)
		return answer(op, 410, "Stream-Fork-Offset is no longer kept"), false;
	if (!streams_is_boundary(r->log, source, s->base))
		return answer(op, 400, "Stream-Fork-Offset is no offset of the source"), false;
	if (op->fork_sub > 0 && !fork_part(r, source, s->base, op->fork_sub, part))
		return answer(op, 400, "Stream-Fork-Sub-Offset is beyond the append"), false;
	buf_set(&s->type, buf_view(op->type.n > 0 ? &op->type : &source->type));
	buf_set(&s->fork_from, buf_view(&op->fork_from));
	s->parent = source->id;
	s->depth = source->depth + 1;
	s->fork_sub = op->fork_sub > 0 ? op->fork_sub : 0;
	if (op->ttl < 0 && op->dies == 0) {
		s->ttl = source->ttl;
		s->dies = source->ttl < 0 ? source->dies : 0;
		buf_set(&s->expires, buf_view(&source->expires));
	}
	streams_set_forks(r->log, source->id, source->forks + 1);
	return true;
}

/* Without a content type of its own the body of a fork is of its source's. */
static bool
fork_body(struct rules *r, struct op *op, const struct stream *s)
{
	if (op->count == 0 || op->type.n > 0 || !params_is_json(buf_view(&s->type)))
		return true;
	buf_set(&r->scratch, buf_view(&op->body));
	buf_clear(&op->body);
	op->count = messages_split(buf_view(&r->scratch), &op->body);
	if (op->count < 0)
		answer(op, 400, "the body is not JSON");
	return op->count >= 0;
}

static void
create_new(struct rules *r, struct op *op)
{
	struct stream s = { .ttl = op->ttl, .dies = op->dies };
	struct str part = STR_NONE;

	buf_set(&s.path, buf_view(&op->path));
	buf_set(&s.type, buf_view(&op->type));
	buf_set(&s.expires, buf_view(&op->expires));
	if (op->fork && (!fork_from(r, op, &s, &part) || !fork_body(r, op, &s)))
		goto out;
	if (s.ttl >= 0)
		s.dies = r->now + s.ttl * 1000;
	s.tail = s.base;
	streams_insert(r->log, &s);
	if (part.n > 0)
		add_row(r, op, &s, part, params_is_json(buf_view(&s.type)) ? s.fork_sub : 1);
	if (op->count > 0)
		add_row(r, op, &s, buf_view(&op->body), op->count);
	s.closed = op->close;
	streams_update(r->log, &s);
	describe(op, &s);
	buf_set(&op->out.type, buf_view(&s.type));
	answer(op, 201, NULL);
out:
	stream_done(&s);
}

static void
create(struct rules *r, struct op *op)
{
	if (str_starts(buf_view(&op->path), STR(AGENTS_ROOT))) {
		answer(op, 403, only_shown);
		return;
	}
	if (streams_find(r->log, buf_view(&op->path), &r->s)) {
		enum stream_life life = stream_life(&r->s, r->now);

		if (life == STREAM_GONE) {
			answer(op, 409, "a deleted stream whose forks live has this path");
			return;
		}
		if (life == STREAM_LIVE) {
			bool same = same_config(op, &r->s);

			describe(op, &r->s);
			buf_set(&op->out.type, buf_view(&r->s.type));
			answer(op, same ? 200 : 409,
			    same ? NULL : "the stream is there with another configuration");
			return;
		}
		remove_stream(r, op, &r->s);
	}
	create_new(r, op);
}

/* ---- append */

static void
accepted(struct op *op, int status, int64_t epoch, int64_t seq)
{
	answer(op, status, NULL);
	op->out.epoch = epoch;
	op->out.seq = seq;
}

/* True when the append is new; else it is answered. */
static bool
check_producer(struct op *op, const struct producer_state *state)
{
	switch (producer_check(state, op->producer_epoch, op->producer_seq)) {
	case PRODUCER_ACCEPT:
		return true;
	case PRODUCER_DUPLICATE:
		accepted(op, 204, state->epoch, state->seq);
		break;
	case PRODUCER_STALE:
		answer(op, 403, "a newer producer has taken over");
		op->out.epoch = state->epoch;
		break;
	case PRODUCER_BAD_START:
		answer(op, 400, "a new epoch begins at Producer-Seq 0");
		break;
	case PRODUCER_GAP:
		answer(op, 409, "an append before this one is missing");
		op->out.expected = producer_expected(state);
		op->out.received = op->producer_seq;
		break;
	}
	return false;
}

/* On a closed stream only what was said before may be said again. */
static void
append_closed(struct op *op, const struct producer_state *state)
{
	bool again = op->has_producer &&
	    producer_check(state, op->producer_epoch, op->producer_seq) == PRODUCER_DUPLICATE;

	if (again)
		accepted(op, 204, state->epoch, state->seq);
	else if (!op->has_producer && op->close && op->count == 0)
		answer(op, 204, NULL);
	else
		answer(op, 409, "the stream is closed");
}

static void
write_append(struct rules *r, struct op *op, struct stream *s)
{
	struct producer_state p = { true, op->producer_epoch, op->producer_seq };

	if (op->count > 0)
		add_row(r, op, s, buf_view(&op->body), op->count);
	if (op->has_producer)
		streams_set_producer(r->log, s->id, buf_view(&op->producer), &p, r->now);
	if (op->has_seq)
		buf_set(&s->seq, buf_view(&op->seq));
	s->closed = op->close;
	streams_update(r->log, s);
	op->out.changed = true;
	if (op->has_producer)
		accepted(op, op->count > 0 ? 200 : 204, op->producer_epoch, op->producer_seq);
	else
		answer(op, 204, NULL);
}

static void
append(struct rules *r, struct op *op)
{
	struct producer_state state = { 0 };
	struct stream *s = &r->s;

	if (!find_live(r, op))
		return;
	if (op->has_producer)
		streams_producer(r->log, s->id, buf_view(&op->producer), &state);
	if (s->closed)
		append_closed(op, &state);
	else if (op->count > 0 && !params_same_type(buf_view(&op->type), buf_view(&s->type)))
		answer(op, 409, "the stream has another content type");
	else if (op->has_producer && !check_producer(op, &state))
		;
	else if (op->has_seq && s->seq.n > 0 && str_cmp(buf_view(&op->seq), buf_view(&s->seq)) <= 0)
		answer(op, 409, "Stream-Seq does not come after the last one");
	else
		write_append(r, op, s);
	if (op->out.status < 300)
		touch(r, op, s);
	describe(op, s);
}

/* ---- delete, touch, sweep */

static void
delete(struct rules *r, struct op *op)
{
	if (!find_live(r, op))
		return;
	end_stream(r, op, &r->s);
	answer(op, 204, NULL);
}

/* True when some rows went. */
static bool
trim(struct rules *r)
{
	int64_t before = r->keep.age > 0 ? r->now - r->keep.age : 0;
	int64_t id = before > 0 ? streams_oldest(r->log, before) : 0;

	if (id == 0 && r->keep.size > 0 && streams_size(r->log) > r->keep.size) {
		before = INT64_MAX;
		id = streams_oldest(r->log, before);
	}
	if (id == 0 || !streams_get(r->log, id, &r->s))
		return false;
	about_keep(r->log, &r->s);
	return streams_trim(r->log, &r->s, before);
}

static void
sweep(struct rules *r, struct op *op)
{
	int n = 0;
	int64_t id;

	for (; n < SWEEP_STREAMS && (id = streams_expired(r->log, r->now)) != 0; n++)
		if (streams_get(r->log, id, &r->s))
			end_stream(r, op, &r->s);
	streams_forget_producers(r->log, r->now - PRODUCER_MS);
	op->out.garbage = n == SWEEP_STREAMS || streams_purge(r->log) || trim(r);
	answer(op, 204, NULL);
}

void
rules_apply(struct rules *r, struct op *op, int64_t now)
{
	r->now = now;
	switch (op->kind) {
	case OP_CREATE:
		create(r, op);
		break;
	case OP_APPEND:
		append(r, op);
		break;
	case OP_DELETE:
		delete(r, op);
		break;
	case OP_TOUCH:
		if (streams_get(r->log, op->id, &r->s) && stream_life(&r->s, now) == STREAM_LIVE)
			touch(r, op, &r->s);
		break;
	case OP_SWEEP:
		sweep(r, op);
		break;
	}
}
