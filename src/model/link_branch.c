/*
 * Connections a dialect keeps open beside its stream; they go when that goes. One that has ended keeps
 * its place until it may be made again: before that the dialect does not hear of it.
 */
#include "model/link_parts.h"

#include "base/clock.h"

void
link_branch_init(struct link *l, const struct link_options *o)
{
	backoff_init(&l->read.branch_backoff, o->backoff_first, o->backoff_max, o->backoff_factor, o->seed);
	l->read.no_branches = o->no_branches;
}

static bool
is_free(const struct branch_request *r)
{
	return r->request == 0 && r->again == 0;
}

void
link_branch_drop(struct link *l)
{
	for (size_t i = 0; i < LINK_BRANCHES; i++) {
		struct branch_request *r = &l->read.branches[i];

		if (r->request != 0)
			l->ops.cancel(l->ops.ctx, r->request);
		*r = (struct branch_request){ .request = 0 };
	}
}

void
link_branch_ask(struct link *l)
{
	if (l->d->branch == NULL || l->read.request == 0 || l->read.no_branches)
		return;
	for (size_t i = 0; i < LINK_BRANCHES; i++) {
		struct branch_request *r = &l->read.branches[i];
		struct http_request request = { 0 };

		if (!is_free(r))
			continue;
		if (!l->d->branch(l->ep, l->read.framer, &r->which, &request))
			return;
		r->request = l->ops.send(l->ops.ctx, &request);
		http_request_done(&request);
	}
}

static void
take(struct link *l, unsigned which, const struct http_message *m)
{
	struct error e = { 0 };

	if (!link_take_branch(l, which, m, &e))
		link_read_again(l, e.text);
}

int64_t
link_branch_due(const struct link *l)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < LINK_BRANCHES; i++)
		if (l->read.branches[i].again != 0 && l->read.branches[i].again < due)
			due = l->read.branches[i].again;
	return due;
}

void
link_branch_tick(struct link *l, int64_t now)
{
	for (size_t i = 0; i < LINK_BRANCHES; i++) {
		struct branch_request *r = &l->read.branches[i];

		if (r->again == 0 || r->again > now)
			continue;
		r->again = 0;
		take(l, r->which, &(struct http_message){ .kind = HTTP_END });
		link_branch_ask(l);
	}
}

bool
link_branch_message(struct link *l, const struct http_message *m)
{
	struct branch_request *r = l->read.branches, *end = r + LINK_BRANCHES;

	while (r < end && r->request != m->request)
		r++;
	if (r == end)
		return false;
	if (m->kind == HTTP_FRAME)
		backoff_reset(&l->read.branch_backoff);
	if (m->kind != HTTP_END) {
		take(l, r->which, m);
	} else {
		r->request = 0;
		r->again = backoff_next(&l->read.branch_backoff, clock_mono(), 0);
	}
	return true;
}
