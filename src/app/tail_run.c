#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/loop.h"
#include "app/output.h"
#include "app/plain.h"
#include "app/summary.h"
#include "app/tail.h"
#include "app/tail_state.h"
#include "base/clock.h"
#include "base/mem.h"
#include "text/safe.h"
#include "wire/event_json.h"

enum {
	FIRST_TRIES = 3,	/* before a server that never answered is given up */
	QUIET_MS = 1000,	/* where no end can be proven, a silence as long is one */
	TEXT_MARK = 0x02	/* of a record that is plain text, see wire/dialect.h */
};

/* One of the sessions that are followed. */
struct source {
	struct tail *tail;
	struct client *client;
	struct buf label;		/* in front of its lines, empty when it is the only one */
	struct plain plain;
	bool live, busy, over;		/* it was up to date once; an agent is at work; it has ended */
	int64_t heard;			/* clock_mono of the last record */
};

struct tail {
	const struct tail_options *o;
	struct source *sources;
	size_t n;
	struct buf out, lines;
	int hit;			/* of o->until, -1 none */
	bool enough;			/* nobody reads any more */

	/* With o->state: what is in the file, and what will be when `out` is printed. */
	struct tail_state saved;
	struct position at, safe;	/* behind the last record; where reading may go on */
	bool moved;			/* `safe` is another than saved.at: `mark` bytes of `out` are before it */
	size_t mark;
	uint64_t made;			/* bytes printed, or left out, since saved.at */
	uint64_t skip;			/* bytes still to come that an earlier run printed */
};

/* ---- what ends it */

static void
hit(struct tail *t, enum tail_until what)
{
	for (size_t i = 0; t->hit < 0 && i < t->o->nuntil; i++)
		if (t->o->until[i] == what)
			t->hit = (int)i;
}

/* History does not count, unless it is all that came since the last time. */
static bool
counts(const struct source *s)
{
	return s->live || s->tail->o->from != NULL || s->tail->o->state != NULL;
}

static bool
is_error(const struct event *e)
{
	return (e->kind == EVENT_NOTE && e->note.level == NOTE_ERROR) ||
	    (e->kind == EVENT_MSG && e->msg.state == MSG_ERROR) ||
	    (e->kind == EVENT_AGENT && e->agent.error.n > 0);
}

static void
look_at_event(struct source *s, const struct event *e)
{
	bool busy = summary_busy(client_session(s->client));

	if (link_state(client_link(s->client)) == LINK_LIVE)
		s->live = true;
	if (counts(s) && is_error(e))
		hit(s->tail, TAIL_ERROR);
	if (counts(s) && s->busy && !busy)
		hit(s->tail, TAIL_TURN);
	s->busy = busy;
}

static void
look_at_state(struct source *s)
{
	enum link_state state = link_state(client_link(s->client));

	s->live |= state == LINK_LIVE || state == LINK_CLOSED;
	if (s->live && client_session(s->client)->nasks > 0)
		hit(s->tail, TAIL_APPROVAL);
	if (state == LINK_CLOSED)
		hit(s->tail, TAIL_CLOSED);
}

/* ---- what is printed */

static bool
is_text(const struct tail *t)
{
	return t->o->format == TAIL_PLAIN || t->o->format == TAIL_ANSI;
}

/* Lines of a session, each with its label. */
static void
add_lines(struct source *s, bool final)
{
	struct tail *t = s->tail;
	struct str rest;

	if (s->label.n == 0) {
		plain_add(&s->plain, client_session(s->client), final, &t->out);
		return;
	}
	buf_clear(&t->lines);
	plain_add(&s->plain, client_session(s->client), final, &t->lines);
	for (rest = buf_view(&t->lines); rest.n > 0;) {
		buf_byte(&t->out, '[');
		safe_add(&t->out, buf_view(&s->label));
		buf_str(&t->out, STR("] "));
		buf_str(&t->out, str_cut(rest, '\n', &rest));
		buf_byte(&t->out, '\n');
	}
}

static void
on_record(void *ctx, struct str record)
{
	struct source *s = ctx;
	struct buf *out = &s->tail->out;

	s->heard = clock_mono();
	if (s->tail->o->format != TAIL_RAW)
		return;
	if (record.n > 0 && record.p[0] == TEXT_MARK) {
		buf_str(out, str_skip(record, 1));
	} else {
		buf_str(out, record);
		buf_byte(out, '\n');
	}
}

static enum err
on_event(void *ctx, const struct event *ev, struct error *e)
{
	struct source *s = ctx;

	(void)e;
	if (s->tail->o->format == TAIL_JSON)
		event_json(ev, str_from(client_name(s->client)), &s->tail->out);
	look_at_event(s, ev);
	return ERR_OK;
}

static void
position_set(struct position *to, const struct position *at)
{
	buf_set(&to->cursor, buf_view(&at->cursor));
	to->skip = at->skip;
}

/* Everything until here was printed, or is in `out`. */
static void
make_safe(struct tail *t)
{
	position_set(&t->safe, &t->at);
	t->mark = t->out.n;
	t->moved = true;
}

/*
 * Events and items mean the same wherever one begins to read. What a line of text says depends on
 * all that was before it: text is made anew from the start, and what was printed is left out.
 */
static void
on_moved(void *ctx, const struct position *at)
{
	struct source *s = ctx;
	struct tail *t = s->tail;

	if (t->o->state == NULL)
		return;
	position_set(&t->at, at);
	if (!is_text(t)) {
		make_safe(t);
	} else {
		add_lines(s, false);
	}
}

/* Before bytes go into a file: a kill while they do is seen by how long it has become. */
static enum err
announce(struct tail *t, struct error *e)
{
	if (t->out.n == 0 || !tail_state_file(&t->saved, STDOUT_FILENO))
		return ERR_OK;
	t->saved.writing = t->out.n;
	return tail_state_save(&t->saved, t->o->state, e);
}

static enum err
keep_state(struct tail *t, size_t made, struct error *e)
{
	if (t->moved)
		position_set(&t->saved.at, &t->safe);
	t->made = t->moved ? made - t->mark : t->made + made;
	t->moved = false;
	t->saved.printed = t->made + t->skip;
	t->saved.writing = 0;
	return tail_state_save(&t->saved, t->o->state, e);
}

/* What an earlier run printed is left out; see app/tail_state.h for the order. */
static enum err
print(struct tail *t, struct error *e)
{
	size_t made = t->out.n, skip = t->skip < made ? (size_t)t->skip : made;
	bool stateful = t->o->state != NULL && (made > 0 || t->moved);
	enum err err;

	buf_drop(&t->out, skip);
	err = stateful ? announce(t, e) : ERR_OK;
	if (err == ERR_OK)
		err = output_write(STDOUT_FILENO, &t->out, "standard output", e);
	if (err != ERR_OK)
		return err;
	t->skip -= skip;
	return stateful ? keep_state(t, made, e) : ERR_OK;
}

/* ---- the loop */

static enum err
denied(struct client *c, struct error *e)
{
	struct buf advice = { 0 };

	client_advice(c, &advice);
	error_set(e, ERR_DENIED, "%s does not let weir in (%s): %.*s", client_name(c),
	    link_stats(client_link(c))->reason, STR_ARG(buf_view(&advice)));
	buf_done(&advice);
	return ERR_DENIED;
}

enum err
tail_ended(struct client *c, bool follow, bool *over, struct error *e)
{
	const struct link_stats *stats = link_stats(client_link(c));

	*over = true;
	switch (link_state(client_link(c))) {
	case LINK_CLOSED:
		return ERR_OK;
	case LINK_GONE:
		return error_set(e, ERR_GONE, "the session at %s is gone (%s)", client_name(c),
		    stats->reason);
	case LINK_NEEDS_TOKEN:
		if (client_renewing(c))
			break;
		return denied(c, e);
	case LINK_FAILED:
		if (strcmp(stats->reason, "http 404") == 0)
			return error_set(e, ERR_GONE, "there is no session at %s", client_name(c));
		return error_set(e, ERR_CONNECT, "%s is not a session: %s: %.*s", client_name(c),
		    stats->reason, STR_ARG(link_detail(client_link(c))));
	case LINK_WAITING:
		if (stats->received == 0 && stats->attempt >= FIRST_TRIES)
			return error_set(e, ERR_CONNECT, "cannot connect to %s: %s; is the server running?",
			    client_name(c), stats->reason);
		break;
	case LINK_LIVE:
	case LINK_STALE:
		if (!follow && (stats->proven || stats->complete))
			return ERR_OK;
		break;
	default:
		break;
	}
	*over = false;
	return ERR_OK;
}

/* A server that does not say when it has said all has said it when it falls silent. */
static bool
is_silent(const struct source *s)
{
	return link_state(client_link(s->client)) == LINK_LIVE &&
	    !(client_dialect(s->client)->flags & DIALECT_PROVES_HEAD) &&
	    clock_mono() - s->heard >= QUIET_MS;
}

static enum err
work(struct source *s, struct error *e)
{
	struct tail *t = s->tail;
	bool changed;
	enum err err = client_work(s->client, &changed, e);

	if (err == ERR_OK)
		look_at_state(s);
	if (err == ERR_OK)
		err = tail_ended(s->client, !t->o->once, &s->over, e);
	s->over |= t->o->once && is_silent(s);
	/* What does not follow is printed as a whole: its text must not tell how it came. */
	if (is_text(t) && t->o->state == NULL && (s->over || !t->o->once))
		add_lines(s, s->over);
	return err;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The descriptors: standard output, the signals, the player, then one a session. */
enum { FD_OUT, FD_SIGNALS, FD_SOURCE, FD_CLIENTS };

static void
wait_for_any(struct tail *t, struct pollfd *fds, int64_t until)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct source *s = &t->sources[i];

		fds[FD_CLIENTS + i] = (struct pollfd){ .fd = s->over ? -1 : client_fd(s->client),
		    .events = POLLIN };
		if (s->over)
			continue;
		until = earlier(until, client_deadline(s->client));
		if (t->o->once && !(client_dialect(s->client)->flags & DIALECT_PROVES_HEAD))
			until = earlier(until, s->heard + QUIET_MS);
	}
	loop_wait(fds, FD_CLIENTS + t->n, until);
}

static bool
all_over(const struct tail *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (!t->sources[i].over)
			return false;
	return true;
}

static enum err
step(struct tail *t, struct pollfd *fds, int64_t until, struct error *e)
{
	enum err err = ERR_OK;

	wait_for_any(t, fds, until);
	if (loop_next_signal(fds[FD_SIGNALS].fd) != 0)
		return error_set(e, ERR_INTERRUPTED, "interrupted");
	if (fds[FD_SOURCE].revents != 0)
		return error_set(e, ERR_FAILED, "who plays %s has failed: it is not complete",
		    client_name(t->sources[0].client));
	if (fds[FD_OUT].revents & (POLLERR | POLLHUP)) {
		t->enough = true;
		return ERR_OK;
	}
	for (size_t i = 0; err == ERR_OK && i < t->n; i++)
		if (!t->sources[i].over)
			err = work(&t->sources[i], e);
	if (err == ERR_OK && t->hit < 0 && !all_over(t) && clock_mono() >= until)
		err = error_set(e, ERR_FAILED, "nothing of it came in %lld s",
		    (long long)(t->o->timeout / 1000));
	return err;
}

/* What is held back until its line is complete does not get lost; with a state it comes next time. */
static void
say_the_rest(struct tail *t)
{
	for (size_t i = 0; is_text(t) && i < t->n; i++)
		if (t->o->state == NULL || link_state(client_link(t->sources[i].client)) == LINK_CLOSED)
			add_lines(&t->sources[i], t->o->state == NULL);
}

static enum err
follow(struct tail *t, int signals, struct error *e)
{
	struct pollfd *fds = mem_zalloc((FD_CLIENTS + t->n) * sizeof *fds);
	int64_t until = t->o->timeout > 0 ? clock_mono() + t->o->timeout : INT64_MAX;
	enum err err = ERR_OK, printed;
	struct error full;

	fds[FD_OUT] = (struct pollfd){ .fd = STDOUT_FILENO };
	fds[FD_SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
	fds[FD_SOURCE] = (struct pollfd){ .fd = t->o->has_source ? t->o->source : -1 };
	while (err == ERR_OK && !t->enough && t->hit < 0 && !all_over(t)) {
		err = step(t, fds, until, e);
		if (err == ERR_OK && !t->enough && (!t->o->once || !is_text(t)))
			err = print(t, e);
	}
	free(fds);
	if (t->enough || (err == ERR_INTERRUPTED && *e->text == '\0'))
		return ERR_OK;
	say_the_rest(t);
	printed = print(t, &full);
	if (printed == ERR_INTERRUPTED)
		return ERR_OK;
	if (printed != ERR_OK)
		*e = full;
	return printed != ERR_OK ? printed : err;
}

/* On stderr: what is printed must not tell how it came. */
static void __attribute__((format(printf, 1, 2)))
say(const char *fmt, ...)
{
	struct buf line = { 0 };
	struct error e;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	output_write(STDERR_FILENO, &line, "standard error", &e);
	buf_done(&line);
}

static void
on_cut(void *ctx, const char *why)
{
	(void)ctx;
	say("weir: the connection is lost (%s); trying again\n", why);
}

static void
on_whole(void *ctx, const struct link_outage *o)
{
	uint64_t late = o->last < o->first ? 0 : o->last - o->first + 1;

	(void)ctx;
	if (o->missed)
		say("weir: connected again; the server does not have what was said meanwhile\n");
	else if (!o->exact)
		say("weir: connected again; how things stand was read anew, gaps are marked\n");
	else
		say("weir: connected again; nothing is missing, %llu records came late\n",
		    (unsigned long long)late);
}

static struct str
last_part(const char *address)
{
	const char *slash = strrchr(address, '/');

	return str_from(slash != NULL ? slash + 1 : address);
}

static enum err
open_state(struct tail *t, const struct client_options *c, struct position *from, struct error *e)
{
	struct buf name = { 0 };
	const struct dialect *dialect = access_dialect(c->access);
	bool found;
	enum err err;

	endpoint_name(access_endpoint(c->access), &name);
	err = tail_state_load(&t->saved, t->o->state, buf_view(&name),
	    dialect != NULL ? str_from(dialect->name) : STR_NONE, &found, e);
	buf_done(&name);
	if (err != ERR_OK)
		return err;
	tail_state_recover(&t->saved, STDOUT_FILENO);
	t->skip = t->saved.printed;
	if (!found && t->o->from != NULL)
		buf_set(&t->saved.at.cursor, str_from(t->o->from));
	position_set(&t->at, &t->saved.at);
	position_set(from, &t->saved.at);
	return ERR_OK;
}

static enum err
open_source(struct tail *t, size_t i, const struct client_options *options, struct error *e)
{
	struct source *s = &t->sources[i];
	const struct client_tap tap = { .record = on_record, .moved = on_moved, .ctx = s };
	const struct listener listener = { "tail", ON_ALL, on_event, s };
	struct client_options o = *options;
	struct position from = { 0 };
	enum err err = ERR_OK;

	s->tail = t;
	s->heard = clock_mono();
	s->plain.theme = t->o->format == TAIL_ANSI ? theme_builtin() : NULL;
	if (t->o->state != NULL) {
		err = open_state(t, options, &from, e);
		o.at = &from;
	}
	o.from = t->o->state == NULL ? t->o->from : NULL;
	o.tap = &tap;
	o.listener = &listener;
	o.cut = t->o->once ? NULL : on_cut;
	o.whole = t->o->once ? NULL : on_whole;
	if (err == ERR_OK)
		err = client_open(&s->client, &o, e);
	if (err == ERR_OK)
		err = client_connect(s->client, e);
	buf_done(&from.cursor);
	return err;
}

/* The last part of the address, where that tells them apart. */
static void
name_sources(struct tail *t)
{
	bool all = true;

	for (size_t i = 0; t->n > 1 && i < t->n; i++)
		buf_set(&t->sources[i].label, last_part(client_name(t->sources[i].client)));
	for (size_t i = 1; i < t->n; i++)
		for (size_t k = 0; k < i; k++)
			all &= !str_eq(buf_view(&t->sources[i].label), buf_view(&t->sources[k].label));
	for (size_t i = 0; !all && i < t->n; i++)
		buf_set(&t->sources[i].label, str_from(client_name(t->sources[i].client)));
}

enum err
tail_run(const struct client_options *clients, size_t n, const struct tail_options *options,
    int *hit, struct error *e)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	struct tail t = { .o = options, .n = n, .hit = -1 };
	int signals = loop_signals(list, e);
	enum err err = ERR_OK;

	if (signals < 0)
		return e->code;
	t.sources = mem_zalloc(mem_mul(n, sizeof *t.sources));
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		err = open_source(&t, i, &clients[i], e);
	if (err == ERR_OK)
		name_sources(&t);
	if (err == ERR_OK)
		err = follow(&t, signals, e);
	for (size_t i = 0; i < n; i++) {
		client_close(t.sources[i].client);
		plain_done(&t.sources[i].plain);
		buf_done(&t.sources[i].label);
	}
	*hit = t.hit;
	free(t.sources);
	buf_done(&t.out);
	buf_done(&t.lines);
	buf_done(&t.at.cursor);
	buf_done(&t.safe.cursor);
	tail_state_done(&t.saved);
	close(signals);
	return err;
}
