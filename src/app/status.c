/* weir status: a line for a status bar. */

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "app/detect.h"
#include "app/loop.h"
#include "app/output.h"
#include "app/status_file.h"
#include "app/subcommand.h"
#include "app/tail.h"
#include "base/clock.h"
#include "base/mem.h"
#include "text/safe.h"
#include "wire/event_json.h"
#include "wire/json.h"

enum { WATCH_MS = 500 };

struct options {
	struct access_settings access;
	const char *daemon, *format, *json, *watch;
};

/* One of the sessions on the line. */
struct place {
	struct access *access;
	struct buf name;
	struct client *client;		/* of the daemon */
	struct status_writer writer;
	bool over;
};

struct places {
	struct place *v;
	size_t n;
};

/* ---- the line */

static struct str
last_part(struct str name)
{
	size_t at = name.n;

	while (at > 0 && name.p[at - 1] != '/')
		at--;
	return str_skip(name, at);
}

/* 75 s as "1m". */
static void
add_span(struct buf *out, int64_t ms)
{
	static const struct {
		int64_t ms;
		char unit;
	} units[] = { { 86400000, 'd' }, { 3600000, 'h' }, { 60000, 'm' }, { 1000, 's' } };
	size_t i = 0;

	while (i < 3 && ms < units[i].ms)
		i++;
	buf_printf(out, "%" PRId64 "%c", ms / units[i].ms, units[i].unit);
}

static void
add_field(char field, const struct status_facts *f, struct buf *out)
{
	int64_t now = clock_wall();

	switch (field) {
	case 'n':
		safe_add(out, last_part(buf_view(&f->name)));
		break;
	case 't':
		safe_add(out, buf_view(&f->title));
		break;
	case 's':
		safe_add(out, f->kept ? buf_view(&f->state) : STR("unknown"));
		break;
	case 'w':
		buf_printf(out, "%" PRId64, f->waiting);
		break;
	case 'u':
		buf_printf(out, "%" PRId64, f->unread);
		break;
	case 'r':
		buf_printf(out, "%.0f", f->rate > 0 && f->kept ? f->rate : 0);
		break;
	case 'a':
		if (f->last > 0)
			add_span(out, now > f->last ? now - f->last : 0);
		break;
	case 'l':
		add_span(out, f->since > 0 && now > f->since ? now - f->since : 0);
		break;
	default:
		buf_byte(out, field);
		break;
	}
}

static void
add_formatted(const char *format, const struct status_facts *f, struct buf *out)
{
	for (const char *p = format; *p != '\0'; p++) {
		if (*p == '%' && p[1] != '\0')
			add_field(*++p, f, out);
		else
			safe_add(out, str_of(p, 1));
	}
}

static void
add_usual(const struct status_facts *f, struct buf *out)
{
	add_formatted("%n %s", f, out);
	if (f->waiting > 0)
		add_formatted(" %w?", f, out);
	if (f->kept && f->rate > 0)
		add_formatted(" %r tok/s", f, out);
	if (f->unread > 0)
		add_formatted(" +%u", f, out);
}

static void
add_json(const struct status_facts *f, struct buf *out)
{
	struct buf line = { 0 };
	struct json_writer w = { .out = &line };

	jw_object(&w);
	jw_pair(&w, "session", buf_view(&f->name));
	jw_pair(&w, "title", buf_view(&f->title));
	jw_pair(&w, "state", f->kept ? buf_view(&f->state) : STR("unknown"));
	jw_pair_i64(&w, "waiting", f->waiting);
	jw_pair_i64(&w, "unread", f->unread);
	if (f->rate >= 0 && f->kept)
		jw_pair_i64(&w, "rate", (int64_t)(f->rate + 0.5));
	if (f->last > 0)
		jw_pair_i64(&w, "last", f->last);
	if (f->since > 0)
		jw_pair_i64(&w, "away_since", f->since);
	if (f->trail.n > 0) {
		jw_key(&w, "connection");
		jw_raw(&w, buf_view(&f->trail));
	}
	jw_end_object(&w);
	event_json_printable(buf_view(&line), out);
	buf_byte(out, '\n');
	buf_done(&line);
}

static enum err
add_one(struct str name, const struct options *o, struct buf *out, struct error *e)
{
	struct status_facts f = { 0 };
	enum err err = status_file_read(&f, name, e);

	if (err != ERR_OK)
		buf_set(&f.name, name);
	if (o->json != NULL) {
		add_json(&f, out);
	} else {
		if (out->n > 0)
			buf_str(out, STR(" | "));
		if (o->format != NULL)
			add_formatted(o->format, &f, out);
		else
			add_usual(&f, out);
	}
	status_facts_done(&f);
	return err;
}

/* Of a server, its sessions that somebody keeps; with none the words are about itself. */
static enum err
add_place(const struct place *p, const struct options *o, struct buf *out, struct error *e)
{
	struct status_names names = { 0 };
	enum err err = ERR_OK;

	if (detect_is_server(access_endpoint(p->access)))
		status_names_of(&names, buf_view(&p->name));
	if (names.n == 0)
		err = add_one(buf_view(&p->name), o, out, e);
	for (size_t i = 0; i < names.n && err == ERR_OK; i++)
		err = add_one(buf_view(&names.v[i]), o, out, e);
	status_names_done(&names);
	return err;
}

/* The line of all sessions. The error of the last one that nobody keeps; the others are told. */
static enum err
add_all(const struct places *places, const struct options *o, struct buf *out, struct error *e)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < places->n; i++)
		if (add_place(&places->v[i], o, out, e) != ERR_OK)
			err = e->code;
	if (o->json == NULL)
		buf_byte(out, '\n');
	return err;
}

/* ---- the three ways */

static enum err
print_once(const struct places *places, const struct options *o, struct error *e)
{
	struct buf out = { 0 };
	struct error full;
	enum err err = add_all(places, o, &out, e);

	if (output_write(STDOUT_FILENO, &out, "standard output", &full) == ERR_FAILED) {
		*e = full;
		err = full.code;
	}
	buf_done(&out);
	return err;
}

static enum err
watch(const struct places *places, const struct options *o, int signals, struct error *e)
{
	struct buf last = { 0 }, out = { 0 };
	struct error none;
	enum err err = ERR_OK;

	while (err == ERR_OK) {
		struct pollfd fds[] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = STDOUT_FILENO },
		};

		buf_clear(&out);
		add_all(places, o, &out, &none);
		if (!str_eq(buf_view(&out), buf_view(&last))) {
			buf_set(&last, buf_view(&out));
			err = output_write(STDOUT_FILENO, &out, "standard output", e);
		}
		if (err != ERR_OK)
			break;
		loop_wait(fds, 2, clock_mono() + WATCH_MS);
		if (loop_next_signal(signals) != 0)
			err = error_set(e, ERR_INTERRUPTED, "interrupted");
		else if (fds[1].revents & (POLLERR | POLLHUP))
			break;
	}
	buf_done(&last);
	buf_done(&out);
	return err == ERR_INTERRUPTED && *e->text == '\0' ? ERR_OK : err;
}

/* One that is gone does not take the others along. */
static void
keep_place(struct place *p)
{
	struct error e;
	bool changed;

	if (p->over)
		return;
	client_work(p->client, &changed, &e);
	status_writer_update(&p->writer, p->client, false);
	if (tail_ended(p->client, true, &p->over, &e) != ERR_OK || p->over) {
		p->over = true;
		p->writer.at = 0;
		status_writer_update(&p->writer, p->client, false);
	}
}

static enum err
keep(struct places *places, int signals, struct error *e)
{
	struct pollfd *fds = mem_zalloc((places->n + 1) * sizeof *fds);
	enum err err = ERR_OK;
	size_t left = places->n;

	fds[0] = (struct pollfd){ .fd = signals, .events = POLLIN };
	while (err == ERR_OK && left > 0) {
		/* Ages and rates go on by themselves. */
		int64_t until = clock_mono() + 2 * WATCH_MS;

		for (size_t i = 0; i < places->n; i++) {
			struct place *p = &places->v[i];
			int64_t due = p->over ? INT64_MAX : client_deadline(p->client);

			fds[i + 1] = (struct pollfd){ .fd = p->over ? -1 : client_fd(p->client), .events = POLLIN };
			until = due < until ? due : until;
		}
		loop_wait(fds, places->n + 1, until);
		if (loop_next_signal(signals) != 0)
			err = error_set(e, ERR_INTERRUPTED, "interrupted");
		left = 0;
		for (size_t i = 0; i < places->n; i++) {
			keep_place(&places->v[i]);
			left += !places->v[i].over;
		}
	}
	free(fds);
	return err;
}

static enum err
follow(struct places *places, struct error *e)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < places->n; i++) {
		const struct client_options options = { .access = places->v[i].access, .user = "status",
		    .read_only = true, .glance = true };

		err = client_open(&places->v[i].client, &options, e);
		if (err == ERR_OK)
			err = client_connect(places->v[i].client, e);
	}
	return err;
}

static enum err
run_places(struct places *places, const struct options *o, struct error *e)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	int signals;
	enum err err;

	if (o->daemon == NULL && o->watch == NULL)
		return print_once(places, o, e);
	signals = loop_signals(list, e);
	if (signals < 0)
		return e->code;
	if (o->daemon == NULL) {
		err = watch(places, o, signals, e);
	} else {
		err = follow(places, e);
		if (err == ERR_OK)
			err = keep(places, signals, e);
	}
	close(signals);
	return err;
}

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct places places = { 0 };
	struct config config;
	enum err err;
	int first;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc == first)
		return error_set(e, ERR_USAGE, "weir status wants an address; see weir status --help");
	places.v = mem_zalloc(mem_mul((size_t)(argc - first), sizeof *places.v));
	err = config_load(&config, e);
	for (int i = first; err == ERR_OK && i < argc; i++) {
		struct place *p = &places.v[places.n];

		err = access_open(&p->access, &config, &o.access, argv[i], e);
		if (err != ERR_OK)
			break;
		endpoint_name(access_endpoint(p->access), &p->name);
		places.n++;
	}
	if (err == ERR_OK)
		err = run_places(&places, &o, e);
	for (size_t i = 0; i < places.n; i++) {
		status_writer_done(&places.v[i].writer);
		client_close(places.v[i].client);
		access_close(places.v[i].access);
		buf_done(&places.v[i].name);
	}
	free(places.v);
	config_done(&config);
	return err;
}

static const struct subcommand_option option_table[] = {
	{ "format", 'F', "FORMAT", "the line: %n name, %t title, %s state, %w waiting, %r tokens/s, ...",
	    offsetof(struct options, format) },
	{ "json", 0, NULL, "an object a session", offsetof(struct options, json) },
	{ "watch", 0, NULL, "print a line whenever it changes", offsetof(struct options, watch) },
	{ "daemon", 0, NULL, "follow the sessions and keep their status fresh",
	    offsetof(struct options, daemon) },
	{ 0 }
};

const struct subcommand subcommand_status = {
	.name = "status",
	.synopsis = "[-F FORMAT | --json] [--watch | --daemon] URL ...",
	.summary = "One line on what sessions do, without a connection",
	.options = option_table,
	.connects = true,
	.run = run,
};
