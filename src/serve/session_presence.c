/* Who is in a session: what they say of themselves becomes events, silence becomes one too. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "serve/sessions.h"
#include "wire/fields.h"

enum { PEOPLE_MAX = 4096, USER_MAX = 200 };

struct presence {
	struct server *server;
	struct map people;		/* "session/user" to struct person */
};

struct person {
	struct timer timer;
	struct presence *presence;
	struct buf session, user;
	struct buf value;		/* the JSON that was last said of them */
};

static void
person_free(void *value)
{
	struct person *p = value;

	timer_disarm(&p->presence->server->timers, &p->timer);
	buf_done(&p->session);
	buf_done(&p->user);
	buf_done(&p->value);
	free(p);
}

struct presence *
presence_new(struct server *s)
{
	struct presence *p = mem_zalloc(sizeof *p);

	p->server = s;
	map_init(&p->people);
	return p;
}

void
presence_free(struct presence *p)
{
	if (p == NULL)
		return;
	map_done(&p->people, person_free);
	free(p);
}

static void
make_key(struct buf *out, struct str session, struct str user)
{
	buf_printf(out, "%.*s/%.*s", STR_ARG(session), STR_ARG(user));
}

/* ---- what is said of them */

enum { USER, NAME, CURSOR, OPEN_FILE, ACTION, TYPE, SESSION, FIELDS };

static const struct field fields[FIELDS] = {
	[USER] = { STR("userId"), FIELD_NAME, true },
	[NAME] = { STR("displayName"), FIELD_TEXT, false },
	[CURSOR] = { STR("cursor"), FIELD_JSON, false },
	[OPEN_FILE] = { STR("activeFile"), FIELD_TEXT, false },
	[ACTION] = { STR("action"), FIELD_TEXT, false },
	[TYPE] = { STR("type"), FIELD_TEXT, false },
	[SESSION] = { STR("sessionId"), FIELD_TEXT, false },
};

/* Somebody's word on its way to the log. */
struct visit {
	struct server *server;
	struct request *request;
	struct buf session, user, value;
	bool leaves;
};

static void
visit_free(struct visit *v)
{
	buf_done(&v->session);
	buf_done(&v->user);
	buf_done(&v->value);
	free(v);
}

static void
write_value(struct buf *out, struct str session, const struct str *v, int64_t now)
{
	struct json_writer w = { .out = out };

	jw_object(&w);
	jw_pair(&w, "userId", v[USER]);
	jw_pair(&w, "sessionId", session);
	if (v[NAME].p != NULL)
		jw_pair(&w, "displayName", v[NAME]);
	if (v[CURSOR].p != NULL) {
		jw_key(&w, "cursor");
		jw_raw(&w, v[CURSOR]);
	}
	if (v[OPEN_FILE].p != NULL)
		jw_pair(&w, "activeFile", v[OPEN_FILE]);
	jw_pair_i64(&w, "lastSeen", now);
	jw_end_object(&w);
}

static void
timed_out(struct timer *t)
{
	struct person *p = (struct person *)((char *)t - offsetof(struct person, timer));
	struct presence *all = p->presence;
	struct op *op = session_op(OP_APPEND, buf_view(&p->session));
	struct session_item it = { "presence", "delete", buf_view(&p->user), STR_NONE,
	    clock_wall() };
	struct buf value = { 0 }, key = { 0 };
	struct json_writer w = { .out = &value };

	jw_object(&w);
	jw_pair(&w, "userId", it.key);
	jw_pair(&w, "type", STR("timeout"));
	jw_end_object(&w);
	it.value = buf_view(&value);
	session_item_write(&it, &op->body);
	commit_submit(all->server->commit, op);
	make_key(&key, buf_view(&p->session), buf_view(&p->user));
	person_free(map_del(&all->people, buf_view(&key)));
	buf_done(&value);
	buf_done(&key);
}

/* Keeps it as it is on disk now. */
static void
take_visit(struct presence *all, const struct visit *v)
{
	struct buf key = { 0 };
	struct person *p;

	make_key(&key, buf_view(&v->session), buf_view(&v->user));
	p = map_get(&all->people, buf_view(&key));
	if (v->leaves) {
		if (p != NULL)
			person_free(map_del(&all->people, buf_view(&key)));
		goto out;
	}
	if (p == NULL) {
		p = mem_zalloc(sizeof *p);
		p->presence = all;
		p->timer.fire = timed_out;
		buf_set(&p->session, buf_view(&v->session));
		buf_set(&p->user, buf_view(&v->user));
		map_put(&all->people, buf_view(&key), p);
	}
	buf_set(&p->value, buf_view(&v->value));
	timer_arm(&all->server->timers, &p->timer, clock_mono() + all->server->o.presence_ms);
out:
	buf_done(&key);
}

static void
visited(void *owner, struct op *op)
{
	struct visit *v = owner;

	if (op->out.status < 300)
		take_visit(v->server->presence, v);
	session_published(v->request, op);
	visit_free(v);
}

static bool
is_cursor(struct str json)
{
	static const struct field xy[] = {
		{ STR("x"), FIELD_NUMBER, true }, { STR("y"), FIELD_NUMBER, true },
	};
	struct fields f = { .fields = xy, .n = 2 };
	struct arena a = { 0 };
	struct str v[2];
	bool ok;

	f.arena = &a;
	ok = json.p == NULL || fields_read_text(&f, json, v);
	arena_done(&a);
	return ok;
}

/* Why these fields say nothing about somebody here, NULL when they do. */
static const char *
check(const struct str *v, struct str session, struct str act)
{
	if (v[USER].n == 0 || v[USER].n > USER_MAX)
		return "\"userId\" has 1 to 200 bytes";
	if (v[SESSION].p != NULL && !str_eq(v[SESSION], session))
		return "\"sessionId\" is another session";
	if (!is_cursor(v[CURSOR]))
		return "\"cursor\" is not {x,y}";
	if (act.n > 0 && !str_eq(act, STR("join")) && !str_eq(act, STR("joined")) &&
	    !str_eq(act, STR("leave")) && !str_eq(act, STR("left")) &&
	    !str_eq(act, STR("heartbeat")) && !str_eq(act, STR("cursor")))
		return "it is none of join, leave and heartbeat";
	return NULL;
}

static bool
is_here(const struct presence *all, struct str session, struct str user)
{
	struct buf key = { 0 };
	bool here;

	make_key(&key, session, user);
	here = map_get(&all->people, buf_view(&key)) != NULL;
	buf_done(&key);
	return here;
}

static void
submit(struct server *s, struct request *r, struct str session, const struct str *said,
    struct str act)
{
	bool here = is_here(s->presence, session, said[USER]), leaves = str_starts(act, STR("le"));
	struct session_item it = { "presence", "update", said[USER], STR_NONE, clock_wall() };
	struct visit *v;
	struct op *op;

	if (!here && !leaves && map_count(&s->presence->people) >= PEOPLE_MAX) {
		session_fail(r, 503, "STREAM_UNAVAILABLE", "too many are here");
		return;
	}
	v = mem_zalloc(sizeof *v);
	v->server = s;
	v->request = r;
	v->leaves = leaves;
	buf_set(&v->session, session);
	buf_set(&v->user, it.key);
	write_value(&v->value, session, said, it.time);
	if (leaves)
		it.operation = "delete";
	else if (!here || str_starts(act, STR("join")))
		it.operation = "insert";
	it.value = buf_view(&v->value);
	op = session_op(OP_APPEND, session);
	session_item_write(&it, &op->body);
	op->done = visited;
	op->owner = v;
	commit_submit(s->commit, op);
}

void
presence_publish(struct server *s, struct request *r, struct str id, struct str data)
{
	struct arena a = { 0 };
	struct fields f = { .fields = fields, .n = FIELDS, .arena = &a };
	struct str v[FIELDS], act, behind;
	struct buf text = { 0 };
	const char *why;

	if (!fields_read_text(&f, data, v)) {
		buf_str(&text, f.why);
		session_fail(r, 400, "INVALID_DATA", buf_cstr(&text));
		goto out;
	}
	act = str_cut(v[ACTION].p != NULL ? v[ACTION] : v[TYPE], ':', &behind);
	if (behind.p != NULL)
		act = behind;
	if ((why = check(v, id, act)) != NULL)
		session_fail(r, 400, "INVALID_DATA", why);
	else if (request_user(r).p != NULL && !str_eq(request_user(r), v[USER]))
		session_fail(r, 403, "FORBIDDEN", "this token is another user's");
	else
		submit(s, r, id, v, act);
out:
	buf_done(&text);
	arena_done(&a);
}

void
presence_post(struct server *s, struct request *r, struct str id)
{
	struct str body = buf_view(request_body(r));

	if (utf8_valid(body) && json_valid(body))
		presence_publish(s, r, id, body);
	else
		session_fail(r, 400, "INVALID_JSON", "the body is not JSON");
}

void
presence_list(struct server *s, struct request *r, struct str id)
{
	struct stream stream = { 0 };
	struct buf json = { 0 };
	struct json_writer w;
	size_t at = 0;
	struct str key;
	void *person;

	if (!session_find(s, r, id, &stream))
		goto out;
	session_begin(&w, &json, stream.tail.n);
	jw_key(&w, "data");
	jw_array(&w);
	while (map_next(&s->presence->people, &at, &key, &person)) {
		const struct person *p = person;

		if (str_eq(buf_view(&p->session), id))
			jw_raw(&w, buf_view(&p->value));
	}
	jw_end_array(&w);
	jw_end_object(&w);
	session_answer(r, 200, &json);
out:
	stream_done(&stream);
}
