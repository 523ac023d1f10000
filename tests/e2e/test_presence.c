/* Who is in a session, as the clients of it tell each other. */

#include <signal.h>

#include "base/clock.h"
#include "tests/e2e/world.h"
#include "tests/unit.h"

enum { GONE = 45000 };	/* ms: whoever was killed is here for 30 s more */

static const char *
session_url(struct world *w)
{
	static struct buf url;

	buf_clear(&url);
	buf_printf(&url, "unix:%s:/api/sessions/s1", w->socket.p);
	return buf_cstr(&url);
}

/* weir as this person; what comes with it may be NULL. */
static struct term *
attach(struct world *w, const char *user, const char *option, const char *url)
{
	struct buf rc = { 0 };
	struct term *t;

	buf_printf(&rc, "user = %s\n", user);
	world_configure(w, buf_view(&rc));
	buf_done(&rc);
	if (option == NULL)
		t = world_term(w, (const char *const[]){ "attach", "--no-cache", url, NULL }, 24, 80);
	else
		t = world_term(w, (const char *const[]){ "attach", "--no-cache", option, url, NULL }, 24, 80);
	assert_true(term_wait_text(t, "live =", SOON));
	return t;
}

static void
leave(struct term *t)
{
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
}

static void
begin(struct world *w)
{
	world_open(w);
	world_serve(w);
	world_request(w, "POST", "/api/sessions", STR("{\"id\":\"s1\"}"));
}

/* The page of statistics is one of its moment: it is opened until it says so. */
static void
look_until(struct term *t, const char *text)
{
	bool found = false;

	for (int i = 0; i < 200 && !found; i++) {
		term_type(t, ":stats\r");
		assert_true(term_wait_text(t, "people", SOON));
		found = term_has(t, text);
		term_type(t, "q");
		assert_true(term_wait_gone(t, "people", SOON));
	}
	assert_true(found);
}

static void
test_two_see_each_other(void **state)
{
	struct world w;
	struct term *ann, *bob;

	(void)state;
	begin(&w);
	ann = attach(&w, "annabel", NULL, session_url(&w));
	assert_true(term_wait_text(ann, "annabel", SOON));
	bob = attach(&w, "robert", NULL, session_url(&w));
	assert_true(term_wait_text(bob, "annabel, robert", SOON));
	assert_true(term_wait_text(ann, "annabel, robert", SOON));
	/* A cursor, as far as it is told: something is written, nothing is read yet. */
	term_type(ann, "ihello");
	assert_true(term_wait_text(ann, "> hello", SOON));
	look_until(bob, "cursor 1,0");
	term_type(ann, "\033");
	look_until(bob, "cursor 0,0");
	leave(bob);
	assert_true(term_wait_gone(ann, "robert", SOON));
	assert_true(term_has(ann, "annabel"));
	term_signal(ann, SIGTERM);
	assert_true(term_wait_exit(ann, NULL, SOON));
	term_close(ann);
	world_close(&w);
}

/* Whoever is killed cannot say good-bye: 30 s later they are gone. */
static void
test_the_killed_vanish(void **state)
{
	struct world w;
	struct term *ann, *bob;

	(void)state;
	begin(&w);
	ann = attach(&w, "annabel", NULL, session_url(&w));
	bob = attach(&w, "robert", NULL, session_url(&w));
	assert_true(term_wait_text(ann, "annabel, robert", SOON));
	term_signal(bob, SIGKILL);
	assert_true(term_wait_exit(bob, NULL, SOON));
	term_close(bob);
	assert_true(term_wait_gone(ann, "robert", GONE));
	assert_true(term_has(ann, "annabel"));
	leave(ann);
	world_close(&w);
}

/* Those who only look are not seen: of the two records that there are one made the session, and one
 * says that robert came. */
static void
test_lookers_are_not_announced(void **state)
{
	struct world w;
	struct term *lookers[2], *bob, *tail;

	(void)state;
	begin(&w);
	lookers[0] = attach(&w, "annabel", "-r", session_url(&w));
	lookers[1] = attach(&w, "carla", "--no-presence", session_url(&w));
	tail = world_term(&w, (const char *const[]){ "tail", "-f", session_url(&w), NULL }, 24, 80);
	bob = attach(&w, "robert", NULL, session_url(&w));
	for (size_t i = 0; i < 2; i++) {
		assert_true(term_wait_text(lookers[i], "robert", SOON));
		assert_true(term_wait_text(lookers[i], "applied 2 = head 2", SOON));
		leave(lookers[i]);
	}
	term_close(tail);
	leave(bob);
	world_close(&w);
}

/* A stream is written into only where somebody else has said so, too. */
static void
test_streams(void **state)
{
	struct world w;
	struct term *ann;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	ann = attach(&w, "annabel", NULL, world_url(&w, NULL));
	world_append(&w, STR("[{\"type\":\"chunks\",\"key\":\"1\",\"value\":{\"text\":\"one word\"}}]"));
	assert_true(term_wait_text(ann, "one word", SOON));
	assert_true(term_wait_text(ann, "applied 1 = head 1", SOON));
	assert_false(term_has(ann, "annabel"));
	world_append(&w, STR("[{\"type\":\"presence\",\"key\":\"bob\",\"value\":{\"userId\":\"bob\"},"
	    "\"headers\":{\"operation\":\"insert\"}}]"));
	assert_true(term_wait_text(ann, "annabel", SOON));
	assert_true(term_wait_text(ann, "applied 3 = head 3", SOON));
	leave(ann);
	world_close(&w);
}

/* Silence makes no record: somebody of whom nothing was heard goes by the clock alone. */
static void
test_silence(void **state)
{
	struct world w;
	struct term *ann;
	struct buf item = { 0 };

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	buf_printf(&item, "[{\"type\":\"presence\",\"key\":\"robert\",\"value\":{\"userId\":\"robert\","
	    "\"lastSeen\":%lld}}]", (long long)clock_wall() - 20000);
	ann = attach(&w, "annabel", "--no-presence", world_url(&w, NULL));
	world_append(&w, buf_view(&item));
	assert_true(term_wait_text(ann, "robert", SOON));
	assert_true(term_wait_text(ann, "applied 1 = head 1", SOON));
	assert_true(term_wait_gone(ann, "robert", SOON));
	assert_true(term_has(ann, "applied 1 = head 1"));
	leave(ann);
	buf_done(&item);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_see_each_other),
		cmocka_unit_test(test_the_killed_vanish),
		cmocka_unit_test(test_lookers_are_not_announced),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
