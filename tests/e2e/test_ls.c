/* weir ls: what several servers say of their sessions, and which of them could not be asked. */

#include <sys/wait.h>

#include "tests/e2e/world.h"
#include "tests/harness/peer.h"
#include "tests/unit.h"

/* Returns the exit code. */
static int
ls(struct world *w, const char *option, const char *server, struct buf *out)
{
	const char *args[4] = { "ls" };
	size_t n = 1;
	int status;

	if (option != NULL)
		args[n++] = option;
	if (server != NULL)
		args[n++] = server;
	buf_clear(out);
	world_run(w, args, out, &status);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool
has(const struct buf *out, const char *text)
{
	return str_find(buf_view(out), str_from(text)) < out->n;
}

static void
test_servers(void **state)
{
	struct world w;
	struct buf out = { 0 }, rc = { 0 };

	(void)state;
	world_open(&w);
	assert_int_equal(ls(&w, NULL, NULL, &out), 2);
	world_serve(&w);
	assert_int_equal(ls(&w, NULL, buf_cstr(&w.socket), &out), 0);
	assert_str(buf_view(&out), STR("SERVER  SESSION  STATE  EVENTS  ADDRESS\n"));
	world_create(&w);
	world_append(&w, STR("[{\"type\":\"session\",\"key\":\"demo\",\"value\":{\"id\":\"demo\","
	    "\"title\":\"fix \\u001b]0;x\\u0007 it\\n\"}}]"));
	assert_int_equal(ls(&w, NULL, buf_cstr(&w.socket), &out), 0);
	assert_true(has(&out, "fix ^[]0;x^G it"));
	assert_true(has(&out, "/v1/stream/sessions/demo\n"));
	/* One that answers and one that does not: what there is, and what is missing. */
	buf_printf(&rc, "[server here]\nurl = unix:%s:/\n[server dead]\nurl = http://127.0.0.1:9\n",
	    buf_cstr(&w.socket));
	world_configure(&w, buf_view(&rc));
	assert_int_equal(ls(&w, NULL, NULL, &out), 3);
	assert_true(has(&out, "here    fix"));
	assert_int_equal(ls(&w, NULL, "here", &out), 0);
	assert_int_equal(ls(&w, NULL, "dead", &out), 3);
	assert_int_equal(out.n, 0);
	world_close(&w);
	buf_done(&out);
	buf_done(&rc);
}

/* All are asked at once: one that hangs keeps the others waiting only so long, and each is told of. */
static void
test_troubles(void **state)
{
	const char *const args[] = { "ls", NULL };
	struct peer *p = peer_new(NULL);
	struct buf rc = { 0 };
	struct world w;
	struct term *t;
	int status;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	buf_printf(&rc, "[server here]\nurl = unix:%s:/\n[server slow]\nurl = %s\n"
	    "[server dead]\nurl = http://127.0.0.1:9\n", buf_cstr(&w.socket), peer_url(p));
	world_configure(&w, buf_view(&rc));
	t = world_term(&w, args, 24, 100);
	assert_true(term_wait_exit(t, &status, SOON / 2));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_true(term_has(t, "here    demo"));
	assert_true(term_has(t, "slow: no answer for 5 s"));
	assert_true(term_has(t, "dead: refused; is the server running?"));
	term_close(t);
	world_close(&w);
	peer_free(p);
	buf_done(&rc);
}

/* More than one page of them, as JSON. */
static void
test_json(void **state)
{
	struct world w;
	struct buf out = { 0 };
	size_t lines = 0;

	(void)state;
	world_open(&w);
	world_serve(&w);
	for (int i = 0; i < 230; i++) {
		char body[64];

		snprintf(body, sizeof body, "{\"id\":\"s%03d\",\"title\":\"number %d\"}", i, i);
		world_request(&w, "POST", "/api/sessions", str_from(body));
	}
	assert_int_equal(ls(&w, "--json", buf_cstr(&w.socket), &out), 0);
	for (size_t i = 0; i < out.n; i++)
		lines += out.p[i] == '\n';
	assert_int_equal(lines, 230);
	assert_true(has(&out, "\"id\":\"s229\",\"title\":\"number 229\",\"state\":\"open\",\"events\":1"));
	/* Nothing in it acts on a terminal. */
	world_request(&w, "POST", "/api/sessions", STR("{\"id\":\"x\",\"title\":\"a\\u009b2J\\u007f\\u202e\"}"));
	assert_int_equal(ls(&w, "--json", buf_cstr(&w.socket), &out), 0);
	assert_true(has(&out, "\"title\":\"a\\u009b2J\\u007f\\u202e\""));
	world_close(&w);
	buf_done(&out);
}

static void
can_opencode(struct peer *p)
{
	peer_json(p, "GET /global/health", "{\"healthy\":true,\"version\":\"1\"}");
	peer_json(p, "GET /session/status", "{\"ses_1\":{\"type\":\"busy\"},\"ses_5\":{\"type\":\"retry\"}}");
	peer_json(p, "GET /session", "[{\"id\":\"ses_1\",\"title\":\"works\",\"time\":{\"updated\":5}},"
	    "{\"id\":\"ses_2\",\"title\":\"rests\",\"time\":{\"updated\":4}},"
	    "{\"id\":\"ses_3\",\"title\":\"began it\",\"time\":{\"updated\":3}},"
	    "{\"id\":\"ses_4\",\"title\":\"wants to know\",\"parentID\":\"ses_3\","
	    "\"time\":{\"updated\":2}},"
	    "{\"id\":\"ses_5\",\"title\":\"tries again\",\"time\":{\"updated\":1}}]");
	peer_json(p, "GET /permission", "[{\"id\":\"per_1\",\"sessionID\":\"ses_4\"}]");
	peer_json(p, "GET /question", "[]");
}

/* A server of which nobody said how it speaks is asked, and how its sessions stand. */
static void
test_opencode(void **state)
{
	const char *const args[] = { NULL };
	struct peer *p = peer_new(NULL);
	struct buf out = { 0 }, rc = { 0 };
	struct world w;
	struct term *t;

	(void)state;
	world_open(&w);
	can_opencode(p);
	assert_int_equal(ls(&w, NULL, peer_url(p), &out), 0);
	assert_true(has(&out, "  works          busy "));
	assert_true(has(&out, "  rests          idle "));
	assert_true(has(&out, "  began it       waiting "));
	assert_true(has(&out, "  wants to know  waiting "));
	assert_true(has(&out, "  tries again    retry "));
	assert_true(has(&out, "/session/ses_2\n"));
	buf_printf(&rc, "[server there]\nurl = %s\n", peer_url(p));
	world_configure(&w, buf_view(&rc));
	t = world_term(&w, args, 24, 100);
	assert_true(term_wait_text(t, "5 sessions, 2 wait for somebody", SOON));
	assert_true(term_has(t, "began it"));
	term_close(t);
	peer_free(p);
	world_close(&w);
	buf_done(&out);
	buf_done(&rc);
}

/* However many are newer and however long it is, it is looked into what a session waits for. */
static void
test_the_one_that_waits(void **state)
{
	const char *const args[] = { NULL };
	struct peer *p = peer_new(NULL);
	struct buf list = { 0 }, rc = { 0 };
	struct world w;
	struct term *t;
	size_t i = 0;

	(void)state;
	world_open(&w);
	buf_str(&list, STR("[{\"id\":\"ses_old\",\"title\":\"asks\",\"time\":{\"updated\":1}}"));
	for (int k = 0; k < 30; k++)
		buf_printf(&list, ",{\"id\":\"ses_%d\",\"title\":\"t\",\"time\":{\"updated\":%d}}", k, 9 + k);
	buf_byte(&list, ']');
	peer_json(p, "GET /global/health", "{\"healthy\":true,\"version\":\"1\"}");
	peer_json(p, "GET /session/status", "{}");
	peer_json(p, "GET /session ", buf_cstr(&list));
	peer_json(p, "GET /permission", "[{\"id\":\"per_1\",\"sessionID\":\"ses_old\"}]");
	peer_json(p, "GET /question", "[]");
	buf_printf(&rc, "[server there]\nurl = %s\n", peer_url(p));
	world_configure(&w, buf_view(&rc));
	t = world_term(&w, args, 24, 100);
	assert_true(term_wait_text(t, "31 sessions, 1 waits for somebody", SOON));
	while (i < 200 && !str_starts(peer_head(p, i), STR("GET /session/ses_old")))
		i++;
	assert_true(i < 200);
	term_close(t);
	peer_free(p);
	world_close(&w);
	buf_done(&list);
	buf_done(&rc);
}

/* What is no server of sessions has no list. */
static void
test_no_list(void **state)
{
	struct peer *p = peer_new(NULL);
	struct buf out = { 0 };
	struct world w;

	(void)state;
	world_open(&w);
	peer_canned(p, "GET ", STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n"
	    "<html>"), PEER_DONE, 0);
	assert_int_not_equal(ls(&w, NULL, peer_url(p), &out), 0);
	assert_int_equal(out.n, 0);
	peer_free(p);
	world_close(&w);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_troubles),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_opencode),
		cmocka_unit_test(test_the_one_that_waits),
		cmocka_unit_test(test_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
