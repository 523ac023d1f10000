/*
 * Terminals of an opencode server. The stream says which there are; what is printed on one comes on a
 * connection of its own, from a place that is counted in UTF-16 as the server does: first what is
 * kept of it in texts, then, behind a NUL, where that ends, then what is new. The place stands in the
 * cursor behind the id of the message, so that nothing is read twice. When a program ends its server
 * forgets what it printed at once.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "wire/opencode.h"
#include "wire/websocket.h"

enum { HELD_MAX = 16 << 20, CLEAN = 1000 };

static void
remove_pty(struct opencode_ptys *p, size_t i)
{
	buf_done(&p->v[i].id);
	buf_done(&p->v[i].held);
	buf_done(&p->v[i].ending);
	memmove(p->v + i, p->v + i + 1, (--p->n - i) * sizeof *p->v);
}

void
opencode_ptys_done(struct opencode_ptys *p)
{
	while (p->n > 0)
		remove_pty(p, p->n - 1);
	free(p->v);
	*p = (struct opencode_ptys){ .last = p->last };
}

static size_t
find(const struct opencode_ptys *p, struct str id)
{
	size_t i = 0;

	while (i < p->n && !str_eq(buf_view(&p->v[i].id), id))
		i++;
	return i;
}

/* NULL: it can not be read. */
static struct opencode_pty *
add(struct opencode_ptys *p, struct str id)
{
	size_t i = find(p, id);

	if (i < p->n)
		return &p->v[i];
	if (!opencode_is_id(id) || p->n == OPENCODE_PTYS)
		return NULL;
	p->v = mem_grow(p->v, p->n, &p->cap, sizeof *p->v);
	p->v[p->n] = (struct opencode_pty){ .number = ++p->last };
	buf_set(&p->v[p->n].id, id);
	return &p->v[p->n++];
}

/* ---- the cursor */

void
opencode_ptys_read(struct opencode_ptys *p, struct str list)
{
	opencode_ptys_done(p);
	while (list.n > 0) {
		struct str at, id = str_cut(str_cut(list, ' ', &list), '=', &at);
		struct opencode_pty *pty = add(p, id);

		if (pty != NULL && (!str_to_i64(at, &pty->at) || pty->at < 0))
			pty->at = 0;
	}
}

void
opencode_ptys_write(const struct opencode_ptys *p, struct buf *out)
{
	for (size_t i = 0; i < p->n; i++)
		buf_printf(out, " %.*s=%lld", STR_ARG(buf_view(&p->v[i].id)), (long long)p->v[i].at);
}

/* ---- which there are */

static bool
is_ended(struct str type)
{
	return str_eq(type, STR("pty.exited")) || str_eq(type, STR("pty.deleted"));
}

/* NULL: it is not followed. */
static struct opencode_pty *
known(struct opencode_ptys *p, struct str id)
{
	size_t i = find(p, id);

	return i < p->n ? &p->v[i] : NULL;
}

/* That it has ended is told when all is read. */
static bool
take_ending(struct opencode_ptys *p, struct opencode_pty *pty, struct str record)
{
	pty->exited = true;
	if (pty->clean) {
		remove_pty(p, (size_t)(pty - p->v));
		return true;
	}
	if (pty->ending.n == 0)
		buf_set(&pty->ending, record);
	return false;
}

bool
opencode_ptys_follow(struct opencode_ptys *p, struct str type, struct str properties,
    struct str record)
{
	struct buf id = { 0 }, status = { 0 };
	struct opencode_pty *pty = NULL;
	struct str info;
	bool now = true;

	if (is_ended(type)) {
		if (json_get_text(properties, "id", &id))
			pty = known(p, buf_view(&id));
		now = pty == NULL || take_ending(p, pty, record);
	} else if (json_get(properties, "info", &info) && json_get_text(info, "id", &id)) {
		json_get_text(info, "status", &status);
		pty = add(p, buf_view(&id));
		if (pty != NULL)
			pty->exited |= str_eq(buf_view(&status), STR("exited"));
	}
	buf_done(&id);
	buf_done(&status);
	return now;
}

/* A record about the terminal of an id. */
struct telling {
	struct buf out;
	struct json_writer w;
};

static void
begin(struct telling *t, struct str id)
{
	t->w = (struct json_writer){ .out = &t->out };
	jw_object(&t->w);
	jw_pair(&t->w, "type", STR("weir.pty"));
	jw_key(&t->w, "properties");
	jw_object(&t->w);
	jw_pair(&t->w, "id", id);
}

static void
end(struct telling *t, opencode_record *record, void *ctx)
{
	jw_end_object(&t->w);
	jw_end_object(&t->w);
	record(ctx, buf_view(&t->out));
	buf_done(&t->out);
}

/* Nobody can say any more what else it printed. */
static void
lose(struct str id, opencode_record *record, void *ctx)
{
	struct telling t = { .out = { 0 } };

	begin(&t, id);
	jw_key(&t.w, "lost");
	jw_bool(&t.w, true);
	end(&t, record, ctx);
}

/* It is followed no more: what is known of its end is told. */
static void
finish(struct opencode_ptys *p, size_t i, bool lost, opencode_record *record, void *ctx)
{
	struct buf id = p->v[i].id, ending = p->v[i].ending;

	p->v[i].id = p->v[i].ending = (struct buf){ 0 };
	remove_pty(p, i);
	if (lost)
		lose(buf_view(&id), record, ctx);
	if (ending.n > 0)
		record(ctx, buf_view(&ending));
	buf_done(&id);
	buf_done(&ending);
}

static void
list_one(struct opencode_ptys *p, struct str info, opencode_record *record, void *ctx)
{
	struct buf id = { 0 }, out = { 0 };
	struct opencode_pty *pty;

	if (json_get_text(info, "id", &id)) {
		buf_printf(&out, "{\"type\":\"%s\",\"properties\":{\"info\":%.*s}}",
		    known(p, buf_view(&id)) != NULL ? "pty.updated" : "pty.created", STR_ARG(info));
		record(ctx, buf_view(&out));
		pty = known(p, buf_view(&id));
		if (pty != NULL)
			pty->listed = true;
		else
			lose(buf_view(&id), record, ctx);
	}
	buf_done(&id);
	buf_done(&out);
}

void
opencode_ptys_listed(struct opencode_ptys *p, struct str array, opencode_record *record, void *ctx)
{
	struct json j;
	struct str info;
	bool whole;

	json_init(&j, array);
	for (json_array(&j); json_element(&j) && json_value(&j, &info);)
		list_one(p, info, record, ctx);
	whole = json_end(&j);
	for (size_t i = p->n; whole && i-- > 0;)
		if (!p->v[i].listed)
			finish(p, i, true, record, ctx);
}

/* ---- what is printed */

bool
opencode_ptys_ask(struct opencode_ptys *p, const struct endpoint *ep, struct str directory,
    unsigned *which, struct http_request *out)
{
	for (size_t i = 0; i < p->n; i++) {
		struct opencode_pty *pty = &p->v[i];

		if (pty->open)
			continue;
		if (opencode_request(ep, "GET", directory, out, NULL, "/pty/%.*s/connect?cursor=%lld",
		    STR_ARG(buf_view(&pty->id)), (long long)pty->at) != ERR_OK)
			return false;
		out->websocket = true;
		pty->open = true;
		pty->live = pty->clean = false;
		pty->status = 0;
		buf_clear(&pty->held);
		*which = pty->number;
		return true;
	}
	return false;
}

/* How many units of UTF-16 a byte of UTF-8 begins. */
static int
units_of(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80 ? 0 : (unsigned char)c >= 0xF0 ? 2 : 1;
}

static int64_t
count_units(struct str s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += units_of(s.p[i]);
	return n;
}

static struct str
skip_units(struct str s, int64_t units)
{
	size_t i = 0;

	while (i < s.n && (units > 0 || units_of(s.p[i]) == 0))
		units -= units_of(s.p[i++]);
	return str_skip(s, i);
}

/* It begins at `from`: what is known of it is left out, what is missing before it is told. */
static void
give(struct opencode_pty *pty, int64_t from, struct str text, opencode_record *record, void *ctx)
{
	struct telling t = { .out = { 0 } };
	int64_t missing = from - pty->at;

	text = missing < 0 ? skip_units(text, -missing) : text;
	if (text.n == 0 && missing <= 0)
		return;
	pty->at = (missing < 0 ? pty->at : from) + count_units(text);
	begin(&t, buf_view(&pty->id));
	if (missing > 0)
		jw_pair_i64(&t.w, "missing", missing);
	jw_pair(&t.w, "data", text);
	end(&t, record, ctx);
}

static bool
hold(struct opencode_pty *pty, struct str text)
{
	if (pty->held.n + text.n > HELD_MAX)
		return false;
	buf_str(&pty->held, text);
	return true;
}

/* Where what is kept ends. A server that has begun to count anew has nothing of what was read. */
static void
take_place(struct opencode_pty *pty, struct str said, opencode_record *record, void *ctx)
{
	struct str text = buf_view(&pty->held);
	int64_t place;

	if (pty->live || said.n == 0 || said.p[0] != '\0' ||
	    !json_get_i64(str_skip(said, 1), "cursor", &place) || place < count_units(text))
		return;
	if (place < pty->at)
		pty->at = 0;
	pty->live = true;
	give(pty, place - count_units(text), text, record, ctx);
	buf_done(&pty->held);
}

/* The server has closed it: well, when nothing more will come. */
static bool
is_clean(struct str said)
{
	return said.n >= 2 && ((unsigned char)said.p[0] << 8 | (unsigned char)said.p[1]) == CLEAN;
}

static bool
take_frame(struct opencode_ptys *p, size_t i, const struct http_message *m, opencode_record *record,
    void *ctx)
{
	struct opencode_pty *pty = &p->v[i];

	if (m->number == WEBSOCKET_TEXT && !pty->live)
		return hold(pty, m->body);
	if (m->number == WEBSOCKET_TEXT)
		give(pty, pty->at, m->body, record, ctx);
	else if (m->number == WEBSOCKET_BINARY)
		take_place(pty, m->body, record, ctx);
	else if (m->number == WEBSOCKET_CLOSE)
		pty->clean = pty->live && is_clean(m->body);
	if (pty->clean && pty->exited)
		finish(p, i, false, record, ctx);
	return true;
}

enum err
opencode_ptys_take(struct opencode_ptys *p, unsigned which, const struct http_message *m,
    opencode_record *record, void *ctx, struct error *e)
{
	size_t i = 0;

	while (i < p->n && p->v[i].number != which)
		i++;
	if (i == p->n)
		return ERR_OK;
	if (m->kind == HTTP_HEAD)
		p->v[i].status = m->status;
	else if (m->kind == HTTP_FRAME && !take_frame(p, i, m, record, ctx))
		return error_set(e, ERR_LIMIT, "the server keeps more of a terminal than weir takes");
	if (m->kind != HTTP_END)
		return ERR_OK;
	/* It is asked again unless there is nothing to be had any more. */
	p->v[i].open = false;
	if (p->v[i].exited || p->v[i].status == 404)
		finish(p, i, !p->v[i].clean, record, ctx);
	return ERR_OK;
}
