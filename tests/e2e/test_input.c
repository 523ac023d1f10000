/* What is typed shows at once, arrives exactly once, and says so. */

#include <signal.h>

#include "tests/e2e/world.h"
#include "tests/harness/proxy.h"
#include "tests/unit.h"

#define TYPED "does the lock order hold?"

static size_t
count(struct str text, struct str needle)
{
	size_t n = 0;

	for (;;) {
		size_t at = str_find(text, needle);

		if (at == text.n)
			return n;
		n++;
		text = str_skip(text, at + needle.n);
	}
}

static bool
confirmed(struct term *t, const void *arg)
{
	int row, col;

	(void)arg;
	return display_find(term_display(t), TYPED, &row, &col) && term_has(t, "✓");
}

static void
once_on_the_server(struct world *w)
{
	const char *const args[] = { "tail", "--no-follow", world_url(w, NULL), NULL };
	struct buf out = { 0 };
	int status;

	world_run(w, args, &out, &status);
	assert_int_equal(status, 0);
	assert_int_equal(count(buf_view(&out), STR("user: " TYPED "\n")), 1);
	buf_done(&out);
}

/* What was sent is at hand, also to who comes back; what others sent is not. */
static void
test_recalled(void **state)
{
	struct world w;
	struct term *t;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	world_configure(&w, STR("user = anna\n"));
	for (int run = 0; run < 2; run++) {
		const char *const args[] = { "attach", world_url(&w, NULL), NULL };

		t = world_term(&w, args, 24, 80);
		assert_true(term_wait_text(t, "live =", SOON));
		if (run == 0) {
			term_type(t, "i" TYPED "\r");
			assert_true(term_wait(t, confirmed, NULL, "the confirmation", SOON));
			world_append(&w, STR("[{\"type\":\"terminal\",\"key\":\"x\",\"value\":{\"id\":\"x\","
			    "\"type\":\"input\",\"source\":\"user\",\"userId\":\"ben\",\"data\":\"mine\"}}]"));
			assert_true(term_wait_text(t, "mine", SOON));
		} else {
			assert_true(term_wait_text(t, "mine", SOON));
			term_type(t, "i");
			assert_true(term_wait_text(t, "your message", SOON));
			term_key(t, DISPLAY_UP, 0);
			assert_true(term_wait_text(t, "> " TYPED, SOON));
		}
		term_close(t);
	}
	world_close(&w);
}

/*
 * The first POST breaks off in the middle, the second is taken and its answer is lost: what was
 * typed counts once and is confirmed at its offset.
 */
static void
test_lost_answer(void **state)
{
	struct world w;
	struct proxy *p;
	struct term *t;
	char path[96];

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_play(&w, "max");
	world_played(&w);
	snprintf(path, sizeof path, "%s/proxy.sock", w.dir);
	p = proxy_open(path, buf_cstr(&w.socket));
	proxy_fault(p, &(struct proxy_fault){ "POST ", PROXY_FROM_CLIENT, 100, PROXY_FIN });
	proxy_fault(p, &(struct proxy_fault){ "POST ", PROXY_FROM_SERVER, 0, PROXY_FIN });
	{
		const char *const args[] = { "attach", world_url(&w, path), NULL };

		t = world_term(&w, args, 24, 80);
	}
	assert_true(term_wait_text(t, "at all seven places", SOON));
	term_type(t, "i" TYPED "\r");
	assert_true(term_wait(t, confirmed, NULL, "the confirmation", SOON));
	assert_true(proxy_wait(p, PROXY_FAULTS, 2, SOON));
	once_on_the_server(&w);
	term_close(t);
	proxy_close(p);
	world_close(&w);
}

/* Typed while there is no server, kept through the end of weir, delivered by the next run. */
static void
test_typed_offline(void **state)
{
	struct world w;
	struct term *t;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_play(&w, "max");
	world_played(&w);
	{
		const char *const args[] = { "attach", world_url(&w, NULL), NULL };

		t = world_term(&w, args, 24, 80);
		assert_true(term_wait_text(t, "at all seven places", SOON));
		world_kill_server(&w);
		assert_true(term_wait_text(t, "reconnecting", SOON));
		term_type(t, "i" TYPED "\r");
		assert_true(term_wait_text(t, TYPED, SOON));
		assert_false(term_has(t, "✓"));
		term_signal(t, SIGKILL);
		assert_true(term_wait_exit(t, NULL, SOON));
		term_close(t);
		world_serve(&w);
		t = world_term(&w, args, 24, 80);
		assert_true(term_wait(t, confirmed, NULL, "the confirmation", SOON));
	}
	once_on_the_server(&w);
	term_close(t);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recalled),
		cmocka_unit_test(test_lost_answer),
		cmocka_unit_test(test_typed_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
