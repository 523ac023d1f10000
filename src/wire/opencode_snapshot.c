/*
 * How things stand when a stream was opened that tells only what changes: fetched in several
 * requests, kept until all of it is here, then told as the events that would have led there.
 */
#include "wire/opencode.h"

#include <stdlib.h>

#include "base/mem.h"

enum { PAGE = 100, MAX_PAGES = 50 };

void
opencode_snapshot_begin(struct opencode_snapshot *s)
{
	opencode_snapshot_done(s);
	*s = (struct opencode_snapshot){ .cut = false };
}

void
opencode_snapshot_done(struct opencode_snapshot *s)
{
	for (size_t i = 0; i < NEEDS; i++)
		buf_done(&s->needs[i].body);
	for (size_t i = 0; i < s->npages; i++)
		buf_done(&s->pages[i]);
	free(s->pages);
	buf_done(&s->before);
	s->pages = NULL;
	s->npages = s->cap_pages = 0;
}

/* ---- asking */

static enum err
request_of(const struct opencode_snapshot *s, const struct endpoint *ep, struct str directory,
    enum opencode_need need, struct http_request *out)
{
	static const char *const paths[NEEDS] = {
		[NEED_SESSION] = "", [NEED_CHILDREN] = "/children", [NEED_MESSAGES] = "/message",
		[NEED_TODO] = "/todo",
	};
	struct str id = opencode_session(ep);
	struct buf before = { 0 };
	enum err err;

	if (need == NEED_STATUS)
		return opencode_request(ep, "GET", directory, out, NULL, "/session/status");
	if (need == NEED_PERMISSIONS)
		return opencode_request(ep, "GET", directory, out, NULL, "/permission");
	if (need == NEED_QUESTIONS)
		return opencode_request(ep, "GET", directory, out, NULL, "/question");
	if (need == NEED_PTYS)
		return opencode_request(ep, "GET", directory, out, NULL, "/pty");
	if (need != NEED_MESSAGES)
		return opencode_request(ep, "GET", directory, out, NULL, "/session/%.*s%s", STR_ARG(id),
		    paths[need]);
	if (s->before.n > 0)
		buf_str(&before, STR("&before="));
	http_escape(&before, buf_view(&s->before));
	err = opencode_request(ep, "GET", directory, out, NULL, "/session/%.*s/message?limit=%d%s",
	    STR_ARG(id), PAGE, buf_cstr(&before));
	buf_done(&before);
	return err;
}

bool
opencode_snapshot_ask(struct opencode_snapshot *s, const struct endpoint *ep, struct str directory,
    unsigned *need, struct http_request *out)
{
	for (unsigned i = 0; i < NEEDS; i++) {
		if (s->needs[i].state != WANTED)
			continue;
		s->needs[i].state = ASKED;
		*need = i;
		return request_of(s, ep, directory, (enum opencode_need)i, out) == ERR_OK;
	}
	return false;
}

bool
opencode_snapshot_is_whole(const struct opencode_snapshot *s)
{
	for (size_t i = 0; i < NEEDS; i++)
		if (s->needs[i].state != HERE)
			return false;
	return true;
}

/* ---- answers */

/* The id in the `info` of a message. */
static bool
id_of(struct str message, struct buf *id)
{
	struct str info;

	buf_clear(id);
	return json_get(message, "info", &info) && json_get_text(info, "id", id);
}

static bool
is_known(struct str id, struct str known)
{
	return known.n > 0 && str_cmp(id, known) <= 0;
}

/* The first message of a page, its oldest, was read before. */
static bool
reaches(struct str page, struct str known)
{
	struct buf id = { 0 };
	struct json j;
	struct str message;
	bool yes = false;

	json_init(&j, page);
	json_array(&j);
	if (json_element(&j) && json_value(&j, &message) && id_of(message, &id))
		yes = is_known(buf_view(&id), known);
	buf_done(&id);
	return yes;
}

static void
take_page(struct opencode_snapshot *s, const struct aside *a, struct str known)
{
	struct str next = http_header(a->headers, "x-next-cursor");
	struct buf *page;

	s->pages = mem_grow(s->pages, s->npages, &s->cap_pages, sizeof *s->pages);
	page = &s->pages[s->npages++];
	*page = (struct buf){ 0 };
	buf_set(page, a->body);
	buf_set(&s->before, next);
	if (next.n == 0 || reaches(a->body, known))
		return;
	s->cut = s->npages == MAX_PAGES;
	if (!s->cut)
		s->needs[NEED_MESSAGES].state = WANTED;
}

/* What every server of this kind has; the rest came with later versions. */
static bool
is_vital(enum opencode_need need)
{
	return need == NEED_SESSION || need == NEED_STATUS || need == NEED_MESSAGES;
}

enum err
opencode_snapshot_take(struct opencode_snapshot *s, const struct aside *a, struct str known,
    struct error *e)
{
	enum opencode_need need = (enum opencode_need)a->what;
	bool good = a->status / 100 == 2 && json_valid(a->body);

	if (!good && (is_vital(need) || a->status == 0 || a->status / 100 == 5))
		return error_set(e, ERR_PROTOCOL, "the state of the session could not be read (http %d)",
		    a->status);
	s->needs[need].state = HERE;
	if (good && need == NEED_MESSAGES)
		take_page(s, a, known);
	else if (good)
		buf_set(&s->needs[need].body, a->body);
	return ERR_OK;
}

/* ---- as events */

struct giving {
	struct str mine, known;
	void (*record)(void *ctx, struct str bytes);
	void *ctx;
	struct buf out;
	struct json_writer w;
	bool unended;			/* the last message is an agent's that has no end */
};

static void
begin(struct giving *g, const char *type, struct str session)
{
	buf_clear(&g->out);
	g->w = (struct json_writer){ .out = &g->out };
	jw_object(&g->w);
	jw_pair(&g->w, "type", str_from(type));
	jw_key(&g->w, "properties");
	jw_object(&g->w);
	if (session.n > 0)
		jw_pair(&g->w, "sessionID", session);
}

static void
end(struct giving *g)
{
	jw_end_object(&g->w);
	jw_end_object(&g->w);
	g->record(g->ctx, buf_view(&g->out));
}

static void
member(struct giving *g, const char *key, struct str json)
{
	jw_key(&g->w, key);
	jw_raw(&g->w, json);
}

static void
give_session(struct giving *g, struct str info)
{
	struct buf id = { 0 };

	if (json_get_text(info, "id", &id)) {
		begin(g, "session.updated", buf_view(&id));
		member(g, "info", info);
		end(g);
	}
	buf_done(&id);
}

static void
each(struct giving *g, struct str array, void (*give)(struct giving *g, struct str element))
{
	struct json j;
	struct str element;

	if (array.n == 0)
		return;
	json_init(&j, array);
	for (json_array(&j); json_element(&j) && json_value(&j, &element);)
		give(g, element);
}

/* ---- messages */

struct told {
	struct buf id;
	struct str created;		/* exact JSON */
	bool ended;
};

static void
give_gap(struct giving *g, const struct told *t, struct str part)
{
	struct buf id = { 0 };

	if (json_get_text(part, "id", &id)) {
		begin(g, "weir.gap", g->mine);
		jw_pair(&g->w, "messageID", buf_view(&t->id));
		jw_pair(&g->w, "partID", buf_view(&id));
		end(g);
	}
	buf_done(&id);
}

/* The store has no text for a part that is being said: what was missed of it nobody knows. */
static bool
is_open_text(struct str part)
{
	struct buf type = { 0 };
	struct str text, time, ended;
	bool is = json_get_text(part, "type", &type) &&
	    (str_eq(buf_view(&type), STR("text")) || str_eq(buf_view(&type), STR("reasoning"))) &&
	    json_get(part, "text", &text) && str_eq(text, STR("\"\"")) &&
	    json_get(part, "time", &time) && !json_get(time, "end", &ended);

	buf_done(&type);
	return is;
}

static void
give_parts(struct giving *g, const struct told *t, struct str parts)
{
	struct json j;
	struct str part;

	json_init(&j, parts);
	for (json_array(&j); json_element(&j) && json_value(&j, &part);) {
		begin(g, "message.part.updated", g->mine);
		member(g, "part", part);
		if (t->created.n > 0)
			member(g, "time", t->created);
		end(g);
		if (!t->ended && is_open_text(part))
			give_gap(g, t, part);
	}
}

static void
give_message(struct giving *g, struct str message)
{
	struct told t = { .ended = true };
	struct str info, parts, time, value;
	struct buf role = { 0 };

	if (!id_of(message, &t.id) || is_known(buf_view(&t.id), g->known) ||
	    !json_get(message, "info", &info))
		goto out;
	if (json_get(info, "time", &time)) {
		t.ended = json_get(time, "completed", &value) || json_get(info, "error", &value);
		json_get(time, "created", &t.created);
	}
	if (json_get_text(info, "role", &role) && str_eq(buf_view(&role), STR("user")))
		t.ended = true;
	g->unended = !t.ended;
	begin(g, "message.updated", g->mine);
	member(g, "info", info);
	end(g);
	if (json_get(message, "parts", &parts))
		give_parts(g, &t, parts);
out:
	buf_done(&t.id);
	buf_done(&role);
}

/* ---- what is asked, what is to do, how it stands */

/* What is pending stands in the list as it was asked. */
static void
give_asked(struct giving *g, const char *type, struct str asked)
{
	buf_clear(&g->out);
	g->w = (struct json_writer){ .out = &g->out };
	jw_object(&g->w);
	jw_pair(&g->w, "type", str_from(type));
	member(g, "properties", asked);
	jw_end_object(&g->w);
	g->record(g->ctx, buf_view(&g->out));
}

static void
give_permission(struct giving *g, struct str asked)
{
	give_asked(g, "permission.asked", asked);
}

static void
give_question(struct giving *g, struct str asked)
{
	give_asked(g, "question.asked", asked);
}

static void
add_id(struct giving *g, struct str asked)
{
	struct buf id = { 0 };

	if (json_get_text(asked, "id", &id))
		jw_string(&g->w, buf_view(&id));
	buf_done(&id);
}

/* Whatever else was asked before is not pending any more. */
static void
give_pending(struct giving *g, const struct opencode_snapshot *s)
{
	begin(g, "weir.pending", g->mine);
	jw_key(&g->w, "ids");
	jw_array(&g->w);
	each(g, buf_view(&s->needs[NEED_PERMISSIONS].body), add_id);
	each(g, buf_view(&s->needs[NEED_QUESTIONS].body), add_id);
	jw_end_array(&g->w);
	end(g);
}

static void
add_message(struct giving *g, struct str message)
{
	struct buf id = { 0 };

	if (id_of(message, &id))
		jw_string(&g->w, buf_view(&id));
	buf_done(&id);
}

/* What was read before and is not among these was taken back meanwhile. */
static void
give_messages(struct giving *g, const struct opencode_snapshot *s)
{
	begin(g, "weir.messages", g->mine);
	jw_key(&g->w, "ids");
	jw_array(&g->w);
	for (size_t i = s->npages; i > 0; i--)
		each(g, buf_view(&s->pages[i - 1]), add_message);
	jw_end_array(&g->w);
	end(g);
}

static void
give_status(struct giving *g, struct str statuses, struct str id)
{
	struct buf name = { 0 };
	struct str status;
	bool busy;

	buf_str(&name, id);
	busy = json_get(statuses, buf_cstr(&name), &status);
	buf_done(&name);
	/* A turn without an end that nobody works on: its server died in it. */
	if (!busy && g->unended && str_eq(id, g->mine)) {
		begin(g, "weir.lost", id);
	} else {
		begin(g, "session.status", id);
		member(g, "status", busy ? status : STR("{\"type\":\"idle\"}"));
	}
	end(g);
}

void
opencode_snapshot_give(const struct opencode_snapshot *s, struct str mine, struct str known,
    void (*record)(void *ctx, struct str bytes), void *ctx)
{
	struct giving g = { .mine = mine, .known = known, .record = record, .ctx = ctx };
	struct str statuses = buf_view(&s->needs[NEED_STATUS].body), child;
	struct buf id = { 0 };
	struct json j;

	give_session(&g, buf_view(&s->needs[NEED_SESSION].body));
	each(&g, buf_view(&s->needs[NEED_CHILDREN].body), give_session);
	for (size_t i = s->npages; i > 0; i--)
		each(&g, buf_view(&s->pages[i - 1]), give_message);
	if (known.n > 0)
		give_messages(&g, s);
	/* What it says of messages counts when they are there. */
	if (json_get(buf_view(&s->needs[NEED_SESSION].body), "revert", &child))
		give_session(&g, buf_view(&s->needs[NEED_SESSION].body));
	if (s->needs[NEED_TODO].body.n > 0) {
		begin(&g, "todo.updated", mine);
		member(&g, "todos", buf_view(&s->needs[NEED_TODO].body));
		end(&g);
	}
	each(&g, buf_view(&s->needs[NEED_PERMISSIONS].body), give_permission);
	each(&g, buf_view(&s->needs[NEED_QUESTIONS].body), give_question);
	give_pending(&g, s);
	give_status(&g, statuses, mine);
	if (s->needs[NEED_CHILDREN].body.n > 0) {
		json_init(&j, buf_view(&s->needs[NEED_CHILDREN].body));
		for (json_array(&j); json_element(&j) && json_value(&j, &child);)
			if (json_get_text(child, "id", &id)) {
				give_status(&g, statuses, buf_view(&id));
				buf_clear(&id);
			}
	}
	buf_done(&id);
	buf_done(&g.out);
}
