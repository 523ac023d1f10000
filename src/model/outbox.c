#include "model/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct producer {
	int lane;
	struct buf id;
	int64_t epoch;
};

struct list {
	struct outbox_entry **v;
	size_t n, cap;
};

struct outbox {
	struct store *store;
	int64_t session;
	struct producer *producers;	/* the first is for what is new */
	size_t nproducers;
	struct list entries, refused;
};

static struct outbox_entry *
keep(struct outbox *o, struct list *list, const struct store_entry *row)
{
	struct outbox_entry *entry = mem_zalloc(sizeof *entry);

	buf_set(&entry->id, row->id);
	buf_set(&entry->user, row->user);
	buf_set(&entry->text, row->text);
	buf_set(&entry->ask, row->ask);
	buf_set(&entry->shown, row->shown);
	buf_set(&entry->reason, row->reason);
	while (entry->producer + 1 < o->nproducers && o->producers[entry->producer].lane != row->lane)
		entry->producer++;
	entry->kind = (enum act_kind)row->kind;
	entry->answer = (enum ask_answer)row->answer;
	entry->time = row->time;
	entry->seq = row->seq;
	entry->row = row->row;
	list->v = mem_grow(list->v, list->n, &list->cap, sizeof *list->v);
	list->v[list->n++] = entry;
	return entry;
}

static void
load(void *ctx, const struct store_entry *row)
{
	struct outbox *o = ctx;

	/* What is on the disk may have been changed there. */
	if (row->kind < ACT_INPUT || row->kind > ACT_NEW || row->answer < ANSWER_ONCE ||
	    row->answer > ANSWER_CHOICES)
		return;
	keep(o, row->reason.n > 0 ? &o->refused : &o->entries, row)->tries = 1;
}

static enum err
load_producers(struct outbox *o, struct error *e)
{
	enum err r = ERR_OK;

	o->nproducers = store_lanes(o->store, o->session);
	if (o->nproducers == 0)
		return error_set(e, ERR_STORE, "too many programs have this session open");
	o->producers = mem_zalloc(o->nproducers * sizeof *o->producers);
	for (size_t i = 0; r == ERR_OK && i < o->nproducers; i++) {
		struct producer *p = &o->producers[i];

		r = store_producer(o->store, o->session, i, &p->lane, &p->id, &p->epoch, e);
	}
	return r;
}

enum err
outbox_open(struct outbox **out, struct store *store, int64_t session, struct error *e)
{
	struct outbox *o = mem_zalloc(sizeof *o);
	enum err r;

	o->store = store;
	o->session = session;
	r = load_producers(o, e);
	if (r == ERR_OK)
		r = store_outbox_each(store, session, load, o, e);
	if (r != ERR_OK) {
		outbox_free(o);
		o = NULL;
	}
	*out = o;
	return r;
}

static void
free_entry(struct outbox_entry *entry)
{
	buf_done(&entry->id);
	buf_done(&entry->user);
	buf_done(&entry->text);
	buf_done(&entry->ask);
	buf_done(&entry->shown);
	buf_done(&entry->reason);
	free(entry);
}

void
outbox_free(struct outbox *o)
{
	if (o == NULL)
		return;
	for (size_t i = 0; i < o->entries.n; i++)
		free_entry(o->entries.v[i]);
	for (size_t i = 0; i < o->refused.n; i++)
		free_entry(o->refused.v[i]);
	for (size_t i = 0; i < o->nproducers; i++)
		buf_done(&o->producers[i].id);
	free(o->entries.v);
	free(o->refused.v);
	free(o->producers);
	free(o);
}

enum err
outbox_add(struct outbox *o, const struct act *act, struct error *e)
{
	struct store_entry row = {
		.id = act->id, .user = act->user, .text = act->text, .ask = act->ask,
		.shown = act->shown,
		.kind = (int)act->kind, .answer = (int)act->answer, .time = act->time,
		.lane = o->producers[0].lane,
	};
	enum err r = store_outbox_put(o->store, o->session, &row, e);

	if (r == ERR_OK)
		keep(o, &o->entries, &row);
	return r;
}

size_t
outbox_count(const struct outbox *o)
{
	return o->entries.n;
}

const struct outbox_entry *
outbox_at(const struct outbox *o, size_t i)
{
	return o->entries.v[i];
}

bool
outbox_next(const struct outbox *o, struct act *act)
{
	const struct outbox_entry *entry;

	const struct producer *p;

	if (o->entries.n == 0)
		return false;
	entry = o->entries.v[0];
	p = &o->producers[entry->producer];
	*act = (struct act){
		.kind = entry->kind, .id = buf_view(&entry->id), .user = buf_view(&entry->user),
		.text = buf_view(&entry->text), .ask = buf_view(&entry->ask),
		.shown = buf_view(&entry->shown),
		.answer = entry->answer, .time = entry->time,
		.producer = buf_view(&p->id), .epoch = p->epoch, .seq = entry->seq,
	};
	return true;
}

void
outbox_try(struct outbox *o)
{
	o->entries.v[0]->tries++;
}

/* Whatever the disk says: what was answered is not sent again by this run. */
static struct outbox_entry *
take_oldest(struct outbox *o)
{
	struct outbox_entry *entry = o->entries.v[0];

	o->entries.n--;
	memmove(o->entries.v, o->entries.v + 1, o->entries.n * sizeof *o->entries.v);
	return entry;
}

enum err
outbox_confirmed(struct outbox *o, struct error *e)
{
	struct outbox_entry *entry = take_oldest(o);
	enum err r = store_outbox_end(o->store, entry->row, STR_NONE, e);

	free_entry(entry);
	return r;
}

enum err
outbox_rejected(struct outbox *o, struct str reason, struct error *e)
{
	struct outbox_entry *entry = take_oldest(o);
	struct list *list = &o->refused;

	buf_set(&entry->reason, reason.n > 0 ? reason : STR("rejected"));
	list->v = mem_grow(list->v, list->n, &list->cap, sizeof *list->v);
	list->v[list->n++] = entry;
	return store_outbox_end(o->store, entry->row, buf_view(&entry->reason), e);
}

size_t
outbox_refused_count(const struct outbox *o)
{
	return o->refused.n;
}

const struct outbox_entry *
outbox_refused_at(const struct outbox *o, size_t i)
{
	return o->refused.v[i];
}

enum err
outbox_restart(struct outbox *o, int64_t epoch, struct error *e)
{
	size_t producer = o->entries.v[0]->producer;
	struct producer *p = &o->producers[producer];
	int64_t next = (epoch > p->epoch ? epoch : p->epoch) + 1, seq = 0;
	enum err r = store_outbox_restart(o->store, o->session, p->lane, next, e);

	if (r != ERR_OK)
		return r;
	p->epoch = next;
	for (size_t i = 0; i < o->entries.n; i++)
		if (o->entries.v[i]->producer == producer)
			o->entries.v[i]->seq = seq++;
	return ERR_OK;
}
