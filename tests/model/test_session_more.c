#include "tests/unit.h"

#include "tests/model/print_session.h"

static void
give_text(struct session *s, enum text_op op, bool gap, const char *data)
{
	struct event e = event_of(EVENT_TEXT);

	e.text.msg = STR("m");
	e.text.part = STR("p");
	e.text.op = op;
	e.text.gap = gap;
	e.text.data = str_from(data);
	session_apply(s, &e);
}

static void
expect(const struct session *s, const char *want)
{
	struct buf got = { 0 };

	print_items(&got, s);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

/* A broken fence must not spread: what stands behind a gap is another text. */
static void
test_a_gap_divides_and_heals(void **state)
{
	struct session *s = session_new();

	(void)state;
	give_text(s, TEXT_APPEND, false, "one ");
	give_text(s, TEXT_OPEN, true, "");
	expect(s, "agent open text=one \n");
	give_text(s, TEXT_APPEND, false, "three ");
	give_text(s, TEXT_APPEND, false, "four ");
	expect(s, "agent text=one \nagent gap open text=three four \n");
	give_text(s, TEXT_OPEN, true, "");
	give_text(s, TEXT_APPEND, false, "six");
	expect(s, "agent text=one \nagent gap text=three four \nagent gap open text=six\n");
	give_text(s, TEXT_CLOSE, false, "one two three four five six");
	expect(s, "agent text=one two three four five six\n");
	/* Late pieces are in it already. */
	give_text(s, TEXT_OPEN, true, "");
	give_text(s, TEXT_APPEND, false, "six");
	expect(s, "agent text=one two three four five six\n");
	session_free(s);
}

static void
test_a_text_without_its_beginning(void **state)
{
	struct session *s = session_new();

	(void)state;
	give_text(s, TEXT_OPEN, true, "");
	expect(s, "");
	give_text(s, TEXT_APPEND, false, "end");
	expect(s, "agent gap open text=end\n");
	give_text(s, TEXT_REPLACE, false, "begin end");
	expect(s, "agent open text=begin end\n");
	session_free(s);
}

/* What adds to a part does not say of which sort it is. */
static void
test_named_parts_keep_their_sort(void **state)
{
	struct session *s = session_new();
	struct event e = event_of(EVENT_TEXT);

	(void)state;
	e.text.msg = STR("m");
	e.text.part = STR("p");
	e.text.sort = TEXT_REASON;
	session_apply(s, &e);
	give_text(s, TEXT_APPEND, false, "hm");
	expect(s, "reasoning open text=hm\n");
	session_free(s);
}

static struct event
of_child(enum event_kind kind)
{
	struct event e = event_of(kind);

	e.whose = STR("c1");
	return e;
}

static void
test_children_are_told_apart(void **state)
{
	struct session *s = session_new();
	struct event sess = of_child(EVENT_SESS), msg = of_child(EVENT_MSG);
	struct event text = of_child(EVENT_TEXT), tool = of_child(EVENT_TOOL);
	const struct child *c;

	(void)state;
	session_set_id(s, STR("s"));
	sess.sess.id = STR("c1");
	sess.sess.title = STR("explore");
	sess.sess.agent = STR("general");
	sess.sess.status = SESS_BUSY;
	session_apply(s, &sess);
	msg.msg.id = STR("u");
	msg.msg.role = EVENT_ROLE_USER;
	session_apply(s, &msg);
	text.text.msg = STR("u");
	text.text.op = TEXT_REPLACE;
	text.text.data = STR("the task");
	session_apply(s, &text);
	text.text.msg = STR("m");
	text.text.data = STR("the answer");
	session_apply(s, &text);
	tool.tool.id = STR("t");
	tool.tool.name = STR("read");
	session_apply(s, &tool);
	c = session_child(s, STR("c1"));
	assert_non_null(c);
	assert_str(buf_view(&c->title), STR("explore"));
	assert_str(buf_view(&c->text), STR("the answer"));
	assert_str(buf_view(&c->tool), STR("read"));
	assert_int_equal(c->status, SESS_BUSY);
	assert_int_equal(s->status, SESS_UNSAID);
	expect(s, "");
	session_free(s);
}

static void
test_questions_of_children_are_asked(void **state)
{
	struct session *s = session_new();
	struct event sess = of_child(EVENT_SESS), ask = of_child(EVENT_ASK), only = event_of(EVENT_ASK);

	(void)state;
	session_set_id(s, STR("s"));
	sess.sess.agent = STR("general");
	session_apply(s, &sess);
	ask.ask.id = STR("q1");
	ask.ask.text = STR("rm -r x");
	ask.ask.more = STR("rm *");
	session_apply(s, &ask);
	ask.ask.id = STR("q2");
	session_apply(s, &ask);
	assert_int_equal(s->nasks, 2);
	only.ask.only = STR("[\"q2\"]");
	session_apply(s, &only);
	assert_int_equal(s->nasks, 1);
	expect(s, "approval permission expired agent=general input=rm -r x text=\"always\" allows: rm *\n"
	    "approval needed permission open agent=general input=rm -r x text=\"always\" allows: rm *\n");
	only.ask.only = STR("[]");
	session_apply(s, &only);
	assert_int_equal(s->nasks, 0);
	session_free(s);
}

static void
give_todo(struct session *s, bool anew, const char *id)
{
	struct event e = event_of(EVENT_FLOW);

	e.flow.op = FLOW_TODO;
	e.flow.anew = anew;
	e.flow.id = str_from(id);
	session_apply(s, &e);
}

static void
test_lists_begin_anew(void **state)
{
	struct session *s = session_new();

	(void)state;
	give_todo(s, true, "a");
	give_todo(s, false, "b");
	assert_int_equal(s->nsteps, 2);
	give_todo(s, true, "c");
	assert_int_equal(s->nsteps, 1);
	assert_str(buf_view(&s->steps[0].id), STR("c"));
	give_todo(s, true, "");
	assert_int_equal(s->nsteps, 0);
	session_free(s);
}

/* What nobody has heard of for long is neither busy nor done; when it is heard of, it goes on. */
static void
test_lost_until_it_is_heard_of(void **state)
{
	struct session *s = session_new();
	struct event busy = event_of(EVENT_SESS);

	(void)state;
	busy.sess.status = SESS_BUSY;
	session_apply(s, &busy);
	give_text(s, TEXT_APPEND, false, "one");
	session_lost(s);
	assert_int_equal(s->status, SESS_LOST);
	expect(s, "agent cut text=one\n");
	session_apply(s, &busy);
	give_text(s, TEXT_APPEND, false, " two");
	assert_int_equal(s->status, SESS_BUSY);
	expect(s, "agent open text=one two\n");
	session_free(s);
}

static struct event
use(const char *agent, int64_t in, int64_t out, double cost)
{
	struct event e = event_of(EVENT_USE);

	e.use.agent = str_from(agent);
	e.use.input = in;
	e.use.output = out;
	e.use.cost = cost;
	return e;
}

/* Each agent says what it has used so far; the session's sum is that of all of them, however often they
 * say so. */
static void
test_use_adds_up(void **state)
{
	const struct event events[] = { use("a", 10, 1, 0.5), use("b", 100, 2, -1), use("a", 15, 1, 0.75),
		use("a", 15, 1, 0.75), use("b", -1, 5, 0.25) };
	struct event all = use("", 200, 9, 2), more = use("a", 20, -1, -1);
	struct session *s = session_new();

	(void)state;
	assert_true(s->tokens_in == -1 && s->tokens_out == -1 && s->cost < 0);
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		session_apply(s, &events[i]);
	assert_int_equal(s->tokens_in, 115);
	assert_int_equal(s->tokens_out, 6);
	assert_int_equal(s->tokens_cached, -1);
	assert_true(s->cost > 0.999 && s->cost < 1.001);
	/* What the session says of itself is the sum, and goes on from there. */
	session_apply(s, &all);
	session_apply(s, &more);
	assert_int_equal(s->tokens_in, 205);
	assert_int_equal(s->tokens_out, 9);
	session_free(s);
}

static struct event
sess(const char *id, const char *parent, const char *title)
{
	struct event e = event_of(EVENT_SESS);

	e.sess.id = str_from(id);
	e.sess.parent = str_from(parent);
	e.sess.title = str_from(title);
	return e;
}

/* A session that says whose child it is, on its parent's stream, is not this session and not lost. */
static void
test_children_by_their_parent(void **state)
{
	const struct event events[] = { sess("s", "", "mine"), sess("c", "s", "child"),
		sess("g", "c", "grandchild"), sess("x", "other", "stranger"), sess("c", "", "renamed") };
	struct session *s = session_new();

	(void)state;
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		session_apply(s, &events[i]);
	assert_str(buf_view(&s->title), STR("mine"));
	assert_int_equal(s->nchildren, 2);
	assert_str(buf_view(&session_child(s, STR("c"))->title), STR("renamed"));
	assert_str(buf_view(&session_child(s, STR("c"))->parent), STR("s"));
	assert_str(buf_view(&session_child(s, STR("g"))->parent), STR("c"));
	session_free(s);
}

/* However much a server has to say about an error, 4 KB of it are kept. */
static void
test_errors_are_cut(void **state)
{
	struct session *s = session_new();
	struct event e = event_of(EVENT_NOTE), busy = event_of(EVENT_SESS);
	struct buf big = { 0 };

	(void)state;
	for (int i = 0; i < 2000; i++)
		buf_str(&big, STR("\xe2\x82\xac"));
	e.note.level = NOTE_ERROR;
	e.note.text = buf_view(&big);
	session_apply(s, &e);
	/* No character is cut in two. */
	assert_int_equal(session_item(s, 0)->text.n, ITEM_MAX_ERROR / 3 * 3);
	busy.sess.status = SESS_RETRY;
	busy.sess.message = buf_view(&big);
	session_apply(s, &busy);
	assert_int_equal(s->status_message.n, ITEM_MAX_ERROR / 3 * 3);
	session_free(s);
	buf_done(&big);
}

static struct event
visit(enum who_op op, int64_t seen)
{
	struct event e = event_of(EVENT_WHO);

	e.who.user = STR("anna");
	e.who.op = op;
	e.who.seen = seen;
	return e;
}

/* Whoever leaves need not say when; a late word of somebody who left does not bring them back. */
static void
test_who_leaves(void **state)
{
	struct session *s = session_new();
	struct event join = visit(WHO_JOIN, 1000), leave = visit(WHO_LEAVE, -1),
	    late = visit(WHO_SEEN, 900), again = visit(WHO_SEEN, 1100);

	(void)state;
	session_apply(s, &join);
	assert_true(session_is_here(&s->people[0], 1000));
	session_apply(s, &leave);
	assert_false(session_is_here(&s->people[0], 1000));
	session_apply(s, &late);
	assert_false(session_is_here(&s->people[0], 1000));
	session_apply(s, &again);
	assert_true(session_is_here(&s->people[0], 1100));
	assert_true(s->events == 4 && s->visits == 4);
	session_free(s);
}

/* The last place of a cursor is known, but a flight of it is told at most every 50 ms. */
static void
test_cursors(void **state)
{
	struct session *s = session_new();
	unsigned told = 0;

	(void)state;
	for (int64_t t = 1000; t < 2000; t++) {
		struct event e = visit(WHO_SEEN, t);
		unsigned before = s->version;

		e.who.has_cursor = true;
		e.who.x = t;
		e.who.y = -t;
		session_apply(s, &e);
		assert_true(s->people[0].has_cursor && s->people[0].x == t && s->people[0].y == -t);
		told += s->version != before;
	}
	assert_int_equal(told, 20);
	session_free(s);
}

/* What is known of very many people has an end, and that is no secret. */
static void
test_rows_have_a_limit(void **state)
{
	struct session *s = session_new();
	struct event e = event_of(EVENT_WHO);
	char name[16];

	(void)state;
	e.who.user = str_of(name, 4);
	for (int i = 0; i < 1026; i++) {
		snprintf(name, sizeof name, "%04d", i);
		session_apply(s, &e);
		assert_int_equal(s->left_out, i < 1024 ? 0 : i - 1023);
	}
	assert_int_equal(s->npeople, 1024);
	session_reset(s);
	assert_int_equal(s->left_out, 0);
	session_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_gap_divides_and_heals),
		cmocka_unit_test(test_a_text_without_its_beginning),
		cmocka_unit_test(test_named_parts_keep_their_sort),
		cmocka_unit_test(test_children_are_told_apart),
		cmocka_unit_test(test_questions_of_children_are_asked),
		cmocka_unit_test(test_lists_begin_anew),
		cmocka_unit_test(test_lost_until_it_is_heard_of),
		cmocka_unit_test(test_use_adds_up),
		cmocka_unit_test(test_children_by_their_parent),
		cmocka_unit_test(test_errors_are_cut),
		cmocka_unit_test(test_who_leaves),
		cmocka_unit_test(test_cursors),
		cmocka_unit_test(test_rows_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
