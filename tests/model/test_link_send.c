#include "tests/unit.h"

#include "base/clock.h"
#include "tests/model/fake.h"

struct sending {
	struct fake f;
	struct store *store;
};

static int
setup(void **state)
{
	struct sending *s = calloc(1, sizeof *s);

	assert_int_equal(store_open(&s->store, NULL, NULL, NULL), ERR_OK);
	fake_init(&s->f, &fake_dialect_once, s->store);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct sending *s = *state;

	fake_done(&s->f);
	store_close(s->store);
	free(s);
	return 0;
}

static void
add(struct fake *f, const char *id, const char *text)
{
	const struct act act = { .kind = ACT_INPUT, .id = str_from(id), .text = str_from(text) };

	assert_int_equal(outbox_add(f->outbox, &act, NULL), ERR_OK);
	link_kick(f->l);
}

/* The reading half is live and out of the way. */
static void
go_live(struct fake *f)
{
	link_start(f->l);
	fake_run(f, 0);
	fake_head(f, 200, "0 tail");
	fake_end(f, HTTP_DONE);
	fake_run(f, 0);
	fake_head(f, 200, "events");
	fake_event(f, "control", "0 tail");
	buf_clear(&f->asked);
}

static void
expect_told(struct fake *f, const char *want)
{
	assert_str(buf_view(&f->told), str_from(want));
	buf_clear(&f->told);
}

static void
test_in_order(void **state)
{
	struct fake *f = &((struct sending *)*state)->f;

	/* Written before there is a connection. */
	add(f, "a", "one");
	add(f, "b", "two");
	fake_run(f, 60000);
	fake_asked(f, "");
	link_start(f->l);
	fake_run(f, 0);
	fake_asked(f, "catchup ;send a 0/0;");
	add(f, "c", "three");
	fake_run(f, 0);
	fake_asked(f, "");
	fake_answer(f, 200, "Stream-Next-Offset: 7\r\n", "");
	fake_run(f, 0);
	fake_asked(f, "send b 0/1;");
	/* A duplicate was taken too. */
	fake_answer(f, 204, "Stream-Next-Offset: 8\r\n", "");
	fake_run(f, 0);
	fake_asked(f, "send c 0/2;");
	fake_answer(f, 200, "", "");
	fake_run(f, 3600000);
	fake_asked(f, "");
	expect_told(f, "a confirmed 7\nb confirmed 8\nc confirmed \n");
	assert_int_equal(outbox_count(f->outbox), 0);
	/* An idle link sends at once. */
	add(f, "d", "four");
	fake_run(f, 0);
	fake_asked(f, "send d 0/3;");
}

static void
test_retried_until_answered(void **state)
{
	static const enum http_end ends[] = { HTTP_REFUSED, HTTP_RESET, HTTP_HEAD_TIMEOUT, HTTP_TLS };
	static const int statuses[] = { 408, 425, 429, 500, 502, 503, 504 };
	struct fake *f = &((struct sending *)*state)->f;

	add(f, "a", "one");
	go_live(f);
	for (size_t i = 0; i < 4; i++) {
		fake_unanswered(f, ends[i]);
		fake_run(f, 60000);
		fake_asked(f, "send a 0/0;");
	}
	for (size_t i = 0; i < 7; i++) {
		fake_answer(f, statuses[i], "", "busy");
		fake_run(f, 60000);
		fake_asked(f, "send a 0/0;");
	}
	buf_clear(&f->told);
	fake_unanswered(f, HTTP_RESET);
	fake_restart(f);
	fake_run(f, 60000);
	fake_asked(f, "catchup 0;send a 0/0;");
	fake_answer(f, 204, "Stream-Next-Offset: 1\r\n", "");
	expect_told(f, "a retrying reset\na confirmed 1\n");
	assert_int_equal(f->sends, 13);
}

static void
test_rejected(void **state)
{
	static const int statuses[] = { 403, 404, 405, 409, 410, 413, 422, 501 };
	struct fake *f = &((struct sending *)*state)->f;

	go_live(f);
	for (size_t i = 0; i < 8; i++) {
		char want[64];

		add(f, "a", "one");
		fake_run(f, 0);
		fake_answer(f, statuses[i], "", "no");
		snprintf(want, sizeof want, "a rejected http %d: no\n", statuses[i]);
		expect_told(f, want);
	}
	add(f, "b", "cannot");
	fake_run(f, 0);
	expect_told(f, "b rejected cannot be said\n");
	assert_int_equal(f->sends, 8);
	assert_int_equal(outbox_count(f->outbox), 0);
}

static void
test_needs_token(void **state)
{
	struct fake *f = &((struct sending *)*state)->f;

	add(f, "a", "one");
	go_live(f);
	fake_answer(f, 401, "", "");
	expect_told(f, "a retrying needs a token\n");
	fake_run(f, 3600000);
	fake_asked(f, "");
	link_reconnect(f->l);
	fake_run(f, 0);
	fake_asked(f, "catchup 0;send a 0/0;");
}

/* Somebody is this producer with a later epoch. */
static void
test_fenced(void **state)
{
	struct fake *f = &((struct sending *)*state)->f;

	add(f, "a", "one");
	add(f, "b", "two");
	go_live(f);
	fake_answer(f, 403, "Producer-Epoch: 4\r\n", "");
	expect_told(f, "a retrying http 403\n");
	fake_run(f, 60000);
	fake_asked(f, "send a 5/0;");
	fake_answer(f, 200, "", "");
	fake_run(f, 0);
	fake_asked(f, "send b 5/1;");
}

/* The server forgot the producer after the entry may have arrived: the stream is read first. */
static void
test_forgotten(void **state)
{
	struct fake *f = &((struct sending *)*state)->f;

	add(f, "a", "one");
	go_live(f);
	fake_unanswered(f, HTTP_RESET);
	fake_run(f, 60000);
	buf_clear(&f->told);
	buf_clear(&f->asked);
	fake_answer(f, 409, "Producer-Expected-Seq: 0\r\nProducer-Received-Seq: 3\r\n", "");
	expect_told(f, "a unsure http 409\n");
	fake_run(f, 60000);
	fake_asked(f, "catchup 0;");
	fake_head(f, 200, "1 tail");
	fake_body(f, STR("somebody else's\n"));
	fake_end(f, HTTP_DONE);
	fake_run(f, 0);
	fake_asked(f, "live 1;send a 1/0;");
	/* Again, and this time it is there. */
	fake_unanswered(f, HTTP_RESET);
	fake_run(f, 60000);
	fake_answer(f, 409, "Producer-Expected-Seq: 0\r\n", "");
	buf_clear(&f->told);
	link_echoed(f->l, STR("b"));
	expect_told(f, "");
	link_echoed(f->l, STR("a"));
	expect_told(f, "a confirmed \n");
	assert_int_equal(outbox_count(f->outbox), 0);
}

/* 400 is what a server says whose memory of us is older than we are: a new epoch, tried once. */
static void
test_bad_request(void **state)
{
	struct fake *f = &((struct sending *)*state)->f;

	go_live(f);
	add(f, "a", "one");
	fake_run(f, 0);
	fake_answer(f, 400, "", "{\"ok\":false,\"error\":{\"message\":\"bad\"}}");
	expect_told(f, "a rejected http 400: bad\n");
	add(f, "b", "two");
	fake_run(f, 0);
	fake_asked(f, "send a 0/0;send b 0/1;");
	fake_answer(f, 400, "", "bad");
	fake_run(f, 60000);
	fake_asked(f, "send b 1/0;");
	fake_answer(f, 400, "", "bad");
	expect_told(f, "b retrying http 400\nb rejected http 400: bad\n");
}

/* The stream shows the input before the answer does. */
static void
test_echo_first(void **state)
{
	struct fake *f = &((struct sending *)*state)->f;

	add(f, "a", "one");
	go_live(f);
	link_echoed(f->l, STR("a"));
	expect_told(f, "");
	fake_answer(f, 200, "Stream-Next-Offset: 5\r\n", "");
	expect_told(f, "a confirmed 5\n");
	add(f, "b", "two");
	fake_run(f, 0);
	link_echoed(f->l, STR("b"));
	fake_unanswered(f, HTTP_RESET);
	expect_told(f, "b confirmed \n");
	add(f, "c", "three");
	fake_run(f, 0);
	fake_unanswered(f, HTTP_RESET);
	link_echoed(f->l, STR("c"));
	expect_told(f, "c retrying reset\nc confirmed \n");
	fake_run(f, 3600000);
	assert_int_equal(f->sends, 3);
}

/* A server that cannot tell twice from once: what may have arrived waits for the stream. */
static void
test_server_without_memory(void **state)
{
	struct sending *s = *state;
	struct fake *f = &s->f;
	struct outbox *outbox = f->outbox;

	f->outbox = NULL;
	fake_done(f);
	outbox_free(outbox);
	store_close(s->store);
	assert_int_equal(store_open(&s->store, NULL, NULL, NULL), ERR_OK);
	fake_init(f, &fake_dialect, s->store);
	add(f, "a", "one");
	go_live(f);
	fake_unanswered(f, HTTP_REFUSED);
	expect_told(f, "a retrying refused\n");
	fake_run(f, 60000);
	buf_clear(&f->asked);
	fake_unanswered(f, HTTP_RESET);
	expect_told(f, "a unsure reset\n");
	fake_run(f, 60000);
	fake_asked(f, "catchup 0;");
	fake_head(f, 200, "0 tail");
	fake_end(f, HTTP_DONE);
	fake_run(f, 0);
	fake_asked(f, "live 0;send a 0/0;");
}

static void
test_acts(void **state)
{
	struct fake *f = &((struct sending *)*state)->f;
	const struct act stop = { .kind = ACT_STOP, .id = STR("stop") };
	struct error e;

	add(f, "a", "one");
	go_live(f);
	fake_unanswered(f, HTTP_RESET);
	buf_clear(&f->told);
	/* Waits for nobody, and is tried once. */
	assert_int_equal(link_act(f->l, &stop, &e), ERR_OK);
	fake_asked(f, "send stop;");
	fake_answer(f, 204, "", "");
	assert_int_equal(link_act(f->l, &stop, &e), ERR_OK);
	fake_answer(f, 503, "", "later");
	expect_told(f, "act 2 ok http 204\nact 2 failed http 503\n");
	for (int i = 0; i < 8; i++)
		assert_int_equal(link_act(f->l, &stop, &e), ERR_OK);
	assert_int_equal(link_act(f->l, &stop, &e), ERR_LIMIT);
}

/* A server that knows its producers, as durable streams do. */
struct server {
	int64_t epoch, last;
	struct buf log;
	size_t n;
};

static int
take(struct server *server, int64_t epoch, int64_t seq, struct str id)
{
	if (epoch < server->epoch)
		return 403;
	if (epoch > server->epoch) {
		if (seq != 0)
			return 400;
		server->epoch = epoch;
		server->last = -1;
	}
	if (seq <= server->last)
		return 204;
	if (seq != server->last + 1)
		return 409;
	server->last = seq;
	server->n++;
	buf_str(&server->log, id);
	buf_byte(&server->log, ' ');
	return 200;
}

/* "send ID EPOCH/SEQ;" as the server reads it. */
static int
receive(struct server *server, struct str asked)
{
	struct str rest, id, epoch, seq;
	int64_t e, n;

	str_cut(asked, ' ', &rest);
	id = str_cut(rest, ' ', &rest);
	epoch = str_cut(rest, '/', &rest);
	seq = str_cut(rest, ';', &rest);
	assert_true(str_to_i64(epoch, &e));
	assert_true(str_to_i64(seq, &n));
	return take(server, e, n, id);
}

/* 1,000 inputs, cut before, during and after the answer, the program ended now and then. */
static void
test_exactly_once(void **state)
{
	struct fake *f = &((struct sending *)*state)->f;
	struct server server = { .last = -1 };
	struct buf want = { 0 };
	uint64_t seed = 9;
	int added = 0;

	link_start(f->l);
	while (added < 1000 || outbox_count(f->outbox) > 0) {
		char id[16];
		unsigned what = unit_random(&seed) % 8;

		if (added < 1000 && unit_random(&seed) % 2 == 0) {
			snprintf(id, sizeof id, "%d", added++);
			add(f, id, "x");
			buf_printf(&want, "%s ", id);
		}
		buf_clear(&f->asked);
		fake_run(f, 60000);
		if (f->sending == 0)
			continue;
		if (what == 0) {
			fake_unanswered(f, HTTP_RESET);		/* never got there */
			continue;
		}
		struct str asked = buf_view(&f->asked);
		int status = receive(&server, str_skip(asked, str_find(asked, STR("send "))));

		if (what == 1)
			fake_unanswered(f, HTTP_RESET);		/* the answer got lost */
		else if (what == 2)
			fake_restart(f);
		else if (what == 3)
			fake_answer(f, 502, "", "proxy");
		else
			fake_answer(f, status, "", "");
	}
	assert_int_equal(server.n, 1000);
	assert_str(buf_view(&server.log), buf_view(&want));
	buf_done(&want);
	buf_done(&server.log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_retried_until_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rejected, setup, teardown),
		cmocka_unit_test_setup_teardown(test_needs_token, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fenced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_request, setup, teardown),
		cmocka_unit_test_setup_teardown(test_echo_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_without_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_acts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_exactly_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
