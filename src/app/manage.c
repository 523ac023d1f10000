#include "app/manage.h"

#include "wire/dialect.h"

static void
act(struct client *c, struct view *v, enum act_kind kind, struct str text, const char *done)
{
	struct error e = { 0 };

	if (client_do(c, kind, STR_NONE, text, &e) == ERR_OK)
		view_say(v, NOTE_INFO, "%s", done);
	else
		view_say(v, NOTE_ERROR, "%s", e.text);
}

/* It is gone for everybody: the command has to be given twice in a row. */
static void
delete(struct client *c, struct view *v, bool *deleting)
{
	bool sure = *deleting;

	*deleting = !sure;
	if (sure)
		act(c, v, ACT_DELETE, STR_NONE, "asked the server to delete the session");
	else
		view_say(v, NOTE_WARN, "this deletes it on the server for everybody: the same again does it");
}

/* It holds at once; the list tells whether the server knows it. */
static void
choose(struct client *c, struct view *v, enum act_kind list, struct str agent, struct str model)
{
	struct error e = { 0 };
	struct str name;

	client_choose(c, agent, model);
	client_do(c, list, STR_NONE, STR_NONE, &e);
	agent = client_agent(c);
	name = client_model(c);
	view_say(v, NOTE_INFO, "from now on: agent %.*s, model %.*s",
	    STR_ARG(agent.n > 0 ? agent : STR("as before")), STR_ARG(name.n > 0 ? name : STR("as before")));
}

static const struct {
	enum command command;
	enum act_kind asks;
} picks[] = {
	{ CMD_AGENT, ACT_AGENTS }, { CMD_MODEL, ACT_MODELS }, { CMD_SLASH, ACT_COMMANDS },
};
enum { PICKS = sizeof picks / sizeof *picks };

/* The list is there at once, and what it holds when the server has told. */
static void
pick(struct client *c, struct view *v, enum command command, struct str words)
{
	struct error e = { 0 };
	size_t i = 0;

	while (i + 1 < PICKS && picks[i].command != command)
		i++;
	if (client_do(c, picks[i].asks, STR_NONE, STR_NONE, &e) == ERR_OK)
		view_pick(v, command, words);
	else
		view_say(v, NOTE_ERROR, "%s", e.text);
}

/* The last thing somebody said that still counts. */
static void
revert(struct client *c, struct view *v)
{
	const struct session *s = client_session(c);
	size_t i = s->nitems;

	while (i > 0) {
		const struct item *it = session_item(s, --i);

		if (it->kind != ITEM_USER || it->back != ITEM_STANDS || item_is_unsent(it) || it->id.n == 0)
			continue;
		act(c, v, ACT_REVERT, buf_view(&it->id), "asked the server to take it back");
		return;
	}
	view_say(v, NOTE_WARN, "there is nothing to take back");
}

void
manage_run(struct client *c, struct view *v, enum command command, struct str text, bool *deleting)
{
	bool knows = (client_dialect(c)->acts & ACT_BIT(ACT_COMMAND)) != 0;

	if (command != CMD_DELETE)
		*deleting = false;
	if ((command == CMD_RENAME || command == CMD_SHELL) && text.n == 0) {
		view_say(v, NOTE_WARN, "%s", command_info(command)->help);
	} else if (command == CMD_NEW) {
		act(c, v, ACT_NEW, text, "asked the server for another session");
	} else if (command == CMD_RENAME) {
		act(c, v, ACT_RENAME, text, "asked the server to call it so");
	} else if (command == CMD_FORK) {
		act(c, v, ACT_FORK, text, "asked the server for a fork");
	} else if (command == CMD_REVERT) {
		revert(c, v);
	} else if (command == CMD_UNREVERT) {
		act(c, v, ACT_UNREVERT, STR_NONE, "asked the server for what was taken back");
	} else if (command == CMD_DELETE) {
		delete(c, v, deleting);
	} else if (command == CMD_SHELL) {
		act(c, v, ACT_SHELL, text, "sent");
	} else if (!knows) {
		view_say(v, NOTE_ERROR, "nobody can be picked here: this server (%s) has no such choice",
		    client_dialect(c)->name);
	} else if (command == CMD_SLASH || text.n == 0) {
		pick(c, v, command, text);
	} else {
		choose(c, v, command == CMD_AGENT ? ACT_AGENTS : ACT_MODELS,
		    command == CMD_AGENT ? text : client_agent(c),
		    command == CMD_MODEL ? text : client_model(c));
	}
}

bool
manage_slash(struct client *c, struct str text, enum err *err, struct error *e)
{
	struct str name, rest;

	if (text.n < 2 || text.p[0] != '/' || (client_dialect(c)->acts & ACT_BIT(ACT_COMMAND)) == 0)
		return false;
	name = str_cut(str_skip(text, 1), ' ', &rest);
	/* A path is no command. */
	if (str_find_byte(name, '/') < name.n || str_find_byte(name, '\n') < name.n)
		return false;
	*err = client_do(c, ACT_COMMAND, name, rest, e);
	return true;
}

struct offering {
	const struct client *client;
	struct view *view;
	enum act_kind kind;
	size_t n;
	bool has_chosen;		/* by its name before this list came */
};

static enum command
picked_for(enum act_kind kind)
{
	for (size_t i = 0; i < PICKS; i++)
		if (picks[i].asks == kind)
			return picks[i].command;
	return CMD_NONE;
}

static void
on_offer(void *ctx, struct str name, struct str about)
{
	struct offering *o = ctx;
	struct str now = o->kind == ACT_AGENTS ? client_agent(o->client) : client_model(o->client);

	o->n++;
	o->has_chosen |= str_eq(name, client_chosen(o->client, o->kind));
	view_pick_add(o->view, picked_for(o->kind), name, about, str_eq(name, now));
}

static void
tell_unknown(const struct offering *o)
{
	struct str chosen = client_chosen(o->client, o->kind);
	const char *what = o->kind == ACT_AGENTS ? "agent" : "model";

	if (chosen.n > 0 && o->n > 0 && !o->has_chosen)
		view_say(o->view, NOTE_WARN, "the server does not offer %s %.*s: :%s lists those it does", what,
		    STR_ARG(chosen), what);
}

/* Takes one answer of the server's; false when there is none. */
static bool
take_offer(struct client *c, struct view *v)
{
	struct offering o = { .client = c, .view = v };
	const struct offer_sink sink = { on_offer, &o };

	if (!client_offered(c, &o.kind, &sink))
		return false;
	view_pick_end(v, picked_for(o.kind));
	tell_unknown(&o);
	return true;
}

void
manage_work(struct client *c, struct view *v, struct buf *made)
{
	struct buf id = { 0 };

	while (take_offer(c, v))
		;
	if (client_made(c, &id, made))
		view_say(v, NOTE_INFO, "there is a new session, %.*s: :go opens it", STR_ARG(buf_view(&id)));
	buf_done(&id);
}
