#include "model/link_parts.h"

static void
on_record(void *ctx, struct str bytes)
{
	struct link *l = ctx;
	struct reader *r = &l->read;

	/* A callback before this one may have stopped the link. */
	if (r->request == 0)
		return;
	l->stats.received++;
	r->seen++;
	r->up_to_date = false;
	l->stats.proven = false;
	if (r->seen <= l->at.skip) {
		l->stats.duplicates++;
		return;
	}
	l->at.skip = r->seen;
	l->stats.applied++;
	r->progress = true;
	r->spoiled = r->regressions = 0;
	l->ops.record(l->ops.ctx, bytes);
	if (r->request != 0)
		l->ops.moved(l->ops.ctx, &l->at);
}

static void
tell_outage(struct link *l)
{
	struct link_outage o = l->outage;

	if (o.from == 0)
		return;
	l->outage.from = 0;
	l->outage.missed = false;
	o.last = l->stats.applied;
	o.exact = (l->d->flags & DIALECT_EXACT) != 0 && !o.missed;
	if (l->ops.caught_up != NULL)
		l->ops.caught_up(l->ops.ctx, &o);
}

static void
on_commit(void *ctx, struct str cursor, unsigned flags)
{
	struct link *l = ctx;
	struct reader *r = &l->read;

	if (r->request == 0)
		return;
	buf_set(&l->at.cursor, cursor);
	l->at.skip -= r->seen < l->at.skip ? r->seen : l->at.skip;
	r->seen = 0;
	l->ops.moved(l->ops.ctx, &l->at);
	if (r->request == 0)
		return;
	r->closed = (flags & COMMIT_CLOSED) != 0;
	r->progress |= (flags & COMMIT_MORE) != 0;
	r->reset = (flags & COMMIT_RESET) != 0;
	r->up_to_date = r->closed || (flags & COMMIT_UP_TO_DATE) != 0;
	r->behind = r->up_to_date && l->at.skip > 0;
	if (!r->up_to_date || r->behind)
		return;
	l->stats.proven = (l->d->flags & DIALECT_PROVES_HEAD) != 0;
	l->stats.complete = true;
	tell_outage(l);
	link_send_proof(l);
}

static void
on_again(void *ctx)
{
	struct link *l = ctx;

	l->stats.received++;
	l->stats.duplicates++;
}

bool
link_frame(struct link *l, const struct http_message *m, struct error *e)
{
	const struct frame_sink sink = { on_record, on_commit, l, on_again };
	bool ok = l->d->frame(l->read.framer, m, &sink, e) == ERR_OK;

	if (ok)
		link_branch_ask(l);
	return ok;
}

bool
link_take_aside(struct link *l, const struct aside *a, struct error *e)
{
	const struct frame_sink sink = { on_record, on_commit, l, on_again };
	bool ok = l->d->aside(l->read.framer, a, &sink, e) == ERR_OK;

	if (ok)
		link_read_settle(l);
	if (ok)
		link_branch_ask(l);
	return ok;
}

/* The server's end is in sight all the same: what comes on a branch is not what that is of. */
bool
link_take_branch(struct link *l, unsigned which, const struct http_message *m, struct error *e)
{
	const struct frame_sink sink = { on_record, on_commit, l, on_again };
	bool complete = l->read.up_to_date;
	bool ok = l->d->branched(l->read.framer, which, m, &sink, e) == ERR_OK;

	l->read.up_to_date = complete && l->read.request != 0;
	return ok || l->read.request == 0;
}

bool
link_can_resume(const struct link *l)
{
	return (l->d->flags & DIALECT_NO_PAGES) == 0 || l->at.cursor.n > 0;
}

void
link_tell_gap(struct link *l)
{
	l->stats.gaps++;
	l->outage.missed = true;
	tell_outage(l);
}
