/*
 * The full-screen client against a real opencode server: whole turns of every kind, whoever was there
 * when they began; and what is seen of a connection that is cut and a server that dies.
 */

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tests/conformance/opencode_server.h"
#include "tests/e2e/world.h"
#include "tests/unit.h"

enum { ROWS = 60, COLS = 80, LATE = 60000, OUTAGE = 6 };

static struct opencode_server *server;

static int
set_up(void **state)
{
	(void)state;
	server = opencode_start();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	opencode_end(server);
	return 0;
}

/* A session of the server and somebody who looks at it. */
struct place {
	struct world w;
	char id[OPENCODE_ID];
	struct term *t;
};

static struct term *
attach(struct place *p, const char *url)
{
	const char *const args[] = { "attach", "--no-cache", url, NULL };
	struct term *t = world_term(&p->w, args, ROWS, COLS);

	assert_true(term_wait_text(t, "● live", SOON));
	return t;
}

static void
enter(struct place *p, const char *title)
{
	world_open(&p->w);
	opencode_session(server, title, p->id);
	p->t = attach(p, opencode_url(server, p->id));
	assert_true(term_wait_text(p->t, title, SOON));
}

static void
quit(struct term *t)
{
	int status;

	term_type(t, "q");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
	term_close(t);
}

static void
leave(struct place *p)
{
	quit(p->t);
	world_close(&p->w);
}

static void
say(struct place *p, const char *text)
{
	term_type(p->t, "i");
	assert_true(term_wait_text(p->t, "Enter sends it", SOON));
	term_type(p->t, text);
	term_type(p->t, "\r");
	assert_true(term_wait_text(p->t, "✓", SOON));
	term_key(p->t, DISPLAY_ESCAPE, 0);
	assert_true(term_wait_text(p->t, "i writes", SOON));
}

/* Turns to the question and waits until the keys count. */
static void
face(struct place *p, const char *keys)
{
	assert_true(term_wait_text(p->t, "press a to answer", SOON));
	assert_true(term_has(p->t, "waiting ·"));
	term_type(p->t, "a");
	assert_true(term_wait_text(p->t, keys, SOON));
}

static void
wait_idle(struct place *p, const char *text)
{
	assert_true(term_wait_text(p->t, text, LATE));
	assert_true(term_wait_text(p->t, "idle ·", LATE));
}

/* ---- turns */

static void
test_tool_allowed_once(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "once");
	say(&p, "do it [[tool tool=bash]]");
	face(&p, "y allow once");
	assert_true(term_has(p.t, "echo hello-from-tool; seq 1 5; sleep 1; echo end"));
	term_type(p.t, "y");
	assert_true(term_wait_text(p.t, "✓ allowed once", SOON));
	assert_true(term_wait_text(p.t, "busy ·", SOON));
	wait_idle(&p, "Done.");
	assert_true(term_has(p.t, "7 lines"));
	assert_true(term_has(p.t, "价格   │ real │   12.50"));
	leave(&p);
}

/* The second time nobody is asked. */
static void
test_tool_allowed_always(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "always");
	say(&p, "[[tool tool=write path=one.txt]]");
	face(&p, "A allow always");
	assert_true(term_has(p.t, "line two"));
	term_type(p.t, "A");
	assert_true(term_wait_text(p.t, "✓ allowed always", SOON));
	wait_idle(&p, "Done.");
	say(&p, "[[tool tool=write path=two.txt]]");
	assert_true(term_wait_text(p.t, "busy ·", SOON));
	wait_idle(&p, "two.txt · ok");
	assert_false(term_has(p.t, "press a"));
	leave(&p);
}

static void
test_tool_rejected(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "rejected");
	say(&p, "[[tool tool=bash]]");
	face(&p, "n reject");
	term_type(p.t, "n");
	assert_true(term_wait_text(p.t, "✗ rejected", SOON));
	wait_idle(&p, "denied");
	leave(&p);
}

/* The model hears why. */
static void
test_tool_rejected_with_a_reason(void **state)
{
	struct place p;
	size_t asked = peer_count(opencode_own(server));
	struct str heard;

	(void)state;
	enter(&p, "reason");
	opencode_will_call(server, "bash", "{\"command\":\"rm -rf build\",\"description\":\"Clean\"}");
	opencode_will_say(server, "As you like.");
	term_type(p.t, ":model own/m-1\r");
	assert_true(term_wait_text(p.t, "own/m-1", SOON));
	say(&p, "clean up");
	face(&p, "y allow once");
	term_type(p.t, "r");
	assert_true(term_wait_text(p.t, "reject>", SOON));
	term_type(p.t, "not on a Sunday\r");
	assert_true(term_wait_text(p.t, "✗ rejected", SOON));
	wait_idle(&p, "As you like.");
	heard = peer_body(opencode_own(server), asked + 1);
	assert_true(str_find(heard, STR("not on a Sunday")) < heard.n);
	leave(&p);
}

static void
test_question_with_a_choice(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "a choice");
	say(&p, "[[tool tool=question]]");
	face(&p, "1-9 choose");
	assert_true(term_has(p.t, "Which way?"));
	assert_true(term_has(p.t, "2 ( ) Right: go right"));
	term_type(p.t, "2");
	assert_true(term_wait_text(p.t, "2 (x) Right", SOON));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "✓ answered: Right", SOON));
	wait_idle(&p, "Done.");
	leave(&p);
}

/* One of some, some of some, and words of one's own: the model gets them all. */
static void
test_questions_of_all_kinds(void **state)
{
	struct place p;
	struct str heard;

	(void)state;
	enter(&p, "many");
	opencode_will_call(server, "question", "{\"questions\":[{\"question\":\"Which way?\",\"header\":"
	    "\"Way\",\"options\":[{\"label\":\"Left\",\"description\":\"l\"},{\"label\":\"Right\","
	    "\"description\":\"r\"}]},{\"question\":\"With what?\",\"header\":\"Load\",\"multiple\":true,"
	    "\"options\":[{\"label\":\"Map\",\"description\":\"m\"},{\"label\":\"Rope\",\"description\":"
	    "\"r\"},{\"label\":\"Lamp\",\"description\":\"l\"}]},{\"question\":\"Why?\",\"header\":\"Why\","
	    "\"options\":[{\"label\":\"Because\",\"description\":\"b\"}]}]}");
	opencode_will_say(server, "So be it.");
	term_type(p.t, ":model own/m-1\r");
	assert_true(term_wait_text(p.t, "own/m-1", SOON));
	say(&p, "ask me");
	face(&p, "1-9 choose");
	term_type(p.t, "1\r");
	assert_true(term_wait_text(p.t, "1 [ ] Map", SOON));
	term_type(p.t, "13\r");
	assert_true(term_wait_text(p.t, "1 ( ) Because", SOON));
	term_type(p.t, "i");
	assert_true(term_wait_text(p.t, "answer>", SOON));
	term_type(p.t, "no \"idea\"\r");
	assert_true(term_wait_text(p.t, "1-9 choose", SOON));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "✓ answered: Left", SOON));
	wait_idle(&p, "So be it.");
	heard = peer_body(opencode_own(server), peer_count(opencode_own(server)) - 1);
	assert_true(str_find(heard, STR("Map, Lamp")) < heard.n);
	assert_true(str_find(heard, STR("no \\\\\\\"idea\\\\\\\"")) < heard.n ||
	    str_find(heard, STR("no \\\"idea\\\"")) < heard.n);
	leave(&p);
}

static void
test_todo(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "todo");
	say(&p, "[[tool tool=todo]]");
	wait_idle(&p, "todo 0/2: first");
	leave(&p);
}

/* What it does meanwhile is told, and its answer is in the tool's. */
static void
test_sub_agent(void **state)
{
	struct place p;
	size_t asked = peer_count(opencode_own(server));

	(void)state;
	enter(&p, "sub-agent");
	opencode_will_call(server, "task", "{\"description\":\"sub job\",\"prompt\":\"go\","
	    "\"subagent_type\":\"general\"}");
	term_type(p.t, ":model own/m-1\r");
	assert_true(term_wait_text(p.t, "own/m-1", SOON));
	say(&p, "send somebody");
	assert_true(term_wait_text(p.t, "▸ general busy: sub job", SOON));
	assert_true(term_has(p.t, "task sub job · running"));
	peer_head(opencode_own(server), asked + 1);
	opencode_will_say(server, "They are back.");
	opencode_says(server, asked + 1, "We found it.");
	wait_idle(&p, "They are back.");
	assert_true(term_has(p.t, "task sub job · ok"));
	assert_false(term_has(p.t, "general busy"));
	leave(&p);
}

static void
test_abort(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "abort");
	say(&p, "[[stall]]");
	assert_true(term_wait_text(p.t, "Starting a long answer that never", SOON));
	assert_true(term_wait_text(p.t, "busy ·", SOON));
	term_type(p.t, "\x03");
	assert_true(term_wait_text(p.t, "C-c again", SOON));
	term_type(p.t, "\x03");
	wait_idle(&p, "(cut off here)");
	leave(&p);
}

/* Which try is next and when; a person can stop that too. */
static void
test_retry(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "retry");
	say(&p, "[[err status=429]]");
	assert_true(term_wait_text(p.t, "retry 1", SOON));
	assert_true(term_wait_text(p.t, "retry 2 in", SOON));
	assert_true(term_has(p.t, "fake 429 error"));
	term_type(p.t, "\x03\x03");
	assert_true(term_wait_text(p.t, "idle ·", SOON));
	leave(&p);
}

/* The model's connection breaks in the middle: what was said stays, and the next try stands behind. */
static void
test_model_is_cut(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "cut");
	say(&p, "[[cut after=20]]");
	assert_true(term_wait_text(p.t, "Paragraph 1", SOON));
	assert_true(term_wait_text(p.t, "retry 1", SOON));
	term_type(p.t, "\x03\x03");
	assert_true(term_wait_text(p.t, "idle ·", SOON));
	assert_true(term_has(p.t, "Paragraph 1"));
	leave(&p);
}

static void
test_error(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "error");
	opencode_will_fail(server, 422, "no such thing");
	term_type(p.t, ":model own/m-2\r");
	assert_true(term_wait_text(p.t, "own/m-2", SOON));
	say(&p, "fail");
	assert_true(term_wait_text(p.t, "no such thing", LATE));
	assert_true(term_wait_text(p.t, "idle ·", 2 * LATE));
	leave(&p);
}

/* ---- whoever comes when */

/* The rows of the session itself. */
static void
transcript(struct term *t, struct buf *out)
{
	for (int row = 1; row < ROWS - 4; row++)
		buf_printf(out, "%s\n", term_row(t, row));
}

static void
same_transcript(struct term *a, struct term *b)
{
	struct buf one = { 0 }, other = { 0 };

	transcript(a, &one);
	transcript(b, &other);
	assert_str(buf_view(&other), buf_view(&one));
	buf_done(&one);
	buf_done(&other);
}

static void
test_attach_any_time(void **state)
{
	struct term *during, *after;
	struct place p;

	(void)state;
	enter(&p, "any time");
	opencode_prompt(server, p.id, "look [[tool tool=read]]");
	assert_true(term_wait_text(p.t, "A list", SOON));
	during = attach(&p, opencode_url(server, p.id));
	assert_true(term_has(during, "README.md"));
	wait_idle(&p, "Done.");
	assert_true(term_wait_text(during, "Done.", SOON));
	assert_true(term_wait_text(during, "idle ·", SOON));
	after = attach(&p, opencode_url(server, p.id));
	assert_true(term_wait_text(after, "Done.", SOON));
	assert_false(term_has(during, "missing"));
	same_transcript(p.t, during);
	same_transcript(p.t, after);
	quit(during);
	quit(after);
	leave(&p);
}

/* Whether GET `path` holds `text` within a minute. */
static void
wait_server(const char *path, const char *text)
{
	for (int i = 0; i < 600; i++) {
		struct str answer = opencode_get(server, path);

		if (str_find(answer, str_from(text)) < answer.n)
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
	fail_msg("%s does not say %s", path, text);
}

static void
test_permission_from_before(void **state)
{
	struct place p;

	(void)state;
	world_open(&p.w);
	opencode_session(server, "from before", p.id);
	opencode_prompt(server, p.id, "[[tool tool=bash]]");
	wait_server("/permission", p.id);
	p.t = attach(&p, opencode_url(server, p.id));
	face(&p, "y allow once");
	assert_true(term_has(p.t, "echo hello-from-tool"));
	term_type(p.t, "y");
	assert_true(term_wait_text(p.t, "✓ allowed once", SOON));
	wait_idle(&p, "Done.");
	leave(&p);
}

/* ---- the session itself, and who answers */

static void
test_choosing_who_answers(void **state)
{
	struct place p;
	size_t asked = peer_count(opencode_own(server));
	struct str heard;

	(void)state;
	enter(&p, "choosing");
	term_type(p.t, ":model\r");
	assert_true(term_wait_text(p.t, "lab/fake-1  Fake One, Lab", SOON));
	term_type(p.t, "two");
	assert_true(term_wait_text(p.t, "▸ own/m-2", SOON));
	term_type(p.t, "\r");
	assert_true(term_wait_text(p.t, "model own/m-2", SOON));
	term_type(p.t, ":agent\r");
	assert_true(term_wait_text(p.t, "  plan  ", SOON));
	/* Neither those for other agents nor the server's own. */
	assert_false(term_has(p.t, "general") || term_has(p.t, "compaction"));
	term_type(p.t, "plan\r");
	assert_true(term_wait_text(p.t, "agent plan", SOON));
	opencode_will_say(server, "Planned.");
	say(&p, "what now");
	wait_idle(&p, "Planned.");
	assert_true(term_has(p.t, "● plan"));
	assert_true(term_has(p.t, "plan own/m-2 ·"));
	heard = peer_body(opencode_own(server), asked);
	assert_true(str_find(heard, STR("\"m-2\"")) < heard.n);
	leave(&p);
}

static void
test_slash_command(void **state)
{
	struct place p;
	size_t asked = peer_count(opencode_own(server));
	struct str heard;

	(void)state;
	enter(&p, "slash");
	opencode_will_say(server, "Looked at it.");
	term_type(p.t, ":model own/m-1\r");
	assert_true(term_wait_text(p.t, "own/m-1", SOON));
	term_type(p.t, "i/ini\t");
	assert_true(term_wait_text(p.t, "> /init", SOON));
	term_type(p.t, "be brief\r\033");
	wait_idle(&p, "Looked at it.");
	heard = peer_body(opencode_own(server), asked);
	assert_true(str_find(heard, STR("AGENTS.md")) < heard.n);
	assert_true(str_find(heard, STR("be brief")) < heard.n);
	leave(&p);
}

/* What was said last is taken back, and stands again. */
static void
test_revert(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "back and forth");
	say(&p, "say something");
	wait_idle(&p, "Done.");
	term_type(p.t, "g:revert\r");
	assert_true(term_wait_text(p.t, "↶ taken back", SOON));
	term_type(p.t, ":unrevert\r");
	assert_true(term_wait_gone(p.t, "↶ taken back", SOON));
	leave(&p);
}

static void
test_what_becomes_of_the_session(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "before");
	opencode_prompt(server, p.id, "[[short say=hello_you]]");
	wait_idle(&p, "hello you");
	term_type(p.t, ":rename after\r");
	assert_true(term_wait_text(p.t, " · after", SOON));
	term_type(p.t, ":shell echo from the shell\r");
	assert_true(term_wait_text(p.t, "│ from the shell", SOON));
	term_type(p.t, ":fork\r");
	assert_true(term_wait_text(p.t, "there is a new session, ses_", SOON));
	term_type(p.t, ":new another\r");
	wait_server("/session", "\"another\"");
	term_type(p.t, ":delete-session\r");
	assert_true(term_wait_text(p.t, "the same again does it", SOON));
	term_type(p.t, ":delete-session\r");
	assert_true(term_wait_text(p.t, "The session was deleted on the server.", SOON));
	leave(&p);
}

/* ---- what breaks */

#define SOME_KB "[[big kb=3 tps=60]]"

static void
test_connection_is_cut(void **state)
{
	struct term *other;
	struct place p;

	(void)state;
	world_open(&p.w);
	opencode_session(server, "cut and healed", p.id);
	p.t = attach(&p, opencode_relayed_url(server, p.id));
	opencode_prompt(server, p.id, SOME_KB);
	assert_true(term_wait_text(p.t, "Section 1", SOON));
	opencode_cut(server);
	assert_true(term_wait_gone(p.t, "● live", SOON));
	sleep(OUTAGE);
	opencode_mend(server);
	assert_true(term_wait_text(p.t, "(something is missing here)", SOON));
	assert_true(term_has(p.t, "● live"));
	assert_true(term_has(p.t, "busy ·"));
	assert_true(term_wait_gone(p.t, "(something is missing here)", LATE));
	assert_true(term_wait_text(p.t, "idle ·", SOON));
	other = attach(&p, opencode_url(server, p.id));
	assert_true(term_wait_text(other, "idle ·", SOON));
	/* But for the line about the outage all is the server's. */
	same_transcript(p.t, other);
	quit(other);
	leave(&p);
}

static void
wait_file(const struct place *p, const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", p->w.dir, name);
	for (int i = 0; i < 600; i++) {
		if (access(path, F_OK) == 0)
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
	fail_msg("%s is not there", name);
}

/* Lets a script go on that waits for this file. */
static void
signal_script(const struct place *p, const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/%s", p->w.dir, name);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

/* A terminal of the server: what is printed while the connection is away is neither lost nor doubled. */
static void
test_terminal(void **state)
{
	struct buf script = { 0 };
	struct place p;

	(void)state;
	world_open(&p.w);
	opencode_session(server, "beside a terminal", p.id);
	p.t = attach(&p, opencode_relayed_url(server, p.id));
	buf_printf(&script, "await() { while [ ! -e %s/$1 ]; do sleep 0.1; done; }; echo begun; await a; "
	    "echo meanwhile; touch %s/done; await b; printf 'b\\303\\244ck \\342\\202\\254\\n'; await c; "
	    "echo over; exit 3", p.w.dir, p.w.dir);
	opencode_terminal(server, "build\033[2J", buf_cstr(&script));
	assert_true(term_wait_text(p.t, "│ begun", SOON));
	assert_true(term_has(p.t, "terminal build^[[2J bash -c"));
	assert_true(term_has(p.t, "running, 1 line"));
	opencode_cut(server);
	assert_true(term_wait_gone(p.t, "● live", SOON));
	signal_script(&p, "a");
	wait_file(&p, "done");
	opencode_mend(server);
	assert_true(term_wait_text(p.t, "● live", LATE));
	assert_true(term_wait_text(p.t, "│ meanwhile", LATE));
	signal_script(&p, "b");
	assert_true(term_wait_text(p.t, "│ bäck €", SOON));
	signal_script(&p, "c");
	assert_true(term_wait_text(p.t, "exit 3, 4 lines", SOON));
	assert_true(term_has(p.t, "│ over"));
	assert_false(term_has(p.t, "missing"));
	/* One that moves the cursor. */
	opencode_terminal(server, "moves", "printf '\\033[2J\\033[3;5Hplaced\\033[1;1Hfirst'; read line");
	assert_true(term_wait_text(p.t, "│ first", SOON));
	assert_true(term_has(p.t, "│     placed"));
	leave(&p);
	buf_done(&script);
}

static void
test_server_dies(void **state)
{
	struct place p;

	(void)state;
	enter(&p, "dies");
	opencode_prompt(server, p.id, SOME_KB);
	assert_true(term_wait_text(p.t, "Section 1", SOON));
	assert_true(term_wait_text(p.t, "busy ·", SOON));
	opencode_kill(server);
	assert_true(term_wait_text(p.t, "lost ·", LATE));
	assert_true(term_has(p.t, "(cut off here)"));
	assert_false(term_has(p.t, "busy ·"));
	opencode_again(server);
	assert_true(term_wait_text(p.t, "● live", LATE));
	assert_true(term_has(p.t, "lost ·"));
	assert_true(term_has(p.t, "(cut off here)"));
	/* And it works again. */
	say(&p, "[[md]]");
	wait_idle(&p, "Done.");
	leave(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tool_allowed_once),
		cmocka_unit_test(test_tool_allowed_always),
		cmocka_unit_test(test_tool_rejected),
		cmocka_unit_test(test_tool_rejected_with_a_reason),
		cmocka_unit_test(test_question_with_a_choice),
		cmocka_unit_test(test_questions_of_all_kinds),
		cmocka_unit_test(test_todo),
		cmocka_unit_test(test_sub_agent),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_model_is_cut),
		cmocka_unit_test(test_attach_any_time),
		cmocka_unit_test(test_permission_from_before),
		cmocka_unit_test(test_choosing_who_answers),
		cmocka_unit_test(test_slash_command),
		cmocka_unit_test(test_revert),
		cmocka_unit_test(test_what_becomes_of_the_session),
		cmocka_unit_test(test_connection_is_cut),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_server_dies),
		cmocka_unit_test(test_error),
	};

	cmocka_set_test_filter(getenv("CMOCKA_TESTS"));
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
