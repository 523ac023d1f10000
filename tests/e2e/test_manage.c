/* Sessions are made, named, forked and deleted from within, and lead from one to the next. */

#include "tests/e2e/world.h"
#include "tests/harness/peer.h"
#include "tests/unit.h"

static void
run(struct term *t, const char *line, const char *then)
{
	term_type(t, line);
	assert_true(term_wait_text(t, then, SOON));
}

/* What the server's list has of sessions, as JSON. */
static void
list(struct world *w, struct buf *out)
{
	struct buf address = { 0 };
	int status;

	buf_printf(&address, "unix:%s:/", buf_cstr(&w->socket));
	buf_clear(out);
	world_run(w, (const char *const[]){ "ls", "--json", buf_cstr(&address), NULL }, out, &status);
	assert_int_equal(status, 0);
	buf_done(&address);
}

static size_t
count_lines(const struct buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->n; i++)
		n += text->p[i] == '\n';
	return n;
}

static void
check(bool api)
{
	struct world w;
	struct buf sessions = { 0 };
	char url[256];
	const char *args[] = { "attach", url, NULL };
	struct term *t;

	world_open(&w);
	world_serve(&w);
	world_create(&w);
	world_append(&w, STR("[{\"type\":\"chunks\",\"key\":\"c\",\"value\":{\"id\":\"c\",\"agentId\":\"a\","
	    "\"turn\":1,\"text\":\"the first one\",\"state\":\"done\"}}]"));
	snprintf(url, sizeof url, "%s", world_url(&w, NULL));
	if (api)
		snprintf(url, sizeof url, "unix:%s:/api/sessions/demo/stream", buf_cstr(&w.socket));
	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "live =", SOON));
	run(t, ":go\r", "no session was made or begun here");
	run(t, "S", "no session leads here");
	run(t, ":new side quest\r", ":go opens it");
	run(t, ":go\r", "· side quest");
	assert_true(term_wait_text(t, "live =", SOON));
	assert_false(term_has(t, "the first one"));
	/* Back, and there is nothing more behind that. */
	run(t, "S", "the first one");
	assert_true(term_wait_text(t, "live =", SOON));
	run(t, "S", "no session leads here");
	run(t, ":new side quest\r", ":go opens it");
	run(t, "s", "· side quest");
	assert_true(term_wait_text(t, "live =", SOON));
	list(&w, &sessions);
	assert_int_equal(count_lines(&sessions), 3);
	assert_true(str_find(buf_view(&sessions), STR("side quest")) < sessions.n);
	if (api) {
		run(t, ":fork\r", "cannot do that");
	} else {
		run(t, ":rename main quest\r", "· main quest");
		run(t, ":fork\r", ":go opens it");
		list(&w, &sessions);
		assert_int_equal(count_lines(&sessions), 4);
		term_type(t, ":go\r");
		assert_true(term_wait_gone(t, ":go opens it", SOON));
		assert_true(term_wait_text(t, "live =", SOON));
		/* Once is a question, and anything else in between takes it back. */
		run(t, ":delete-session\r", "the same again does it");
		run(t, ":rename last quest\r", "· last quest");
		run(t, ":delete-session\r", "the same again does it");
		list(&w, &sessions);
		assert_int_equal(count_lines(&sessions), 4);
		run(t, ":delete-session\r", "✗ gone");
		list(&w, &sessions);
		assert_int_equal(count_lines(&sessions), 3);
	}
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	world_close(&w);
	buf_done(&sessions);
}

static void
test_streams(void **state)
{
	(void)state;
	check(false);
}

static void
test_session_api(void **state)
{
	(void)state;
	check(true);
}

#define SESSION(id, more) "{\"id\":\"" id "\",\"title\":\"title of " id "\"" more "}"
#define MESSAGE(id, session, part) "[{\"info\":{\"id\":\"" id "\",\"role\":\"assistant\"," \
	"\"sessionID\":\"" session "\",\"time\":{\"created\":5,\"completed\":6}},\"parts\":[" part "]}]"

/* One session whose agent began another. */
static void
can_all(struct peer *p)
{
	peer_json(p, "GET /session/ses_1/children", "[" SESSION("ses_2", ",\"parentID\":\"ses_1\"") "]");
	peer_json(p, "GET /session/ses_1/message", MESSAGE("msg_1", "ses_1", "{\"id\":\"prt_1\","
	    "\"messageID\":\"msg_1\",\"type\":\"tool\",\"callID\":\"c\",\"tool\":\"task\",\"state\":{"
	    "\"status\":\"completed\",\"title\":\"look\",\"metadata\":{\"sessionId\":\"ses_2\"}}},"
	    "{\"id\":\"prt_1b\",\"messageID\":\"msg_1\",\"type\":\"text\",\"text\":\"they looked\","
	    "\"time\":{\"start\":5,\"end\":6}}"));
	peer_json(p, "GET /session/ses_2/message", MESSAGE("msg_2", "ses_2", "{\"id\":\"prt_2\","
	    "\"messageID\":\"msg_2\",\"type\":\"text\",\"text\":\"we looked\",\"time\":{\"start\":5,"
	    "\"end\":6}}"));
	peer_json(p, "GET /session/ses_2/children", "[]");
	peer_json(p, "GET /session/ses_1/todo", "[]");
	peer_json(p, "GET /session/ses_2/todo", "[]");
	peer_json(p, "GET /session/status", "{}");
	peer_json(p, "GET /session/ses_1", SESSION("ses_1", ""));
	peer_json(p, "GET /session/ses_2", SESSION("ses_2", ",\"parentID\":\"ses_1\""));
	peer_json(p, "GET /permission", "[]");
	peer_json(p, "GET /question", "[]");
	peer_json(p, "GET /pty", "[]");
	peer_canned(p, "GET /event", STR("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"),
	    PEER_OPEN, 0);
}

/* The call tells which; the way back is there although one came from nowhere. */
static void
test_sub_agent(void **state)
{
	struct peer *p = peer_new(NULL);
	struct world w;
	char url[128];
	const char *args[] = { "attach", url, NULL };
	struct term *t;

	(void)state;
	world_open(&w);
	can_all(p);
	snprintf(url, sizeof url, "%s/session/ses_1", peer_url(p));
	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "session ses_2 · :go opens it", SOON));
	run(t, "s", "we looked");
	assert_true(term_wait_text(t, "title of ses_2", SOON));
	run(t, "S", "session ses_2 · :go opens it");
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	snprintf(url, sizeof url, "%s/session/ses_2", peer_url(p));
	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "we looked", SOON));
	run(t, ":return\r", "session ses_2 · :go opens it");
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	world_close(&w);
	peer_free(p);
}

/* What was written is written again, a name nobody knows is told, and what is not made yet leads nowhere. */
static void
test_not_done(void **state)
{
	struct peer *p = peer_new(NULL);
	struct world w;
	char url[128];
	const char *args[] = { "attach", url, NULL };
	struct term *t;

	(void)state;
	world_open(&w);
	peer_canned(p, "POST /session/ses_2/command", STR("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"),
	    PEER_DONE, 0);
	peer_canned(p, "POST /session", STR("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: 14\r\n\r\n{\"id\":\"ses_3\"}"), PEER_DONE, 1);
	peer_json(p, "GET /agent", "[{\"name\":\"build\",\"mode\":\"primary\"}]");
	can_all(p);
	snprintf(url, sizeof url, "%s/session/ses_2", peer_url(p));
	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "we looked", SOON));
	run(t, ":agent builder\r", "the server does not offer agent builder");
	run(t, ":agent build\r", "from now on: agent build,");
	run(t, ":new\r", "a new session, ses_3: :go opens it");
	run(t, ":new\r", "asked the server for another session");
	run(t, ":go\r", "no session was made or begun here yet");
	run(t, "i/init be brief\r", "The command could not be run");
	assert_true(term_wait_text(t, "> /init be brief", SOON));
	run(t, "\025\033", "i writes");
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	world_close(&w);
	peer_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_session_api),
		cmocka_unit_test(test_sub_agent),
		cmocka_unit_test(test_not_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
