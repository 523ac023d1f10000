/*
 * Recorded opencode sessions, from the first event to the transcript: read as a whole, and cut at
 * every event, with a server that keeps what a real one keeps and nothing more. The transcript must
 * be the same. One recording is ours; those of real servers are read where they are.
 */
#include "tests/unit.h"

#include <dirent.h>

#include "base/mem.h"
#include "tests/model/print_session.h"
#include "tests/model/rig.h"
#include "wire/json.h"

/* ---- what a server keeps */

struct kept {
	struct buf id, json;
	struct kept *parts;
	size_t nparts, cap_parts;
};

struct list {
	struct kept *v;
	size_t n, cap;
};

struct server {
	struct buf session;		/* id of the one that is followed */
	struct list sessions, status, messages, permissions, questions, todo;
};

static struct kept *
keep(struct kept **v, size_t *n, size_t *cap, struct str id)
{
	for (size_t i = 0; i < *n; i++)
		if (str_eq(buf_view(&(*v)[i].id), id))
			return &(*v)[i];
	*v = mem_grow(*v, *n, cap, sizeof **v);
	(*v)[*n] = (struct kept){ .nparts = 0 };
	buf_set(&(*v)[*n].id, id);
	return &(*v)[(*n)++];
}

static struct kept *
in(struct list *l, struct str id)
{
	return keep(&l->v, &l->n, &l->cap, id);
}

static void
free_kept(struct kept *k)
{
	for (size_t i = 0; i < k->nparts; i++)
		free_kept(&k->parts[i]);
	free(k->parts);
	buf_done(&k->id);
	buf_done(&k->json);
}

static void
drop(struct list *l, struct str id)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!str_eq(buf_view(&l->v[i].id), id))
			continue;
		free_kept(&l->v[i]);
		memmove(&l->v[i], &l->v[i + 1], (l->n - i - 1) * sizeof *l->v);
		l->n--;
		return;
	}
}

static void
server_done(struct server *s)
{
	struct list *lists[] = { &s->sessions, &s->status, &s->messages, &s->permissions, &s->questions,
	    &s->todo };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		for (size_t k = 0; k < lists[i]->n; k++)
			free_kept(&lists[i]->v[k]);
		free(lists[i]->v);
	}
	buf_done(&s->session);
}

static void
set(struct list *l, struct str id, struct str json)
{
	buf_set(&in(l, id)->json, json);
}

static void
take_part(struct server *s, struct str part)
{
	struct buf message = { 0 }, id = { 0 };
	struct kept *m;

	json_get_text(part, "messageID", &message);
	json_get_text(part, "id", &id);
	m = in(&s->messages, buf_view(&message));
	buf_set(&keep(&m->parts, &m->nparts, &m->cap_parts, buf_view(&id))->json, part);
	buf_done(&message);
	buf_done(&id);
}

static void
take_message(struct server *s, struct str info)
{
	struct buf id = { 0 };

	json_get_text(info, "id", &id);
	set(&s->messages, buf_view(&id), info);
	buf_done(&id);
}

static void
take_status(struct server *s, struct str session, struct str status)
{
	struct buf type = { 0 };

	json_get_text(status, "type", &type);
	if (str_eq(buf_view(&type), STR("idle")))
		drop(&s->status, session);
	else
		set(&s->status, session, status);
	buf_done(&type);
}

static void
take_asked(struct server *s, struct str type, struct str properties)
{
	struct list *l = str_starts(type, STR("permission")) ? &s->permissions : &s->questions;
	struct buf id = { 0 };

	if (json_get_text(properties, "requestID", &id))
		drop(l, buf_view(&id));
	else if (json_get_text(properties, "id", &id))
		set(l, buf_view(&id), properties);
	buf_done(&id);
}

/* What the server does when it sends this. */
static void
server_take(struct server *s, struct str event)
{
	struct buf type = { 0 }, session = { 0 };
	struct str properties, value, t;
	bool mine;

	json_get_text(event, "type", &type);
	assert_true(json_get(event, "properties", &properties));
	json_get_text(properties, "sessionID", &session);
	t = buf_view(&type);
	mine = str_eq(buf_view(&session), buf_view(&s->session));
	if (str_starts(t, STR("session.")) && json_get(properties, "info", &value))
		set(&s->sessions, buf_view(&session), value);
	else if (str_eq(t, STR("session.status")) && json_get(properties, "status", &value))
		take_status(s, buf_view(&session), value);
	else if (mine && str_eq(t, STR("message.updated")) && json_get(properties, "info", &value))
		take_message(s, value);
	else if (mine && str_eq(t, STR("message.part.updated")) && json_get(properties, "part", &value))
		take_part(s, value);
	else if (str_starts(t, STR("permission.")) || str_starts(t, STR("question.")))
		take_asked(s, t, properties);
	else if (mine && str_eq(t, STR("todo.updated")) && json_get(properties, "todos", &value))
		set(&s->todo, STR("todo"), value);
	buf_done(&type);
	buf_done(&session);
}

static void
add(struct buf *out, struct str json)
{
	if (out->n > 1)
		buf_byte(out, ',');
	buf_str(out, json);
}

static void
add_messages(const struct server *s, struct buf *out)
{
	struct buf one = { 0 };

	for (size_t i = 0; i < s->messages.n; i++) {
		const struct kept *m = &s->messages.v[i];

		if (m->json.n == 0)
			continue;
		buf_clear(&one);
		buf_printf(&one, "{\"info\":%.*s,\"parts\":[", STR_ARG(buf_view(&m->json)));
		for (size_t k = 0; k < m->nparts; k++)
			buf_printf(&one, "%s%.*s", k > 0 ? "," : "", STR_ARG(buf_view(&m->parts[k].json)));
		buf_str(&one, STR("]}"));
		add(out, buf_view(&one));
	}
	buf_done(&one);
}

static void
add_children(const struct server *s, struct buf *out)
{
	struct buf parent = { 0 };

	for (size_t i = 0; i < s->sessions.n; i++) {
		buf_clear(&parent);
		if (json_get_text(buf_view(&s->sessions.v[i].json), "parentID", &parent) &&
		    str_eq(buf_view(&parent), buf_view(&s->session)))
			add(out, buf_view(&s->sessions.v[i].json));
	}
	buf_done(&parent);
}

static void
add_list(const struct list *l, struct buf *out)
{
	for (size_t i = 0; i < l->n; i++)
		add(out, buf_view(&l->v[i].json));
}

static void
add_status(const struct server *s, struct buf *out)
{
	struct buf one = { 0 };

	out->p[0] = '{';
	for (size_t i = 0; i < s->status.n; i++) {
		buf_clear(&one);
		buf_printf(&one, "\"%s\":%.*s", buf_cstr(&s->status.v[i].id),
		    STR_ARG(buf_view(&s->status.v[i].json)));
		add(out, buf_view(&one));
	}
	buf_done(&one);
}

static void
server_answer(const struct server *s, struct str path, struct buf *out)
{
	struct str id = buf_view(&s->session), rest;
	struct buf own = { 0 };

	path = str_cut(path, '?', &rest);
	buf_str(&own, STR("/session/"));
	buf_str(&own, id);
	buf_byte(out, '[');
	if (str_eq(path, buf_view(&own))) {
		buf_set(out, buf_view(&in((struct list *)(uintptr_t)&s->sessions, id)->json));
		if (out->n == 0)
			buf_printf(out, "{\"id\":\"%.*s\",\"directory\":\"/p\"}", STR_ARG(id));
		buf_done(&own);
		return;
	}
	if (str_ends(path, STR("/message")))
		add_messages(s, out);
	else if (str_ends(path, STR("/children")))
		add_children(s, out);
	else if (str_ends(path, STR("/status")))
		add_status(s, out);
	else if (str_eq(path, STR("/permission")))
		add_list(&s->permissions, out);
	else if (str_eq(path, STR("/question")))
		add_list(&s->questions, out);
	else if (str_ends(path, STR("/todo")) && s->todo.n > 0)
		buf_set(out, buf_view(&s->todo.v[0].json));
	if (!str_ends(path, STR("/todo")) || s->todo.n == 0)
		buf_byte(out, str_ends(path, STR("/status")) ? '}' : ']');
	buf_done(&own);
}

/* ---- a recording, played */

struct recording {
	struct buf bytes;
	struct str *events;
	size_t n, cap;
	struct buf session;
};

static void
recording_done(struct recording *r)
{
	buf_done(&r->bytes);
	buf_done(&r->session);
	free(r->events);
}

/* One event a line, behind "data: " or alone. */
static bool
recording_read(struct recording *r, const char *path)
{
	FILE *file = fopen(path, "r");
	struct str rest;

	*r = (struct recording){ .n = 0 };
	if (file == NULL)
		return false;
	assert_true(buf_read_fd(&r->bytes, fileno(file), 64 << 20));
	fclose(file);
	for (rest = buf_view(&r->bytes); rest.n > 0;) {
		struct str line = str_trim(str_cut(rest, '\n', &rest)), properties;
		struct buf type = { 0 };

		if (str_starts(line, STR("data: ")))
			line = str_skip(line, 6);
		if (!json_valid(line) || !json_get(line, "properties", &properties))
			continue;
		if (r->session.n == 0 && json_get_text(line, "type", &type) &&
		    str_eq(buf_view(&type), STR("session.created")))
			json_get_text(properties, "sessionID", &r->session);
		buf_done(&type);
		r->events = mem_grow(r->events, r->n, &r->cap, sizeof *r->events);
		r->events[r->n++] = line;
	}
	return r->session.n > 0;
}

/* Answers all that is asked but the stream, which it opens; returns that. */
static size_t
answer_all(struct rig *r, const struct server *s)
{
	size_t stream = 0;

	for (size_t i = 0; i < r->nrequests; i++) {
		struct str what = buf_view(&r->requests[i].what), path = str_skip(what, 4);
		struct buf json = { 0 };

		if (!r->requests[i].open)
			continue;
		if (str_starts(path, STR("/event"))) {
			stream = i;
			if (link_state(r->link) != LINK_LIVE)
				rig_head(r, i, 200, "text/event-stream");
		} else {
			server_answer(s, path, &json);
			rig_head(r, i, 200, "application/json");
			rig_body(r, i, buf_cstr(&json));
			rig_end(r, i, HTTP_DONE);
			buf_done(&json);
		}
		rig_run(r, 0);
	}
	return stream;
}

static size_t
connect_all(struct rig *r, const struct server *s)
{
	size_t stream = 0;

	for (int i = 0; i < 8 && link_state(r->link) != LINK_LIVE; i++) {
		rig_run(r, 60000);
		stream = answer_all(r, s);
	}
	assert_int_equal(link_state(r->link), LINK_LIVE);
	return stream;
}

static void
give(struct rig *r, size_t stream, struct str event)
{
	struct buf text = { 0 };

	buf_str(&text, event);
	rig_event(r, stream, buf_cstr(&text));
	buf_done(&text);
}

/* The transcript, the stream cut before event `cut`, after which `missed` more are not heard. */
static void
play(const struct recording *rec, size_t cut, size_t missed, struct buf *out)
{
	struct server s = { .session = { 0 } };
	struct buf url = { 0 };
	struct rig r;
	size_t stream;

	buf_set(&s.session, buf_view(&rec->session));
	buf_printf(&url, "http://h/session/%s", buf_cstr(&s.session));
	rig_init(&r, &dialect_opencode, buf_cstr(&url));
	session_set_id(r.session, buf_view(&s.session));
	link_start(r.link);
	stream = connect_all(&r, &s);
	for (size_t i = 0; i < rec->n; i++) {
		bool heard = i < cut || i >= cut + missed;

		if (i == cut)
			rig_end(&r, stream, HTTP_RESET);
		server_take(&s, rec->events[i]);
		if (i + 1 == cut + missed)
			stream = connect_all(&r, &s);
		if (heard)
			give(&r, stream, rec->events[i]);
	}
	if (link_state(r.link) != LINK_LIVE)
		connect_all(&r, &s);
	assert_int_equal(r.session->unknown, 0);
	print_items(out, r.session);
	print_beside(out, r.session);
	rig_done(&r);
	server_done(&s);
	buf_done(&url);
}

static bool
is_untold(struct str line)
{
	return str_starts(line, STR("approval")) || str_starts(line, STR("question")) ||
	    str_starts(line, STR("child"));
}

/* What was asked and answered meanwhile, or what a child said, no server tells later. */
static bool
same_lines(struct str a, struct str b)
{
	struct buf told[2] = { { 0 }, { 0 } };
	struct str all[2] = { a, b };
	bool same;

	for (int i = 0; i < 2; i++)
		while (all[i].n > 0) {
			struct str line = str_cut(all[i], '\n', &all[i]);

			if (is_untold(line))
				continue;
			buf_str(&told[i], line);
			buf_byte(&told[i], '\n');
		}
	same = str_eq(buf_view(&told[0]), buf_view(&told[1]));
	buf_done(&told[0]);
	buf_done(&told[1]);
	return same;
}

/* Cut at every event, or with long recordings at some of them. */
static void
cut_everywhere(const char *path, size_t cuts)
{
	struct recording rec;
	struct buf whole = { 0 }, got = { 0 };
	size_t step;

	if (!recording_read(&rec, path)) {
		recording_done(&rec);
		return;
	}
	step = rec.n > cuts ? rec.n / cuts : 1;
	play(&rec, SIZE_MAX - rec.n, 1, &whole);
	for (size_t i = 1; i < rec.n; i += step)
		for (size_t missed = 1; missed < 6; missed += 2) {
			buf_clear(&got);
			play(&rec, i, missed, &got);
			if (same_lines(buf_view(&got), buf_view(&whole)))
				continue;
			if (!str_eq(buf_view(&got), buf_view(&whole)))
				print_error("%s cut at %zu, %zu missed\n", path, i, missed);
			assert_str(buf_view(&got), buf_view(&whole));
		}
	recording_done(&rec);
	buf_done(&whole);
	buf_done(&got);
}

static void
own_path(struct buf *path, const char *name)
{
	buf_printf(path, "%s/tests/data/events/%s", getenv("top_srcdir"), name);
}

static void
test_our_recording(void **state)
{
	struct buf path = { 0 }, want = { 0 }, got = { 0 };
	struct recording rec;
	FILE *file;

	(void)state;
	own_path(&path, "opencode.jsonl");
	assert_true(recording_read(&rec, buf_cstr(&path)));
	play(&rec, SIZE_MAX - rec.n, 1, &got);
	buf_clear(&path);
	own_path(&path, "opencode.txt");
	if (getenv("GOLDEN_WRITE") != NULL) {
		file = fopen(buf_cstr(&path), "w");
		assert_non_null(file);
		fwrite(got.p, 1, got.n, file);
		fclose(file);
	}
	file = fopen(buf_cstr(&path), "r");
	assert_non_null(file);
	assert_true(buf_read_fd(&want, fileno(file), 1 << 20));
	fclose(file);
	assert_str(buf_view(&got), buf_view(&want));
	recording_done(&rec);
	buf_done(&path);
	buf_done(&want);
	buf_done(&got);
}

static void
test_our_recording_cut(void **state)
{
	struct buf path = { 0 };

	(void)state;
	own_path(&path, "opencode.jsonl");
	cut_everywhere(buf_cstr(&path), SIZE_MAX);
	buf_done(&path);
}

/* A part that its server gave up keeps nothing there: cut in it, its end is not to be had. */
static bool
is_comparable(const char *name)
{
	return strncmp(name, "opencode-", 9) == 0 && strstr(name, ".sse") != NULL &&
	    strstr(name, "-cut") == NULL;
}

static void
test_recordings_of_servers(void **state)
{
	const char *cuts = getenv("GOLDEN_CUTS");
	struct buf path = { 0 };
	struct dirent *entry;
	DIR *dir;

	(void)state;
	buf_printf(&path, "%s/../shared/data/captures", getenv("top_srcdir"));
	dir = opendir(buf_cstr(&path));
	if (dir == NULL) {
		buf_done(&path);
		skip();
	}
	while ((entry = readdir(dir)) != NULL) {
		struct buf file = { 0 };

		if (!is_comparable(entry->d_name))
			continue;
		buf_printf(&file, "%s/%s", buf_cstr(&path), entry->d_name);
		cut_everywhere(buf_cstr(&file), cuts != NULL ? strtoul(cuts, NULL, 10) : 4);
		buf_done(&file);
	}
	closedir(dir);
	buf_done(&path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_recording),
		cmocka_unit_test(test_our_recording_cut),
		cmocka_unit_test(test_recordings_of_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
