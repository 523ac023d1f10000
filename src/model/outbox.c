#include "model/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct outbox {
	struct store *store;
	int64_t session, epoch;
	struct buf producer;
	struct outbox_entry **entries;
	size_t n, cap;
};

static struct outbox_entry *
keep(struct outbox *o, const struct store_entry *row)
{
	struct outbox_entry *entry = mem_zalloc(sizeof *entry);

	buf_set(&entry->id, row->id);
	buf_set(&entry->user, row->user);
	buf_set(&entry->text, row->text);
	buf_set(&entry->ask, row->ask);
	entry->kind = (enum act_kind)row->kind;
	entry->answer = (enum ask_answer)row->answer;
	entry->time = row->time;
	entry->seq = row->seq;
	entry->row = row->row;
	o->entries = mem_grow(o->entries, o->n, &o->cap, sizeof *o->entries);
	o->entries[o->n++] = entry;
	return entry;
}

static void
load(void *ctx, const struct store_entry *row)
{
	/* What is on the disk may have been changed there. */
	if (row->kind < ACT_INPUT || row->kind > ACT_NEW || row->answer < ANSWER_ONCE ||
	    row->answer > ANSWER_CHOICES)
		return;
	keep(ctx, row)->tries = 1;
}

enum err
outbox_open(struct outbox **out, struct store *store, int64_t session, struct error *e)
{
	struct outbox *o = mem_zalloc(sizeof *o);
	enum err r;

	o->store = store;
	o->session = session;
	r = store_producer(store, session, &o->producer, &o->epoch, e);
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
	free(entry);
}

void
outbox_free(struct outbox *o)
{
	if (o == NULL)
		return;
	for (size_t i = 0; i < o->n; i++)
		free_entry(o->entries[i]);
	free(o->entries);
	buf_done(&o->producer);
	free(o);
}

enum err
outbox_add(struct outbox *o, const struct act *act, struct error *e)
{
	struct store_entry row = {
		.id = act->id, .user = act->user, .text = act->text, .ask = act->ask,
		.kind = (int)act->kind, .answer = (int)act->answer, .time = act->time,
	};
	enum err r = store_outbox_put(o->store, o->session, &row, e);

	if (r == ERR_OK)
		keep(o, &row);
	return r;
}

size_t
outbox_count(const struct outbox *o)
{
	return o->n;
}

const struct outbox_entry *
outbox_at(const struct outbox *o, size_t i)
{
	return o->entries[i];
}

bool
outbox_next(const struct outbox *o, struct act *act)
{
	const struct outbox_entry *entry;

	if (o->n == 0)
		return false;
	entry = o->entries[0];
	*act = (struct act){
		.kind = entry->kind, .id = buf_view(&entry->id), .user = buf_view(&entry->user),
		.text = buf_view(&entry->text), .ask = buf_view(&entry->ask),
		.answer = entry->answer, .time = entry->time,
		.producer = buf_view(&o->producer), .epoch = o->epoch, .seq = entry->seq,
	};
	return true;
}

void
outbox_try(struct outbox *o)
{
	o->entries[0]->tries++;
}

/* Whatever the disk says: what was answered is not sent again by this run. */
static enum err
end_oldest(struct outbox *o, struct str reason, struct error *e)
{
	struct outbox_entry *entry = o->entries[0];
	enum err r = store_outbox_end(o->store, entry->row, reason, e);

	o->n--;
	memmove(o->entries, o->entries + 1, o->n * sizeof *o->entries);
	free_entry(entry);
	return r;
}

enum err
outbox_confirmed(struct outbox *o, struct error *e)
{
	return end_oldest(o, STR_NONE, e);
}

enum err
outbox_rejected(struct outbox *o, struct str reason, struct error *e)
{
	return end_oldest(o, reason.n > 0 ? reason : STR("rejected"), e);
}

enum err
outbox_restart(struct outbox *o, int64_t epoch, struct error *e)
{
	int64_t next = (epoch > o->epoch ? epoch : o->epoch) + 1;
	enum err r = store_outbox_restart(o->store, o->session, next, e);

	if (r != ERR_OK)
		return r;
	o->epoch = next;
	for (size_t i = 0; i < o->n; i++)
		o->entries[i]->seq = (int64_t)i;
	return ERR_OK;
}
