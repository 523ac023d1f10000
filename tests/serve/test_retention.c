#include "tests/unit.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/rules.h"
#include "tests/serve/serving.h"
#include "wire/json.h"

#define JSON "Content-Type: application/json\r\n"
#define A "/v1/stream/a"
#define S1 "/api/sessions/s1"
#define FIRST "Stream-First-Offset"

/* ---- the log under rules, with a clock of its own */

struct bench {
	char dir[TEMPDIR_NAME];
	struct streams *log;
	struct rules *rules;
	int64_t now;
};

static void
open_bench(struct bench *b, int64_t age, int64_t size)
{
	if (b->dir[0] == '\0')
		assert_true(tempdir_make(b->dir));
	assert_int_equal(streams_open(&b->log, b->dir, STREAMS_WRITE, NULL), ERR_OK);
	b->rules = rules_new(b->log, &(struct retention){ age, size });
}

static void
close_bench(struct bench *b)
{
	rules_free(b->rules);
	streams_close(b->log);
	tempdir_remove(b->dir);
}

static int
apply(struct bench *b, struct op *op)
{
	int status;

	assert_true(streams_begin(b->log));
	rules_apply(b->rules, op, b->now);
	assert_true(streams_commit(b->log));
	status = op->out.status;
	op_free(op);
	return status;
}

static struct op *
write_op(enum op_kind kind, const char *path, struct str body)
{
	struct op *op = op_new(kind);

	buf_set(&op->path, str_from(path));
	buf_set(&op->type, STR("application/json"));
	buf_set(&op->body, body);
	op->count = body.n > 0;
	return op;
}

/* Sweeps until there is nothing left to do; returns how often. */
static int
sweep(struct bench *b)
{
	bool more = true;
	int n = 0;

	for (; more; n++) {
		struct op *op = op_new(OP_SWEEP);

		assert_true(streams_begin(b->log));
		rules_apply(b->rules, op, b->now);
		assert_true(streams_commit(b->log));
		more = op->out.garbage;
		op_free(op);
		assert_true(n < 1000);
	}
	return n;
}

static void
find(struct bench *b, const char *path, struct stream *s)
{
	assert_true(streams_find(b->log, str_from(path), s));
}

/* What is there reads from the first offset on as it did before, and nothing before it. */
static void
assert_first(struct bench *b, const char *path, int64_t n, const char *want)
{
	struct stream s = { 0 };
	struct buf out = { 0 };
	struct offset first;

	find(b, path, &s);
	first = streams_first(b->log, &s);
	assert_int_equal(first.n, n);
	assert_true(streams_is_boundary(b->log, &s, first));
	assert_int_equal(offset_cmp(streams_read(b->log, &s, first, s.tail, SIZE_MAX, &out),
	    s.tail), 0);
	assert_str(buf_view(&out), str_from(want));
	assert_int_equal((int64_t)out.n + (s.tail.n > first.n), s.tail.b - first.b);
	if (n > 0) {
		struct offset start = { 0, 0 };

		buf_clear(&out);
		assert_int_equal(offset_cmp(streams_read(b->log, &s, start, s.tail, SIZE_MAX, &out),
		    start), 0);
	}
	buf_done(&out);
	stream_done(&s);
}

static void
append_at(struct bench *b, const char *path, int64_t now, const char *body)
{
	b->now = now;
	assert_int_equal(apply(b, write_op(OP_APPEND, path, str_from(body))), 204);
}

static void
test_age(void **state)
{
	struct bench b = { .now = 1000 };

	(void)state;
	open_bench(&b, 5000, 0);
	assert_int_equal(apply(&b, write_op(OP_CREATE, "a", STR("1"))), 201);
	append_at(&b, "a", 3000, "2");
	append_at(&b, "a", 4000, "3");
	b.now = 6000;
	sweep(&b);
	assert_first(&b, "a", 0, "1,2,3");
	b.now = 6001;
	sweep(&b);
	assert_first(&b, "a", 1, "2,3");
	/* A clock that was set back removes nothing, one that was set forth all that is old then. */
	b.now = 2000;
	sweep(&b);
	assert_first(&b, "a", 1, "2,3");
	append_at(&b, "a", 2500, "4");
	b.now = 8500;
	sweep(&b);
	assert_first(&b, "a", 2, "3,4");
	b.now = 20000;
	sweep(&b);
	assert_first(&b, "a", 4, "");
	/* And it goes on. */
	append_at(&b, "a", 21000, "5");
	assert_first(&b, "a", 4, "5");
	b.now = 30000;
	sweep(&b);
	assert_first(&b, "a", 5, "");
	close_bench(&b);
}

static void
test_slices(void **state)
{
	enum { ROWS = 5000 };
	struct bench b = { .now = 1000 };
	struct stream s = { 0 };

	(void)state;
	open_bench(&b, 5000, 0);
	assert_int_equal(apply(&b, write_op(OP_CREATE, "a", STR_NONE)), 201);
	assert_true(streams_begin(b.log));
	for (int i = 0; i < ROWS; i++) {
		struct op *op = write_op(OP_APPEND, "a", STR("1"));

		rules_apply(b.rules, op, b.now);
		op_free(op);
	}
	assert_true(streams_commit(b.log));
	b.now = 100000;
	/* Nothing goes all at once. */
	assert_true(sweep(&b) >= 4);
	find(&b, "a", &s);
	assert_int_equal(s.first.n, ROWS);
	stream_done(&s);
	close_bench(&b);
}

static struct op *
fork_op(const char *path, const char *from, struct offset at)
{
	struct op *op = write_op(OP_CREATE, path, STR_NONE);

	op->fork = op->fork_at_given = true;
	op->fork_at = at;
	buf_set(&op->fork_from, str_from(from));
	return op;
}

static void
test_forks(void **state)
{
	struct bench b = { .now = 1000 };
	struct op *op;

	(void)state;
	open_bench(&b, 5000, 0);
	assert_int_equal(apply(&b, write_op(OP_CREATE, "a", STR("1"))), 201);
	append_at(&b, "a", 2000, "2");
	append_at(&b, "a", 8000, "3");
	assert_int_equal(apply(&b, fork_op("f", "a", (struct offset){ 2, 4 })), 201);
	append_at(&b, "f", 9000, "4");
	assert_first(&b, "f", 0, "1,2,4");
	b.now = 6500;
	sweep(&b);
	assert_first(&b, "a", 1, "2,3");
	assert_first(&b, "f", 1, "2,4");
	op = fork_op("g", "a", (struct offset){ 0, 0 });
	assert_int_equal(apply(&b, op), 410);
	b.now = 13500;
	sweep(&b);
	assert_first(&b, "a", 3, "");
	assert_first(&b, "f", 2, "4");
	b.now = 20000;
	sweep(&b);
	assert_first(&b, "f", 3, "");
	close_bench(&b);
}

static void
test_size(void **state)
{
	enum { APPENDS = 60, EACH = 100000, CAP = 2 << 20 };
	struct bench b = { .now = 1000 };
	struct stream s = { 0 };
	struct buf body = { 0 };

	(void)state;
	open_bench(&b, 0, CAP);
	apply(&b, write_op(OP_CREATE, "old", STR("0")));
	buf_byte(&body, '"');
	buf_fill(&body, 'x', EACH);
	buf_byte(&body, '"');
	b.now++;
	apply(&b, write_op(OP_CREATE, "a", STR_NONE));
	for (int i = 0; i < APPENDS; i++) {
		b.now++;
		assert_int_equal(apply(&b, write_op(OP_APPEND, "a", buf_view(&body))), 204);
	}
	append_at(&b, "old", b.now, "1");
	assert_true(streams_size(b.log) > CAP);
	sweep(&b);
	assert_true(streams_size(b.log) <= CAP);
	/* What came last is there, what was the oldest went first. */
	find(&b, "a", &s);
	assert_true(s.first.n > 0 && s.first.n < APPENDS);
	find(&b, "old", &s);
	assert_int_equal(s.first.n, 2);
	stream_done(&s);
	buf_done(&body);
	close_bench(&b);
}

static int
producer_append(struct bench *b, int id, int64_t seq)
{
	struct op *op = write_op(OP_APPEND, "a", STR("1"));

	op->has_producer = true;
	op->producer_seq = seq;
	buf_printf(&op->producer, "p%d", id);
	return apply(b, op);
}

/* Those that fell silent are forgotten, however many there are; the others are not. */
static void
test_producers(void **state)
{
	enum { PRODUCERS = 600 };
	const int64_t day = INT64_C(24) * 3600 * 1000;
	struct bench b = { .now = 1000 };

	(void)state;
	open_bench(&b, 0, 0);
	apply(&b, write_op(OP_CREATE, "a", STR_NONE));
	for (int i = 0; i < PRODUCERS; i++)
		assert_int_equal(producer_append(&b, i, 0), 200);
	b.now += 29 * day;
	for (int i = 0; i < 4; i++)
		sweep(&b);
	assert_int_equal(producer_append(&b, 7, 0), 204);
	assert_int_equal(producer_append(&b, 7, 1), 200);
	b.now += 2 * day;
	for (int i = 0; i < 8; i++)
		sweep(&b);
	assert_int_equal(producer_append(&b, 7, 2), 200);
	for (int i = 0; i < PRODUCERS; i++)
		if (i != 7)
			assert_int_equal(producer_append(&b, i, 1), 409);
	close_bench(&b);
}

/* ---- through HTTP: the start trims, so a restart with a short memory shows it */

static const char *const keep[] = { "--retention", "0", NULL };
static const char *const forget[] = { "--retention", "0.00000002", NULL };

static void
restart(struct serving *s, const char *const *options)
{
	serving_stop(s, SIGTERM);
	serving_start(s, options);
}

static int
set_up(void **state)
{
	static struct serving s;

	s = (struct serving){ 0 };
	serving_start(&s, keep);
	*state = &s;
	return 0;
}

static int
tear_down(void **state)
{
	serving_end(*state);
	return 0;
}

static void
await_first(const struct serving *s, const char *target, const char *want)
{
	struct answer a;
	bool there = false;

	for (int i = 0; i < 1000 && !there; i++) {
		serving_ask(s, "HEAD", target, "", STR_NONE, &a);
		there = str_eq(answer_header(&a, FIRST), str_from(want));
		answer_done(&a);
		if (!there)
			usleep(10000);
	}
	assert_true(there);
}

static void
assert_gone(const struct serving *s, const char *target, const char *header, const char *body)
{
	struct answer a;

	if (serving_ask(s, "GET", target, "", STR_NONE, &a) != 410)
		fail_msg("%s: %d", target, a.status);
	if (header != NULL)
		assert_str(answer_header(&a, FIRST), str_from(header));
	if (str_find(a.body, str_from(body)) == a.body.n)
		fail_msg("%s: %.*s", target, STR_ARG(a.body));
	answer_done(&a);
}

static void
assert_body(const struct serving *s, const char *target, const char *want)
{
	struct answer a;

	assert_int_equal(serving_ask(s, "GET", target, "", STR_NONE, &a), 200);
	assert_str(a.body, str_from(want));
	answer_done(&a);
}

static void
test_gone_offsets(void **state)
{
	static const char first[] = "0000000000000003_0000000000000006";
	struct serving *s = *state;

	serving_do(s, "PUT", A, JSON, "[1,2]");
	serving_do(s, "POST", A, JSON, "3");
	restart(s, forget);
	await_first(s, A, first);
	restart(s, keep);
	assert_int_equal(serving_do(s, "POST", A, JSON, "4"), 204);
	assert_body(s, A, "[4]");
	assert_body(s, A "?offset=-1", "[4]");
	assert_body(s, A "?offset=0000000000000003_0000000000000006", "[4]");
	assert_gone(s, A "?offset=0000000000000000_0000000000000000", first, "kept");
	assert_gone(s, A "?offset=0000000000000002_0000000000000004", first, "kept");
	assert_gone(s, A "?offset=0000000000000002_0000000000000004&live=sse", first, "kept");
	assert_gone(s, A "?offset=0000000000000002_0000000000000004&live=long-poll", first, "kept");
	assert_int_equal(serving_do(s, "GET", A "?offset=0000000000000003_0000000000000007", "",
	    ""), 400);
	assert_int_equal(serving_do(s, "PUT", "/v1/stream/f", "Stream-Forked-From: " A "\r\n"
	    "Stream-Fork-Offset: 0000000000000002_0000000000000004\r\n", ""), 410);
}

static void
assert_holds(const struct serving *s, const char *target, const char *want)
{
	struct answer a;

	if (serving_ask(s, "GET", target, "", STR_NONE, &a) != 200 ||
	    str_find(a.body, str_from(want)) == a.body.n)
		fail_msg("%s: not %s but %d %.*s", target, want, a.status, STR_ARG(a.body));
	assert_true(json_valid(a.body));
	answer_done(&a);
}

static void
publish(const struct serving *s)
{
	assert_int_equal(serving_do(s, "POST", "/api/streams?sessionId=s1", JSON,
	    "{\"channel\":\"chunks\",\"data\":{\"text\":\"x\"}}"), 200);
}

static void
test_gone_events(void **state)
{
	struct serving *s = *state;
	struct buf got = { 0 };
	int fd;

	serving_do(s, "POST", "/api/sessions", JSON, "{\"id\":\"s1\",\"title\":\"One\"}");
	serving_do(s, "POST", "/v1/stream/sessions/s1", JSON, "{\"type\":\"session\",\"value\":{\"title\":\"Two\"}}");
	for (int i = 0; i < 3; i++)
		publish(s);
	restart(s, forget);
	for (int i = 0; i < 1000; i++) {
		struct answer a;
		bool there;

		serving_ask(s, "GET", S1, "", STR_NONE, &a);
		there = str_find(a.body, STR("\"firstOffset\":5")) < a.body.n;
		answer_done(&a);
		if (there)
			break;
		usleep(10000);
	}
	restart(s, keep);
	publish(s);
	publish(s);
	/* What it is about outlives what was said in it. */
	assert_holds(s, S1, "\"offset\":7,\"firstOffset\":5,\"closed\":false,\"title\":\"Two\",\"createdAt\":");
	assert_gone(s, S1 "/events?offset=4", NULL, "\"code\":\"OFFSET_GONE\"");
	assert_gone(s, S1 "/events?offset=4", NULL, "\"firstOffset\":5}");
	assert_gone(s, S1 "/events?afterEventId=3", NULL, "\"firstOffset\":5}");
	assert_gone(s, S1 "/events?beforeOffset=4", NULL, "\"firstOffset\":5}");
	assert_gone(s, S1 "/events?fromOffset=0&toOffset=6", NULL, "\"firstOffset\":5}");
	assert_gone(s, S1 "/stream?offset=4", NULL, "\"firstOffset\":5}");
	assert_holds(s, S1 "/events?afterEventId=4", "\"id\":\"5\"");
	assert_holds(s, S1 "/events?offset=0", "\"prevOffset\":5,\"nextOffset\":7,\"hasMore\":false");
	assert_holds(s, S1 "/events?beforeOffset=7&limit=1", "\"prevOffset\":6,\"nextOffset\":7,"
	    "\"hasMore\":true");
	assert_holds(s, S1 "/events?beforeOffset=7", "\"prevOffset\":5,\"nextOffset\":7,"
	    "\"hasMore\":false");
	assert_holds(s, S1 "/events?beforeOffset=5", "\"data\":[]");
	fd = serving_connect(s);
	serving_send(fd, STR("GET " S1 "/stream?fromOffset=0 HTTP/1.0\r\nHost: localhost\r\n\r\n"));
	assert_true(serving_until(fd, &got, "\"resumedFromOffset\":5}"));
	assert_true(serving_until(fd, &got, "id: 5\n"));
	assert_true(serving_until(fd, &got, "id: 6\n"));
	close(fd);
	buf_done(&got);
}

/* ---- versions and copies */

static void
run_sql(const char *dir, const char *name, const char *sql)
{
	struct buf path = { 0 };
	sqlite3 *db;

	buf_printf(&path, "%s/%s", dir, name);
	assert_int_equal(sqlite3_open(buf_cstr(&path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	buf_done(&path);
}

static const char version_1[] =
	"CREATE TABLE stream (id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT UNIQUE,"
	" type TEXT NOT NULL, base_n INTEGER NOT NULL, base_b INTEGER NOT NULL,"
	" n INTEGER NOT NULL, b INTEGER NOT NULL,"
	" parent INTEGER NOT NULL, forks INTEGER NOT NULL, depth INTEGER NOT NULL,"
	" fork_from TEXT NOT NULL, fork_sub INTEGER NOT NULL,"
	" closed INTEGER NOT NULL, gone INTEGER NOT NULL,"
	" ttl INTEGER NOT NULL, dies INTEGER NOT NULL, expires TEXT NOT NULL, seq BLOB NOT NULL);"
	"CREATE INDEX stream_dies ON stream (dies) WHERE dies > 0;"
	"CREATE TABLE row (key INTEGER PRIMARY KEY, b INTEGER NOT NULL, time INTEGER NOT NULL,"
	" data BLOB NOT NULL);"
	"CREATE TABLE producer (stream INTEGER NOT NULL, id BLOB NOT NULL, epoch INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (stream, id)) WITHOUT ROWID;"
	"INSERT INTO stream VALUES (3, 'a', 'application/json', 0, 0, 2, 4, 0, 0, 0, '', 0, 0, 0,"
	" -1, 0, '', '');"
	"INSERT INTO row VALUES (3 << 36, 0, 1000, '1'), ((3 << 36) + 1, 2, 9000, '2');"
	"INSERT INTO producer VALUES (3, 'p', 0, 1, 9000);"
	"PRAGMA user_version = 1;";

static bool
is_there(const char *dir, const char *name)
{
	char path[TEMPDIR_NAME + 32];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static void
test_migration(void **state)
{
	struct bench b = { .now = 6001 };
	struct error e = { 0 };

	(void)state;
	assert_true(tempdir_make(b.dir));
	run_sql(b.dir, "streams.db", version_1);
	open_bench(&b, 5000, 0);
	/* As it was, and the new version knows how old it is. */
	assert_first(&b, "a", 0, "1,2");
	sweep(&b);
	assert_first(&b, "a", 1, "2");
	rules_free(b.rules);
	streams_close(b.log);
	/* The copy is what was there before. */
	run_sql(b.dir, "streams.db.v1", "SELECT 1 / (count(*) = 2) FROM row");
	assert_false(is_there(b.dir, "streams.db.v1.part"));
	run_sql(b.dir, "streams.db", "PRAGMA user_version = 99");
	assert_int_equal(streams_open(&b.log, b.dir, STREAMS_WRITE, &e), ERR_STORE);
	assert_non_null(strstr(e.text, "newer"));
	tempdir_remove(b.dir);
}

/* A migration that cannot keep a copy does not begin. */
static void
test_no_copy_no_migration(void **state)
{
	struct bench b = { .now = 1 };
	char path[TEMPDIR_NAME + 32];

	(void)state;
	assert_true(tempdir_make(b.dir));
	run_sql(b.dir, "streams.db", version_1);
	snprintf(path, sizeof path, "%s/streams.db.v1.part", b.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(streams_open(&b.log, b.dir, STREAMS_WRITE, NULL), ERR_STORE);
	rmdir(path);
	run_sql(b.dir, "streams.db", "SELECT 1 / (user_version = 1) FROM pragma_user_version");
	open_bench(&b, 0, 0);
	assert_first(&b, "a", 0, "1,2");
	close_bench(&b);
}

static void
test_backup(void **state)
{
	struct bench b = { .now = 1 };
	char copy[TEMPDIR_NAME], file[TEMPDIR_NAME + 32];

	(void)state;
	open_bench(&b, 0, 0);
	apply(&b, write_op(OP_CREATE, "a", STR("1")));
	assert_true(tempdir_make(copy));
	snprintf(file, sizeof file, "%s/streams.db", copy);
	/* While somebody writes. */
	assert_true(streams_begin(b.log));
	assert_int_equal(streams_backup(b.dir, file, NULL), ERR_OK);
	assert_true(streams_commit(b.log));
	assert_int_not_equal(streams_backup(b.dir, file, NULL), ERR_OK);
	assert_false(is_there(copy, "streams.db-wal"));
	append_at(&b, "a", 2, "2");
	close_bench(&b);
	memcpy(b.dir, copy, sizeof copy);
	open_bench(&b, 0, 0);
	assert_first(&b, "a", 0, "1");
	append_at(&b, "a", 3, "3");
	assert_first(&b, "a", 0, "1,3");
	close_bench(&b);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_forks),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_producers),
		EACH(test_gone_offsets),
		EACH(test_gone_events),
		cmocka_unit_test(test_migration),
		cmocka_unit_test(test_no_copy_no_migration),
		cmocka_unit_test(test_backup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
