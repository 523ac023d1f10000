/* A link to an opencode server: what is fetched when, what a cut leaves, and how it heals. */
#include "tests/unit.h"

#include "base/clock.h"
#include "tests/model/print_session.h"
#include "tests/model/rig.h"
#include "wire/websocket.h"

#define SES "\"sessionID\":\"ses_1\""
#define EVENT(type, properties) "{\"type\":\"" type "\",\"properties\":{" SES "," properties "}}"
#define INFO "{\"id\":\"ses_1\",\"title\":\"a title\",\"directory\":\"/p\"}"
#define USER "{\"info\":{\"id\":\"msg_1\",\"role\":\"user\",\"time\":{\"created\":5}},\"parts\":[{\"id\":" \
	"\"prt_1\",\"messageID\":\"msg_1\",\"type\":\"text\",\"text\":\"do it\"}]}"
#define AGENT(time, text) "{\"info\":{\"id\":\"msg_2\",\"role\":\"assistant\",\"agent\":\"build\"," \
	"\"parentID\":\"msg_1\",\"time\":{\"created\":6" time "}},\"parts\":[{\"id\":\"prt_2\"," \
	"\"messageID\":\"msg_2\",\"type\":\"text\"," text "}]}"
#define OPEN AGENT("", "\"text\":\"\",\"time\":{\"start\":6}")
#define DONE AGENT(",\"completed\":9", "\"text\":\"one two three\",\"time\":{\"start\":6,\"end\":9}")
#define DELTA(text) EVENT("message.part.delta", \
	"\"messageID\":\"msg_2\",\"partID\":\"prt_2\",\"field\":\"text\",\"delta\":\"" text "\"")
#define BUSY "{\"ses_1\":{\"type\":\"busy\"}}"

static void
start(struct rig *r)
{
	rig_init(r, &dialect_opencode, "http://h/session/ses_1");
	session_set_id(r->session, STR("ses_1"));
	link_start(r->link);
	rig_run(r, 0);
}

/* The session is there. */
static void
find_session(struct rig *r)
{
	rig_answer(r, "GET /session/ses_1", 200, INFO);
	rig_run(r, 60000);
}

/* Its stream is opened. Returns the stream's request. */
static size_t
open_stream(struct rig *r)
{
	size_t stream;

	if (link_stats(r->link)->bytes == 0)
		find_session(r);
	stream = rig_find(r, "GET /event?directory=%2Fp");
	rig_head(r, stream, 200, "text/event-stream");
	return stream;
}

static void
answer_as_it_is(struct rig *r, const char *info, const char *status, const char *messages,
    const char *permissions, const char *ptys)
{
	rig_answer(r, "GET /session/ses_1?", 200, info);
	rig_answer(r, "GET /session/ses_1/children", 200, "[]");
	rig_answer(r, "GET /session/status", 200, status);
	rig_answer(r, "GET /session/ses_1/message", 200, messages);
	rig_answer(r, "GET /permission", 200, permissions);
	rig_answer(r, "GET /question", 404, "<html>");
	rig_answer(r, "GET /session/ses_1/todo", 200, "[]");
	rig_answer(r, "GET /pty", 200, ptys);
}

static void
answer_as(struct rig *r, const char *info, const char *status, const char *messages,
    const char *permissions)
{
	answer_as_it_is(r, info, status, messages, permissions, "[]");
}

static void
answer_rest(struct rig *r, const char *status, const char *messages, const char *permissions)
{
	answer_as(r, INFO, status, messages, permissions);
}

static void
test_stream_first_then_the_rest(void **state)
{
	struct rig r;
	size_t stream;

	(void)state;
	start(&r);
	rig_asked(&r, "GET /session/ses_1\n");
	stream = open_stream(&r);
	rig_asked(&r, "GET /event?directory=%2Fp\nGET /session/ses_1?directory=%2Fp\n"
	    "GET /session/ses_1/children?directory=%2Fp\nGET /session/status?directory=%2Fp\n"
	    "GET /session/ses_1/message?limit=100&directory=%2Fp\n");
	assert_int_equal(link_state(r.link), LINK_CATCHING_UP);
	/* What comes meanwhile comes behind it. */
	rig_event(&r, stream, "{\"type\":\"server.connected\",\"properties\":{}}");
	rig_event(&r, stream, DELTA("late"));
	rig_expect(&r, "");
	answer_rest(&r, BUSY, "[" USER "," OPEN "]", "[]");
	assert_int_equal(link_state(r.link), LINK_LIVE);
	assert_true(link_stats(r.link)->complete);
	assert_false(link_stats(r.link)->proven);
	assert_int_equal(r.session->status, SESS_BUSY);
	assert_str(buf_view(&r.session->title), STR("a title"));
	rig_expect(&r, "user text=do it\nagent gap open agent=build text=late\n");
	rig_event(&r, stream, DELTA("r"));
	rig_event(&r, stream, "{\"type\":\"server.heartbeat\",\"properties\":{}}");
	rig_event(&r, stream, EVENT("message.updated", "\"info\":{\"id\":\"msg_2\",\"role\":\"assistant\","
	    "\"time\":{\"created\":6,\"completed\":9}}"));
	rig_expect(&r, "user text=do it\nagent gap agent=build text=later\n");
	/* The last one may still get parts. */
	assert_str(buf_view(&r.at.cursor), STR("msg_1"));
	assert_int_equal(r.at.skip, 0);
	rig_done(&r);
}

static void
test_a_cut_answer_has_a_gap_and_heals(void **state)
{
	struct rig r;
	size_t stream;

	(void)state;
	start(&r);
	stream = open_stream(&r);
	answer_rest(&r, BUSY, "[" USER "," OPEN "]", "[]");
	rig_event(&r, stream, EVENT("message.part.updated", "\"part\":{\"id\":\"prt_2\",\"messageID\":"
	    "\"msg_2\",\"type\":\"text\",\"text\":\"\",\"time\":{\"start\":6}}"));
	rig_event(&r, stream, DELTA("one "));
	/* What is added tells no time: it began when its part did. */
	assert_int_equal(r.session->items[1]->time, 6);
	rig_end(&r, stream, HTTP_RESET);
	rig_run(&r, 60000);
	stream = open_stream(&r);
	answer_rest(&r, BUSY, "[" USER "," OPEN "]", "[]");
	rig_event(&r, stream, DELTA("three"));
	rig_expect(&r, "user text=do it\nagent gap agent=build text=one \n"
	    "agent gap open agent=build text=three\n");
	rig_event(&r, stream, EVENT("message.part.updated", "\"part\":{\"id\":\"prt_2\",\"messageID\":"
	    "\"msg_2\",\"type\":\"text\",\"text\":\"one two three\",\"time\":{\"start\":6,\"end\":9}}"));
	rig_expect(&r, "user text=do it\nagent agent=build text=one two three\n");
	assert_int_equal(r.outages, 1);
	/* Nobody can know that nothing is missing. */
	assert_int_equal(r.exact, 0);
	rig_done(&r);
}

/* The answer ended while nobody listened. */
static void
test_an_end_that_was_missed(void **state)
{
	struct rig r;
	size_t stream;

	(void)state;
	start(&r);
	stream = open_stream(&r);
	answer_rest(&r, "{}", "[" USER "]", "[]");
	rig_event(&r, stream, EVENT("message.updated", "\"info\":{\"id\":\"msg_2\",\"role\":\"assistant\","
	    "\"time\":{\"created\":6}}"));
	rig_event(&r, stream, DELTA("one"));
	rig_end(&r, stream, HTTP_SILENT);
	rig_run(&r, 60000);
	open_stream(&r);
	answer_rest(&r, "{}", "[" USER "," DONE "]", "[]");
	rig_expect(&r, "user text=do it\nagent agent=build text=one two three\n");
	assert_int_equal(r.session->status, SESS_IDLE);
	rig_done(&r);
}

/* The server knows of no turn, and the message has no end: it died. */
static void
test_a_lost_turn_is_not_busy(void **state)
{
	struct rig r;
	size_t stream;

	(void)state;
	start(&r);
	stream = open_stream(&r);
	answer_rest(&r, BUSY, "[" USER "," OPEN "]", "[]");
	rig_event(&r, stream, DELTA("one"));
	rig_end(&r, stream, HTTP_RESET);
	/* As the client guessed before it was told. */
	session_lost(r.session);
	rig_run(&r, 60000);
	open_stream(&r);
	answer_rest(&r, "{}", "[" USER "," OPEN "]", "[]");
	assert_int_equal(r.session->status, SESS_LOST);
	rig_expect(&r, "user text=do it\nagent cut gap agent=build text=one\n");
	rig_done(&r);
}

#define PERMISSION "{\"id\":\"per_1\"," SES ",\"permission\":\"bash\",\"metadata\":{\"command\":\"ls\"}}"

static void
test_what_waits_for_an_answer(void **state)
{
	struct rig r;
	size_t stream;

	(void)state;
	start(&r);
	stream = open_stream(&r);
	answer_rest(&r, BUSY, "[" USER "]", "[" PERMISSION "]");
	rig_expect(&r, "user text=do it\napproval needed permission open title=bash input=ls\n");
	assert_int_equal(r.session->nasks, 1);
	/* Somebody else answers while the connection is away. */
	rig_end(&r, stream, HTTP_RESET);
	rig_run(&r, 60000);
	open_stream(&r);
	answer_rest(&r, BUSY, "[" USER "]", "[]");
	rig_expect(&r, "user text=do it\napproval permission expired title=bash input=ls\n");
	assert_int_equal(r.session->nasks, 0);
	rig_done(&r);
}

static void
test_children_are_followed(void **state)
{
	struct buf got = { 0 };
	struct rig r;
	size_t stream;

	(void)state;
	start(&r);
	stream = open_stream(&r);
	answer_rest(&r, BUSY, "[" USER "]", "[]");
	rig_event(&r, stream, "{\"type\":\"session.created\",\"properties\":{\"sessionID\":\"ses_2\",\"info\":"
	    "{\"id\":\"ses_2\",\"parentID\":\"ses_1\",\"title\":\"sub\",\"agent\":\"general\"}}}");
	rig_event(&r, stream, "{\"type\":\"session.status\",\"properties\":{\"sessionID\":\"ses_2\","
	    "\"status\":{\"type\":\"busy\"}}}");
	/* Neither theirs nor anything else of strangers is of interest. */
	rig_event(&r, stream, "{\"type\":\"session.created\",\"properties\":{\"sessionID\":\"ses_9\",\"info\":"
	    "{\"id\":\"ses_9\",\"title\":\"other\"}}}");
	rig_event(&r, stream, "{\"type\":\"session.status\",\"properties\":{\"sessionID\":\"ses_9\","
	    "\"status\":{\"type\":\"busy\"}}}");
	rig_event(&r, stream, "{\"type\":\"plugin.added\",\"properties\":{}}");
	rig_event(&r, stream, "{\"type\":\"question.asked\",\"properties\":{\"id\":\"que_1\",\"sessionID\":"
	    "\"ses_2\",\"questions\":[{\"question\":\"Which?\"}]}}");
	rig_expect(&r, "user text=do it\nquestion question options=[{\"question\":\"Which?\"}]"
	    " open agent=general text=Which?\n");
	print_beside(&got, r.session);
	assert_str(buf_view(&got), STR("session busy title=a title in=-1 out=-1 waiting=1\n"
	    "child busy title=sub agent=general\n"));
	buf_done(&got);
	rig_done(&r);
}

/* Pages are read back to what was read before, and no further. */
static void
test_pages_go_back_to_what_is_known(void **state)
{
	struct rig r;
	size_t page;

	(void)state;
	start(&r);
	open_stream(&r);
	page = rig_find(&r, "GET /session/ses_1/message");
	link_message(r.link, &(struct http_message){ .request = page + 1, .kind = HTTP_HEAD, .status = 200,
	    .headers = STR("X-Next-Cursor: a b\r\n") });
	rig_body(&r, page, "[" DONE "]");
	rig_end(&r, page, HTTP_DONE);
	rig_find(&r, "GET /session/ses_1/message?limit=100&before=a%20b&directory=%2Fp");
	answer_rest(&r, "{}", "[" USER "]", "[]");
	rig_expect(&r, "user text=do it\nagent agent=build text=one two three\n");
	rig_done(&r);
}

static void
test_no_state_no_session(void **state)
{
	struct rig r;

	(void)state;
	start(&r);
	open_stream(&r);
	rig_answer(&r, "GET /session/status", 500, "{}");
	assert_int_equal(link_state(r.link), LINK_WAITING);
	rig_run(&r, 60000);
	/* And from the beginning. */
	find_session(&r);
	open_stream(&r);
	answer_rest(&r, "{}", "[" USER "]", "[]");
	assert_int_equal(link_state(r.link), LINK_LIVE);
	rig_done(&r);
}

static void
test_no_such_session(void **state)
{
	struct rig r;

	(void)state;
	start(&r);
	rig_answer(&r, "GET /session/ses_1", 404, "{\"name\":\"NotFoundError\"}");
	assert_int_equal(link_state(r.link), LINK_FAILED);
	rig_done(&r);
	start(&r);
	rig_head(&r, 0, 200, "text/html");
	rig_end(&r, 0, HTTP_DONE);
	assert_int_equal(link_state(r.link), LINK_FAILED);
	assert_true(str_starts(link_detail(r.link),
	    STR("this is a web page and no session of an opencode server")));
	rig_done(&r);
}

#define MESSAGE(n, role, more) "{\"id\":\"msg_" n "\",\"role\":\"" role "\"," \
	"\"time\":{\"created\":" n more "}}"
#define WORDS(n, text) "{\"id\":\"prt_" n "\",\"messageID\":\"msg_" n "\",\"type\":\"text\"," \
	"\"text\":\"" text "\",\"time\":{\"start\":" n ",\"end\":" n "}}"
#define CALL(n) "{\"id\":\"prt_" n "x\",\"messageID\":\"msg_" n "\",\"type\":\"tool\"," \
	"\"tool\":\"ls\",\"callID\":\"c\",\"state\":{\"status\":\"completed\"}}"
#define ASKED(n, text) "{\"info\":" MESSAGE(n, "user", "") ",\"parts\":[" WORDS(n, text) "]}"
#define SAID(n, text) "{\"info\":" MESSAGE(n, "assistant", ",\"completed\":9") ",\"parts\":[" \
	CALL(n) "," WORDS(n, text) "]}"
#define HISTORY "[" ASKED("1", "do it") "," SAID("2", "done") "," ASKED("3", "more") "," \
	SAID("4", "so be it") "]"
#define SESSION(more) "{\"id\":\"ses_1\",\"title\":\"a title\",\"directory\":\"/p\"" more "}"
#define REVERT ",\"revert\":{\"messageID\":\"msg_3\"}"
#define FIRST "user text=do it\ntool ok title=ls\nagent text=done\n"
#define LAST(how) "user" how " text=more\ntool" how " ok title=ls\nagent" how " text=so be it\n"

/* What is reverted stays, can be had back, and is gone for good with the next prompt. */
static void
test_what_is_taken_back_stays(void **state)
{
	struct rig r;
	size_t stream;

	(void)state;
	start(&r);
	stream = open_stream(&r);
	answer_rest(&r, "{}", HISTORY, "[]");
	rig_expect(&r, FIRST LAST(""));
	rig_event(&r, stream, EVENT("session.updated", "\"info\":" SESSION(REVERT)));
	rig_expect(&r, FIRST LAST(" reverted"));
	rig_event(&r, stream, EVENT("session.updated", "\"info\":" SESSION("")));
	rig_expect(&r, FIRST LAST(""));
	rig_event(&r, stream, EVENT("session.updated", "\"info\":" SESSION(",\"revert\":{\"messageID\":"
	    "\"msg_4\",\"partID\":\"prt_4x\"}")));
	rig_expect(&r, FIRST "user text=more\ntool reverted ok title=ls\nagent text=so be it\n");
	rig_event(&r, stream, EVENT("message.part.removed", "\"messageID\":\"msg_2\",\"partID\":\"prt_2x\""));
	rig_event(&r, stream, EVENT("message.part.removed", "\"messageID\":\"msg_4\",\"partID\":\"prt_4\""));
	rig_event(&r, stream, EVENT("message.removed", "\"messageID\":\"msg_3\""));
	rig_event(&r, stream, EVENT("session.updated", "\"info\":" SESSION("")));
	rig_expect(&r, "user text=do it\ntool removed ok title=ls\nagent text=done\n"
	    "user removed text=more\ntool ok title=ls\nagent removed text=so be it\n");
	rig_done(&r);
}

/* The same, when nobody was there to hear of it. */
static void
test_what_was_taken_back_meanwhile(void **state)
{
	struct rig r;
	size_t stream;

	(void)state;
	start(&r);
	stream = open_stream(&r);
	answer_as(&r, SESSION(REVERT), "{}", HISTORY, "[]");
	rig_expect(&r, FIRST LAST(" reverted"));
	rig_end(&r, stream, HTTP_RESET);
	rig_run(&r, 60000);
	open_stream(&r);
	answer_rest(&r, "{}", "[" ASKED("1", "do it") "," SAID("2", "done") "," ASKED("5", "else") "]", "[]");
	rig_expect(&r, FIRST LAST(" removed") "user text=else\n");
	rig_done(&r);
}

/* ---- terminals */

#define PTY(id, more) "{\"id\":\"" id "\",\"title\":\"t\",\"command\":\"sh\",\"args\":[\"-l\"]" more "}"
#define PTY_EVENT(type, properties) "{\"type\":\"pty." type "\",\"properties\":{" properties "}}"
#define CREATED PTY_EVENT("created", "\"info\":" PTY("pty_1", ""))
#define EXITED(code) PTY_EVENT("exited", "\"id\":\"pty_1\",\"exitCode\":" code)
#define SHOWN "terminal%s title=t input=sh -l%s\n"

/* A session in which nothing was said, with these terminals. Returns the request of the stream. */
static size_t
open_with(struct rig *r, const char *ptys)
{
	size_t stream = open_stream(r);

	answer_as_it_is(r, INFO, "{}", "[]", "[]", ptys);
	while (r->told < r->nrequests && !str_starts(buf_view(&r->requests[r->told].what), STR("GET /pty/")))
		r->told++;
	return stream;
}

static void
expect_term(struct rig *r, const char *state, const char *text)
{
	struct buf want = { 0 };

	buf_printf(&want, SHOWN, state, text);
	rig_expect(r, buf_cstr(&want));
	buf_done(&want);
}

static size_t
connected(struct rig *r, const char *request)
{
	size_t i = rig_find(r, request);

	rig_head(r, i, 101, "none");
	return i;
}

static void
put(struct rig *r, size_t i, const char *text)
{
	rig_frame(r, i, WEBSOCKET_TEXT, str_from(text));
}

static void
place_at(struct rig *r, size_t i, const char *number)
{
	struct buf b = { 0 };

	buf_byte(&b, '\0');
	buf_printf(&b, "{\"cursor\":%s}", number);
	rig_frame(r, i, WEBSOCKET_BINARY, buf_view(&b));
	buf_done(&b);
}

static void
close_well(struct rig *r, size_t i)
{
	rig_frame(r, i, WEBSOCKET_CLOSE, STR("\x03\xe8"));
	rig_end(r, i, HTTP_DONE);
}

static void
test_a_terminal_is_read(void **state)
{
	struct rig r;
	size_t stream, i;

	(void)state;
	start(&r);
	stream = open_with(&r, "[]");
	rig_event(&r, stream, CREATED);
	rig_asked(&r, "GET /pty/pty_1/connect?cursor=0&directory=%2Fp\n");
	i = connected(&r, "GET /pty/pty_1");
	/* Nothing is shown before it is said where it begins. */
	put(&r, i, "hi\r\n");
	expect_term(&r, " open", "");
	place_at(&r, i, "4");
	put(&r, i, "\xc3\xa9\xf0\x9f\x98\x80");
	expect_term(&r, " open", " text=hi\r\\n\xc3\xa9\xf0\x9f\x98\x80");
	/* The place behind it is counted as the server counts. */
	assert_str(buf_view(&r.at.cursor), STR(" pty_1=7"));
	/* Another connection may tell that it has ended before the last of what it printed has come. */
	rig_event(&r, stream, EXITED("3"));
	rig_event(&r, stream, PTY_EVENT("deleted", "\"id\":\"pty_1\""));
	expect_term(&r, " open", " text=hi\r\\n\xc3\xa9\xf0\x9f\x98\x80");
	put(&r, i, "!");
	close_well(&r, i);
	expect_term(&r, " exit=3", " text=hi\r\\n\xc3\xa9\xf0\x9f\x98\x80!");
	assert_str(buf_view(&r.at.cursor), STR(""));
	rig_run(&r, 60000);
	rig_done(&r);
}

static void
test_a_terminal_goes_on_behind_a_cut(void **state)
{
	struct rig r;
	size_t stream, i;

	(void)state;
	start(&r);
	stream = open_with(&r, "[" PTY("pty_1", "") "]");
	i = connected(&r, "GET /pty/pty_1/connect?cursor=0");
	place_at(&r, i, "0");
	put(&r, i, "one ");
	/* Its own connection alone. */
	rig_end(&r, i, HTTP_RESET);
	rig_run(&r, 60000);
	i = connected(&r, "GET /pty/pty_1/connect?cursor=4");
	put(&r, i, "two ");
	place_at(&r, i, "8");
	/* That of the session takes it along. */
	rig_end(&r, stream, HTTP_RESET);
	rig_run(&r, 60000);
	open_with(&r, "[" PTY("pty_1", "") "]");
	i = connected(&r, "GET /pty/pty_1/connect?cursor=8");
	/* A server that gives more than it was asked for. */
	put(&r, i, "two three ");
	place_at(&r, i, "14");
	expect_term(&r, " open", " text=one two three ");
	rig_done(&r);
}

/* The server keeps only so much; what it has forgotten is marked, and what comes then is another item. */
static void
test_a_terminal_with_a_gap(void **state)
{
	struct rig r;
	size_t i;

	(void)state;
	start(&r);
	open_with(&r, "[" PTY("pty_1", "") "]");
	i = connected(&r, "GET /pty/pty_1");
	put(&r, i, "late");
	place_at(&r, i, "9");
	expect_term(&r, " gap open", " text=late");
	rig_end(&r, i, HTTP_RESET);
	rig_run(&r, 60000);
	i = connected(&r, "GET /pty/pty_1/connect?cursor=9");
	put(&r, i, "later");
	place_at(&r, i, "20");
	rig_expect(&r, "terminal gap title=t input=sh -l text=late\n"
	    "terminal gap open title=t input=sh -l text=later\n");
	/* One that counts anew has nothing of what was read. */
	rig_end(&r, i, HTTP_RESET);
	rig_run(&r, 60000);
	i = connected(&r, "GET /pty/pty_1/connect?cursor=20");
	put(&r, i, " new");
	place_at(&r, i, "4");
	rig_expect(&r, "terminal gap title=t input=sh -l text=late\n"
	    "terminal gap open title=t input=sh -l text=later new\n");
	rig_done(&r);
}

/* What can not be had any more is said to be lost: a server forgets what a program printed when it ends. */
static void
test_a_terminal_that_is_gone(void **state)
{
	struct rig r;
	size_t stream, i;

	(void)state;
	start(&r);
	stream = open_with(&r, "[]");
	/* It was quicker than the connection. */
	rig_event(&r, stream, CREATED);
	i = rig_find(&r, "GET /pty/pty_1");
	rig_event(&r, stream, EXITED("0"));
	rig_head(&r, i, 404, "none");
	rig_end(&r, i, HTTP_DONE);
	rig_run(&r, 60000);
	expect_term(&r, " exit=0 lost", "");
	rig_done(&r);
	/* It ended while nobody listened. */
	start(&r);
	stream = open_with(&r, "[" PTY("pty_1", "") "]");
	i = connected(&r, "GET /pty/pty_1");
	place_at(&r, i, "0");
	put(&r, i, "one");
	rig_end(&r, stream, HTTP_RESET);
	rig_run(&r, 60000);
	open_with(&r, "[]");
	expect_term(&r, " lost", " text=one");
	i = r.nrequests;
	rig_run(&r, 60000);
	assert_int_equal(r.nrequests, i);
	rig_done(&r);
}

/* Names that would lead somewhere else, places that are none, more than weir follows. */
static void
test_hostile_terminals(void **state)
{
	static const char *const places[] = { "-1", "3", "4.5", "null", "99999999999999999999" };
	struct buf many = { 0 };
	struct rig r;
	size_t stream, i;

	(void)state;
	start(&r);
	stream = open_with(&r, "[" PTY("pty/../../x?", "") "," PTY("pty_2=9 pty_3", "") ",7,null,{\"id\":7}]");
	rig_event(&r, stream, PTY_EVENT("exited", "\"id\":{}"));
	rig_event(&r, stream, PTY_EVENT("created", "\"info\":[]"));
	rig_event(&r, stream, PTY_EVENT("deleted", "\"id\":\"never\""));
	rig_run(&r, 60000);
	rig_asked(&r, "");
	rig_event(&r, stream, CREATED);
	i = connected(&r, "GET /pty/pty_1");
	put(&r, i, "text");
	for (size_t k = 0; k < sizeof places / sizeof *places; k++)
		place_at(&r, i, places[k]);
	rig_frame(&r, i, WEBSOCKET_BINARY, STR("{\"cursor\":4}"));
	assert_str(buf_view(&r.at.cursor), STR(" pty_1=0"));
	place_at(&r, i, "4");
	place_at(&r, i, "9");
	assert_str(buf_view(&r.at.cursor), STR(" pty_1=4"));
	rig_done(&r);
	start(&r);
	buf_byte(&many, '[');
	for (int k = 0; k < 40; k++)
		buf_printf(&many, "%s{\"id\":\"pty_%d\"}", k > 0 ? "," : "", k);
	buf_byte(&many, ']');
	open_with(&r, buf_cstr(&many));
	assert_int_equal(r.session->nitems, 40);
	for (size_t k = 0; k < 40; k++)
		assert_int_equal(r.session->items[k]->term.lost, k >= 32);
	buf_done(&many);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream_first_then_the_rest),
		cmocka_unit_test(test_a_cut_answer_has_a_gap_and_heals),
		cmocka_unit_test(test_an_end_that_was_missed),
		cmocka_unit_test(test_a_lost_turn_is_not_busy),
		cmocka_unit_test(test_what_waits_for_an_answer),
		cmocka_unit_test(test_children_are_followed),
		cmocka_unit_test(test_pages_go_back_to_what_is_known),
		cmocka_unit_test(test_what_is_taken_back_stays),
		cmocka_unit_test(test_what_was_taken_back_meanwhile),
		cmocka_unit_test(test_no_state_no_session),
		cmocka_unit_test(test_no_such_session),
		cmocka_unit_test(test_a_terminal_is_read),
		cmocka_unit_test(test_a_terminal_goes_on_behind_a_cut),
		cmocka_unit_test(test_a_terminal_with_a_gap),
		cmocka_unit_test(test_a_terminal_that_is_gone),
		cmocka_unit_test(test_hostile_terminals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
