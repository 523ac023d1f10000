/* The session on the screen survives what happens to the network and to the server. */

#include <sys/wait.h>

#include "tests/e2e/world.h"
#include "tests/harness/proxy.h"
#include "tests/unit.h"

/* The last words of the demo session. */
#define LAST "at all seven places"

static struct term *
attach(struct world *w, const char *url, int rows, int cols)
{
	const char *const args[] = { "attach", "--no-cache", "--read-only", url, NULL };

	return world_term(w, args, rows, cols);
}

static bool
settled(struct term *t, const void *arg)
{
	(void)arg;
	return term_has(t, "live") && term_has(t, LAST);
}

/* Wherever it stands now: the end of the transcript is on screen and all of it is there. */
static void
wait_end(struct term *t)
{
	assert_true(term_wait(t, settled, NULL, "the end of the session", SOON));
}

static bool
moved(struct term *t, const void *before)
{
	return strcmp(term_screen(t), before) != 0;
}

/* The transcript from the top, page by page, without the title and the status, which may differ. */
static void
pages(struct term *t, struct buf *out)
{
	int rows = display_rows(term_display(t));

	term_type(t, "g");
	assert_true(term_wait_gone(t, LAST, SOON));
	for (int page = 0; page < 100; page++) {
		char *before = strdup(term_screen(t));

		for (int row = 1; row < rows - 2; row++) {
			buf_str(out, str_from(term_row(t, row)));
			buf_byte(out, '\n');
		}
		if (term_has(t, LAST)) {
			free(before);
			return;
		}
		term_type(t, "f");
		assert_true(term_wait(t, moved, before, "the next page", SOON));
		free(before);
	}
	fail_msg("the transcript has no end");
}

/* What a client shows that was never disturbed. */
static void
compare_with_undisturbed(struct world *w, struct term *t, int rows, int cols)
{
	struct term *calm = attach(w, world_url(w, NULL), rows, cols);
	struct buf got = { 0 }, want = { 0 };

	wait_end(calm);
	pages(t, &got);
	pages(calm, &want);
	assert_true(want.n > 2000);
	assert_str(buf_view(&got), buf_view(&want));
	term_close(calm);
	buf_done(&got);
	buf_done(&want);
}

static void
text_of(struct world *w, struct buf *out)
{
	const char *const args[] = { "tail", "--no-follow", world_url(w, NULL), NULL };
	int status;

	world_run(w, args, out, &status);
	assert_int_equal(status, 0);
}

/* What the server has is what it would have had without any of it: the player lost nothing either. */
static void
compare_with_undisturbed_run(struct world *w)
{
	struct world other;
	struct buf got = { 0 }, want = { 0 };

	world_open(&other);
	world_serve(&other);
	world_play(&other, "max");
	world_played(&other);
	text_of(&other, &want);
	text_of(w, &got);
	assert_true(want.n > 2000);
	assert_str(buf_view(&got), buf_view(&want));
	world_close(&other);
	buf_done(&got);
	buf_done(&want);
}

/* At least so much of the session has come: unlike what stands on the screen it does not pass by. */
static bool
applied(struct term *t, const void *least)
{
	const char *at = strstr(term_screen(t), "applied ");

	return at != NULL && strtol(at + strlen("applied "), NULL, 10) >= *(const int *)least;
}

/* The server dies in mid-answer, twice, and comes back. Of the session there are about 800 records. */
static void
killed_server(int rows, int cols)
{
	struct world w;
	struct term *t;

	world_open(&w);
	world_serve(&w);
	world_create(&w);
	t = attach(&w, world_url(&w, NULL), rows, cols);
	assert_true(term_wait_text(t, "live", SOON));
	world_play(&w, "25");
	for (int i = 0; i < 2; i++) {
		assert_true(term_wait(t, applied, &(int){ 50 + 200 * i }, "the middle of it", SOON));
		world_kill_server(&w);
		assert_true(term_wait_text(t, "reconnecting", SOON));
		world_serve(&w);
		assert_true(term_wait_gone(t, "reconnecting", SOON));
	}
	world_played(&w);
	wait_end(t);
	compare_with_undisturbed(&w, t, rows, cols);
	compare_with_undisturbed_run(&w);
	term_close(t);
	world_close(&w);
}

static void
test_killed_server_80x24(void **state)
{
	(void)state;
	killed_server(24, 80);
}

static void
test_killed_server_200x60(void **state)
{
	(void)state;
	killed_server(60, 200);
}

/* Three connections in a row are cut in the middle of what the server says. */
static void
test_cut_connections(void **state)
{
	struct world w;
	struct proxy *p;
	struct term *t;
	char path[96];

	(void)state;
	world_open(&w);
	world_serve(&w);
	snprintf(path, sizeof path, "%s/proxy.sock", w.dir);
	p = proxy_open(path, buf_cstr(&w.socket));
	for (size_t i = 0; i < 3; i++)
		proxy_fault(p, &(struct proxy_fault){ "GET ", PROXY_FROM_SERVER, 700 + 9777 * i, PROXY_FIN });
	world_play(&w, "25");
	t = attach(&w, world_url(&w, path), 24, 80);
	world_played(&w);
	wait_end(t);
	assert_int_equal(proxy_count(p, PROXY_FAULTS), 3);
	compare_with_undisturbed(&w, t, 24, 80);
	term_close(t);
	proxy_close(p);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_server_80x24),
		cmocka_unit_test(test_killed_server_200x60),
		cmocka_unit_test(test_cut_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
