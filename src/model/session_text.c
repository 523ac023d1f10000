#include "model/fold.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/shelf.h"

static void
add_number(struct numbers *list, uint64_t number)
{
	list->v = mem_grow(list->v, list->n, &list->cap, sizeof *list->v);
	list->v[list->n++] = number;
}

static struct item *
item_at(const struct session *s, const struct numbers *list, size_t i)
{
	return fold_at(s, list->v[i]);
}

static struct item *
last_item(const struct session *s, const struct numbers *list)
{
	return item_at(s, list, list->n - 1);
}

static bool
ended(const struct message *m)
{
	return m->state >= MSG_DONE;
}

struct message *
fold_message(struct session *s, struct str id)
{
	struct message *m = s->last_message;
	struct buf key = { 0 }, kept = { 0 };

	if (m != NULL && str_eq(buf_view(&m->id), id))
		return m;
	m = map_get(&s->messages, id);
	if (m == NULL) {
		buf_byte(&key, 'm');
		buf_str(&key, id);
		if (shelf_find(s->shelf, buf_view(&key), &kept))
			m = fold_unpack_message(s, id, buf_view(&kept));
		buf_done(&key);
		buf_done(&kept);
	}
	if (m != NULL)
		s->last_message = m;
	return m;
}

static struct message *
message_of(struct session *s, struct str id, bool *made)
{
	struct message *m = fold_message(s, id);

	*made = m == NULL;
	if (m == NULL) {
		m = mem_zalloc(sizeof *m);
		buf_set(&m->id, id);
		map_put(&s->messages, id, m);
		s->last_message = m;
	}
	m->touched = true;
	return m;
}

static enum item_kind
kind_of(const struct message *m, enum text_sort sort)
{
	if (m->role == EVENT_ROLE_USER)
		return ITEM_USER;
	if (m->role == EVENT_ROLE_SYSTEM)
		return ITEM_NOTE;
	return sort == TEXT_REASON ? ITEM_REASON : ITEM_TEXT;
}

/* The last item that is seen: after a gap has healed there may be empty ones behind it. */
static uint64_t
bearer(const struct session *s, const struct message *m)
{
	for (size_t i = m->items.n; i > 0; i--) {
		const struct item *it = item_at(s, &m->items, i - 1);

		if (it->text.n > 0 || it->error.n > 0)
			return it->number;
	}
	return m->items.v[m->items.n - 1];
}

/* Gives an item what its message knows; of an ended message only the last item bears how. */
static void
dress(const struct session *s, struct message *m, struct item *it)
{
	enum msg_state state = m->state;
	bool last = it->number == bearer(s, m);

	item_set(it, &it->agent, buf_view(&m->agent));
	if (it->kind != ITEM_TEXT && it->kind != ITEM_REASON)
		return;
	item_set(it, &it->msg.turn, buf_view(&m->turn));
	if (!last && ended(m))
		state = MSG_DONE;
	if (it->msg.state != state) {
		it->msg.state = state;
		it->version++;
	}
	if (ended(m))
		item_close(it);
}

static void
dress_all(struct session *s, struct message *m)
{
	for (size_t i = 0; i < m->items.n; i++)
		dress(s, m, item_at(s, &m->items, i));
}

static struct item *
add_item(struct session *s, struct message *m, enum text_sort sort, int64_t time)
{
	struct item *it = fold_add(s, kind_of(m, sort), buf_view(&m->id), time);

	it->open = !ended(m) && (it->kind == ITEM_TEXT || it->kind == ITEM_REASON);
	add_number(&m->items, it->number);
	if (m->items.n > 1)
		dress(s, m, item_at(s, &m->items, m->items.n - 2));
	dress(s, m, it);
	return it;
}

static void
set_state(struct session *s, struct message *m, enum msg_state state)
{
	m->touched = true;
	m->lost = false;
	if (m->state == state)
		return;
	m->state = state;
	dress_all(s, m);
}

static void
set_role(struct session *s, struct message *m, enum event_role role)
{
	if (role == EVENT_ROLE_UNSAID || role == m->role)
		return;
	m->role = role;
	for (size_t i = 0; i < m->items.n; i++) {
		struct item *it = item_at(s, &m->items, i);

		item_turn(it, kind_of(m, it->kind == ITEM_REASON ? TEXT_REASON : TEXT_ANSWER));
		fold_index(s, it);
	}
	dress_all(s, m);
}

/* An agent that begins a message has ended the one before. */
static void
speaks(struct session *s, struct message *m)
{
	struct message *before = map_put(&s->speaking, buf_view(&m->agent), m);

	if (before == m)
		return;
	m->speaks++;
	if (before == NULL)
		return;
	before->speaks--;
	before->lost = false;
	before->touched = true;
	if (!ended(before))
		set_state(s, before, MSG_DONE);
}

static void
set_agent(struct session *s, struct message *m, const struct event *e, bool made)
{
	bool agent = fold_set(&m->agent, e->msg.agent);
	bool turn = fold_set(&m->turn, e->msg.turn);

	if (agent || turn)
		dress_all(s, m);
	if ((agent || made) && m->role != EVENT_ROLE_USER)
		speaks(s, m);
}

/* An error is shown even when the message has not said a word. */
static void
set_error(struct session *s, struct message *m, struct str error, int64_t time)
{
	struct item *it;

	if (m->items.n == 0) {
		add_item(s, m, TEXT_ANSWER, time);
		m->spare = true;
	}
	it = last_item(s, &m->items);
	item_set(it, &it->error, item_error(error));
}

void
fold_confirm(struct item *user)
{
	if (user->user.send == SEND_NONE || user->user.send == SEND_CONFIRMED)
		return;
	user->user.send = SEND_CONFIRMED;
	user->version++;
	item_set_reason(user, STR_NONE);
}

static void
user_state(struct session *s, struct message *m, enum msg_state state)
{
	struct item *it;

	if (m->items.n == 0)
		return;
	it = item_at(s, &m->items, 0);
	if (state != MSG_ERROR) {
		fold_confirm(it);
	} else if (it->user.send != SEND_REJECTED) {
		it->user.send = SEND_REJECTED;
		it->version++;
	}
}

void
fold_msg(struct session *s, const struct event *e)
{
	bool made;
	struct message *m = message_of(s, e->msg.id, &made);

	set_role(s, m, e->msg.role);
	set_agent(s, m, e, made);
	if (e->msg.error.n > 0)
		set_error(s, m, e->msg.error, e->time);
	if (m->role == EVENT_ROLE_USER)
		user_state(s, m, e->msg.state);
	else if (e->msg.state > m->state || e->msg.state >= MSG_DONE)
		set_state(s, m, e->msg.state);
}

void
fold_part_key(struct buf *key, const struct message *m, enum text_sort sort, struct str name)
{
	buf_printf(key, "%d %zu ", (int)sort, m->id.n);
	buf_str(key, buf_view(&m->id));
	buf_str(key, name);
}

static struct part *
part_of(struct session *s, struct message *m, const struct event *e)
{
	struct str name = e->text.part;
	struct buf key = { 0 };
	struct part *p = s->last_part;
	/* What only adds to a part need not say of which sort it is. */
	bool any = name.n > 0 && e->text.op == TEXT_APPEND;

	if (p != NULL && p->msg == m && (any || p->sort == e->text.sort) &&
	    str_eq(buf_view(&p->name), name))
		return p;
	p = NULL;
	if (any) {
		fold_part_key(&key, m, TEXT_REASON, name);
		p = map_get(&s->parts, buf_view(&key));
		buf_clear(&key);
	}
	fold_part_key(&key, m, e->text.sort, name);
	if (p == NULL)
		p = map_get(&s->parts, buf_view(&key));
	if (p == NULL) {
		p = mem_zalloc(sizeof *p);
		p->msg = m;
		buf_set(&p->name, name);
		p->sort = e->text.sort;
		p->named = name.n > 0;
		p->anonymous = !p->named && m->turn.n == 0;
		m->parts = mem_grow(m->parts, m->nparts, &m->cap_parts, sizeof *m->parts);
		m->parts[m->nparts++] = p;
		map_put(&s->parts, buf_view(&key), p);
	}
	buf_done(&key);
	s->last_part = p;
	return p;
}

/* The part's next item, which may be the message's spare one; its text is empty. */
static struct item *
begin_item(struct session *s, struct part *p, int64_t time)
{
	struct message *m = p->msg;
	struct item *it;

	if (m->spare && item_at(s, &m->items, 0)->kind == kind_of(m, p->sort)) {
		m->spare = false;
		it = item_at(s, &m->items, 0);
	} else {
		it = add_item(s, m, p->sort, time > 0 ? time : p->time);
	}
	add_number(&p->items, it->number);
	p->scanned = s->next_number;
	p->between = false;
	return it;
}

static bool
same_agent(const struct item *it, const struct message *m)
{
	return it->agent.n == 0 || m->agent.n == 0 ||
	    str_eq(buf_view(&it->agent), buf_view(&m->agent));
}

static bool
comes_between(const struct part *p, const struct item *it)
{
	bool same_message = str_eq(buf_view(&it->id), buf_view(&p->msg->id));

	switch (it->kind) {
	case ITEM_TOOL:
	case ITEM_ASK:
		return same_agent(it, p->msg);
	case ITEM_TEXT:
		return same_message && p->sort == TEXT_REASON;
	case ITEM_REASON:
		return same_message && p->sort == TEXT_ANSWER;
	case ITEM_USER:
		return p->anonymous && !same_message;
	default:
		return false;
	}
}

static bool
interrupted(const struct session *s, struct part *p)
{
	while (!p->between && p->scanned < s->next_number)
		p->between = comes_between(p, fold_at(s, p->scanned++));
	return p->between;
}

static void
next_item(struct session *s, struct part *p, int64_t time)
{
	item_close(last_item(s, &p->items));
	begin_item(s, p, time);
}

static void
set_gap(struct item *it, bool gap)
{
	if ((it->kind != ITEM_TEXT && it->kind != ITEM_REASON) || it->msg.gap == gap)
		return;
	it->msg.gap = gap;
	it->version++;
}

static void
append(struct session *s, struct part *p, struct str data, int64_t time)
{
	if (p->final || data.n == 0)
		return;
	if (p->items.n == 0) {
		item_set_text(begin_item(s, p, time), data);
	} else {
		if (interrupted(s, p) || p->gap)
			next_item(s, p, time);
		item_append(last_item(s, &p->items), data);
	}
	if (p->gap)
		set_gap(last_item(s, &p->items), true);
	p->gap = false;
}

/* What of the whole text follows the first *n items, as far as it begins with them; *n becomes how
 * many these are. */
static struct str
rest_after(const struct session *s, const struct part *p, struct str whole, size_t *n)
{
	size_t i = 0;

	while (i < *n && str_starts(whole, buf_view(&item_at(s, &p->items, i)->text)))
		whole = str_skip(whole, item_at(s, &p->items, i++)->text.n);
	*n = i;
	return whole;
}

/* The whole text is here: what stood on both sides of a gap is one again, in the item that is
 * returned or one before it. */
static size_t
close_gaps(const struct session *s, struct part *p)
{
	size_t last = p->items.n - 1;

	p->gap = false;
	for (size_t i = p->items.n; i > 0; i--) {
		struct item *it = item_at(s, &p->items, i - 1);

		if ((it->kind != ITEM_TEXT && it->kind != ITEM_REASON) || !it->msg.gap)
			continue;
		set_gap(it, false);
		last = i > 1 ? i - 2 : 0;
	}
	return last;
}

/* A part with a name is its text, wherever a tool call stood when it came: its items keep what
 * still fits, from the first that does not the rest stands in one. */
static void
replace_named(struct session *s, struct part *p, struct str whole)
{
	size_t i = close_gaps(s, p);

	whole = rest_after(s, p, whole, &i);
	item_set_text(item_at(s, &p->items, i), whole);
	if (i + 1 == p->items.n)
		return;
	while (++i < p->items.n)
		item_set_text(item_at(s, &p->items, i), STR_NONE);
	if (ended(p->msg))
		dress_all(s, p->msg);
}

/* Without a name what stood before a tool call stays; only the last item is rewritten, or the next
 * one begun. */
static void
replace_unnamed(struct session *s, struct part *p, struct str whole, int64_t time)
{
	bool ahead = interrupted(s, p);
	size_t due = ahead ? p->items.n : p->items.n - 1, n = due;
	struct str rest = rest_after(s, p, whole, &n);

	if (n < due)
		rest = whole;
	if (ahead && rest.n == 0)
		return;
	if (ahead)
		next_item(s, p, time);
	item_set_text(last_item(s, &p->items), rest);
}

static void
replace(struct session *s, struct part *p, struct str whole, int64_t time)
{
	if (whole.n == 0)
		return;
	if (p->items.n == 0)
		begin_item(s, p, time);
	if (p->named || p->msg->role == EVENT_ROLE_USER)
		replace_named(s, p, whole);
	else
		replace_unnamed(s, p, whole, time);
}

static void
close_part(struct session *s, struct part *p, struct str whole, int64_t time)
{
	replace(s, p, whole, time);
	if (whole.n > 0)
		p->final = true;
	if (p->items.n > 0)
		item_close(last_item(s, &p->items));
}

static void
goes_on(struct session *s, struct message *m, enum text_op op, bool made)
{
	bool lost = m->lost && op == TEXT_APPEND;

	if (m->role == EVENT_ROLE_USER) {
		user_state(s, m, MSG_SENT);
		return;
	}
	if (made)
		speaks(s, m);
	if (m->state < MSG_OPEN || lost)
		set_state(s, m, MSG_OPEN);
	if (lost && m->items.n > 0)
		last_item(s, &m->items)->open = true;
}

void
fold_text(struct session *s, const struct event *e)
{
	bool made;
	struct message *m = message_of(s, e->text.msg, &made);
	struct part *p = part_of(s, m, e);

	goes_on(s, m, e->text.op, made);
	if (p->time == 0)
		p->time = e->time;
	p->gap |= e->text.gap && !p->final;
	switch (e->text.op) {
	case TEXT_OPEN:
		if (p->items.n == 0)
			append(s, p, e->text.data, e->time);
		break;
	case TEXT_APPEND:
		append(s, p, e->text.data, e->time);
		break;
	case TEXT_REPLACE:
		replace(s, p, e->text.data, e->time);
		break;
	case TEXT_CLOSE:
		close_part(s, p, e->text.data, e->time);
		break;
	}
}

struct item *
fold_user(struct session *s, struct str id, int64_t time)
{
	bool made;
	struct message *m = message_of(s, id, &made);

	set_role(s, m, EVENT_ROLE_USER);
	if (m->items.n == 0) {
		add_item(s, m, TEXT_ANSWER, time);
		m->spare = true;
	}
	return item_at(s, &m->items, 0);
}

void
fold_finish(struct session *s, struct str agent, enum msg_state state)
{
	struct message *m = map_get(&s->speaking, agent);

	if (m != NULL && !ended(m))
		set_state(s, m, state);
}

bool
fold_fail(struct session *s, struct str error)
{
	size_t at = 0;
	void *value;
	bool any = false;

	while (map_next(&s->speaking, &at, NULL, &value)) {
		struct message *m = value;

		if (ended(m))
			continue;
		set_error(s, m, error, 0);
		any = true;
	}
	return any;
}

bool
fold_speaks(const struct session *s)
{
	size_t at = 0;
	void *value;

	while (map_next(&s->speaking, &at, NULL, &value))
		if (!ended(value))
			return true;
	return false;
}

void
fold_finish_all(struct session *s, enum msg_state state, bool lost)
{
	size_t at = 0;
	void *value;

	while (map_next(&s->speaking, &at, NULL, &value)) {
		struct message *m = value;

		if (ended(m))
			continue;
		set_state(s, m, state);
		m->lost = lost;
	}
}
