/* weir check: reads a recording, or a session as the cache has it, and says what is wrong with it. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/client.h"
#include "app/config.h"
#include "app/output.h"
#include "app/playback.h"
#include "app/subcommand.h"
#include "base/clock.h"
#include "text/layout.h"
#include "text/safe.h"

enum { WIDTH = 80, CUTS = 64 };

struct options {
	struct access_settings access;
	const char *quiet;
};

struct check {
	struct buf out;
	size_t findings;
	uint64_t last_id;		/* of the messages, while they are numbers */
	bool counted;
	bool raw;			/* nothing is known of any event, and none need be */
};

/* "line 12: what: text"; 0 is no line. */
static void
say(struct check *c, unsigned line, const char *what, struct str text)
{
	c->findings++;
	if (line > 0)
		buf_printf(&c->out, "line %u: ", line);
	buf_printf(&c->out, "%s: ", what);
	safe_add(&c->out, text);
	buf_byte(&c->out, '\n');
}

static void __attribute__((format(printf, 4, 5)))
sayf(struct check *c, unsigned line, const char *what, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	say(c, line, what, buf_view(&text));
	buf_done(&text);
}

/* ---- the messages of a recording */

/* Where a server numbers its events, one follows the other; behind a cut some come again. */
static void
check_id(struct check *c, const struct recording_entry *entry, bool after_cut)
{
	uint64_t id;

	if (!str_to_u64(entry->message.id, &id)) {
		c->counted = false;
		return;
	}
	if (c->counted && id > c->last_id + 1)
		sayf(c, entry->line, "gap", "event %" PRIu64 " follows %" PRIu64, id, c->last_id);
	if (c->counted && id <= c->last_id && !after_cut)
		sayf(c, entry->line, "duplicate", "event %" PRIu64 " comes after %" PRIu64, id, c->last_id);
	if (!c->counted || id > c->last_id)
		c->last_id = id;
	c->counted = true;
}

/* What the dialect could not make sense of it has put into the transcript. */
static void
check_new_items(struct check *c, const struct session *s, size_t from, unsigned line)
{
	for (size_t i = from; i < s->nitems; i++) {
		const struct item *it = session_item(s, i);

		if (it->kind == ITEM_RAW && !c->raw)
			say(c, line, "unknown", buf_view(&it->text));
		else if (it->kind == ITEM_NOTE && it->note.level == NOTE_WARN)
			say(c, line, "schema", buf_view(&it->text));
		else if (it->kind == ITEM_NOTE && it->note.level == NOTE_ERROR)
			say(c, line, "error", buf_view(&it->text));
	}
}

static void
check_messages(struct check *c, struct playback *p)
{
	const struct recording *r = playback_recording(p);
	const struct session *s = playback_session(p);
	bool after_cut = true;

	for (size_t i = 0; i < r->n; i++) {
		size_t items = s->nitems;

		if (r->entries[i].kind == RECORDING_END) {
			after_cut = true;
		} else {
			check_id(c, &r->entries[i], after_cut);
			after_cut = after_cut && r->entries[i].message.id.n == 0;
		}
		if (!playback_step(p, 1))
			return;
		check_new_items(c, s, items, r->entries[i].line);
	}
}

/* ---- the session they make */

static bool
same_rows(struct layout *a, struct layout *b)
{
	size_t n = layout_count(a);

	if (n != layout_count(b))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!line_eq(layout_line(a, i), layout_line(b, i)))
			return false;
	return true;
}

/* Markdown that was laid out as it came looks as if it had come at once. */
static bool
is_steady(struct str text)
{
	struct layout *grown = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	struct layout *whole = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	size_t step = text.n / CUTS + 1;
	bool steady;

	for (size_t n = step; n < text.n; n += step) {
		layout_update(grown, str_head(text, n), 0, true, WIDTH);
		layout_count(grown);
	}
	layout_update(grown, text, 0, false, WIDTH);
	layout_update(whole, text, 0, false, WIDTH);
	steady = same_rows(grown, whole) && layout_mismatches(grown) == 0;
	layout_free(grown);
	layout_free(whole);
	return steady;
}

static void
check_item(struct check *c, const struct item *it)
{
	struct buf name = { 0 };

	buf_printf(&name, "%s %.*s", item_label(it), STR_ARG(it->id.n > 0 ? buf_view(&it->id) :
	    buf_view(&it->agent)));
	if (it->kind == ITEM_TEXT || it->kind == ITEM_REASON) {
		if (it->msg.gap)
			say(c, 0, "gap", buf_view(&name));
		if (it->msg.state == MSG_CUT)
			say(c, 0, "interrupted", buf_view(&name));
		if (!is_steady(buf_view(&it->text)))
			say(c, 0, "markdown", buf_view(&name));
	}
	if (it->open && (it->kind == ITEM_TEXT || it->kind == ITEM_REASON || it->kind == ITEM_TOOL))
		say(c, 0, "unfinished", buf_view(&name));
	buf_done(&name);
}

static void
check_session(struct check *c, const struct session *s)
{
	for (size_t i = 0; i < s->nitems; i++) {
		check_item(c, session_item(s, i));
		if (i % 256 == 255)
			session_rest(s);
	}
}

/* ---- the command */

static enum err
check_recording(struct check *c, const char *path, const struct options *o, struct error *e)
{
	struct playback *p;
	enum err err = playback_open(&p, path, o->access.dialect, 0, e);

	if (err != ERR_OK)
		return err;
	c->raw = playback_dialect(p) == &dialect_sse;
	check_messages(c, p);
	if (playback_recording(p)->torn > 0)
		say(c, playback_recording(p)->torn, "torn", STR("this line was not written whole"));
	check_session(c, playback_session(p));
	if (o->quiet == NULL)
		buf_printf(&c->out, "%zu messages, %zu items, %" PRIu64 " records came twice, %zu findings\n",
		    playback_recording(p)->n, playback_session(p)->nitems, playback_stats(p)->duplicates,
		    c->findings);
	playback_close(p);
	return ERR_OK;
}

static enum err
check_cached(struct check *c, const char *address, const struct options *o, struct error *e)
{
	struct client_options options = { .user = "check", .read_only = true };
	struct client *client = NULL;
	struct access *access = NULL;
	struct buf cache = { 0 };
	struct config config;
	bool changed;
	enum err err = config_load(&config, e);

	if (err == ERR_OK)
		err = access_open(&access, &config, &o->access, address, e);
	if (err == ERR_OK)
		err = config_cache_path(&cache, e);
	options.access = access;
	options.cache = buf_cstr(&cache);
	if (err == ERR_OK)
		err = client_open(&client, &options, e);
	/* Without a network it is busy only while it reads the copy. */
	while (err == ERR_OK && client_deadline(client) != INT64_MAX)
		err = client_work(client, &changed, e);
	if (err == ERR_OK && client_proof(client).records == 0)
		err = error_set(e, ERR_GONE, "%s is neither a file nor a session in the cache", address);
	if (err == ERR_OK) {
		c->raw = client_dialect(client) == &dialect_sse;
		check_new_items(c, client_session(client), 0, 0);
		check_session(c, client_session(client));
		if (o->quiet == NULL)
			buf_printf(&c->out, "%" PRIu64 " records, %zu items, %zu findings\n",
			    client_proof(client).records, client_session(client)->nitems, c->findings);
	}
	client_close(client);
	access_close(access);
	config_done(&config);
	buf_done(&cache);
	return err;
}

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct check c = { 0 };
	enum err err;
	int first;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc - first != 1)
		return error_set(e, ERR_USAGE, "weir check wants one file or address; see weir check --help");
	/* Time plays no part in it. */
	clock_set(1, 0);
	if (strcmp(argv[first], "-") == 0 || access(argv[first], F_OK) == 0)
		err = check_recording(&c, argv[first], &o, e);
	else
		err = check_cached(&c, argv[first], &o, e);
	clock_unset();
	if (err == ERR_OK)
		err = output_write(STDOUT_FILENO, &c.out, "standard output", e);
	buf_done(&c.out);
	if (err == ERR_INTERRUPTED && *e->text == '\0')
		err = ERR_OK;
	if (err == ERR_OK && c.findings > 0)
		return error_set(e, ERR_FAILED, "%s has %zu findings", argv[first], c.findings);
	return err;
}

static const struct subcommand_option option_table[] = {
	{ "quiet", 'q', NULL, "print findings only", offsetof(struct options, quiet) },
	{ 0 }
};

const struct subcommand subcommand_check = {
	.name = "check",
	.synopsis = "[-q] FILE | URL",
	.summary = "Say what is wrong with a recording, or with a session in the cache",
	.options = option_table,
	.connects = true,
	.run = run,
};
