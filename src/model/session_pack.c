#include "model/fold.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/pack.h"

enum { MAX_ITEMS = 1 << 24 };	/* more are never put in memory: they are folded anew */

/* ---- messages */

static void
pack_numbers(const struct numbers *list, struct buf *out)
{
	uint64_t before = 0;

	pack_u64(out, list->n);
	for (size_t i = 0; i < list->n; i++) {
		pack_u64(out, list->v[i] - before);
		before = list->v[i];
	}
}

/* Ascending, and of items the session has. */
static void
unpack_numbers(const struct session *s, struct unpack *u, struct numbers *list)
{
	uint64_t n = unpack_u64(u), number = 0;

	for (; n > 0 && !u->failed; n--) {
		number += unpack_u64(u);
		if (number < s->first || number >= s->kept ||
		    (list->n > 0 && number <= list->v[list->n - 1])) {
			u->failed = true;
			return;
		}
		list->v = mem_grow(list->v, list->n, &list->cap, sizeof *list->v);
		list->v[list->n++] = number;
	}
}

static void
pack_part(const struct part *p, struct buf *out)
{
	pack_str(out, buf_view(&p->name));
	pack_u64(out, p->sort);
	pack_u64(out, p->named | p->anonymous << 1 | p->final << 2 | p->between << 3 |
	    p->gap << 4);
	pack_u64(out, p->scanned);
	pack_numbers(&p->items, out);
}

static void
unpack_part(const struct session *s, struct unpack *u, struct message *m)
{
	struct part *p = mem_zalloc(sizeof *p);
	uint64_t flags;

	m->parts = mem_grow(m->parts, m->nparts, &m->cap_parts, sizeof *m->parts);
	m->parts[m->nparts++] = p;
	p->msg = m;
	unpack_buf(u, &p->name);
	p->sort = (enum text_sort)unpack_max(u, TEXT_REASON);
	flags = unpack_max(u, 31);
	p->named = (flags & 1) != 0;
	p->anonymous = (flags & 2) != 0;
	p->final = (flags & 4) != 0;
	p->between = (flags & 8) != 0;
	p->gap = (flags & 16) != 0;
	p->scanned = unpack_u64(u);
	u->failed |= p->scanned < s->first || p->scanned > s->kept;
	unpack_numbers(s, u, &p->items);
}

void
fold_pack_message(const struct message *m, struct buf *out)
{
	pack_str(out, buf_view(&m->agent));
	pack_str(out, buf_view(&m->turn));
	pack_u64(out, m->role);
	pack_u64(out, m->state);
	pack_u64(out, m->spare | m->lost << 1);
	pack_numbers(&m->items, out);
	pack_u64(out, m->nparts);
	for (size_t i = 0; i < m->nparts; i++)
		pack_part(m->parts[i], out);
}

static void
unpack_message(struct session *s, struct unpack *u, struct message *m)
{
	uint64_t flags, nparts;

	unpack_buf(u, &m->agent);
	unpack_buf(u, &m->turn);
	m->role = (enum event_role)unpack_max(u, EVENT_ROLE_SYSTEM);
	m->state = (enum msg_state)unpack_max(u, MSG_ERROR);
	flags = unpack_max(u, 3);
	m->lost = (flags & 2) != 0;
	unpack_numbers(s, u, &m->items);
	m->spare = (flags & 1) != 0 && m->items.n > 0;
	nparts = unpack_u64(u);
	while (nparts-- > 0 && !u->failed)
		unpack_part(s, u, m);
}

struct message *
fold_unpack_message(struct session *s, struct str id, struct str bytes)
{
	struct message *m = mem_zalloc(sizeof *m);
	struct unpack u = { .rest = bytes };
	struct buf key = { 0 };

	buf_set(&m->id, id);
	unpack_message(s, &u, m);
	map_put(&s->messages, id, m);
	for (size_t i = 0; i < m->nparts; i++) {
		buf_clear(&key);
		fold_part_key(&key, m, m->parts[i]->sort, buf_view(&m->parts[i]->name));
		map_put(&s->parts, buf_view(&key), m->parts[i]);
	}
	buf_done(&key);
	if (unpack_end(&u))
		return m;
	fold_free_message(s, m);
	return NULL;
}

/* ---- what stands beside the transcript, one list of the fields for both ways */

struct both {
	struct buf *out;	/* NULL: read */
	struct unpack in;
};

static void
text(struct both *b, struct buf *field)
{
	if (b->out != NULL)
		pack_str(b->out, buf_view(field));
	else
		unpack_buf(&b->in, field);
}

static int64_t
number(struct both *b, int64_t n)
{
	if (b->out == NULL)
		return unpack_i64(&b->in);
	pack_i64(b->out, n);
	return n;
}

static uint64_t
small(struct both *b, uint64_t n, uint64_t max)
{
	if (b->out == NULL)
		return unpack_max(&b->in, max);
	pack_u64(b->out, n);
	return n;
}

static double
real(struct both *b, double n)
{
	if (b->out == NULL)
		return unpack_double(&b->in);
	pack_double(b->out, n);
	return n;
}

static void
agent_fields(struct both *b, struct agent *a)
{
	text(b, &a->id);
	text(b, &a->status);
	text(b, &a->tool);
	text(b, &a->message);
	text(b, &a->error);
	text(b, &a->parent);
	a->turn = number(b, a->turn);
	a->max_turns = number(b, a->max_turns);
	a->progress = (int)number(b, a->progress);
	a->tokens_in = number(b, a->tokens_in);
	a->tokens_out = number(b, a->tokens_out);
	a->tokens_cached = number(b, a->tokens_cached);
	a->cost = real(b, a->cost);
	a->time = number(b, a->time);
}

static void
person_fields(struct both *b, struct person *p)
{
	text(b, &p->user);
	text(b, &p->name);
	text(b, &p->file);
	p->here = small(b, p->here, 1) != 0;
	p->seen = number(b, p->seen);
	p->has_cursor = small(b, p->has_cursor, 1) != 0;
	p->x = number(b, p->x);
	p->y = number(b, p->y);
}

static void
step_fields(struct both *b, struct step *t)
{
	text(b, &t->id);
	text(b, &t->text);
	text(b, &t->state);
	t->op = (enum flow_op)small(b, t->op, FLOW_SPAWN);
}

static void
child_fields(struct both *b, struct child *c)
{
	struct buf *texts[] = { &c->id, &c->parent, &c->title, &c->agent, &c->message, &c->tool, &c->text,
	    &c->user };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		text(b, texts[i]);
	c->status = (enum sess_status)small(b, c->status, SESS_LOST);
	c->tokens_in = number(b, c->tokens_in);
	c->tokens_out = number(b, c->tokens_out);
	c->time = number(b, c->time);
}

/* The array of a kind of rows, made when it is read. */
static void *
rows(struct both *b, void *array, size_t *n, size_t *cap, size_t size)
{
	*n = (size_t)small(b, *n, FOLD_MAX_ROWS);
	if (b->out != NULL || *n == 0)
		return array;
	*cap = *n;
	return mem_zalloc(mem_mul(*n, size));
}

static void
row_fields(struct both *b, struct session *s)
{
	s->agents = rows(b, s->agents, &s->nagents, &s->cap_agents, sizeof *s->agents);
	for (size_t i = 0; i < s->nagents; i++)
		agent_fields(b, &s->agents[i]);
	s->people = rows(b, s->people, &s->npeople, &s->cap_people, sizeof *s->people);
	for (size_t i = 0; i < s->npeople; i++)
		person_fields(b, &s->people[i]);
	s->steps = rows(b, s->steps, &s->nsteps, &s->cap_steps, sizeof *s->steps);
	for (size_t i = 0; i < s->nsteps; i++)
		step_fields(b, &s->steps[i]);
	s->children = rows(b, s->children, &s->nchildren, &s->cap_children, sizeof *s->children);
	for (size_t i = 0; i < s->nchildren; i++)
		child_fields(b, &s->children[i]);
}

static void
session_fields(struct both *b, struct session *s)
{
	s->first = small(b, s->first, INT64_MAX);
	s->next_number = small(b, s->next_number, INT64_MAX);
	s->last_user = small(b, s->last_user, INT64_MAX);
	s->reverted = small(b, s->reverted, INT64_MAX);
	s->events = small(b, s->events, UINT64_MAX);
	s->visits = small(b, s->visits, UINT64_MAX);
	s->unknown = small(b, s->unknown, UINT64_MAX);
	s->left_out = small(b, s->left_out, UINT64_MAX);
	text(b, &s->where);
	text(b, &s->id);
	text(b, &s->title);
	text(b, &s->parent);
	text(b, &s->directory);
	text(b, &s->agent);
	text(b, &s->model);
	s->status = (enum sess_status)small(b, s->status, SESS_LOST);
	text(b, &s->status_message);
	s->attempt = number(b, s->attempt);
	s->next_try = number(b, s->next_try);
	s->tokens_in = number(b, s->tokens_in);
	s->tokens_out = number(b, s->tokens_out);
	s->tokens_cached = number(b, s->tokens_cached);
	s->context = number(b, s->context);
	s->cost = real(b, s->cost);
	row_fields(b, s);
}

/* ---- what is still going on: who speaks, and the items that stay in memory */

static void
pack_speaking(const struct session *s, struct buf *out)
{
	size_t at = 0;
	struct str agent;
	void *value;

	pack_u64(out, map_count(&s->speaking));
	while (map_next(&s->speaking, &at, &agent, &value)) {
		pack_str(out, agent);
		pack_str(out, buf_view(&((struct message *)value)->id));
	}
}

static void
unpack_speaking(struct session *s, struct unpack *u)
{
	uint64_t n = unpack_u64(u);

	while (n-- > 0 && !u->failed) {
		struct str agent = unpack_str(u);
		struct message *m = fold_message(s, unpack_str(u));

		if (m == NULL || map_get(&s->speaking, agent) != NULL)
			continue;
		map_put(&s->speaking, agent, m);
		m->speaks++;
	}
}

static bool
stays(const struct item *it)
{
	return it != NULL && (it->open || item_is_unsent(it));
}

static void
pack_open(const struct session *s, struct buf *out)
{
	uint64_t n = 0;

	for (size_t i = s->resident; i < s->nitems; i++)
		n += stays(s->items[i]);
	pack_u64(out, n);
	for (size_t i = s->resident; i < s->nitems; i++)
		if (stays(s->items[i]))
			pack_u64(out, s->items[i]->number);
}

static void
unpack_open(struct session *s, struct unpack *u)
{
	uint64_t n = unpack_u64(u);

	while (n-- > 0 && !u->failed) {
		uint64_t k = unpack_u64(u);
		struct item *it;

		if (k < s->first || k >= s->next_number) {
			u->failed = true;
			return;
		}
		it = fold_at(s, k);
		if (it->kind == ITEM_ASK && !it->ask.answered)
			fold_waits(s, it);
	}
}

void
fold_pack(const struct session *s, struct buf *out)
{
	struct both b = { .out = out };

	/* Writing leaves every field as it is. */
	session_fields(&b, (struct session *)(uintptr_t)s);
	pack_speaking(s, out);
	pack_open(s, out);
}

bool
fold_unpack_title(struct str bytes, struct buf *title)
{
	struct both b = { .in = { .rest = bytes } };
	struct session *s = session_new();
	bool ok;

	session_fields(&b, s);
	ok = !b.in.failed && s->title.n > 0;
	if (ok)
		buf_set(title, buf_view(&s->title));
	session_free(s);
	return ok;
}

bool
fold_unpack(struct session *s, struct str bytes)
{
	struct both b = { .in = { .rest = bytes } };
	uint64_t n;

	session_fields(&b, s);
	n = s->next_number - s->first;
	if (b.in.failed || s->first == 0 || s->next_number < s->first || n > MAX_ITEMS)
		return false;
	s->kept = s->next_number;
	s->nitems = s->cap_items = (size_t)n;
	s->items = mem_zalloc(mem_mul((size_t)n + 1, sizeof *s->items));
	s->resident = (size_t)n;
	unpack_speaking(s, &b.in);
	unpack_open(s, &b.in);
	s->version++;
	return unpack_end(&b.in);
}
