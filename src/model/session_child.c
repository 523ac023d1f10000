/* Sessions that an agent of this one began: how they stand, and what they ask. */
#include "model/fold.h"

#include "base/mem.h"

static struct child *
child_of(struct session *s, struct str id)
{
	struct child *c;

	for (size_t i = 0; i < s->nchildren; i++)
		if (str_eq(buf_view(&s->children[i].id), id))
			return &s->children[i];
	if (s->nchildren == FOLD_MAX_ROWS) {
		s->left_out++;
		return NULL;
	}
	s->children = mem_grow(s->children, s->nchildren, &s->cap_children, sizeof *s->children);
	c = &s->children[s->nchildren++];
	*c = (struct child){ .tokens_in = -1, .tokens_out = -1 };
	buf_set(&c->id, id);
	return c;
}

const struct child *
session_child(const struct session *s, struct str id)
{
	for (size_t i = 0; i < s->nchildren; i++)
		if (str_eq(buf_view(&s->children[i].id), id))
			return &s->children[i];
	return NULL;
}

void
fold_free_children(struct session *s)
{
	for (size_t i = 0; i < s->nchildren; i++) {
		struct child *c = &s->children[i];
		struct buf *fields[] = { &c->id, &c->parent, &c->title, &c->agent, &c->message, &c->tool,
		    &c->text, &c->user };

		for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
			buf_done(fields[k]);
	}
	s->nchildren = 0;
}

static void
take_sess(struct child *c, const struct event *e)
{
	fold_set(&c->title, e->sess.title);
	fold_set(&c->parent, e->sess.parent);
	fold_set(&c->agent, e->sess.agent);
	if (e->sess.status == SESS_UNSAID)
		return;
	c->status = e->sess.status;
	buf_set(&c->message, item_error(e->sess.message));
}

static void
take_text(struct child *c, const struct event *e)
{
	size_t over;

	if (str_eq(e->text.msg, buf_view(&c->user)))
		return;
	if (e->text.op == TEXT_APPEND)
		buf_str(&c->text, e->text.data);
	else if (e->text.data.n > 0)
		buf_set(&c->text, e->text.data);
	if (c->text.n <= CHILD_TEXT)
		return;
	over = c->text.n - CHILD_TEXT;
	while (over < c->text.n && (c->text.p[over] & 0xC0) == 0x80)
		over++;
	buf_drop(&c->text, over);
}

/* Its questions are asked here, where somebody looks. */
static void
take_ask(struct session *s, const struct child *c, const struct event *e)
{
	struct item *it;

	if (e->kind == EVENT_ASK)
		fold_ask(s, e);
	else
		fold_answer(s, e);
	it = session_find(s, ITEM_ASK, e->kind == EVENT_ASK ? e->ask.id : e->answer.ask);
	if (it != NULL)
		item_set(it, &it->agent, buf_view(c->agent.n > 0 ? &c->agent : &c->title));
}

void
fold_child(struct session *s, const struct event *e)
{
	struct child *c = child_of(s, e->whose);

	if (c == NULL)
		return;
	switch (e->kind) {
	case EVENT_SESS:
		take_sess(c, e);
		break;
	case EVENT_MSG:
		if (e->msg.role == EVENT_ROLE_USER)
			buf_set(&c->user, e->msg.id);
		break;
	case EVENT_TEXT:
		take_text(c, e);
		break;
	case EVENT_TOOL:
		fold_set(&c->tool, e->tool.title.n > 0 ? e->tool.title : e->tool.name);
		break;
	case EVENT_ASK:
	case EVENT_ANSWER:
		take_ask(s, c, e);
		break;
	case EVENT_USE:
		c->tokens_in = e->use.input >= 0 ? e->use.input : c->tokens_in;
		c->tokens_out = e->use.output >= 0 ? e->use.output : c->tokens_out;
		break;
	default:
		break;
	}
	if (e->time > c->time)
		c->time = e->time;
	s->version++;
}
