/* weir copy between two servers. */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/follow.h"
#include "tests/serve/serving.h"

#define JSON "Content-Type: application/json\r\n"
#define TEXT "Content-Type: text/plain\r\n"
#define V1 "/v1/stream/"

struct pair {
	struct serving from, to;
};

static int
set_up(void **state)
{
	static struct pair p;

	p = (struct pair){ 0 };
	serving_start(&p.from, NULL);
	serving_start(&p.to, NULL);
	*state = &p;
	return 0;
}

static int
tear_down(void **state)
{
	struct pair *p = *state;

	serving_end(&p->from);
	serving_end(&p->to);
	return 0;
}

/* Runs it and returns its exit status; what it prints on both goes to `out`. */
static int
copy(const struct pair *p, const char *stream, struct buf *out)
{
	pid_t parent = getpid(), pid;
	char program[4096];
	const char *build = getenv("top_builddir");
	int fds[2], status;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		follow_parent(parent);
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		snprintf(program, sizeof program, "%s/weir", build != NULL ? build : ".");
		execl(program, "weir", "copy", p->from.socket.p, p->to.socket.p, stream,
		    (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	buf_clear(out);
	serving_rest(fds[0], out);
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
assert_has(const struct buf *b, const char *what)
{
	if (str_find(buf_view(b), str_from(what)) == b->n)
		fail_msg("no %s in %.*s", what, STR_ARG(buf_view(b)));
}

/* Reads all pages of it into `all`; what the last one says is in `a`. */
static void
read_all(const struct serving *s, const char *target, struct buf *all, struct answer *a)
{
	struct buf next = { 0 };

	buf_printf(&next, "%s", target);
	for (;;) {
		assert_int_equal(serving_ask(s, "GET", buf_cstr(&next), "", STR_NONE, a), 200);
		buf_str(all, a->body);
		if (answer_header(a, "Stream-Up-To-Date").p != NULL ||
		    answer_header(a, "Stream-Next-Offset").p == NULL)
			break;
		buf_clear(&next);
		buf_printf(&next, "%s?offset=%.*s", target,
		    STR_ARG(answer_header(a, "Stream-Next-Offset")));
		answer_done(a);
	}
	buf_done(&next);
}

/* What is read on both sides is the same; how it was cut into appends need not be. */
static void
assert_same(const struct pair *p, const char *target)
{
	struct buf here = { 0 }, there = { 0 };
	struct answer a, b;

	read_all(&p->from, target, &there, &a);
	read_all(&p->to, target, &here, &b);
	assert_true(str_eq(buf_view(&here), buf_view(&there)));
	assert_str(answer_header(&a, "Content-Type"), answer_header(&b, "Content-Type"));
	assert_str(answer_header(&a, "Stream-Closed"), answer_header(&b, "Stream-Closed"));
	answer_done(&a);
	answer_done(&b);
	buf_done(&here);
	buf_done(&there);
}

static void
fill(const struct serving *s)
{
	struct buf body = { 0 };
	struct answer a;

	serving_do(s, "PUT", V1 "a", JSON, "[{\"a\": 1.00},[2]]");
	serving_do(s, "POST", V1 "a", JSON, "[\"\\u0041,[\",4]");
	serving_do(s, "PUT", V1 "b/c%20d%C3%A9", TEXT "Stream-TTL: 1000\r\n", "some text\n");
	serving_do(s, "PUT", V1 "empty", JSON, "");
	serving_do(s, "PUT", V1 "over", TEXT "Stream-Closed: true\r\n", "the end");
	serving_do(s, "PUT", V1 "f", "Stream-Forked-From: " V1 "a\r\n", "");
	serving_do(s, "POST", V1 "f", JSON, "5");
	serving_do(s, "PUT", V1 "large", TEXT, "");
	for (int i = 0; i < 4; i++) {
		buf_clear(&body);
		buf_fill(&body, 'a' + i, 700000);
		assert_int_equal(serving_ask(s, "POST", V1 "large", TEXT, buf_view(&body), &a), 204);
		answer_done(&a);
	}
	serving_do(s, "POST", "/api/sessions", JSON, "{\"id\":\"s1\"}");
	serving_do(s, "POST", "/api/streams?sessionId=s1", JSON,
	    "{\"channel\":\"agentState\",\"data\":{\"agentId\":\"x\",\"status\":\"idle\"}}");
	buf_done(&body);
}

static void
test_all(void **state)
{
	static const char *const targets[] = { V1 "a", V1 "b/c%20d%C3%A9", V1 "empty", V1 "over", V1 "f",
		V1 "large", V1 "sessions/s1", V1 "sessions/agent:x", "/api/sessions/s1/events?offset=0" };
	struct pair *p = *state;
	struct buf out = { 0 };
	struct answer a;

	fill(&p->from);
	if (copy(p, NULL, &out) != 0)
		fail_msg("%.*s", STR_ARG(buf_view(&out)));
	assert_has(&out, "7 copied, 0 were there\n");
	assert_has(&out, "a\t0000000000000004_0000000000000029\t0000000000000004_0000000000000029\n");
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		assert_same(p, targets[i]);
	serving_ask(&p->to, "HEAD", V1 "b/c%20d%C3%A9", "", STR_NONE, &a);
	assert_str(answer_header(&a, "Stream-TTL"), STR("1000"));
	answer_done(&a);
	/* Once more: nothing is doubled, only the empty one cannot be told from a new one. */
	assert_int_equal(copy(p, NULL, &out), 0);
	assert_has(&out, "1 copied, 6 were there\n");
	assert_same(p, V1 "a");
	serving_do(&p->to, "POST", V1 "a", JSON, "6");
	assert_int_equal(copy(p, "a", &out), 1);
	assert_has(&out, "delete it there");
	serving_do(&p->to, "DELETE", V1 "a", "", "");
	assert_int_equal(copy(p, "a", &out), 0);
	assert_same(p, V1 "a");
	assert_int_equal(copy(p, "nothing", &out), 1);
	assert_has(&out, "404");
	buf_done(&out);
}

static void
test_nobody_there(void **state)
{
	struct pair *p = *state;
	struct buf out = { 0 };

	fill(&p->from);
	serving_stop(&p->to, SIGTERM);
	assert_int_equal(copy(p, "a", &out), 3);
	serving_start(&p->to, NULL);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_there, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
