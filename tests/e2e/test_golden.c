/*
 * A recorded session with something of every channel, from a real server to items and to rows: read as
 * a whole, and by a client that leaves behind every event and comes back to the next one. Both dialects
 * that read session channels show the same. GOLDEN_WRITE=1 writes what they should show.
 */
#include <locale.h>
#include <poll.h>
#include <stdio.h>

#include "app/client.h"
#include "base/clock.h"
#include "tests/e2e/world.h"
#include "tests/model/print_session.h"
#include "tests/unit.h"
#include "ui/transcript.h"

enum { WIDTH = 80, HEIGHT = 200 };

struct events {
	struct buf text;
	struct str v[64];
	size_t n;
};

static void
own_file(const char *name, struct buf *out)
{
	struct buf path = { 0 };
	FILE *file;

	buf_printf(&path, "%s/tests/data/events/%s", getenv("top_srcdir"), name);
	file = fopen(buf_cstr(&path), "r");
	assert_non_null(file);
	assert_true(buf_read_fd(out, fileno(file), 1 << 20));
	fclose(file);
	buf_done(&path);
}

static void
read_events(struct events *e)
{
	struct str rest, line;

	*e = (struct events){ .n = 0 };
	own_file("session.jsonl", &e->text);
	for (rest = buf_view(&e->text); rest.n > 0;) {
		line = str_cut(rest, '\n', &rest);
		assert_true(e->n < sizeof e->v / sizeof *e->v);
		e->v[e->n++] = line;
	}
}

static void
append(struct world *w, const struct events *e, size_t from, size_t to)
{
	struct buf array = { 0 };

	for (; from < to; from++) {
		buf_byte(&array, array.n == 0 ? '[' : ',');
		buf_str(&array, e->v[from]);
	}
	buf_byte(&array, ']');
	world_append(w, buf_view(&array));
	buf_done(&array);
}

/* Until all that the server has is here. */
static struct client *
visit(const char *url, const char *cache, size_t records)
{
	struct client_options options = { .url = url, .user = "anna", .cache = cache, .read_only = true };
	int64_t until = clock_mono() + SOON;
	struct client *c;
	struct error e;

	assert_int_equal(client_open(&c, &options, &e), ERR_OK);
	assert_int_equal(client_connect(c, &e), ERR_OK);
	while (client_proof(c).records < records || link_state(client_link(c)) != LINK_LIVE ||
	    !client_drained(c)) {
		struct pollfd fd = { .fd = client_fd(c), .events = POLLIN };
		bool changed;

		assert_true(clock_mono() < until);
		poll(&fd, 1, 50);
		assert_int_equal(client_work(c, &changed, &e), ERR_OK);
	}
	assert_int_equal(client_proof(c).records, records);
	return c;
}

/* Items, what stands beside them, and the rows of all of it. */
static void
tell(const struct session *s, struct buf *out)
{
	struct transcript *t = transcript_new(false, false);

	print_items(out, s);
	print_beside(out, s);
	transcript_session(t, s);
	for (int full = 0; full < 2; full++) {
		transcript_frame(t, WIDTH, HEIGHT);
		buf_str(out, STR("----\n"));
		for (unsigned y = 0; y < HEIGHT; y++) {
			line_text(transcript_line(t, y), out);
			while (out->n > 0 && out->p[out->n - 1] == ' ')
				out->n--;
			buf_byte(out, '\n');
		}
		while (out->n > 1 && out->p[out->n - 2] == '\n')
			out->n--;
		transcript_fold_all(t);
	}
	transcript_free(t);
}

static void
finish(struct client *c, struct buf *out)
{
	tell(client_session(c), out);
	client_close(c);
}

static void
address(struct world *w, bool api, char url[256])
{
	if (api)
		snprintf(url, 256, "unix:%s:/api/sessions/demo/stream", buf_cstr(&w->socket));
	else
		snprintf(url, 256, "%s", world_url(w, NULL));
}

static void
whole(bool api, struct buf *out)
{
	struct events e;
	struct world w;
	char url[256];

	read_events(&e);
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	append(&w, &e, 0, e.n);
	address(&w, api, url);
	finish(visit(url, NULL, e.n), out);
	world_close(&w);
	buf_done(&e.text);
}

static void
cut(bool api, struct buf *out)
{
	struct events e;
	struct world w;
	char url[256], cache[128];

	read_events(&e);
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	address(&w, api, url);
	snprintf(cache, sizeof cache, "%s/cache/cut.db", w.dir);
	for (size_t i = 0; i < e.n; i++) {
		struct client *c;

		append(&w, &e, i, i + 1);
		c = visit(url, cache, i + 1);
		if (i + 1 < e.n)
			client_close(c);
		else
			finish(c, out);
	}
	world_close(&w);
	buf_done(&e.text);
}

static void
test_items_and_rows(void **state)
{
	struct buf got = { 0 }, want = { 0 };

	(void)state;
	whole(false, &got);
	if (getenv("GOLDEN_WRITE") != NULL) {
		FILE *file;

		buf_printf(&want, "%s/tests/data/events/session.txt", getenv("top_srcdir"));
		file = fopen(buf_cstr(&want), "w");
		assert_non_null(file);
		fwrite(got.p, 1, got.n, file);
		fclose(file);
		buf_clear(&want);
	}
	own_file("session.txt", &want);
	assert_str(buf_view(&got), buf_view(&want));
	buf_done(&got);
	buf_done(&want);
}

static void
test_cut_everywhere(void **state)
{
	struct buf got = { 0 }, want = { 0 };

	(void)state;
	for (int api = 0; api < 2; api++) {
		buf_clear(&got);
		buf_clear(&want);
		whole(api > 0, &want);
		cut(api > 0, &got);
		assert_str(buf_view(&got), buf_view(&want));
	}
	buf_done(&got);
	buf_done(&want);
}

/* The items but those of records that nobody understands: what is told of these has the names on the
 * wire. */
static void
drop_raw(struct buf *told)
{
	struct buf items = { 0 };
	struct str rest = buf_view(told), line;

	while (line = str_cut(rest, '\n', &rest), line.p != NULL && !str_eq(line, STR("----")))
		if (!str_starts(line, STR("raw")) && !str_starts(line, STR("note warn"))) {
			buf_str(&items, line);
			buf_byte(&items, '\n');
		}
	buf_set(told, buf_view(&items));
	buf_done(&items);
}

static void
test_both_dialects(void **state)
{
	struct buf got = { 0 }, want = { 0 };

	(void)state;
	whole(false, &want);
	whole(true, &got);
	drop_raw(&want);
	drop_raw(&got);
	assert_true(str_find(buf_view(&want), STR("todo id=2")) < want.n);
	assert_str(buf_view(&got), buf_view(&want));
	buf_done(&got);
	buf_done(&want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items_and_rows),
		cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_both_dialects),
	};

	setenv("TZ", "UTC", 1);
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
