/* weir cache: what is kept on disk, and what of it is to be. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "app/output.h"
#include "app/subcommand.h"
#include "base/clock.h"
#include "text/safe.h"
#include "wire/json.h"

struct options {
	const char *json, *days, *size;
};

struct cache {
	struct options o;
	struct config config;
	struct store *store;	/* NULL: there is no cache yet */
	struct buf out;
	const char *name;	/* of the session that is meant */
	struct store_session_row found;
	struct buf held;	/* what `found` borrows */
	struct error error;	/* of a callback */
	bool tty;
};

enum { EXPORT_PIECE = 1 << 20, DAY = 86400000 };

static void
add_size(struct buf *out, uint64_t n)
{
	static const char units[] = "KMGT";
	double d = (double)n / 1024;
	size_t unit = 0;

	for (; d >= 1024 && unit + 2 < sizeof units; d /= 1024)
		unit++;
	buf_printf(out, "%.1f %c", d, units[unit]);
}

static enum err
flush(struct cache *c, struct error *e)
{
	return output_write(STDOUT_FILENO, &c->out, "stdout", e);
}

/* ---- size, list */

static enum err
size(struct cache *c, struct error *e)
{
	struct store_size s = { 0 };

	if (c->store != NULL && store_measure(c->store, &s, e) != ERR_OK)
		return e->code;
	if (c->o.json != NULL) {
		struct json_writer w = { .out = &c->out };

		jw_object(&w);
		jw_pair_i64(&w, "file", (int64_t)s.file);
		jw_pair_i64(&w, "log", (int64_t)s.log);
		jw_pair_i64(&w, "spare", (int64_t)s.spare);
		jw_pair_i64(&w, "sessions", (int64_t)s.sessions);
		jw_pair_i64(&w, "events", (int64_t)s.records);
		jw_end_object(&w);
		buf_byte(&c->out, '\n');
		return flush(c, e);
	}
	add_size(&c->out, s.file + s.log);
	buf_str(&c->out, STR("iB"));
	if (s.spare > 0) {
		buf_str(&c->out, STR(", of which "));
		add_size(&c->out, s.spare);
		buf_str(&c->out, STR("iB are spare"));
	}
	buf_printf(&c->out, "; %llu sessions, %llu events\n", (unsigned long long)s.sessions,
	    (unsigned long long)s.records);
	return flush(c, e);
}

static void
list_json(struct cache *c, const struct store_session_row *row)
{
	struct json_writer w = { .out = &c->out };

	jw_object(&w);
	jw_pair(&w, "address", row->name);
	jw_pair(&w, "dialect", row->dialect);
	jw_pair_i64(&w, "events", (int64_t)row->records);
	jw_pair_i64(&w, "bytes", (int64_t)row->bytes);
	jw_pair_i64(&w, "unsent", (int64_t)row->unsent);
	jw_pair_i64(&w, "used", row->used);
	jw_end_object(&w);
	buf_byte(&c->out, '\n');
}

static void
list_row(void *ctx, const struct store_session_row *row)
{
	struct cache *c = ctx;
	int64_t days = (clock_wall() - row->used) / DAY;
	struct buf bytes = { 0 };

	if (c->o.json != NULL) {
		list_json(c, row);
		return;
	}
	add_size(&bytes, row->bytes);
	buf_printf(&c->out, "%10llu  %9s  %4lld d  %6llu  ", (unsigned long long)row->records,
	    buf_cstr(&bytes), (long long)days, (unsigned long long)row->unsent);
	safe_add(&c->out, row->name);
	buf_byte(&c->out, '\n');
	buf_done(&bytes);
}

static enum err
list(struct cache *c, struct error *e)
{
	if (c->o.json == NULL)
		buf_str(&c->out, STR("    EVENTS       SIZE     AGE  UNSENT  SESSION\n"));
	if (c->store != NULL && store_each(c->store, list_row, c, e) != ERR_OK)
		return e->code;
	return flush(c, e);
}

/* ---- prune, verify */

static enum err
prune(struct cache *c, struct error *e)
{
	struct store_limits limits;
	struct store_pruned pruned = { 0 };
	enum err err = config_cache_limits(&c->config, c->o.days, c->o.size, &limits, e);

	if (err == ERR_OK && c->store != NULL)
		err = store_prune(c->store, &limits, NULL, NULL, &pruned, e);
	if (err != ERR_OK)
		return err;
	buf_printf(&c->out, "%llu sessions dropped, ", (unsigned long long)pruned.sessions);
	add_size(&c->out, pruned.bytes);
	buf_str(&c->out, STR("iB freed"));
	if (pruned.held > 0)
		buf_printf(&c->out, "; %llu kept that are open or have something to send",
		    (unsigned long long)pruned.held);
	buf_byte(&c->out, '\n');
	return flush(c, e);
}

static enum err
verify(struct cache *c, struct error *e)
{
	struct buf found = { 0 };
	struct str line, rest;
	size_t n = 0;
	enum err err = c->store != NULL ? store_verify(c->store, &found, e) : ERR_OK;

	for (rest = buf_view(&found); rest.n > 0; n++) {
		line = str_cut(rest, '\n', &rest);
		safe_add(&c->out, line);
		buf_byte(&c->out, '\n');
	}
	buf_done(&found);
	if (err == ERR_OK && n == 0)
		buf_str(&c->out, STR("ok\n"));
	if (err == ERR_OK)
		err = flush(c, e);
	if (err == ERR_OK && n > 0)
		err = error_set(e, ERR_STORE, "the cache is damaged; what cannot be read is read again from its "
		    "server when it is opened");
	return err;
}

/* ---- export */

static void
find_row(void *ctx, const struct store_session_row *row)
{
	struct cache *c = ctx;

	if (!str_eq(row->name, str_from(c->name)))
		return;
	c->found = *row;
	buf_set(&c->held, row->dialect);
}

/* By its address as it is listed, or as it would be given to weir attach. */
static enum err
find(struct cache *c, const char *given, struct error *e)
{
	struct access *access = NULL;
	struct buf name = { 0 };
	enum err err = ERR_OK;

	c->name = given;
	if (c->store != NULL)
		err = store_each(c->store, find_row, c, e);
	if (err == ERR_OK && c->store != NULL && c->found.id == 0 &&
	    access_open(&access, &c->config, NULL, given, NULL) == ERR_OK) {
		endpoint_name(access_endpoint(access), &name);
		c->name = buf_cstr(&name);
		err = store_each(c->store, find_row, c, e);
	}
	access_close(access);
	buf_done(&name);
	c->name = given;
	if (err == ERR_OK && c->found.id == 0)
		err = error_set(e, ERR_GONE, "%s is not in the cache; see weir cache list", given);
	return err;
}

/* A terminal must not be told what to do by what is in a session. */
static void
add_raw(struct cache *c, struct str record)
{
	bool text = record.n > 0 && record.p[0] == DIALECT_TEXT_MARK;

	if (text)
		record = str_skip(record, 1);
	if (c->tty)
		safe_add(&c->out, record);
	else
		buf_str(&c->out, record);
	if (c->tty || !text)
		buf_byte(&c->out, '\n');
}

static bool
export_record(void *ctx, struct str record, int64_t time)
{
	struct cache *c = ctx;

	if (c->o.json != NULL) {
		struct json_writer w = { .out = &c->out };

		jw_object(&w);
		jw_pair_i64(&w, "time", time);
		jw_pair(&w, "record", record);
		jw_end_object(&w);
		buf_byte(&c->out, '\n');
	} else {
		add_raw(c, record);
	}
	return c->out.n < EXPORT_PIECE || flush(c, &c->error) == ERR_OK;
}

static enum err
export(struct cache *c, struct error *e)
{
	c->tty = isatty(STDOUT_FILENO);
	if (find(c, c->name, e) != ERR_OK)
		return e->code;
	if (store_each_record(c->store, c->found.id, c->found.records, export_record, c, e) != ERR_OK)
		return e->code;
	if (c->error.code == ERR_OK)
		return flush(c, e);
	*e = c->error;
	return e->code;
}

/* ---- the command */

static enum err
open_cache(struct cache *c, struct error *e)
{
	struct buf path = { 0 }, note = { 0 };
	enum err err = config_cache_path(&path, e);

	/* Looking must not make one. */
	if (err == ERR_OK && access(buf_cstr(&path), F_OK) == 0)
		err = store_open(&c->store, buf_cstr(&path), &note, e);
	if (err == ERR_OK && note.n > 0)
		err = error_set(e, ERR_STORE, "%.*s", STR_ARG(buf_view(&note)));
	buf_done(&note);
	buf_done(&path);
	return err;
}

static const struct {
	const char *name;
	enum err (*run)(struct cache *c, struct error *e);
	int args;
} actions[] = {
	{ "size", size, 0 }, { "list", list, 0 }, { "prune", prune, 0 }, { "verify", verify, 0 },
	{ "export", export, 1 },
};

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	enum { ACTIONS = sizeof actions / sizeof *actions };
	struct cache c = { 0 };
	size_t i = 0;
	enum err err;
	int first;

	if (subcommand_options(self, &c.o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	while (first < argc && i < ACTIONS && strcmp(actions[i].name, argv[first]) != 0)
		i++;
	if (first == argc || i == ACTIONS || argc - first - 1 != actions[i].args)
		return error_set(e, ERR_USAGE, "weir cache wants one of size, list, prune, verify, export URL; "
		    "see weir cache --help");
	c.name = argv[argc - 1];
	err = config_load(&c.config, e);
	if (err == ERR_OK)
		err = open_cache(&c, e);
	if (err == ERR_OK)
		err = actions[i].run(&c, e);
	store_close(c.store);
	config_done(&c.config);
	buf_done(&c.out);
	buf_done(&c.held);
	return err;
}

static const struct subcommand_option option_table[] = {
	{ "json", 0, NULL, "one JSON object a line", offsetof(struct options, json) },
	{ "days", 0, "N", "prune: what was not used for so many days, 0 none (30)",
	    offsetof(struct options, days) },
	{ "size", 0, "BYTES", "prune: until the file is that small, 0 any; K, M, G (1G)",
	    offsetof(struct options, size) },
	{ 0 }
};

const struct subcommand subcommand_cache = {
	.name = "cache",
	.synopsis = "[--json] [--days N] [--size BYTES] size|list|prune|verify|export URL",
	.summary = "Look at, shrink, check and export what is kept on disk",
	.options = option_table,
	.run = run,
};
