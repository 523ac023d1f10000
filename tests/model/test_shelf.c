#include "tests/unit.h"

#include <sqlite3.h>

#include "model/fold.h"
#include "model/shelf.h"
#include "tests/tempdir.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A session that is put away, saved, closed and opened again, beside one that stays in memory. */
struct pair {
	char dir[TEMPDIR_NAME];
	char path[96];
	struct store *st;
	int64_t row;
	struct shelf *shelf;
	struct shelf_mark mark;
	struct session *s, *plain;
};

static void
open_shelf(struct pair *p)
{
	assert_int_equal(store_open(&p->st, p->path, NULL, NULL), ERR_OK);
	assert_int_equal(store_session(p->st, STR("s"), STR("durable"), &p->row, NULL), ERR_OK);
	p->shelf = shelf_open(p->st, p->row, 0, &p->s, &p->mark);
}

static void
close_shelf(struct pair *p)
{
	shelf_free(p->shelf);
	store_close(p->st);
	session_free(p->s);
}

static int
setup(void **state)
{
	struct pair *p = calloc(1, sizeof *p);

	if (!tempdir_make(p->dir))
		return -1;
	snprintf(p->path, sizeof p->path, "%s/cache/weir.db", p->dir);
	p->plain = session_new();
	open_shelf(p);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct pair *p = *state;

	close_shelf(p);
	session_free(p->plain);
	tempdir_remove(p->dir);
	free(p);
	return 0;
}

static void
save(struct pair *p)
{
	assert_int_equal(shelf_save(p->shelf, &p->mark, NULL), ERR_OK);
	assert_int_equal(store_commit(p->st, NULL), ERR_OK);
}

static void
trim(struct pair *p)
{
	/* What was used since the last time stays the first time. */
	shelf_trim(p->shelf);
	shelf_trim(p->shelf);
}

/* Everything there is to know of it. */
static void
dump(const struct session *s, struct buf *out)
{
	for (size_t i = 0; i < s->nitems; i++) {
		struct buf one = { 0 };

		item_pack(session_item(s, i), &one);
		buf_printf(out, "%zu: ", i);
		buf_str(out, buf_view(&one));
		buf_byte(out, '\n');
		buf_done(&one);
	}
	fold_pack(s, out);
	buf_printf(out, "%zu asks", s->nasks);
}

static void
compare(struct pair *p)
{
	struct buf got = { 0 }, want = { 0 };

	dump(p->s, &got);
	dump(p->plain, &want);
	assert_true(got.n == want.n && memcmp(got.p, want.p, got.n) == 0);
	buf_done(&got);
	buf_done(&want);
}

static void
talk(struct event *e, unsigned value, char ids[3][32])
{
	switch (e->kind) {
	case EVENT_TEXT:
		e->text.msg = str_from(ids[0]);
		e->text.part = value % 3 == 0 ? str_from(ids[1]) : STR_NONE;
		e->text.op = value % 8 < 5 ? TEXT_APPEND : (enum text_op)(value % 4);
		e->text.sort = value % 5 == 0 ? TEXT_REASON : TEXT_ANSWER;
		e->text.data = str_from(ids[1]);
		break;
	case EVENT_MSG:
		e->msg.id = str_from(ids[0]);
		e->msg.agent = str_from(ids[2]);
		e->msg.role = (enum event_role)(value % 4);
		e->msg.state = (enum msg_state)(value % 6);
		e->msg.turn = value % 3 == 0 ? str_from(ids[1]) : STR_NONE;
		e->msg.error = value % 11 == 0 ? STR("broken") : STR_NONE;
		break;
	case EVENT_TOOL:
		e->tool.id = str_from(ids[0]);
		e->tool.msg = value % 2 == 0 ? str_from(ids[1]) : STR_NONE;
		e->tool.name = STR("bash");
		e->tool.output = str_from(ids[1]);
		e->tool.append_output = value % 2 == 0;
		e->tool.state = (enum tool_state)(value % 6);
		break;
	default:
		break;
	}
}

/* The n-th of an endless row of events: some new, many about what was long ago. */
static struct event
event_at(size_t n, char ids[3][32])
{
	uint64_t seed = n;
	struct event e;
	unsigned kind, value;

	unit_random(&seed);
	for (int i = 0; i < 3; i++) {
		unsigned far = unit_random(&seed) % 4 == 0 ? 200 : 6;

		snprintf(ids[i], 32, "%s%zu", i == 2 ? "agent" : "id",
		    i == 2 ? unit_random(&seed) % 3 : n / 9 + 200 - unit_random(&seed) % far);
	}
	kind = unit_random(&seed) % 17;
	value = unit_random(&seed);
	e = event_of(kind < 5 ? EVENT_TEXT : kind < 7 ? EVENT_MSG : kind < 9 ? EVENT_TOOL :
	    kind < 10 ? EVENT_ASK : kind < 11 ? EVENT_ANSWER : (enum event_kind)(kind - 17 + EVENT_NOTE + 1));
	e.time = (int64_t)n;
	switch (e.kind) {
	case EVENT_TEXT:
	case EVENT_MSG:
	case EVENT_TOOL:
		talk(&e, value, ids);
		break;
	case EVENT_ASK:
		e.ask.id = str_from(ids[0]);
		e.ask.text = str_from(ids[1]);
		e.ask.tool = str_from(ids[1]);
		break;
	case EVENT_ANSWER:
		e.answer.ask = str_from(ids[0]);
		e.answer.by = str_from(ids[2]);
		break;
	case EVENT_WHO:
		e.who.user = str_from(ids[2]);
		break;
	case EVENT_TERM:
		e.term.id = str_from(ids[0]);
		e.term.source = value % 3 == 0 ? STR("user") : str_from(ids[2]);
		e.term.data = str_from(ids[1]);
		e.term.op = (enum term_op)(value % 3);
		e.term.own = value % 5 == 0;
		if (!e.term.own)
			break;
		e.term.op = (enum term_op)(value % (TERM_EXIT + 1));
		e.term.gap = value % 7 == 0;
		e.term.title = str_from(ids[2]);
		e.term.exit_code = (int)(value % 3) - 1;
		break;
	case EVENT_FLOW:
		e.flow.id = str_from(ids[0]);
		e.flow.text = str_from(ids[1]);
		e.flow.op = (enum flow_op)(value % (FLOW_SPAWN + 1));
		break;
	case EVENT_AGENT:
		e.agent.id = str_from(ids[2]);
		e.agent.status = value % 4 == 0 ? STR("idle") : STR("running");
		e.agent.error = value % 17 == 0 ? STR("bad") : STR_NONE;
		break;
	case EVENT_USE:
		e.use.input = (int64_t)value;
		e.use.cost = value / 7.0;
		break;
	case EVENT_BACK:
		e.back.op = (enum back_op)(value % 3);
		e.back.msg = str_from(ids[0]);
		e.back.part = value % 2 == 0 ? STR("p1") : STR_NONE;
		break;
	default:
		e.kind = EVENT_NOTE;
		e.note.level = (enum note_level)(value % 4);
		e.note.text = str_from(ids[1]);
		break;
	}
	return e;
}

/* A crash forgets what was not saved: it is applied again, as its records would be. */
static void
crash(struct pair *p, size_t n)
{
	char ids[3][32];

	close_shelf(p);
	open_shelf(p);
	for (size_t i = p->mark.folded; i < n; i++) {
		struct event e = event_at(i, ids);

		session_apply(p->s, &e);
	}
	p->mark.folded = n;
}

/* Whatever is done with the shelf between two events, the session is that of a fold in memory. */
static void
test_same_as_in_memory(void **state)
{
	struct pair *p = *state;
	uint64_t seed = 9;
	char ids[3][32];
	size_t away = 0;

	for (size_t n = 0; n < 12000;) {
		struct event e = event_at(n++, ids);

		session_apply(p->s, &e);
		session_apply(p->plain, &e);
		p->mark.folded = n;
		/* The store keeps no count of what it was not given. */
		assert_int_equal(store_append(p->st, p->row, STR("r"), 0, NULL), ERR_OK);
		switch (unit_random(&seed) % 300) {
		case 0: case 1: case 2: case 3:
			save(p);
			break;
		case 4: case 5:
			save(p);
			trim(p);
			away += p->s->nitems > 100 && p->s->items[10] == NULL;
			break;
		case 6:
			trim(p);
			break;
		case 7:
			assert_int_equal(store_commit(p->st, NULL), ERR_OK);
			crash(p, n);
			break;
		}
		if (n % 500 == 0)
			compare(p);
	}
	assert_true(p->s->nitems > 1000);
	assert_true(away > 5);
}

static void
say(struct session *s, const char *id, const char *text)
{
	struct event e = event_of(EVENT_TEXT);

	e.text.msg = str_from(id);
	e.text.part = STR("part");
	e.text.op = TEXT_APPEND;
	e.text.data = str_from(text);
	session_apply(s, &e);
}

static void
fill(struct pair *p, int n)
{
	char id[16];

	for (int i = 0; i < n; i++) {
		snprintf(id, sizeof id, "m%d", i);
		say(p->s, id, id);
	}
	p->mark.folded = 0;
	save(p);
}

/* An opened session has its items on the disk until one is looked at. */
static void
test_opens_empty(void **state)
{
	struct pair *p = *state;
	struct item *unsent;
	size_t loaded = 0;

	fill(p, 500);
	unsent = session_add_input(p->s, STR("in"), STR("anna"), STR("do it"), 5);
	assert_int_equal(unsent->user.send, SEND_PENDING);
	save(p);
	close_shelf(p);
	open_shelf(p);
	assert_int_equal(p->s->nitems, 501);
	for (size_t i = 0; i < p->s->nitems; i++)
		loaded += p->s->items[i] != NULL;
	/* What is still open, and what was not sent. */
	assert_true(loaded < 10);
	assert_str(buf_view(&session_item(p->s, 250)->text), STR("m250"));
	session_input_state(p->s, STR("in"), SEND_CONFIRMED, STR("7"), STR_NONE);
	assert_int_equal(session_item(p->s, 500)->user.send, SEND_CONFIRMED);
	say(p->s, "m3", " and more");
	assert_int_equal(p->s->nitems, 501);
	assert_str(buf_view(&session_item(p->s, 3)->text), STR("m3 and more"));
}

/* What begins anew has nothing of the past. */
static void
test_reset(void **state)
{
	struct pair *p = *state;

	fill(p, 100);
	session_add_input(p->s, STR("in"), STR("anna"), STR("do it"), 5);
	assert_int_equal(store_forget(p->st, p->row, NULL), ERR_OK);
	session_reset(p->s);
	shelf_reset(p->shelf);
	assert_int_equal(p->s->nitems, 1);
	say(p->s, "m3", "again");
	assert_int_equal(p->s->nitems, 2);
	save(p);
	close_shelf(p);
	open_shelf(p);
	assert_int_equal(p->s->nitems, 2);
	assert_str(buf_view(&session_item(p->s, 0)->text), STR("do it"));
	assert_str(buf_view(&session_item(p->s, 1)->text), STR("again"));
}

static void
sqlite(struct pair *p, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* What somebody else did to it is seen and survived. */
static void
test_tampered(void **state)
{
	struct pair *p = *state;

	fill(p, 100);
	close_shelf(p);
	sqlite(p, "UPDATE item SET bytes = x'ffff' WHERE n = 51; UPDATE entity SET bytes = x'05'");
	open_shelf(p);
	assert_int_equal(session_item(p->s, 50)->kind, ITEM_NOTE);
	assert_int_equal(session_item(p->s, 51)->kind, ITEM_TEXT);
	say(p->s, "m3", "x");
	close_shelf(p);
	/* A state that cannot be read: folded anew. */
	sqlite(p, "UPDATE fold SET state = substr(state, 1, length(state) - 1)");
	open_shelf(p);
	assert_int_equal(p->s->nitems, 0);
	assert_int_equal(p->mark.folded, 0);
}

/* No bytes are too strange. */
static void
test_mutated(void **state)
{
	struct pair *p = *state;
	struct buf item = { 0 }, all = { 0 };
	uint64_t seed = 3;

	fill(p, 50);
	item_pack(session_item(p->s, 7), &item);
	fold_pack(p->s, &all);
	for (int i = 0; i < 20000; i++) {
		const struct buf *of = i % 2 == 0 ? &item : &all;
		struct buf copy = { 0 };

		buf_set(&copy, str_head(buf_view(of), unit_random(&seed) % (of->n + 1)));
		for (unsigned k = unit_random(&seed) % 4; k-- > 0 && copy.n > 0;)
			copy.p[unit_random(&seed) % copy.n] = (char)unit_random(&seed);
		if (i % 2 == 0) {
			struct item *it = item_unpack(buf_view(&copy), 1);

			if (it != NULL)
				item_free(it);
		} else {
			struct session *s = session_new();

			s->shelf = p->shelf;
			fold_unpack(s, buf_view(&copy));
			session_free(s);
		}
		buf_done(&copy);
	}
	buf_done(&item);
	buf_done(&all);
}

#define SHELF(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SHELF(test_same_as_in_memory),
		SHELF(test_opens_empty),
		SHELF(test_reset),
		SHELF(test_tampered),
		SHELF(test_mutated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
