#include "model/fold.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/pack.h"
#include "model/shelf.h"

enum { PRESENCE_MS = 30000 };

static void
init_maps(struct session *s)
{
	map_init(&s->by_key);
	map_init(&s->messages);
	map_init(&s->parts);
	map_init(&s->speaking);
}

static void
forget_numbers(struct session *s)
{
	s->tokens_in = s->tokens_out = s->tokens_cached = s->context = -1;
	s->cost = -1;
	s->status = SESS_UNSAID;
	s->attempt = s->next_try = -1;
	buf_clear(&s->status_message);
}

struct session *
session_new(void)
{
	struct session *s = mem_zalloc(sizeof *s);

	init_maps(s);
	forget_numbers(s);
	s->next_number = s->first = 1;
	return s;
}

static void
free_rows(struct session *s)
{
	for (size_t i = 0; i < s->nagents; i++) {
		struct agent *a = &s->agents[i];

		buf_done(&a->id);
		buf_done(&a->status);
		buf_done(&a->tool);
		buf_done(&a->message);
		buf_done(&a->error);
		buf_done(&a->parent);
	}
	for (size_t i = 0; i < s->npeople; i++) {
		buf_done(&s->people[i].user);
		buf_done(&s->people[i].name);
		buf_done(&s->people[i].file);
	}
	for (size_t i = 0; i < s->nsteps; i++)
		fold_free_step(&s->steps[i]);
	s->nagents = s->npeople = s->nsteps = 0;
	fold_free_children(s);
}

void
session_free(struct session *s)
{
	struct buf *fields[] = { &s->where, &s->id, &s->title, &s->parent, &s->directory, &s->agent, &s->model,
	    &s->status_message };

	free_rows(s);
	fold_free_messages(s);
	map_done(&s->by_key, NULL);
	for (size_t i = 0; i < s->nitems; i++)
		if (s->items[i] != NULL)
			item_free(s->items[i]);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		buf_done(fields[i]);
	free(s->items);
	free(s->asks);
	free(s->agents);
	free(s->people);
	free(s->steps);
	free(s->children);
	free(s);
}

void
session_roam(struct session *s)
{
	s->roams = true;
}

void
session_set_id(struct session *s, struct str id)
{
	buf_set(&s->id, id);
}

bool
fold_set(struct buf *field, struct str s)
{
	if (s.n == 0 || str_eq(buf_view(field), s))
		return false;
	buf_set(field, s);
	return true;
}

struct item *
session_item(const struct session *s, size_t i)
{
	struct item *it = s->items[i];

	if (it == NULL) {
		it = s->items[i] = shelf_item(s->shelf, s->first + i);
		it->born = s->trims;
		if (i < s->resident)
			((struct session *)(uintptr_t)s)->resident = i;
	}
	it->used = s->trims;
	return it;
}

void
session_rest(const struct session *s)
{
	if (s->shelf != NULL)
		shelf_trim(s->shelf);
}

struct item *
fold_at(const struct session *s, uint64_t number)
{
	return session_item(s, (size_t)(number - s->first));
}

void
fold_key(struct buf *key, enum item_kind kind, struct str id)
{
	buf_byte(key, (char)('A' + kind));
	buf_str(key, id);
}

/* What is not known here may be known on the shelf; 0: nowhere. */
static uint64_t
number_of(const struct session *s, struct str key)
{
	struct buf kept = { 0 };
	uint64_t number = (uintptr_t)map_get(&s->by_key, key);

	if (number == 0 && shelf_find(s->shelf, key, &kept)) {
		struct unpack u = { .rest = buf_view(&kept) };

		number = unpack_u64(&u);
		if (number < s->first || number >= s->kept)
			number = 0;
	}
	buf_done(&kept);
	return number;
}

struct item *
session_find(const struct session *s, enum item_kind kind, struct str id)
{
	struct buf key = { 0 };
	struct item *it = NULL;
	uint64_t number;

	fold_key(&key, kind, id);
	number = number_of(s, buf_view(&key));
	if (number != 0)
		it = fold_at(s, number);
	buf_done(&key);
	return it != NULL && it->kind == kind ? it : NULL;
}

void
fold_index(struct session *s, struct item *it)
{
	struct buf key = { 0 };

	fold_key(&key, it->kind, buf_view(&it->id));
	map_put(&s->by_key, buf_view(&key), (void *)(uintptr_t)it->number);
	buf_done(&key);
}

struct item *
fold_add(struct session *s, enum item_kind kind, struct str id, int64_t time)
{
	struct item *it = item_new(kind, s->next_number++);

	buf_set(&it->id, id);
	it->time = time;
	it->born = it->used = s->trims;
	s->items = mem_grow(s->items, s->nitems, &s->cap_items, sizeof *s->items);
	s->items[s->nitems++] = it;
	if (kind == ITEM_USER)
		s->last_user = it->number;
	if (id.n > 0 && session_find(s, kind, id) == NULL)
		fold_index(s, it);
	return it;
}

struct item *
fold_item(struct session *s, enum item_kind kind, struct str id, int64_t time)
{
	struct item *it = id.n > 0 ? session_find(s, kind, id) : NULL;

	return it != NULL ? it : fold_add(s, kind, id, time);
}

struct item *
session_add_input(struct session *s, struct str id, struct str user, struct str text, int64_t time)
{
	bool known = session_find(s, ITEM_USER, id) != NULL;
	struct item *it = fold_user(s, id, time);

	if (known && it->user.send != SEND_NONE)
		return it;
	/* What the server has already is no longer pending. */
	it->user.send = known ? SEND_CONFIRMED : SEND_PENDING;
	it->version++;
	item_set(it, &it->agent, user);
	if (!known)
		item_set_text(it, text);
	return it;
}

void
session_input_state(struct session *s, struct str id, enum send_state state, struct str offset,
    struct str reason)
{
	struct item *it = session_find(s, ITEM_USER, id);

	if (it == NULL || (it->user.send == SEND_CONFIRMED && state != SEND_CONFIRMED))
		return;
	if (it->user.send != state) {
		it->user.send = state;
		it->version++;
	}
	item_set(it, &it->user.offset, offset);
	item_set_reason(it, reason);
}

void
session_answer_state(struct session *s, struct str ask, enum ask_answer answer, struct str text,
    enum send_state state, struct str reason)
{
	struct item *it = session_find(s, ITEM_ASK, ask);

	if (it == NULL || it->ask.answered)
		return;
	it->ask.send = state;
	it->ask.answer = answer;
	it->version++;
	item_set(it, &it->ask.reply, text);
	item_set_reason(it, reason);
	if (state == SEND_CONFIRMED)
		fold_answered(s, it, answer, text);
}

struct item *
session_note(struct session *s, enum note_level level, int64_t time, const char *fmt, ...)
{
	struct item *it = fold_add(s, ITEM_NOTE, STR_NONE, time);
	va_list ap;

	it->note.level = level;
	va_start(ap, fmt);
	buf_vprintf(&it->text, fmt, ap);
	va_end(ap);
	return it;
}

static bool
is_busy(const struct session *s)
{
	return s->status == SESS_BUSY || s->status == SESS_RETRY || s->status == SESS_WAITING;
}

bool
session_is_open(const struct session *s)
{
	return is_busy(s) || fold_speaks(s);
}

void
session_lost(struct session *s)
{
	fold_finish_all(s, MSG_CUT, true);
	if (!is_busy(s))
		return;
	s->status = SESS_LOST;
	s->version++;
}

void
session_cut(struct session *s)
{
	fold_finish_all(s, MSG_CUT, true);
	/* What is open is in memory. */
	for (size_t i = s->resident; i < s->nitems; i++)
		if (s->items[i] != NULL && s->items[i]->kind != ITEM_ASK)
			item_close(s->items[i]);
}

void
session_reset(struct session *s)
{
	struct item **items = s->items;
	size_t n = s->nitems;

	fold_free_messages(s);
	map_done(&s->by_key, NULL);
	init_maps(s);
	free_rows(s);
	forget_numbers(s);
	s->items = NULL;
	s->nitems = s->cap_items = s->nasks = 0;
	s->last_user = s->reverted = 0;
	buf_clear(&s->where);
	s->first = s->next_number;
	s->resident = 0;
	s->events = s->visits = s->unknown = s->left_out = 0;
	s->version++;
	for (size_t i = 0; i < n; i++) {
		if (items[i] == NULL)
			continue;
		if (item_is_unsent(items[i]))
			session_add_input(s, buf_view(&items[i]->id), buf_view(&items[i]->agent),
			    buf_view(&items[i]->text), items[i]->time);
		item_free(items[i]);
	}
	free(items);
}

void
fold_waits(struct session *s, struct item *ask)
{
	s->asks = mem_grow(s->asks, s->nasks, &s->cap_asks, sizeof *s->asks);
	s->asks[s->nasks++] = ask;
}

struct item *
session_waiting(const struct session *s)
{
	return s->nasks > 0 ? s->asks[0] : NULL;
}

bool
session_is_here(const struct person *p, int64_t now)
{
	return p->here && now - p->seen < PRESENCE_MS;
}

int64_t
session_here_until(const struct session *s, int64_t now)
{
	int64_t until = INT64_MAX;

	for (size_t i = 0; i < s->npeople; i++) {
		const struct person *p = &s->people[i];

		if (session_is_here(p, now) && p->seen + PRESENCE_MS < until)
			until = p->seen + PRESENCE_MS;
	}
	return until;
}
