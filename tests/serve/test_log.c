#include "tests/unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/commit.h"
#include "tests/tempdir.h"

/* A log of its own with the rules above it; one op is one transaction. */
struct bench {
	char dir[TEMPDIR_NAME];
	struct streams *log;
	struct rules *rules;
	int64_t now;
};

static int
set_up(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	assert_true(tempdir_make(b->dir));
	assert_int_equal(streams_open(&b->log, b->dir, STREAMS_WRITE, NULL), ERR_OK);
	b->rules = rules_new(b->log, &(struct retention){ 0 });
	b->now = 1000000;
	*state = b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;

	rules_free(b->rules);
	streams_close(b->log);
	tempdir_remove(b->dir);
	free(b);
	return 0;
}

static struct op *
write_op(enum op_kind kind, const char *path, const char *type, const char *body)
{
	struct op *op = op_new(kind);

	buf_set(&op->path, str_from(path));
	buf_set(&op->type, str_from(type));
	buf_set(&op->body, str_from(body));
	op->count = op->body.n > 0;
	return op;
}

static void
apply(struct bench *b, struct op *op)
{
	assert_true(streams_begin(b->log));
	rules_apply(b->rules, op, b->now);
	assert_true(streams_commit(b->log));
}

/* Applies, frees, and returns the status. */
static int
status_of(struct bench *b, struct op *op)
{
	int status;

	apply(b, op);
	status = op->out.status;
	op_free(op);
	return status;
}

static int
create(struct bench *b, const char *path, const char *type, const char *body)
{
	return status_of(b, write_op(OP_CREATE, path, type, body));
}

static struct op *
append_op(const char *path, const char *body)
{
	return write_op(OP_APPEND, path, "text/plain", body);
}

static int
append(struct bench *b, const char *path, const char *body)
{
	return status_of(b, append_op(path, body));
}

static struct op *
fork_op(const char *path, const char *from)
{
	struct op *op = write_op(OP_CREATE, path, "", "");

	op->fork = true;
	buf_set(&op->fork_from, str_from(from));
	return op;
}

static struct offset
tail(struct bench *b, const char *path)
{
	struct stream s = { 0 };
	struct offset at;

	assert_true(streams_find(b->log, str_from(path), &s));
	at = s.tail;
	stream_done(&s);
	return at;
}

static void
assert_content(struct bench *b, const char *path, struct offset from, const char *want)
{
	struct stream s = { 0 };
	struct buf out = { 0 };
	struct offset end;

	assert_true(streams_find(b->log, str_from(path), &s));
	end = streams_read(b->log, &s, from, s.tail, SIZE_MAX, &out);
	assert_int_equal(offset_cmp(end, s.tail), 0);
	assert_str(buf_view(&out), str_from(want));
	buf_done(&out);
	stream_done(&s);
}

static const struct offset start = { 0, 0 };

static void
test_append(void **state)
{
	struct bench *b = *state;
	struct op *json = write_op(OP_APPEND, "j", "application/json", "2,3");
	struct offset middle;

	assert_int_equal(create(b, "t", "text/plain", ""), 201);
	assert_int_equal(create(b, "t", "text/plain", ""), 200);
	assert_int_equal(create(b, "t", "application/json", ""), 409);
	assert_int_equal(append(b, "t", "one "), 204);
	middle = tail(b, "t");
	assert_int_equal(append(b, "t", "two"), 204);
	assert_content(b, "t", start, "one two");
	assert_content(b, "t", middle, "two");
	assert_int_equal(append(b, "missing", "x"), 404);

	assert_int_equal(create(b, "j", "application/json", "1"), 201);
	json->count = 2;
	assert_int_equal(status_of(b, json), 204);
	assert_content(b, "j", start, "1,2,3");
	assert_int_equal(tail(b, "j").n, 3);
	assert_int_equal(tail(b, "j").b, 6);
	assert_int_equal(append(b, "j", "text"), 409);
}

static struct op *
producer_op(const char *path, const char *id, int64_t epoch, int64_t seq, const char *body)
{
	struct op *op = append_op(path, body);

	op->has_producer = true;
	buf_set(&op->producer, str_from(id));
	op->producer_epoch = epoch;
	op->producer_seq = seq;
	return op;
}

static void
test_producers(void **state)
{
	struct bench *b = *state;
	struct op *op;

	create(b, "t", "text/plain", "");
	assert_int_equal(status_of(b, producer_op("t", "p", 0, 0, "a")), 200);
	assert_int_equal(status_of(b, producer_op("t", "p", 0, 1, "b")), 200);
	op = producer_op("t", "p", 0, 0, "other");
	apply(b, op);
	assert_int_equal(op->out.status, 204);
	assert_int_equal(op->out.seq, 1);
	assert_false(op->out.changed);
	op_free(op);
	op = producer_op("t", "p", 0, 3, "d");
	apply(b, op);
	assert_int_equal(op->out.status, 409);
	assert_int_equal(op->out.expected, 2);
	assert_int_equal(op->out.received, 3);
	op_free(op);
	assert_int_equal(status_of(b, producer_op("t", "p", 1, 1, "x")), 400);
	assert_int_equal(status_of(b, producer_op("t", "p", 1, 0, "c")), 200);
	op = producer_op("t", "p", 0, 2, "late");
	apply(b, op);
	assert_int_equal(op->out.status, 403);
	assert_int_equal(op->out.epoch, 1);
	op_free(op);
	assert_int_equal(status_of(b, producer_op("t", "q", 0, 0, "d")), 200);
	assert_content(b, "t", start, "abcd");
	/* A refused append does not move the producer. */
	op = producer_op("t", "q", 0, 1, "x");
	buf_set(&op->type, STR("image/png"));
	assert_int_equal(status_of(b, op), 409);
	assert_int_equal(status_of(b, producer_op("t", "q", 0, 1, "e")), 200);
}

/* A clock that is set back changes no order and forgets no producer, and nothing ends early. */
static void
test_clock_back(void **state)
{
	enum { DAY_MS = 86400000 };
	struct bench *b = *state;
	struct op *mortal = write_op(OP_CREATE, "m", "text/plain", "");
	struct offset last;

	b->now = INT64_C(20000) * DAY_MS;
	mortal->ttl = 3600;
	assert_int_equal(status_of(b, mortal), 201);
	assert_int_equal(create(b, "t", "text/plain", ""), 201);
	assert_int_equal(status_of(b, producer_op("t", "p", 0, 0, "a")), 200);
	last = tail(b, "t");
	b->now -= DAY_MS;
	assert_int_equal(status_of(b, producer_op("t", "p", 0, 0, "a")), 204);
	assert_int_equal(status_of(b, producer_op("t", "p", 0, 1, "b")), 200);
	assert_true(offset_cmp(tail(b, "t"), last) > 0);
	last = tail(b, "t");
	assert_int_equal(status_of(b, write_op(OP_SWEEP, "", "", "")), 204);
	assert_int_equal(append(b, "m", "x"), 204);
	b->now += DAY_MS;
	assert_int_equal(append(b, "t", "c"), 204);
	assert_true(offset_cmp(tail(b, "t"), last) > 0);
	assert_content(b, "t", start, "abc");
}

static void
test_stream_seq(void **state)
{
	static const struct {
		const char *seq;
		int status;
	} steps[] = { { "09", 204 }, { "10", 204 }, { "10", 409 }, { "2", 204 }, { "10", 409 },
		{ "B", 204 }, { "a", 204 }, { "B", 409 } };
	struct bench *b = *state;

	create(b, "t", "text/plain", "");
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct op *op = append_op("t", "x");

		op->has_seq = true;
		buf_set(&op->seq, str_from(steps[i].seq));
		assert_int_equal(status_of(b, op), steps[i].status);
	}
}

static struct op *
closing(struct op *op)
{
	op->close = true;
	return op;
}

static void
test_close(void **state)
{
	struct bench *b = *state;

	create(b, "t", "text/plain", "a");
	assert_int_equal(status_of(b, closing(producer_op("t", "p", 0, 0, "b"))), 200);
	assert_int_equal(append(b, "t", "c"), 409);
	assert_int_equal(status_of(b, closing(append_op("t", ""))), 204);
	assert_int_equal(status_of(b, closing(append_op("t", "c"))), 409);
	assert_int_equal(status_of(b, closing(producer_op("t", "p", 0, 0, "other"))), 204);
	assert_int_equal(status_of(b, closing(producer_op("t", "p", 0, 1, "c"))), 409);
	assert_int_equal(status_of(b, closing(producer_op("t", "q", 0, 0, "c"))), 409);
	assert_content(b, "t", start, "ab");
	assert_int_equal(create(b, "t", "text/plain", ""), 409);
	assert_int_equal(status_of(b, closing(write_op(OP_CREATE, "t", "text/plain", ""))), 200);
}

static void
sweep_all(struct bench *b)
{
	bool more = true;

	while (more) {
		struct op *op = op_new(OP_SWEEP);

		apply(b, op);
		more = op->out.garbage;
		op_free(op);
	}
}

static int
delete(struct bench *b, const char *path)
{
	return status_of(b, write_op(OP_DELETE, path, "", ""));
}

static void
test_delete(void **state)
{
	struct bench *b = *state;

	create(b, "t", "text/plain", "old");
	for (int i = 0; i < 600; i++)
		append(b, "t", "x");
	assert_int_equal(delete(b, "t"), 204);
	assert_int_equal(delete(b, "t"), 404);
	assert_int_equal(append(b, "t", "x"), 404);
	assert_int_equal(create(b, "t", "text/plain", "new"), 201);
	assert_content(b, "t", start, "new");
	sweep_all(b);
	assert_content(b, "t", start, "new");
}

static void
test_expiry(void **state)
{
	struct bench *b = *state;
	struct op *op = write_op(OP_CREATE, "ttl", "text/plain", "a");
	struct stream s = { 0 };

	op->ttl = 10;
	assert_int_equal(status_of(b, op), 201);
	op = write_op(OP_CREATE, "at", "text/plain", "a");
	op->dies = b->now + 15000;
	assert_int_equal(status_of(b, op), 201);
	b->now += 9999;
	assert_int_equal(append(b, "ttl", "b"), 204);
	assert_int_equal(append(b, "at", "b"), 204);
	b->now += 9999;
	assert_int_equal(append(b, "at", "c"), 404);
	op = op_new(OP_TOUCH);
	assert_true(streams_find(b->log, STR("ttl"), &s));
	op->id = s.id;
	status_of(b, op);
	b->now += 9999;
	assert_int_equal(append(b, "ttl", "c"), 204);
	assert_content(b, "ttl", start, "abc");
	b->now += 10000;
	assert_int_equal(append(b, "ttl", "d"), 404);
	assert_int_equal(create(b, "at", "application/json", "1"), 201);
	sweep_all(b);
	assert_false(streams_find(b->log, STR("ttl"), &s));
	assert_content(b, "at", start, "1");
	stream_done(&s);
}

static void
test_forks(void **state)
{
	struct bench *b = *state;
	struct op *op;
	struct offset middle;

	create(b, "a", "text/plain", "A");
	middle = tail(b, "a");
	append(b, "a", "BCD");
	assert_int_equal(status_of(b, fork_op("f", "a")), 201);
	assert_int_equal(status_of(b, fork_op("f", "a")), 200);
	assert_int_equal(status_of(b, fork_op("f", "f")), 409);
	append(b, "f", "E");
	append(b, "a", "x");
	assert_content(b, "f", start, "ABCDE");
	assert_content(b, "f", middle, "BCDE");
	op = fork_op("g", "f");
	op->fork_at_given = true;
	op->fork_at = middle;
	op->fork_sub = 2;
	assert_int_equal(status_of(b, op), 201);
	append(b, "g", "G");
	assert_content(b, "g", start, "ABCG");
	op = fork_op("h", "a");
	op->fork_at_given = true;
	op->fork_at = (struct offset){ 1, 2 };
	assert_int_equal(status_of(b, op), 400);
	op = fork_op("h", "a");
	op->fork_at_given = true;
	op->fork_at = middle;
	op->fork_sub = 4;
	assert_int_equal(status_of(b, op), 400);
	assert_int_equal(status_of(b, fork_op("h", "missing")), 404);

	/* A source goes with its last fork. */
	assert_int_equal(delete(b, "a"), 204);
	assert_int_equal(delete(b, "a"), 410);
	assert_int_equal(append(b, "a", "x"), 410);
	assert_int_equal(create(b, "a", "text/plain", ""), 409);
	assert_int_equal(status_of(b, fork_op("h", "a")), 409);
	assert_int_equal(delete(b, "f"), 204);
	sweep_all(b);
	assert_content(b, "g", start, "ABCG");
	assert_int_equal(delete(b, "g"), 204);
	sweep_all(b);
	assert_int_equal(delete(b, "a"), 404);
	assert_int_equal(delete(b, "f"), 404);
}

/* Every page is whole rows, none is larger than asked for unless it is one row, none is lost. */
static void
test_pages(void **state)
{
	struct bench *b = *state;
	struct buf all = { 0 }, got = { 0 };
	struct stream s = { 0 };
	uint64_t seed = 11;

	create(b, "j", "application/json", "");
	assert_true(streams_begin(b->log));
	for (int i = 0; i < 2000; i++) {
		struct op *op = write_op(OP_APPEND, "j", "application/json", "");

		op->count = 1 + unit_random(&seed) % 5;
		for (int64_t k = 0; k < op->count; k++)
			buf_printf(&op->body, "%s%u", k > 0 ? "," : "",
			    unit_random(&seed) % 100000);
		buf_printf(&all, "%s%.*s", i > 0 ? "," : "", STR_ARG(buf_view(&op->body)));
		rules_apply(b->rules, op, b->now);
		op_free(op);
	}
	assert_true(streams_commit(b->log));
	assert_true(streams_find(b->log, STR("j"), &s));
	for (int64_t limit = 1; limit < 100000; limit = limit * 7 + 3) {
		struct offset at = start, to;

		buf_clear(&got);
		while (offset_cmp(at, s.tail) < 0) {
			struct buf page = { 0 };
			struct offset from = at;

			to = streams_page(b->log, &s, at, limit);
			assert_true(streams_is_boundary(b->log, &s, to));
			at = streams_read(b->log, &s, at, to, SIZE_MAX, &page);
			assert_int_equal(offset_cmp(at, to), 0);
			assert_int_equal(page.n + 1, to.b - from.b);
			assert_true(to.b - from.b <= limit || limit < 30);
			if (got.n > 0)
				buf_byte(&got, ',');
			buf_str(&got, buf_view(&page));
			buf_done(&page);
		}
		assert_str(buf_view(&got), buf_view(&all));
	}
	assert_false(streams_is_boundary(b->log, &s, (struct offset){ s.tail.n, s.tail.b + 1 }));
	assert_false(streams_is_boundary(b->log, &s, (struct offset){ 0, 1 }));
	stream_done(&s);
	buf_done(&all);
	buf_done(&got);
}

static void
test_one_writer(void **state)
{
	struct bench *b = *state;
	struct streams *second;
	struct error e;

	assert_int_equal(streams_open(&second, b->dir, STREAMS_WRITE, &e), ERR_STORE);
	assert_non_null(strstr(e.text, "another weir-serve"));
}

/* ---- the commit thread: what it said is written is there after a kill */

static void
report(void *owner, struct op *op)
{
	int fd = *(int *)owner;
	int64_t seq = op->producer_seq;

	if (op->out.status == 200 && write(fd, &seq, sizeof seq) != (ssize_t)sizeof seq)
		abort();
}

static void
reaped(void *ctx, struct op *op)
{
	(void)ctx;
	if (op->done != NULL)
		op->done(op->owner, op);
	op_free(op);
}

/* Appends without end, some ops in flight at a time; tells `fd` what was committed. */
static _Noreturn void
write_until_killed(const char *dir, int fd, int64_t next)
{
	struct streams *log;
	struct commit *c;

	if (streams_open(&log, dir, STREAMS_WRITE, NULL) != ERR_OK)
		_exit(1);
	c = commit_new(log, &(struct retention){ 0 });
	for (int64_t in_flight = next;;) {
		struct commit_stats st;

		commit_stats(c, &st);
		for (; st.waiting < 20; st.waiting++) {
			char text[32];
			struct op *op;

			snprintf(text, sizeof text, "<%lld>", (long long)in_flight);
			op = producer_op("t", "p", 0, in_flight++, text);
			op->done = report;
			op->owner = &fd;
			commit_submit(c, op);
		}
		commit_reap(c, reaped, NULL);
	}
}

static int64_t
highest_reported(int fd)
{
	int64_t seq, highest = -1;

	while (read(fd, &seq, sizeof seq) == (ssize_t)sizeof seq)
		highest = seq > highest ? seq : highest;
	return highest;
}

static void
test_kill(void **state)
{
	struct bench *b = *state;
	int64_t next = 0;
	uint64_t seed = 5;

	create(b, "t", "text/plain", "");
	for (int round = 0; round < 8; round++) {
		struct producer_state p;
		struct stream s = { 0 };
		struct buf got = { 0 }, want = { 0 };
		int64_t reported, first;
		int pipes[2];
		pid_t pid;

		rules_free(b->rules);
		streams_close(b->log);
		b->rules = NULL;
		b->log = NULL;
		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		if (pid == 0) {
			close(pipes[0]);
			write_until_killed(b->dir, pipes[1], next);
		}
		close(pipes[1]);
		assert_int_equal(read(pipes[0], &first, sizeof first), sizeof first);
		usleep(unit_random(&seed) % 20000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		reported = highest_reported(pipes[0]);
		reported = reported > first ? reported : first;
		close(pipes[0]);

		assert_int_equal(streams_open(&b->log, b->dir, STREAMS_WRITE, NULL), ERR_OK);
		b->rules = rules_new(b->log, &(struct retention){ 0 });
		assert_true(streams_find(b->log, STR("t"), &s));
		assert_true(streams_producer(b->log, s.id, STR("p"), &p));
		/* Nothing that was reported is lost, and the state is that of the data. */
		assert_true(p.seq >= reported);
		streams_read(b->log, &s, start, s.tail, SIZE_MAX, &got);
		for (int64_t i = 0; i <= p.seq; i++)
			buf_printf(&want, "<%lld>", (long long)i);
		assert_str(buf_view(&got), buf_view(&want));
		next = p.seq + 1;
		stream_done(&s);
		buf_done(&got);
		buf_done(&want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_append, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_producers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_clock_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stream_seq, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_close, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_delete, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_expiry, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_writer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kill, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
