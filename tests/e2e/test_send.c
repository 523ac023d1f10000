/* weir send: what a script posts stands in the stream once, whatever the network does. */

#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/world.h"
#include "tests/harness/proxy.h"
#include "tests/unit.h"

#define CHUNK(turn, text, more) "{\"type\":\"chunks\",\"key\":\"c" turn "\",\"value\":{\"id\":\"c" turn "\"," \
	"\"agentId\":\"a\",\"turn\":" turn ",\"text\":\"" text "\"" more "}}"
#define ASK(n) "{\"type\":\"workflow\",\"key\":\"w" n "\",\"value\":{\"id\":\"w" n "\"," \
	"\"type\":\"approval:requested\",\"actor\":\"a\",\"payload\":{\"title\":\"run it\"," \
	"\"command\":\"make\"}}}"

static int
run(struct world *w, const char *const *args, struct buf *out)
{
	int status;

	buf_clear(out);
	world_run(w, args, out, &status);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static unsigned
count(struct world *w, const char *text)
{
	struct buf out = { 0 };
	unsigned n = 0;

	assert_int_equal(run(w, (const char *const[]){ "tail", "--raw", "--no-follow", world_url(w, NULL),
	    NULL }, &out), 0);
	for (const char *at = buf_cstr(&out); (at = strstr(at, text)) != NULL; at++)
		n++;
	buf_done(&out);
	return n;
}

static void
begin(struct world *w)
{
	world_open(w);
	world_serve(w);
	world_create(w);
}

static void
test_text(void **state)
{
	struct world w;
	struct buf out = { 0 };
	char want[64];

	(void)state;
	begin(&w);
	assert_int_equal(run(&w, (const char *const[]){ "send", world_url(&w, NULL), "hello there", NULL },
	    &out), 0);
	assert_true(out.n > 10 && out.p[out.n - 1] == '\n');
	snprintf(want, sizeof want, "%.*s", (int)out.n - 1, out.p);
	assert_int_equal(count(&w, "hello there"), 1);
	/* What it printed is where reading goes on. */
	assert_int_equal(run(&w, (const char *const[]){ "tail", "--no-follow", "--from", want,
	    world_url(&w, NULL), NULL }, &out), 0);
	assert_int_equal(out.n, 0);
	assert_int_equal(run(&w, (const char *const[]){ "send", world_url(&w, NULL), " ", NULL }, &out), 2);
	assert_int_equal(run(&w, (const char *const[]){ "send", "--stop", world_url(&w, NULL), "x", NULL },
	    &out), 2);
	buf_done(&out);
	world_close(&w);
}

/* The server has it and the answer is lost: it is sent again, and there once. */
static void
test_lost_answer(void **state)
{
	struct world w;
	struct proxy *p;
	struct buf out = { 0 };
	char path[96];

	(void)state;
	begin(&w);
	snprintf(path, sizeof path, "%s/proxy.sock", w.dir);
	p = proxy_open(path, buf_cstr(&w.socket));
	proxy_fault(p, &(struct proxy_fault){ "POST ", PROXY_FROM_SERVER, 0, PROXY_FIN });
	assert_int_equal(run(&w, (const char *const[]){ "send", world_url(&w, path), "only once", NULL },
	    &out), 0);
	assert_int_equal(proxy_count(p, PROXY_FAULTS), 1);
	assert_int_equal(count(&w, "only once"), 1);
	proxy_close(p);
	buf_done(&out);
	world_close(&w);
}

/* Nobody is there: it is kept, and the next one takes it along, before its own. */
static void
test_kept(void **state)
{
	struct world w;
	struct buf out = { 0 };
	int code;

	(void)state;
	begin(&w);
	world_kill_server(&w);
	/* Out of time, or out of tries: whichever comes first. */
	code = run(&w, (const char *const[]){ "send", "--timeout", "0.3", world_url(&w, NULL),
	    "first words", NULL }, &out);
	assert_true(code == 1 || code == 3);
	assert_int_equal(out.n, 0);
	world_serve(&w);
	assert_int_equal(count(&w, "first words"), 0);
	assert_int_equal(run(&w, (const char *const[]){ "send", world_url(&w, NULL), "second words", NULL },
	    &out), 0);
	assert_int_equal(count(&w, "first words"), 1);
	assert_int_equal(count(&w, "second words"), 1);
	buf_done(&out);
	world_close(&w);
}

static void
test_permission(void **state)
{
	struct world w;
	struct buf out = { 0 };
	const char *url;

	(void)state;
	begin(&w);
	url = world_url(&w, NULL);
	assert_int_equal(run(&w, (const char *const[]){ "send", "--answer-permission", "once", url, NULL },
	    &out), 1);
	world_append(&w, STR("[" ASK("1") "," ASK("2") "]"));
	/* Never one of several by chance. */
	assert_int_equal(run(&w, (const char *const[]){ "send", "--answer-permission", "once", url, NULL },
	    &out), 2);
	assert_int_equal(count(&w, "approval:approved"), 0);
	assert_int_equal(run(&w, (const char *const[]){ "send", "--answer-permission", "once", "--ask", "w2",
	    url, NULL }, &out), 0);
	assert_int_equal(count(&w, "approval:approved"), 1);
	assert_int_equal(run(&w, (const char *const[]){ "send", "--answer-permission", "reject", url, NULL },
	    &out), 0);
	assert_int_equal(count(&w, "approval:rejected"), 1);
	assert_int_equal(run(&w, (const char *const[]){ "send", "--answer-permission", "once", "--ask", "w2",
	    url, NULL }, &out), 1);
	assert_int_equal(count(&w, "approval:approved"), 1);
	buf_done(&out);
	world_close(&w);
}

static bool
arrived(struct term *t, const void *world)
{
	(void)t;
	return count((struct world *)(uintptr_t)world, "do it") == 1;
}

/* The answer is what the agent says from then on until its turn ends. */
static void
test_wait(void **state)
{
	struct world w;
	struct term *t;
	int status;

	(void)state;
	begin(&w);
	world_append(&w, STR("[" CHUNK("1", "before", ",\"state\":\"done\"") "]"));
	t = world_term(&w, (const char *const[]){ "send", "--wait", "turn", world_url(&w, NULL), "do it",
	    NULL }, 24, 80);
	assert_true(term_wait(t, arrived, &w, "the message", SOON));
	world_append(&w, STR("[{\"type\":\"agentState\",\"key\":\"a\",\"value\":{\"agentId\":\"a\","
	    "\"status\":\"running\"}}]"));
	world_append(&w, STR("[" CHUNK("2", "It is \\u001b[31mdone.\\n", "") "]"));
	world_append(&w, STR("[{\"type\":\"agentState\",\"key\":\"a\",\"value\":{\"agentId\":\"a\","
	    "\"status\":\"idle\"}}]"));
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
	assert_true(term_has(t, "It is ^[[31mdone."));
	assert_false(term_has(t, "before"));
	term_close(t);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_lost_answer),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_permission),
		cmocka_unit_test(test_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
