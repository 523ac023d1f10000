#include "app/directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "app/detect.h"
#include "base/clock.h"
#include "wire/dialect.h"

enum {
	PAGES_MAX = 100,	/* of one server: 10,000 sessions */
	LONG = 3000		/* ms after which it is said that there is no answer */
};

struct entry {
	struct buf address, id, title, parent, model, directory;
	struct buf path;		/* the id as a path has it */
	enum sess_status status;
	bool closed;
	int64_t records, time;
};

struct entries {
	struct entry *v;
	size_t n, cap;
};

/* One server. */
struct place {
	struct directory *directory;
	struct buf name;
	struct buf root;		/* the address of its path / without that */
	struct access *access;
	const struct dialect *dialect;	/* NULL: to be found out */
	bool found;			/* it was, and may be another the next time */
	bool waiting;			/* for a secret */
	enum { ASKS_MARK, ASKS_LIST, ASKS_MORE } step;
	uint64_t request;		/* 0: none in flight */
	int status;
	struct buf headers, body, next;
	unsigned mark, pages, more;
	struct entries known, fresh;
	struct error failed, problem;	/* this time; the last time it was asked */
	int64_t since;			/* of the request */
};

struct directory {
	struct http *http;
	int fd;				/* epoll: http's, and those of secrets being fetched */
	struct place *places;
	size_t n, cap;
	bool changed;
};

/* ---- what they said */

static void
clear(struct entries *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct entry *e = &list->v[i];
		struct buf *const fields[] = { &e->address, &e->id, &e->title, &e->parent, &e->model,
			&e->directory, &e->path };

		for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
			buf_done(fields[k]);
	}
	free(list->v);
	*list = (struct entries){ 0 };
}

/* The address of a server, which a path makes one of what is there. */
static void
add_address(const struct endpoint *ep, struct buf *out)
{
	struct buf name = { 0 };
	struct str authority;

	if (ep->unix_socket != NULL) {
		buf_printf(out, "unix:%s:", ep->unix_socket);
	} else {
		endpoint_name(ep, &name);
		authority = http_url_authority(buf_view(&name));
		buf_add(out, name.p, (size_t)(authority.p + authority.n - name.p));
		buf_done(&name);
	}
}

static void
on_session(void *ctx, const struct listed *s)
{
	struct place *p = ctx;
	struct entry *e;

	p->fresh.v = mem_grow(p->fresh.v, p->fresh.n, &p->fresh.cap, sizeof *p->fresh.v);
	e = &p->fresh.v[p->fresh.n++];
	*e = (struct entry){ .status = s->status, .closed = s->closed, .records = s->records,
		.time = s->time };
	buf_str(&e->address, buf_view(&p->root));
	buf_str(&e->address, s->target);
	buf_str(&e->id, s->id);
	http_escape(&e->path, s->id);
	buf_str(&e->title, s->title);
	buf_str(&e->parent, s->parent);
	buf_str(&e->model, s->model);
	buf_str(&e->directory, s->directory);
}

static struct entry *
find(const struct place *p, struct str id)
{
	for (size_t i = 0; id.n > 0 && i < p->fresh.n; i++)
		if (str_eq(buf_view(&p->fresh.v[i].id), id))
			return &p->fresh.v[i];
	return NULL;
}

/* Who waits can be answered where it was begun, too. */
static void
on_status(void *ctx, struct str id, enum sess_status status)
{
	struct place *p = ctx;
	struct entry *e = find(p, id);

	for (size_t i = 0; id.n == 0 && i < p->fresh.n; i++)
		p->fresh.v[i].status = status;
	if (e == NULL)
		return;
	e->status = status;
	/* As often as there are sessions: a circle of parents has an end, too. */
	for (size_t i = 0; status == SESS_WAITING && i < p->fresh.n; i++) {
		e = find(p, buf_view(&e->parent));
		if (e == NULL)
			return;
		e->status = status;
	}
}

/* ---- asking */

static void
finish(struct place *p)
{
	/* Another server may stand there the next time. */
	if (p->failed.code != ERR_OK && p->found)
		p->dialect = NULL;
	p->problem = p->failed;
	if (p->problem.code == ERR_OK) {
		clear(&p->known);
		p->known = p->fresh;
		p->fresh = (struct entries){ 0 };
	} else {
		clear(&p->fresh);
	}
	p->waiting = false;
	p->directory->changed = true;
}

static void
fail(struct place *p, enum err code, struct str why)
{
	error_set(&p->failed, code, "%.*s: %.*s", STR_ARG(buf_view(&p->name)), STR_ARG(why));
	finish(p);
}

static void
ask(struct place *p, struct http_request *r)
{
	buf_clear(&p->headers);
	buf_clear(&p->body);
	p->request = http_send(p->directory->http, r);
	http_request_done(r);
}

static void
ask_page(struct place *p)
{
	struct http_request r;
	struct error e;

	p->step = ASKS_LIST;
	if (p->dialect->list(access_endpoint(p->access), buf_view(&p->next), &r, &e) != ERR_OK)
		fail(p, e.code, str_from(e.text));
	else
		ask(p, &r);
}

/* What no mark tells may have a list all the same. */
static void
ask_mark(struct place *p)
{
	const struct mark *m = &detect_marks[p->mark];
	struct http_request r;
	struct error e;

	p->step = ASKS_MARK;
	p->found = true;
	if (m->target == NULL) {
		p->dialect = &dialect_durable;
		ask_page(p);
	} else if (endpoint_request_at(access_endpoint(p->access), "GET", str_from(m->target), &r, &e) !=
	    ERR_OK) {
		fail(p, e.code, str_from(e.text));
	} else {
		ask(p, &r);
	}
}

static void
ask_more(struct place *p)
{
	struct http_request r;

	p->step = ASKS_MORE;
	if (p->dialect->list_more != NULL &&
	    p->dialect->list_more(access_endpoint(p->access), p->more, &r))
		ask(p, &r);
	else
		finish(p);
}

static void
ask_first(struct place *p)
{
	p->mark = p->pages = p->more = 0;
	buf_clear(&p->next);
	if (p->dialect != NULL)
		ask_page(p);
	else
		ask_mark(p);
}

static void
fetch(struct place *p)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct error e = { 0 };

	p->failed = (struct error){ 0 };
	p->since = clock_mono();
	if (access_fetch(p->access, &e) != ERR_OK) {
		fail(p, e.code, str_from(e.text));
		return;
	}
	p->waiting = access_busy(p->access);
	if (!p->waiting)
		ask_first(p);
	else if (epoll_ctl(p->directory->fd, EPOLL_CTL_ADD, access_fd(p->access), &ev) < 0)
		fail(p, ERR_FAILED, str_from(strerror(errno)));
}

static void
read_mark(struct place *p)
{
	const struct mark *m = &detect_marks[p->mark++];

	if (!detect_has(m, p->status, buf_view(&p->headers), buf_view(&p->body))) {
		ask_mark(p);
		return;
	}
	p->dialect = m->dialect;
	ask_page(p);
}

/* Without this nobody knows how they stand, which is said. */
static void
read_more(struct place *p)
{
	const struct listing_sink sink = { on_session, p, on_status };

	if (p->status == 200)
		p->dialect->listed_more(p->more, buf_view(&p->body), &sink);
	p->more++;
	ask_more(p);
}

static void
read_page(struct place *p)
{
	const struct listing_sink sink = { on_session, p, on_status };
	struct error e = { 0 };

	if (p->dialect->listed(buf_view(&p->body), &sink, &p->next, &e) != ERR_OK)
		fail(p, e.code, str_from(e.text));
	else if (p->next.n > 0 && ++p->pages < PAGES_MAX)
		ask_page(p);
	else
		ask_more(p);
}

static void
refused(struct place *p)
{
	struct buf why = { 0 };

	buf_printf(&why, "it does not let weir in (http %d); ", p->status);
	access_advice(p->access, http_wants_basic(buf_view(&p->headers)), &why);
	fail(p, ERR_DENIED, buf_view(&why));
	buf_done(&why);
}

static void
ended(struct place *p, const struct http_message *m)
{
	struct buf why = { 0 };

	p->request = 0;
	if (m->end != HTTP_DONE) {
		buf_printf(&why, "%s; is the server running?", http_end_name(m->end));
		fail(p, ERR_CONNECT, buf_view(&why));
	} else if (p->step == ASKS_MORE) {
		read_more(p);
	} else if (p->status == 401 || p->status == 403) {
		refused(p);
	} else if (p->step == ASKS_MARK) {
		read_mark(p);
	} else if (p->status == 200) {
		read_page(p);
	} else {
		buf_printf(&why, "http %d: it has no list of sessions", p->status);
		fail(p, ERR_PROTOCOL, buf_view(&why));
	}
	buf_done(&why);
}

static void
take(struct place *p, const struct http_message *m)
{
	if (m->kind == HTTP_HEAD) {
		p->status = m->status;
		buf_set(&p->headers, m->headers);
	} else if (m->kind == HTTP_BODY) {
		buf_str(&p->body, m->body);
	} else if (m->kind == HTTP_END) {
		ended(p, m);
	}
}

bool
directory_work(struct directory *d)
{
	struct http_message m;
	bool changed;

	for (size_t i = 0; i < d->n; i++) {
		struct place *p = &d->places[i];
		struct error e = { 0 };

		if (!p->waiting || !access_busy(p->access))
			continue;
		if (access_work(p->access, &e) != ERR_OK)
			fail(p, e.code, str_from(e.text));
		else if (!access_busy(p->access))
			p->waiting = false, ask_first(p);
	}
	while (http_next(d->http, &m))
		for (size_t i = 0; i < d->n; i++)
			if (d->places[i].request == m.request)
				take(&d->places[i], &m);
	changed = d->changed;
	d->changed = false;
	return changed;
}

/* ---- whom */

static enum err
add_place(struct directory *d, const struct config *config, const struct access_settings *given,
    const char *name, const char *address, struct error *e)
{
	struct place p = { .directory = d };

	if (access_open(&p.access, config, given, address, e) != ERR_OK)
		return e->code;
	p.dialect = access_dialect(p.access);
	if (p.dialect == NULL)
		p.dialect = dialect_guess(str_from(access_endpoint(p.access)->url));
	if (p.dialect == NULL ? !detect_is_server(access_endpoint(p.access)) : p.dialect->list == NULL)
		p.dialect = &dialect_durable;
	buf_set(&p.name, str_from(name));
	add_address(access_endpoint(p.access), &p.root);
	d->places = mem_grow(d->places, d->n, &d->cap, sizeof *d->places);
	d->places[d->n++] = p;
	return ERR_OK;
}

/* Where weir serve listens when nobody says otherwise. */
static bool
local_socket(struct buf *path)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (runtime == NULL || runtime[0] != '/')
		return false;
	buf_printf(path, "%s/weir/serve.sock", runtime);
	return access(buf_cstr(path), F_OK) == 0;
}

static enum err
add_places(struct directory *d, const struct config *config, const struct access_settings *given,
    struct error *e)
{
	struct buf path = { 0 };
	enum err err = ERR_OK;

	for (const struct server *s = config->servers; s != NULL && err == ERR_OK; s = s->next)
		err = add_place(d, config, given, s->name, s->name, e);
	if (err == ERR_OK && local_socket(&path))
		err = add_place(d, config, given, "local", buf_cstr(&path), e);
	buf_done(&path);
	return err;
}

enum err
directory_open(struct directory **out, const struct config *config,
    const struct access_settings *given, const char *address, struct error *e)
{
	struct directory *d = mem_zalloc(sizeof *d);
	struct epoll_event ev = { .events = EPOLLIN };
	enum err err;

	d->fd = -1;
	if (address != NULL)
		err = add_place(d, config, given, address, address, e);
	else
		err = add_places(d, config, given, e);
	if (err == ERR_OK && (d->http = http_new(e)) == NULL)
		err = e->code;
	if (err == ERR_OK) {
		d->fd = epoll_create1(EPOLL_CLOEXEC);
		if (d->fd < 0 || epoll_ctl(d->fd, EPOLL_CTL_ADD, http_fd(d->http), &ev) < 0)
			err = error_set(e, ERR_FAILED, "epoll: %s", strerror(errno));
	}
	if (err == ERR_OK)
		*out = d;
	else
		directory_close(d);
	return err;
}

void
directory_close(struct directory *d)
{
	if (d == NULL)
		return;
	http_free(d->http);
	for (size_t i = 0; i < d->n; i++) {
		struct place *p = &d->places[i];

		access_close(p->access);
		clear(&p->known);
		clear(&p->fresh);
		buf_done(&p->name);
		buf_done(&p->root);
		buf_done(&p->headers);
		buf_done(&p->body);
		buf_done(&p->next);
	}
	if (d->fd >= 0)
		close(d->fd);
	free(d->places);
	free(d);
}

static bool
is_busy(const struct place *p)
{
	return p->waiting || p->request != 0;
}

void
directory_ask(struct directory *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!is_busy(&d->places[i]))
			fetch(&d->places[i]);
}

bool
directory_busy(const struct directory *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (is_busy(&d->places[i]))
			return true;
	return false;
}

int
directory_fd(const struct directory *d)
{
	return d->fd;
}

int64_t
directory_deadline(const struct directory *d)
{
	int64_t until = INT64_MAX;

	for (size_t i = 0; i < d->n; i++) {
		int64_t at = access_deadline(d->places[i].access);

		until = at < until ? at : until;
	}
	return until;
}

size_t
directory_servers(const struct directory *d)
{
	return d->n;
}

size_t
directory_count(const struct directory *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->places[i].known.n;
	return n;
}

/* A path through the session API to a session that the server lists at another address. */
static bool
is_other_way(const struct place *p, const struct entry *e, struct str address)
{
	struct str path = str_skip(address, p->root.n);
	bool pages;

	return str_starts(address, buf_view(&p->root)) && str_starts(path, STR("/")) &&
	    str_eq(listing_session(path, &pages), buf_view(&e->path));
}

static const struct entry *
entry_at(const struct directory *d, size_t i, const struct place **place)
{
	const struct place *p = d->places;

	while (i >= p->known.n)
		i -= p++->known.n;
	*place = p;
	return &p->known.v[i];
}

bool
directory_is(const struct directory *d, size_t i, struct str address)
{
	const struct place *p;
	const struct entry *e = entry_at(d, i, &p);

	return str_eq(buf_view(&e->address), address) || is_other_way(p, e, address);
}

bool
directory_has(const struct directory *d, struct str address)
{
	for (size_t i = 0; i < directory_count(d); i++)
		if (directory_is(d, i, address))
			return true;
	return false;
}

struct directory_entry
directory_at(const struct directory *d, size_t i)
{
	const struct place *p;
	const struct entry *e = entry_at(d, i, &p);

	return (struct directory_entry){
		.address = buf_view(&e->address), .place = buf_view(&p->name), .id = buf_view(&e->id),
		.title = buf_view(&e->title), .model = buf_view(&e->model),
		.directory = buf_view(&e->directory), .closed = e->closed, .records = e->records,
		.time = e->time,
		/* What a server said before it could not be asked is not how they stand. */
		.status = p->problem.code == ERR_OK ? e->status : SESS_UNSAID,
	};
}

enum err
directory_trouble(const struct directory *d, size_t i, struct error *e)
{
	const struct place *p = &d->places[i];
	int64_t ms = is_busy(p) ? clock_mono() - p->since : 0;

	*e = p->problem;
	if (e->code == ERR_OK && ms >= LONG)
		error_set(e, ERR_CONNECT, "%.*s: no answer for %lld s", STR_ARG(buf_view(&p->name)),
		    (long long)(ms / 1000));
	return e->code;
}
