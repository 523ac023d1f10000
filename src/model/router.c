#include "model/router.h"

#include <stdlib.h>

#include "base/mem.h"

/* Those who failed and went away again are remembered up to here. */
enum { GONE_MAX = 32 };

struct entry {
	struct listener listener;
	uint64_t number;		/* 0: it is gone */
	uint64_t heard, failed;
	struct error last;
};

struct router {
	struct entry *entries;
	size_t n, cap, gone;
	uint64_t next, failed;
	unsigned depth;			/* of events being routed: nobody changes places meanwhile */
};

struct router *
router_new(void)
{
	struct router *r = mem_zalloc(sizeof *r);

	r->next = 1;
	return r;
}

void
router_free(struct router *r)
{
	if (r == NULL)
		return;
	free(r->entries);
	free(r);
}

uint64_t
router_add(struct router *r, const struct listener *l)
{
	r->entries = mem_grow(r->entries, r->n, &r->cap, sizeof *r->entries);
	r->entries[r->n++] = (struct entry){ .listener = *l, .number = r->next };
	return r->next++;
}

/* Closes the places of those who left; who failed before is kept, the oldest are not. */
static void
close_up(struct router *r)
{
	size_t k = 0, gone = 0, left_out = 0;

	for (size_t i = 0; i < r->n; i++)
		gone += r->entries[i].number == 0 && r->entries[i].failed > 0;
	for (size_t i = 0; i < r->n; i++) {
		struct entry *e = &r->entries[i];

		if (e->number == 0 && (e->failed == 0 || gone - left_out > GONE_MAX)) {
			left_out += e->failed > 0;
			continue;
		}
		r->entries[k++] = *e;
	}
	r->n = k;
}

void
router_remove(struct router *r, uint64_t number)
{
	size_t i = 0;

	while (i < r->n && r->entries[i].number != number)
		i++;
	if (number == 0 || i == r->n)
		return;
	r->entries[i].number = 0;
	if (r->depth == 0)
		close_up(r);
	else
		r->gone++;
}

static void
hear(struct router *r, size_t i, const struct event *ev)
{
	const struct listener l = r->entries[i].listener;
	struct error e;
	struct entry *entry;
	enum err err;

	e.code = ERR_OK;
	e.text[0] = '\0';
	err = l.event(l.ctx, ev, &e);
	/* It may have added others: the array is another one now. */
	entry = &r->entries[i];
	entry->heard++;
	if (err == ERR_OK)
		return;
	entry->failed++;
	entry->last = e;
	r->failed++;
}

void
router_route(struct router *r, const struct event *ev)
{
	unsigned channel = ON(event_channel(ev));
	size_t n = r->n;

	r->depth++;
	for (size_t i = 0; i < n; i++)
		if (r->entries[i].number != 0 && (r->entries[i].listener.channels & channel) != 0)
			hear(r, i, ev);
	if (--r->depth > 0 || r->gone == 0)
		return;
	r->gone = 0;
	close_up(r);
}

uint64_t
router_failed(const struct router *r)
{
	return r->failed;
}

bool
router_stats(const struct router *r, size_t i, struct listener_stats *out)
{
	const struct entry *e;

	if (i >= r->n)
		return false;
	e = &r->entries[i];
	*out = (struct listener_stats){ e->listener.name, e->number != 0, e->heard, e->failed,
	    e->last };
	return true;
}

enum channel_name
event_channel(const struct event *ev)
{
	static const enum channel_name channels[] = {
		[EVENT_SESS] = ON_AGENTS, [EVENT_MSG] = ON_CHUNKS, [EVENT_TEXT] = ON_CHUNKS,
		[EVENT_TOOL] = ON_TOOLS, [EVENT_ASK] = ON_WORKFLOW, [EVENT_ANSWER] = ON_WORKFLOW,
		[EVENT_WHO] = ON_PRESENCE, [EVENT_TERM] = ON_TERMINAL, [EVENT_FLOW] = ON_WORKFLOW,
		[EVENT_AGENT] = ON_AGENTS, [EVENT_USE] = ON_AGENTS, [EVENT_BACK] = ON_CHUNKS,
		[EVENT_NOTE] = ON_NOTES,
	};

	return channels[ev->kind];
}
