#include "tests/unit.h"

#include "model/outbox.h"
#include "tests/tempdir.h"

struct place {
	char dir[TEMPDIR_NAME], path[96];
	struct store *st;
	struct outbox *o;
	struct error e;
};

static void
open_both(struct place *p)
{
	int64_t session;

	assert_int_equal(store_open(&p->st, p->path, NULL, &p->e), ERR_OK);
	assert_int_equal(store_session(p->st, STR("s"), STR("durable"), &session, &p->e), ERR_OK);
	assert_int_equal(outbox_open(&p->o, p->st, session, &p->e), ERR_OK);
}

static void
close_both(struct place *p)
{
	outbox_free(p->o);
	store_close(p->st);
	p->o = NULL;
	p->st = NULL;
}

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	if (!tempdir_make(p->dir))
		return -1;
	snprintf(p->path, sizeof p->path, "%s/weir.db", p->dir);
	open_both(p);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	close_both(p);
	tempdir_remove(p->dir);
	free(p);
	return 0;
}

static void
add(struct place *p, const char *id, const char *text)
{
	const struct act act = { .kind = ACT_INPUT, .id = str_from(id), .user = STR("anna"),
	    .text = str_from(text), .time = 42 };

	assert_int_equal(outbox_add(p->o, &act, &p->e), ERR_OK);
}

static void
expect(struct place *p, const char *want)
{
	struct buf got = { 0 };
	struct act act;

	for (size_t i = 0; i < outbox_count(p->o); i++) {
		const struct outbox_entry *entry = outbox_at(p->o, i);

		buf_printf(&got, "%.*s:%.*s#%d ", STR_ARG(buf_view(&entry->id)),
		    STR_ARG(buf_view(&entry->text)), (int)entry->seq);
	}
	if (outbox_next(p->o, &act))
		buf_printf(&got, "next %.*s by %.*s %d/%d", STR_ARG(act.id), STR_ARG(act.user),
		    (int)act.epoch, (int)act.seq);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

static void
test_order_and_end(void **state)
{
	struct place *p = *state;

	expect(p, "");
	add(p, "a", "one");
	add(p, "b", "two");
	add(p, "c", "three");
	expect(p, "a:one#0 b:two#1 c:three#2 next a by anna 0/0");
	assert_int_equal(outbox_confirmed(p->o, &p->e), ERR_OK);
	expect(p, "b:two#1 c:three#2 next b by anna 0/1");
	assert_int_equal(outbox_rejected(p->o, STR("too long"), &p->e), ERR_OK);
	expect(p, "c:three#2 next c by anna 0/2");
}

/* The same producer, epoch and sequence in every run until the server has answered. */
static void
test_restart(void **state)
{
	struct place *p = *state;
	struct buf producer = { 0 };
	struct act act;

	add(p, "a", "one");
	add(p, "b", "two");
	outbox_try(p->o);
	outbox_next(p->o, &act);
	assert_int_equal(act.producer.n, 37);
	buf_set(&producer, act.producer);
	assert_int_equal(outbox_at(p->o, 1)->tries, 0);
	close_both(p);
	open_both(p);
	expect(p, "a:one#0 b:two#1 next a by anna 0/0");
	/* How far it got is not known any more. */
	assert_int_equal(outbox_at(p->o, 1)->tries, 1);
	outbox_next(p->o, &act);
	assert_str(act.producer, buf_view(&producer));
	outbox_confirmed(p->o, &p->e);
	close_both(p);
	open_both(p);
	expect(p, "b:two#1 next b by anna 0/1");
	outbox_rejected(p->o, STR_NONE, &p->e);
	close_both(p);
	open_both(p);
	expect(p, "");
	add(p, "c", "three");
	expect(p, "c:three#2 next c by anna 0/2");
	buf_done(&producer);
}

static void
test_new_epoch(void **state)
{
	struct place *p = *state;

	add(p, "a", "one");
	add(p, "b", "two");
	add(p, "c", "three");
	outbox_confirmed(p->o, &p->e);
	assert_int_equal(outbox_restart(p->o, 6, &p->e), ERR_OK);
	expect(p, "b:two#0 c:three#1 next b by anna 7/0");
	assert_int_equal(outbox_restart(p->o, 0, &p->e), ERR_OK);
	add(p, "d", "four");
	expect(p, "b:two#0 c:three#1 d:four#2 next b by anna 8/0");
	close_both(p);
	open_both(p);
	expect(p, "b:two#0 c:three#1 d:four#2 next b by anna 8/0");
}

/* Two at once are two producers; what one leaves the next to come takes over. */
static void
test_two_at_once(void **state)
{
	struct place *p = *state, other = *p;
	struct act mine, theirs;

	open_both(&other);
	add(p, "a", "one");
	add(&other, "b", "two");
	outbox_next(p->o, &mine);
	outbox_next(other.o, &theirs);
	assert_false(str_eq(mine.producer, theirs.producer));
	expect(p, "a:one#0 next a by anna 0/0");
	expect(&other, "b:two#0 next b by anna 0/0");
	outbox_confirmed(p->o, &p->e);
	close_both(p);
	close_both(&other);
	open_both(p);
	expect(p, "b:two#0 next b by anna 0/0");
}

/* What two left at once the next one sends, each as the one who may have sent it already. */
static void
test_both_left(void **state)
{
	struct place *p = *state, other = *p;
	struct buf mine = { 0 }, theirs = { 0 };
	struct act act;

	open_both(&other);
	add(p, "a", "one");
	add(&other, "b", "two");
	add(p, "c", "three");
	outbox_next(p->o, &act);
	buf_set(&mine, act.producer);
	outbox_next(other.o, &act);
	buf_set(&theirs, act.producer);
	close_both(p);
	close_both(&other);
	open_both(p);
	expect(p, "a:one#0 b:two#0 c:three#1 next a by anna 0/0");
	outbox_next(p->o, &act);
	assert_str(act.producer, buf_view(&mine));
	outbox_confirmed(p->o, &p->e);
	outbox_next(p->o, &act);
	assert_str(act.producer, buf_view(&theirs));
	/* A new epoch is that of one of them. */
	assert_int_equal(outbox_restart(p->o, 4, &p->e), ERR_OK);
	expect(p, "b:two#0 c:three#1 next b by anna 5/0");
	outbox_confirmed(p->o, &p->e);
	add(p, "d", "four");
	expect(p, "c:three#1 d:four#2 next c by anna 0/1");
	/* Nobody else has these lanes meanwhile. */
	open_both(&other);
	expect(&other, "");
	add(&other, "e", "five");
	outbox_next(other.o, &act);
	assert_false(str_eq(act.producer, buf_view(&mine)) || str_eq(act.producer, buf_view(&theirs)));
	close_both(&other);
	buf_done(&mine);
	buf_done(&theirs);
}

/* What the server refused is not forgotten with the program. */
static void
test_refused(void **state)
{
	struct place *p = *state;

	add(p, "a", "one");
	add(p, "b", "two");
	outbox_rejected(p->o, STR("too long"), &p->e);
	assert_int_equal(outbox_refused_count(p->o), 1);
	close_both(p);
	open_both(p);
	expect(p, "b:two#1 next b by anna 0/1");
	assert_int_equal(outbox_refused_count(p->o), 1);
	assert_str(buf_view(&outbox_refused_at(p->o, 0)->text), STR("one"));
	assert_str(buf_view(&outbox_refused_at(p->o, 0)->reason), STR("too long"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order_and_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_new_epoch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_both_left, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
