/* weir ls: the sessions of servers, as a table or as JSON. */

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/directory.h"
#include "app/loop.h"
#include "app/output.h"
#include "app/subcommand.h"
#include "base/clock.h"
#include "base/width.h"
#include "text/safe.h"
#include "wire/event_json.h"
#include "wire/json.h"

struct options {
	struct access_settings access;
	const char *json;
};

enum {
	COLUMNS = 5,
	PATIENCE = 5000		/* ms for all servers together */
};

static const char *
state_of(const struct directory_entry *e)
{
	static const char *const words[] = {
		[SESS_UNSAID] = "open", [SESS_IDLE] = "idle", [SESS_BUSY] = "busy", [SESS_RETRY] = "retry",
		[SESS_WAITING] = "waiting", [SESS_LOST] = "lost",
	};

	return e->closed ? "closed" : words[e->status];
}

/* One line each: everything from outside through text/safe. */
static void
fill_row(const struct directory_entry *e, struct buf cells[COLUMNS])
{
	safe_add(&cells[0], e->place);
	safe_add(&cells[1], e->title.n > 0 ? e->title : e->id);
	buf_str(&cells[2], str_from(state_of(e)));
	if (e->records >= 0)
		buf_printf(&cells[3], "%lld", (long long)e->records);
	safe_add(&cells[4], e->address);
}

static void
add_table(const struct directory *d, struct buf *out)
{
	static const char *const heads[COLUMNS] = { "SERVER", "SESSION", "STATE", "EVENTS", "ADDRESS" };
	size_t n = directory_count(d), widths[COLUMNS];
	struct buf (*rows)[COLUMNS] = mem_zalloc((n + 1) * sizeof *rows);

	for (size_t c = 0; c < COLUMNS; c++)
		buf_str(&rows[0][c], str_from(heads[c]));
	for (size_t i = 0; i < n; i++) {
		struct directory_entry e = directory_at(d, i);

		fill_row(&e, rows[i + 1]);
	}
	for (size_t c = 0; c < COLUMNS; c++) {
		widths[c] = 0;
		for (size_t i = 0; i <= n; i++)
			if (width_cols(buf_view(&rows[i][c])) > widths[c])
				widths[c] = width_cols(buf_view(&rows[i][c]));
	}
	for (size_t i = 0; i <= n; i++)
		for (size_t c = 0; c < COLUMNS; c++) {
			buf_str(out, buf_view(&rows[i][c]));
			if (c + 1 < COLUMNS)
				buf_fill(out, ' ', widths[c] + 2 - width_cols(buf_view(&rows[i][c])));
			else
				buf_byte(out, '\n');
			buf_done(&rows[i][c]);
		}
	free(rows);
}

static void
add_json(const struct directory *d, struct buf *out)
{
	for (size_t i = 0; i < directory_count(d); i++) {
		struct directory_entry e = directory_at(d, i);
		struct buf line = { 0 };
		struct json_writer w = { .out = &line };

		jw_object(&w);
		jw_pair(&w, "server", e.place);
		jw_pair(&w, "address", e.address);
		jw_pair(&w, "id", e.id);
		if (e.title.n > 0)
			jw_pair(&w, "title", e.title);
		if (e.model.n > 0)
			jw_pair(&w, "model", e.model);
		if (e.directory.n > 0)
			jw_pair(&w, "directory", e.directory);
		jw_pair(&w, "state", str_from(state_of(&e)));
		if (e.records >= 0)
			jw_pair_i64(&w, "events", e.records);
		if (e.time >= 0)
			jw_pair_i64(&w, "time", e.time);
		jw_end_object(&w);
		event_json_printable(buf_view(&line), out);
		buf_byte(out, '\n');
		buf_done(&line);
	}
}

static enum err
wait_for(struct directory *d, int signals, struct error *e)
{
	int64_t until = clock_mono() + PATIENCE;

	directory_ask(d);
	while (directory_busy(d) && clock_mono() < until) {
		struct pollfd fds[] = {
			{ .fd = directory_fd(d), .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
		};

		int64_t next = directory_deadline(d);

		loop_wait(fds, 2, next < until ? next : until);
		if (loop_next_signal(signals) != 0)
			return error_set(e, ERR_INTERRUPTED, "interrupted");
		directory_work(d);
	}
	return ERR_OK;
}

/* Which servers could not be asked, and why; the code is that of the first. */
static enum err
tell_troubles(const struct directory *d, struct error *e)
{
	struct buf all = { 0 };
	struct error one;

	e->code = ERR_OK;
	for (size_t i = 0; i < directory_servers(d); i++)
		if (directory_trouble(d, i, &one) != ERR_OK) {
			e->code = e->code == ERR_OK ? one.code : e->code;
			buf_printf(&all, "%s%s", all.n > 0 ? "; " : "", one.text);
		}
	if (all.n > 0)
		error_set(e, e->code, "%s", buf_cstr(&all));
	buf_done(&all);
	return e->code;
}

static enum err
list(struct directory *d, bool json, struct error *e)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	struct buf out = { 0 };
	int fd = loop_signals(signals, e);
	enum err err = fd < 0 ? e->code : wait_for(d, fd, e);

	if (err == ERR_OK && json)
		add_json(d, &out);
	else if (err == ERR_OK && (directory_count(d) > 0 || tell_troubles(d, e) == ERR_OK))
		add_table(d, &out);
	if (err == ERR_OK)
		err = output_write(STDOUT_FILENO, &out, "stdout", e);
	/* What some said stands there; that others could not be asked is the result all the same. */
	if (err == ERR_OK)
		err = tell_troubles(d, e);
	buf_done(&out);
	if (fd >= 0)
		close(fd);
	return err;
}

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct directory *d = NULL;
	struct config config;
	enum err err;
	int first;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc - first > 1)
		return error_set(e, ERR_USAGE, "weir ls wants one server or none; see weir ls --help");
	err = config_load(&config, e);
	if (err == ERR_OK)
		err = directory_open(&d, &config, &o.access, first < argc ? argv[first] : NULL, e);
	if (err == ERR_OK && directory_servers(d) == 0)
		err = error_set(e, ERR_USAGE, "no server is known: name one (weir ls URL), put one into "
		    "weirrc, or start weir serve");
	if (err == ERR_OK)
		err = list(d, o.json != NULL, e);
	directory_close(d);
	config_done(&config);
	return err;
}

static const struct subcommand_option option_table[] = {
	{ "json", 0, NULL, "one JSON object a line", offsetof(struct options, json) },
	{ 0 }
};

const struct subcommand subcommand_ls = {
	.name = "ls",
	.synopsis = "[--json] [SERVER]",
	.summary = "List the sessions of a server, or of all that are known",
	.options = option_table,
	.connects = true,
	.run = run,
};
