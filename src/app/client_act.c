/* What a person does in a session: what is kept until it has arrived, and what is done at once. */
#include <string.h>
#include <sys/random.h>

#include "app/client_parts.h"
#include "base/clock.h"
#include "model/question.h"
#include "wire/refusal.h"

/* ---- what is kept: the outbox */

static void
new_id(const struct client *c, struct buf *out)
{
	unsigned char r[16];

	if (getrandom(r, sizeof r, 0) != (ssize_t)sizeof r)
		memcpy(r, (int64_t[2]){ clock_mono_ns(), clock_wall() }, sizeof r);
	if (c->dialect->new_id != NULL) {
		c->dialect->new_id(clock_wall() + link_stats(c->link)->skew, r, out);
		return;
	}
	buf_str(out, STR("in-"));
	for (size_t i = 0; i < 12; i++)
		buf_printf(out, "%02x", r[i]);
}

static void
show_answer(struct client *c, struct str ask, enum ask_answer answer, struct str text,
    enum send_state state, struct str reason)
{
	struct buf words = { 0 };

	if (answer == ANSWER_CHOICES) {
		questions_words(text, &words);
		text = buf_view(&words);
	}
	session_answer_state(c->session, ask, answer, text, state, reason);
	buf_done(&words);
}

static enum err
can(const struct client *c, enum act_kind kind, struct error *e)
{
	if (c->outbox == NULL)
		return error_set(e, ERR_DENIED, "nothing can be sent: %s is followed read only",
		    client_name(c));
	if ((c->dialect->acts & ACT_BIT(kind)) == 0)
		return error_set(e, ERR_DENIED, "this server (%s) cannot do that: %s", c->dialect->name,
		    client_name(c));
	return ERR_OK;
}

static enum err
add_act(struct client *c, struct act *act, struct error *e)
{
	struct buf id = { 0 };
	enum err err = can(c, act->kind, e);

	if (err != ERR_OK)
		return err;
	new_id(c, &id);
	act->id = buf_view(&id);
	act->user = buf_view(&c->user);
	act->time = clock_wall();
	err = outbox_add(c->outbox, act, e);
	if (err == ERR_OK && act->kind == ACT_INPUT) {
		session_add_input(c->session, act->id, act->user, act->text, act->time);
		client_await_word(c);
	}
	if (err == ERR_OK && act->kind == ACT_ANSWER)
		show_answer(c, act->ask, act->answer, act->text, SEND_PENDING, STR_NONE);
	if (err == ERR_OK && c->http != NULL)
		link_kick(c->link);
	buf_done(&id);
	c->changed = true;
	return err;
}

enum err
client_input(struct client *c, struct str text, struct error *e)
{
	struct act act = { .kind = ACT_INPUT, .text = text };

	return add_act(c, &act, e);
}

enum err
client_answer(struct client *c, struct str ask, enum ask_answer answer, struct str text,
    struct error *e)
{
	struct act act = { .kind = ACT_ANSWER, .ask = ask, .answer = answer, .text = text };
	const struct item *it = session_find(c->session, ITEM_ASK, ask);

	if (it != NULL)
		act.shown = buf_view(&it->input);
	return add_act(c, &act, e);
}

/* To who wrote it. */
static void
give_back(struct client *c, struct str text)
{
	if (c->rejected.n > 0)
		buf_byte(&c->rejected, '\n');
	buf_str(&c->rejected, text);
}

void
client_sent(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome,
    struct str detail)
{
	static const enum send_state states[] = {
		[SENT_CONFIRMED] = SEND_CONFIRMED,
		[SENT_REJECTED] = SEND_REJECTED,
		[SENT_RETRYING] = SEND_PENDING,
		[SENT_UNSURE] = SEND_UNSURE,
	};
	struct client *c = ctx;
	bool confirmed = outcome == SENT_CONFIRMED;
	struct str reason = confirmed ? STR_NONE : detail;

	c->changed = true;
	if (entry->kind == ACT_INPUT)
		session_input_state(c->session, buf_view(&entry->id), states[outcome],
		    confirmed ? detail : STR_NONE, reason);
	if (entry->kind == ACT_ANSWER)
		show_answer(c, buf_view(&entry->ask), entry->answer, buf_view(&entry->text),
		    states[outcome], reason);
	if (entry->kind == ACT_INPUT && outcome == SENT_REJECTED)
		give_back(c, buf_view(&entry->text));
}

void
client_show_unsent(struct client *c)
{
	for (size_t i = 0; c->outbox != NULL && i < outbox_refused_count(c->outbox); i++) {
		const struct outbox_entry *entry = outbox_refused_at(c->outbox, i);

		if (entry->kind != ACT_INPUT)
			continue;
		session_add_input(c->session, buf_view(&entry->id), buf_view(&c->user),
		    buf_view(&entry->text), entry->time);
		session_input_state(c->session, buf_view(&entry->id), SEND_REJECTED, STR_NONE,
		    buf_view(&entry->reason));
	}
	for (size_t i = 0; c->outbox != NULL && i < outbox_count(c->outbox); i++) {
		const struct outbox_entry *entry = outbox_at(c->outbox, i);

		if (entry->kind == ACT_INPUT)
			session_add_input(c->session, buf_view(&entry->id), buf_view(&c->user),
			    buf_view(&entry->text), entry->time);
		if (entry->kind == ACT_ANSWER)
			show_answer(c, buf_view(&entry->ask), entry->answer, buf_view(&entry->text),
			    SEND_PENDING, STR_NONE);
	}
}

bool
client_rejected(struct client *c, struct buf *text)
{
	if (c->rejected.n == 0)
		return false;
	buf_str(text, buf_view(&c->rejected));
	buf_clear(&c->rejected);
	return true;
}

/* ---- what is done at once, or not at all */

enum err
client_do(struct client *c, enum act_kind kind, struct str name, struct str text, struct error *e)
{
	struct act act = { .kind = kind, .name = name, .text = text, .user = buf_view(&c->user),
		.time = clock_wall() };
	enum err err = can(c, kind, e);

	if (err == ERR_OK && (kind == ACT_NEW || kind == ACT_FORK) && c->dialect->made == NULL) {
		buf_clear(&c->making);
		new_id(c, &c->making);
		act.id = buf_view(&c->making);
	}
	if (err == ERR_OK)
		err = link_act(c->link, &act, e);
	if (err == ERR_OK && (kind == ACT_COMMAND || kind == ACT_SHELL))
		client_await_word(c);
	return err;
}

enum err
client_stop_agent(struct client *c, struct error *e)
{
	return client_do(c, ACT_STOP, STR_NONE, STR_NONE, e);
}

void
client_choose(struct client *c, struct str agent, struct str model)
{
	buf_set(&c->agent, agent);
	buf_set(&c->model, model);
}

struct str
client_agent(const struct client *c)
{
	return buf_view(c->agent.n > 0 ? &c->agent : &c->session->agent);
}

struct str
client_model(const struct client *c)
{
	return buf_view(c->model.n > 0 ? &c->model : &c->session->model);
}

struct str
client_chosen(const struct client *c, enum act_kind kind)
{
	return kind == ACT_AGENTS ? buf_view(&c->agent) : kind == ACT_MODELS ? buf_view(&c->model) : STR_NONE;
}

bool
client_offered(struct client *c, enum act_kind *kind, const struct offer_sink *sink)
{
	struct offers *o = c->offers;

	while (o < c->offers + CLIENT_LISTS && !o->fresh)
		o++;
	if (o == c->offers + CLIENT_LISTS)
		return false;
	*kind = ACT_AGENTS + (enum act_kind)(o - c->offers);
	o->fresh = false;
	if (o->answer.n > 0 && !c->dialect->offers(*kind, buf_view(&o->answer), sink))
		session_note(c->session, NOTE_WARN, clock_wall(), "The server's list could not be read");
	buf_clear(&o->answer);
	return true;
}

bool
client_made(struct client *c, struct buf *id, struct buf *target)
{
	if (c->made.n == 0)
		return false;
	buf_set(id, buf_view(&c->made));
	client_place(c, buf_view(id), target);
	buf_clear(&c->made);
	return true;
}

bool
client_place(const struct client *c, struct str id, struct buf *target)
{
	if (c->dialect->place == NULL || id.n == 0)
		return false;
	c->dialect->place(access_endpoint(c->access), id, target);
	return true;
}

void
client_prepare(void *ctx, struct act *act)
{
	struct client *c = ctx;

	act->directory = buf_view(&c->session->directory);
	act->session = buf_view(&c->session->id);
	act->agent = buf_view(&c->agent);
	act->model = buf_view(&c->model);
}

static void
tell_refusal(struct client *c, const char *what, struct str detail, struct str body)
{
	struct buf words = { 0 };

	buf_str(&words, detail);
	if (body.n > 0)
		buf_str(&words, STR(": "));
	refusal_words(body, 200, &words);
	session_note(c->session, NOTE_WARN, clock_wall(), "%s: %.*s", what, STR_ARG(buf_view(&words)));
	buf_done(&words);
}

void
client_acted(void *ctx, const struct act *act, bool ok, struct str detail, struct str body)
{
	static const char *const what[] = {
		[ACT_STOP] = "The agent could not be stopped",
		[ACT_COMMAND] = "The command could not be run", [ACT_SHELL] = "The command could not be run",
		[ACT_RENAME] = "The session could not be renamed",
		[ACT_FORK] = "The session could not be forked",
		[ACT_DELETE] = "The session could not be deleted",
		[ACT_REVERT] = "Nothing could be taken back",
		[ACT_UNREVERT] = "What was taken back could not be had again",
		[ACT_NEW] = "No session could be made", [ACT_AGENTS] = "The agents could not be listed",
		[ACT_MODELS] = "The models could not be listed",
		[ACT_COMMANDS] = "The commands could not be listed",
	};
	struct client *c = ctx;
	enum act_kind kind = act->kind;

	if (kind == ACT_PRESENCE) {
		client_presence_answered(c, ok, detail);
		return;
	}
	c->changed = true;
	if (c->tap.acted != NULL)
		c->tap.acted(c->tap.ctx, kind, ok, detail);
	if (ok && (kind == ACT_NEW || kind == ACT_FORK)) {
		buf_clear(&c->made);
		if (c->dialect->made != NULL)
			c->dialect->made(body, &c->made);
		else
			buf_set(&c->made, buf_view(&c->making));
	}
	if (kind >= ACT_AGENTS) {
		c->offers[kind - ACT_AGENTS].fresh = true;
		buf_set(&c->offers[kind - ACT_AGENTS].answer, ok ? body : STR_NONE);
	}
	if (!ok && (size_t)kind < sizeof what / sizeof *what && what[kind] != NULL)
		tell_refusal(c, what[kind], detail, body);
	/* It was written as a message is. */
	if (!ok && kind == ACT_COMMAND) {
		struct buf line = { 0 };

		buf_printf(&line, "/%.*s%s%.*s", STR_ARG(act->name), act->text.n > 0 ? " " : "",
		    STR_ARG(act->text));
		give_back(c, buf_view(&line));
		buf_done(&line);
	}
}
