#include "tests/unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/store_db.h"
#include "tests/tempdir.h"

enum { DAY = 86400000, RECORD = 2000 };

struct place {
	char dir[TEMPDIR_NAME];
	char path[96];
	struct store *st;
	struct error e;
};

static void
reopen(struct place *p)
{
	store_close(p->st);
	assert_int_equal(store_open(&p->st, p->path, NULL, &p->e), ERR_OK);
}

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	if (!tempdir_make(p->dir))
		return -1;
	snprintf(p->path, sizeof p->path, "%s/weir.db", p->dir);
	clock_set(1, 100 * (int64_t)DAY);
	reopen(p);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	store_close(p->st);
	tempdir_remove(p->dir);
	free(p);
	clock_unset();
	return 0;
}

static int64_t
session(struct place *p, const char *name)
{
	int64_t id;

	assert_int_equal(store_session(p->st, str_from(name), STR("durable"), &id, &p->e), ERR_OK);
	return id;
}

/* A session of n records that is used on that day. */
static void
fill(struct place *p, const char *name, size_t n, int day)
{
	char record[RECORD];
	int64_t id;

	memset(record, 'x', sizeof record);
	clock_set(1, day * (int64_t)DAY);
	id = session(p, name);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(store_append(p->st, id, str_of(record, sizeof record), 7, &p->e), ERR_OK);
		if (i % 10 == 9)
			assert_int_equal(store_commit(p->st, &p->e), ERR_OK);
	}
	assert_int_equal(store_put_item(p->st, id, 1, STR("item"), &p->e), ERR_OK);
	assert_int_equal(store_put_entity(p->st, id, STR("key"), STR("item"), &p->e), ERR_OK);
	reopen(p);
	clock_set(1, 100 * (int64_t)DAY);
}

static void
name_of(void *ctx, const struct store_session_row *row)
{
	buf_printf(ctx, "%.*s:%d ", STR_ARG(row->name), (int)row->records);
}

static void
expect(struct place *p, const char *want)
{
	struct buf got = { 0 };

	assert_int_equal(store_each(p->st, name_of, &got, &p->e), ERR_OK);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

static struct store_pruned
prune(struct place *p, int days, uint64_t bytes)
{
	const struct store_limits limits = { .age = days * (int64_t)DAY, .bytes = bytes };
	struct store_pruned out;

	assert_int_equal(store_prune(p->st, &limits, NULL, NULL, &out, &p->e), ERR_OK);
	return out;
}

static void
test_age(void **state)
{
	struct place *p = *state;
	struct store_pruned out;
	struct store_size size;

	fill(p, "old", 200, 60);
	fill(p, "new", 100, 90);
	fill(p, "edge", 1, 71);
	expect(p, "old:200 edge:1 new:100 ");
	out = prune(p, 0, 0);
	assert_int_equal(out.sessions, 0);
	out = prune(p, 30, 0);
	assert_int_equal(out.sessions, 1);
	assert_true(out.bytes > 200 * RECORD);
	expect(p, "edge:1 new:100 ");
	/* What was dropped takes no room, neither in tables nor in the file. */
	assert_int_equal(store_measure(p->st, &size, &p->e), ERR_OK);
	assert_int_equal(size.spare, 0);
	assert_int_equal(size.records, 101);
	reopen(p);
	expect(p, "edge:1 new:100 ");
	assert_int_equal(store_records(p->st, session(p, "old")), 0);
}

static void
test_size(void **state)
{
	struct place *p = *state;

	fill(p, "a", 200, 97);
	fill(p, "b", 200, 98);
	fill(p, "c", 200, 99);
	assert_int_equal(prune(p, 30, 2000 * RECORD).sessions, 0);
	assert_int_equal(prune(p, 30, 650 * RECORD).sessions, 1);
	expect(p, "b:200 c:200 ");
	assert_int_equal(prune(p, 30, 1).sessions, 2);
	expect(p, "");
}

/* Runs prune as another program would; what it dropped and what it left. */
static int
prune_elsewhere(struct place *p)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct place mine = *p;
		struct store_pruned out;

		mine.st = NULL;
		reopen(&mine);
		out = prune(&mine, 1, 0);
		_exit((int)(16 * out.held + out.sessions));
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

/* Who has a session open keeps it, also when he only reads. */
static void
test_open(void **state)
{
	struct place *p = *state;
	struct store *second = NULL;
	struct store_pruned out;
	int64_t id;

	fill(p, "mine", 10, 50);
	fill(p, "theirs", 10, 50);
	fill(p, "free", 10, 50);
	session(p, "mine");
	assert_int_equal(store_open(&second, p->path, NULL, &p->e), ERR_OK);
	assert_int_equal(store_session(second, STR("mine"), STR("durable"), &id, &p->e), ERR_OK);
	assert_false(store_writes(second, id));
	assert_int_equal(store_session(second, STR("theirs"), STR("durable"), &id, &p->e), ERR_OK);
	assert_int_equal(prune_elsewhere(p), 2 * 16 + 1);
	expect(p, "mine:10 theirs:10 ");
	/* The one who stores it has gone. */
	store_close(p->st);
	p->st = NULL;
	reopen(p);
	clock_set(1, 200 * (int64_t)DAY);
	assert_int_equal(prune(p, 1, 0).held, 2);
	store_close(second);
	clock_set(1, 300 * (int64_t)DAY);
	out = prune(p, 1, 0);
	assert_int_equal(out.held, 0);
	assert_int_equal(out.sessions, 2);
}

static void
test_unsent(void **state)
{
	struct place *p = *state;
	struct store_entry entry = { .id = STR("in"), .text = STR("do it") };
	struct buf producer = { 0 };
	int64_t id, epoch;

	fill(p, "s", 10, 50);
	id = session(p, "s");
	assert_int_equal(store_lanes(p->st, id), 1);
	assert_int_equal(store_producer(p->st, id, 0, &entry.lane, &producer, &epoch, &p->e), ERR_OK);
	assert_int_equal(store_outbox_put(p->st, id, &entry, &p->e), ERR_OK);
	reopen(p);
	clock_set(1, 300 * (int64_t)DAY);
	assert_int_equal(prune(p, 30, 1).held, 1);
	expect(p, "s:10 ");
	assert_int_equal(store_outbox_end(p->st, entry.row, STR_NONE, &p->e), ERR_OK);
	assert_int_equal(prune(p, 30, 1).sessions, 1);
	buf_done(&producer);
}

static bool
collect(void *ctx, struct str bytes, int64_t time)
{
	buf_printf(ctx, "%zu@%d ", bytes.n, (int)time);
	return true;
}

static void
test_verify(void **state)
{
	struct place *p = *state;
	struct buf found = { 0 }, all = { 0 };
	char garbage[4096];
	struct stat sb;
	int fd;

	fill(p, "s", 2, 99);
	assert_int_equal(store_each_record(p->st, 1, 2, collect, &all, &p->e), ERR_OK);
	assert_str(buf_view(&all), STR("2000@7 2000@7 "));
	assert_int_equal(store_each_record(p->st, 1, 3, collect, &all, &p->e), ERR_STORE);
	fill(p, "t", 2000, 99);
	assert_int_equal(store_verify(p->st, &found, &p->e), ERR_OK);
	assert_str(buf_view(&found), STR(""));
	store_close(p->st);
	/* Behind the back of a program that has looked at the file before. */
	memset(garbage, 0xa5, sizeof garbage);
	fd = open(p->path, O_WRONLY);
	assert_int_equal(fstat(fd, &sb), 0);
	for (off_t at = sb.st_size / 2; at < sb.st_size / 2 + 200000; at += (off_t)sizeof garbage)
		assert_int_equal(pwrite(fd, garbage, sizeof garbage, at), sizeof garbage);
	close(fd);
	assert_int_equal(store_open_second(&p->st, p->path, &p->e), ERR_OK);
	assert_int_equal(store_verify(p->st, &found, &p->e), ERR_OK);
	assert_true(found.n > 0);
	store_close(p->st);
	p->st = NULL;
	/* It is set aside with the next start, although nobody looks through it again. */
	buf_clear(&found);
	assert_int_equal(store_open(&p->st, p->path, &found, &p->e), ERR_OK);
	assert_true(str_find(buf_view(&found), STR(".damaged-1")) < found.n);
	expect(p, "");
	buf_done(&found);
	buf_done(&all);
}

/* A file that is too large to look through at the start is looked through by the thread. */
static void
test_large_crashed(void **state)
{
	struct place *p = *state;
	char lock[128], garbage[8192];
	enum err r = ERR_OK;
	int fd;

	fill(p, "s", 12000, 99);
	store_close(p->st);
	p->st = NULL;
	snprintf(lock, sizeof lock, "%s-lock", p->path);
	assert_int_equal(unlink(lock), 0);
	memset(garbage, 0xa5, sizeof garbage);
	fd = open(p->path, O_WRONLY);
	for (off_t at = 8 << 20; at < 9 << 20; at += (off_t)sizeof garbage)
		assert_int_equal(pwrite(fd, garbage, sizeof garbage, at), sizeof garbage);
	close(fd);
	reopen(p);
	session(p, "s");
	for (int i = 0; r == ERR_OK && i < 20000; i++) {
		r = store_commit(p->st, &p->e);
		usleep(1000);
	}
	assert_int_equal(r, ERR_STORE);
	assert_non_null(strstr(p->e.text, "damaged"));
	store_close(p->st);
	p->st = NULL;
	reopen(p);
	expect(p, "");
}

/* What a running program keeps within limits it does without being asked. */
static void
test_limit(void **state)
{
	struct place *p = *state;
	const struct store_limits limits = { .age = 30 * (int64_t)DAY };
	struct buf got = { 0 };

	fill(p, "old", 100, 60);
	fill(p, "new", 10, 99);
	session(p, "new");
	store_limit(p->st, &limits);
	for (int i = 0; i < 20000 && !str_eq(buf_view(&got), STR("new:10 ")); i++) {
		assert_int_equal(store_commit(p->st, &p->e), ERR_OK);
		usleep(1000);
		buf_clear(&got);
		assert_int_equal(store_each(p->st, name_of, &got, &p->e), ERR_OK);
	}
	assert_str(buf_view(&got), STR("new:10 "));
	buf_done(&got);
}

#define KEEP(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KEEP(test_age), KEEP(test_size), KEEP(test_open), KEEP(test_unsent), KEEP(test_verify),
		KEEP(test_large_crashed), KEEP(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
