/* The log on a disk that fails, and on one that loses power. */

#include "tests/unit.h"

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/commit.h"
#include "serve/log_db.h"
#include "tests/follow.h"
#include "tests/serve/disk.h"
#include "tests/tempdir.h"

enum { APPENDS = 8 };

static const struct retention keep = { 0 };

static struct op *
append_op(int64_t seq)
{
	struct op *op = op_new(OP_APPEND);

	buf_set(&op->path, STR("t"));
	buf_set(&op->type, STR("text/plain"));
	buf_printf(&op->body, "<%lld>", (long long)seq);
	op->count = 1;
	op->has_producer = true;
	op->producer_seq = seq;
	buf_set(&op->producer, STR("p"));
	return op;
}

static void
take_status(void *ctx, struct op *op)
{
	*(int *)ctx = op->out.status;
	op_free(op);
}

/* Submits one and waits for its answer. */
static int
status_of(struct commit *c, struct op *op)
{
	int status = 0;

	commit_submit(c, op);
	while (status == 0) {
		poll(&(struct pollfd){ .fd = commit_fd(c), .events = POLLIN }, 1, -1);
		commit_reap(c, take_status, &status);
	}
	return status;
}

static struct commit *
open_commit(const char *dir)
{
	struct streams *log;
	struct op *op = op_new(OP_CREATE);
	struct commit *c;

	assert_int_equal(streams_open(&log, dir, STREAMS_WRITE, NULL), ERR_OK);
	c = commit_new(log, &keep);
	buf_set(&op->path, STR("t"));
	buf_set(&op->type, STR("text/plain"));
	assert_int_equal(status_of(c, op) / 100, 2);
	return c;
}

/* What is in the log: the appends from 0 on without a gap; returns how many. */
static int64_t
count(const char *dir)
{
	struct streams *log;
	struct stream s = { 0 };
	struct producer_state p;
	struct buf got = { 0 }, want = { 0 };
	const struct offset start = { 0, 0 };

	assert_int_equal(streams_open(&log, dir, STREAMS_WRITE, NULL), ERR_OK);
	if (streams_find(log, STR("t"), &s)) {
		assert_true(streams_producer(log, s.id, STR("p"), &p));
		assert_int_equal(p.known ? p.seq + 1 : 0, s.tail.n);
		streams_read(log, &s, start, s.tail, SIZE_MAX, &got);
		for (int64_t i = 0; i < s.tail.n; i++)
			buf_printf(&want, "<%lld>", (long long)i);
		assert_str(buf_view(&got), buf_view(&want));
	}
	assert_true(streams_ok(log));
	streams_close(log);
	buf_done(&got);
	buf_done(&want);
	stream_done(&s);
	return s.tail.n;
}

/* One fault at the `n`th chance; false when there was no such chance any more. */
static bool
try_fault(enum disk_fault fault, int n)
{
	char dir[TEMPDIR_NAME];
	struct commit_stats stats;
	struct commit *c;
	int64_t good = 0;
	bool bad = false;

	assert_true(tempdir_make(dir));
	c = open_commit(dir);
	disk_fail(fault, n);
	for (int64_t i = 0; i < APPENDS; i++) {
		int status = status_of(c, append_op(i));

		/* The disk works again after its one fault; the log does not trust it. */
		assert_true(bad ? status >= 500 : status == 200 || status >= 500);
		assert_false(status == 200 && disk_failed());
		bad = status >= 500;
		good += status == 200;
	}
	commit_stats(c, &stats);
	assert_int_equal(stats.read_only, bad);
	assert_int_equal(bad, disk_failed());
	assert_int_equal(bad, commit_error(c)[0] != '\0');
	disk_fail(fault, 0);
	commit_free(c, take_status, &(int){ 0 });
	/* Here and after a power failure everything is there that was acknowledged. */
	assert_true(count(dir) >= good);
	disk_lose_power(dir);
	assert_true(count(dir) >= good);
	tempdir_remove(dir);
	return bad;
}

static void
test_faults(void **state)
{
	(void)state;
	for (enum disk_fault fault = DISK_SYNC; fault <= DISK_FULL; fault++) {
		int n = 1;

		while (try_fault(fault, n))
			n++;
		/* At least one an append. */
		assert_true(n > APPENDS);
	}
}

/* ---- power */

static void
report(void *owner, struct op *op)
{
	int64_t seq = op->producer_seq;

	if (op->out.status == 200 && write(*(int *)owner, &seq, sizeof seq) != (ssize_t)sizeof seq)
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

/* Appends in bursts without end and says what was acknowledged. */
static _Noreturn void
write_until_dark(const char *dir, const char *pragma, int fd, int64_t next)
{
	struct streams *log;
	struct commit *c;

	if (streams_open(&log, dir, STREAMS_WRITE, NULL) != ERR_OK ||
	    sqlite3_exec(log->db, pragma, NULL, NULL, NULL) != SQLITE_OK)
		_exit(1);
	c = commit_new(log, &keep);
	for (;;) {
		for (int i = 0; i < 4; i++) {
			struct op *op = append_op(next++);

			op->done = report;
			op->owner = &fd;
			commit_submit(c, op);
		}
		poll(&(struct pollfd){ .fd = commit_fd(c), .events = POLLIN }, 1, -1);
		commit_reap(c, reaped, NULL);
	}
}

static int64_t
last_reported(int fd, int64_t last)
{
	int64_t seq;

	while (read(fd, &seq, sizeof seq) == (ssize_t)sizeof seq)
		last = seq;
	return last;
}

/* Cuts the power some times; returns how many acknowledged appends that cost. */
static int64_t
lose(const char *pragma, int rounds)
{
	char dir[TEMPDIR_NAME];
	int64_t lost = 0, there = 0;
	uint64_t seed = 77;

	assert_true(tempdir_make(dir));
	commit_free(open_commit(dir), take_status, &(int){ 0 });
	for (int round = 0; round < rounds; round++) {
		pid_t parent = getpid(), pid;
		int64_t first, last;
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (pid == 0) {
			follow_parent(parent);
			close(fds[0]);
			write_until_dark(dir, pragma, fds[1], there);
		}
		close(fds[1]);
		assert_int_equal(read(fds[0], &first, sizeof first), sizeof first);
		usleep(unit_random(&seed) % 20000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		last = last_reported(fds[0], first);
		close(fds[0]);
		disk_lose_power(dir);
		there = count(dir);
		lost += last + 1 > there ? last + 1 - there : 0;
	}
	tempdir_remove(dir);
	return lost;
}

static void
test_power(void **state)
{
	(void)state;
	assert_int_equal(lose("PRAGMA synchronous = FULL", 10), 0);
	/* And this disk does forget: with less care something is lost. */
	assert_true(lose("PRAGMA synchronous = NORMAL", 5) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_power),
	};

	disk_use();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
