/*
 * An approval is answered by a person who has read it, or not at all: not by what was being typed
 * when it came, not by keys that came too soon, and never for another command than the one shown.
 */

#include "tests/e2e/world.h"
#include "tests/unit.h"

#define APPROVAL(id, command) "[{\"type\":\"workflow\",\"key\":\"" id "\",\"value\":{\"id\":\"" id \
	"\",\"type\":\"approval:requested\",\"payload\":{\"title\":\"run a command\"," \
	"\"tool\":\"bash\",\"command\":\"" command "\"}}}]"

#define QUESTION(text) "[{\"type\":\"workflow\",\"key\":\"q\",\"value\":{\"id\":\"q\"," \
	"\"type\":\"approval:requested\",\"payload\":{\"kind\":\"question\",\"text\":\"" text "\"}}}]"

struct place {
	struct world w;
	struct term *t;
};

static void
enter(struct place *p)
{
	const char *args[] = { "attach", NULL, NULL };

	world_open(&p->w);
	world_serve(&p->w);
	world_create(&p->w);
	world_append(&p->w, STR("[{\"type\":\"chunks\",\"key\":\"c\",\"value\":{\"id\":\"c\","
	    "\"agentId\":\"a\",\"turn\":1,\"text\":\"hello\",\"state\":\"done\"}}]"));
	args[1] = world_url(&p->w, NULL);
	p->t = world_term(&p->w, args, 24, 80);
	assert_true(term_wait_text(p->t, "hello", SOON));
	assert_true(term_wait_text(p->t, "live =", SOON));
}

static void
leave(struct place *p)
{
	term_close(p->t);
	world_close(&p->w);
}

/* Whether the whole session, as a pipe shows it, holds `text`. */
static bool
told(struct place *p, const char *text)
{
	const char *const args[] = { "tail", "--no-follow", world_url(&p->w, NULL), NULL };
	struct buf out = { 0 };
	int status;
	bool found;

	world_run(&p->w, args, &out, &status);
	assert_int_equal(status, 0);
	found = str_find(buf_view(&out), str_from(text)) < out.n;
	buf_done(&out);
	return found;
}

/* Whether a record of the session holds `text`. */
static bool
raw_has(struct place *p, const char *text)
{
	const char *const args[] = { "tail", "--no-follow", "--raw", world_url(&p->w, NULL), NULL };
	struct buf out = { 0 };
	int status;
	bool found;

	world_run(&p->w, args, &out, &status);
	assert_int_equal(status, 0);
	found = str_find(buf_view(&out), str_from(text)) < out.n;
	buf_done(&out);
	return found;
}

static void
test_type_ahead(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	term_type(p.t, "iyes");
	assert_true(term_wait_text(p.t, "> yes", SOON));
	world_append(&p.w, STR(APPROVAL("ask-1", "rm -rf build")));
	term_type(p.t, " please\r");
	assert_true(term_wait_text(p.t, "rm -rf build", SOON));
	assert_true(term_wait_text(p.t, "✓", SOON));
	assert_true(told(&p, "user: yes please\n"));
	/* Nor do the keys that answer, as long as nobody turned to the question. */
	term_type(p.t, "\x1b");
	assert_true(term_wait_text(p.t, "press a to answer", SOON));
	term_type(p.t, "yAn y\r\x1b");
	assert_true(term_wait_text(p.t, "press a to answer", SOON));
	assert_false(told(&p, "approved"));
	assert_false(told(&p, "rejected"));
	leave(&p);
}

/* The first keys come with the one that turns to the question. */
static void
test_too_soon(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	world_append(&p.w, STR(APPROVAL("ask-1", "rm -rf build")));
	assert_true(term_wait_text(p.t, "press a to answer", SOON));
	term_type(p.t, "ayA\ry");
	assert_true(term_wait_text(p.t, "read it first", SOON));
	assert_true(term_wait_text(p.t, "y allow once", SOON));
	assert_false(told(&p, "approved"));
	term_type(p.t, "y");
	assert_true(term_wait_text(p.t, "✓ allowed once by", SOON));
	assert_true(told(&p, "approved"));
	/* The answer says what was judged. */
	assert_true(raw_has(&p, "\"shown\":\"rm -rf build\""));
	leave(&p);
}

/* The command under the question is exchanged while it is being read. */
static void
test_exchanged(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	world_append(&p.w, STR(APPROVAL("ask-1", "make check")));
	assert_true(term_wait_text(p.t, "press a to answer", SOON));
	term_type(p.t, "a");
	assert_true(term_wait_text(p.t, "y allow once", SOON));
	world_append(&p.w, STR(APPROVAL("ask-1", "rm -rf /")));
	assert_true(term_wait_text(p.t, "the question has changed", SOON));
	assert_true(term_wait_text(p.t, "press a to answer", SOON));
	assert_true(term_has(p.t, "rm -rf /"));
	term_type(p.t, "y");
	assert_false(told(&p, "approved"));
	leave(&p);
}

/* What would overwrite, conceal or push away a part of the command stands there in full. */
static void
test_spelled_out(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	world_append(&p.w, STR(APPROVAL("ask-1",
	    "ls \\u001b[24D\\u001b[K\\r\\u001b[8mrm -rf ~\\u202e#\\u200b  ")));
	assert_true(term_wait_text(p.t, "press a to answer", SOON));
	assert_true(term_has(p.t,
	    "ls \\x1b[24D\\x1b[K\\x0d\\x1b[8mrm -rf ~\\xe2\\x80\\xae#\\xe2\\x80\\x8b\\x20\\x20"));
	leave(&p);
}

/* What the screen does not show cannot be allowed, only rejected; the end of it is a key away. */
static void
test_longer_than_the_screen(void **state)
{
	struct place p;
	struct buf command = { 0 }, ask = { 0 };

	(void)state;
	enter(&p);
	for (int i = 0; i < 60; i++)
		buf_printf(&command, "echo %d &&\\n", i);
	buf_str(&command, STR("rm -rf / #\\n"));
	buf_printf(&ask, APPROVAL("ask-1", "%s"), buf_cstr(&command));
	world_append(&p.w, buf_view(&ask));
	assert_true(term_wait_text(p.t, "hidden characters", SOON));
	term_type(p.t, "a");
	assert_true(term_wait_text(p.t, "there is more of it", SOON));
	assert_true(term_has(p.t, "›echo 0 &&\\x0a"));
	/* Every key is too early at first; then the end is still missing. */
	assert_true(term_wait_gone(p.t, "read it first", SOON));
	do {
		term_type(p.t, "y");
	} while (!term_wait_text(p.t, "Space and G show the rest", 900));
	assert_false(told(&p, "approved"));
	term_type(p.t, "G");
	assert_true(term_wait_text(p.t, "rm -rf / #\\x0a", SOON));
	assert_true(term_wait_text(p.t, "y allow once", SOON));
	term_type(p.t, "y");
	assert_true(term_wait_text(p.t, "✓ allowed once by", SOON));
	/* What came meanwhile is followed again. */
	assert_true(term_wait_gone(p.t, "G follows", SOON));
	assert_true(raw_has(&p, "rm -rf / #\\n\""));
	buf_done(&command);
	buf_done(&ask);
	leave(&p);
}

/* Of two the one that is pointed at is answered, the other with a reason why not. */
static void
test_two_wait(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	world_append(&p.w, STR(APPROVAL("ask-1", "make clean")));
	world_append(&p.w, STR(APPROVAL("ask-2", "make check")));
	assert_true(term_wait_text(p.t, "2 questions wait: press a", SOON));
	term_type(p.t, "Ka");
	assert_true(term_wait_text(p.t, "2 questions wait: a is the next", SOON));
	assert_true(term_wait_text(p.t, "y allow once", SOON));
	term_type(p.t, "y");
	assert_true(term_wait_text(p.t, "✓ allowed once by", SOON));
	assert_true(raw_has(&p, "\"ask\":\"ask-2\",\"shown\":\"make check\""));
	assert_true(term_wait_text(p.t, "a question waits: press a", SOON));
	term_type(p.t, "a");
	assert_true(term_wait_text(p.t, "y allow once", SOON));
	/* A reason is asked for with a key that waits as the others do. */
	term_type(p.t, "r");
	assert_true(term_wait_text(p.t, "reject>", SOON));
	term_type(p.t, "use \"ninja\"\r");
	assert_true(term_wait_text(p.t, "✗ rejected by", SOON));
	assert_true(term_has(p.t, ": use \"ninja\""));
	assert_true(raw_has(&p, "\"type\":\"approval:rejected\""));
	assert_true(raw_has(&p, "use \\\"ninja\\\""));
	leave(&p);
}

/* A question that becomes another one while its answer is written is not given that answer. */
static void
test_exchanged_while_writing(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	world_append(&p.w, STR(QUESTION("Which name?")));
	assert_true(term_wait_text(p.t, "Which name?", SOON));
	term_type(p.t, "a");
	assert_true(term_wait_text(p.t, "Enter write an answer", SOON));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "answer>", SOON));
	term_type(p.t, "yes");
	assert_true(term_wait_text(p.t, "answer> yes", SOON));
	world_append(&p.w, STR(QUESTION("Delete all?")));
	assert_true(term_wait_text(p.t, "Delete all?", SOON));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "the question has changed: look at it", SOON));
	assert_false(told(&p, "answered"));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "✓ answered by", SOON));
	leave(&p);
}

/* More choices than digits. */
static void
test_many_choices(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	world_append(&p.w, STR("[{\"type\":\"workflow\",\"key\":\"q\",\"value\":{\"id\":\"q\","
	    "\"type\":\"approval:requested\",\"payload\":{\"kind\":\"question\",\"text\":\"Which?\","
	    "\"options\":[\"c1\",\"c2\",\"c3\",\"c4\",\"c5\",\"c6\",\"c7\",\"c8\",\"c9\",\"c10\",\"c11\"]}}}]"));
	assert_true(term_wait_text(p.t, "( ) c11", SOON));
	term_type(p.t, "a");
	assert_true(term_wait_text(p.t, "0 numbers the next of them", SOON));
	assert_true(term_wait_text(p.t, "1-9 choose", SOON));
	term_type(p.t, "0");
	assert_true(term_wait_text(p.t, "1 ( ) c10", SOON));
	term_type(p.t, "3");
	assert_true(term_wait_text(p.t, "there is no choice 3 here", SOON));
	term_type(p.t, "2");
	assert_true(term_wait_text(p.t, "2 (x) c11", SOON));
	term_type(p.t, "00");
	assert_true(term_wait_text(p.t, "1 ( ) c10", SOON));
	assert_true(term_has(p.t, "2 (x) c11"));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, ": c11", SOON));
	leave(&p);
}

/* Two questions: one choice, then several; what is sent is what was chosen, and nobody else's. */
static void
test_choices(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	world_append(&p.w, STR("[{\"type\":\"workflow\",\"key\":\"q\",\"value\":{\"id\":\"q\","
	    "\"type\":\"approval:requested\",\"payload\":{\"kind\":\"question\",\"options\":["
	    "{\"question\":\"Which way?\",\"header\":\"way\",\"options\":[{\"label\":\"left\","
	    "\"description\":\"the long one\"},{\"label\":\"ri\\u001b[2Jght\"}]},"
	    "{\"question\":\"With what?\",\"options\":[\"map\",\"rope\",\"lamp\"],\"multiple\":true},"
	    "{\"question\":\"Why?\",\"options\":[\"because\"]}]}}}]"));
	assert_true(term_wait_text(p.t, "press a to answer", SOON));
	assert_true(term_has(p.t, "1/3 way: Which way?"));
	assert_true(term_has(p.t, "( ) left: the long one"));
	term_type(p.t, "a");
	assert_true(term_wait_text(p.t, "1-9 choose, Enter goes on", SOON));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "i answers in your own words", SOON));
	term_type(p.t, "21");
	assert_true(term_wait_text(p.t, "1 (x) left", SOON));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "1 [ ] map", SOON));
	term_type(p.t, "138");
	assert_true(term_wait_text(p.t, "there is no choice 8 here", SOON));
	assert_true(term_has(p.t, "1 [x] map") && term_has(p.t, "3 [x] lamp"));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "1 ( ) because", SOON));
	/* Words of one's own for the last; the keys wait again before they count. */
	term_type(p.t, "i");
	assert_true(term_wait_text(p.t, "answer>", SOON));
	term_type(p.t, "no \"idea\"\r");
	assert_true(term_wait_text(p.t, "read it first", SOON));
	assert_true(term_wait_text(p.t, "1-9 choose, Enter goes on", SOON));
	assert_false(told(&p, "answered"));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "answered by", SOON));
	assert_true(term_has(p.t, "left; map, lamp; no \"idea\""));
	assert_true(told(&p, ": left; map, lamp; no \"idea\"\n"));
	leave(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type_ahead),
		cmocka_unit_test(test_too_soon),
		cmocka_unit_test(test_exchanged),
		cmocka_unit_test(test_spelled_out),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_longer_than_the_screen),
		cmocka_unit_test(test_two_wait),
		cmocka_unit_test(test_exchanged_while_writing),
		cmocka_unit_test(test_many_choices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
