/*
 * The server is killed at random times while some write and many read: what was acknowledged is
 * there once, in order, for everybody. WEIR_CRASHES is how often, 8 when it is not set.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/follow.h"
#include "tests/serve/serving.h"
#include "wire/json.h"
#include "wire/sse.h"

#define STREAM "/v1/stream/s"
#define JSON "Content-Type: application/json\r\n"
#define HEAD " HTTP/1.0\r\nHost: localhost\r\n"

enum { WRITERS = 4, READERS = 20, RUNS = 8, EACH = 1000000000 };

/* ---- somebody else's process: nothing is asserted here, it says what is wrong and ends */

static _Noreturn void
broken(const char *what, int64_t got, int64_t want)
{
	fprintf(stderr, "test_crash: %s: %lld, not %lld\n", what, (long long)got, (long long)want);
	_exit(1);
}

/* -1 while nobody listens. */
static int
reach(const struct serving *s)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, s->socket.p, s->socket.n);
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0)
		return fd;
	close(fd);
	usleep(1000);
	return -1;
}

/* The status of one request, 0 when there was no answer. */
static int
ask(const struct serving *s, struct str request)
{
	char answer[512];
	size_t n = 0;
	ssize_t got;
	int fd = reach(s);

	if (fd < 0)
		return 0;
	serving_send(fd, request);
	while (n < sizeof answer - 1 && (got = read(fd, answer + n, sizeof answer - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	answer[n] = '\0';
	return n > 12 && memchr(answer, '\n', n) != NULL ? (int)strtol(answer + 9, NULL, 10) : 0;
}

static bool
wanted(int stop)
{
	return poll(&(struct pollfd){ .fd = stop, .events = POLLIN }, 1, 0) == 0;
}

/* Appends one number after the other, each until it is answered; then says how many those were. */
static _Noreturn void
write_on(const struct serving *s, int self, int stop, int result)
{
	int64_t n = 0;

	while (wanted(stop)) {
		char body[32], request[256];
		int status;

		snprintf(body, sizeof body, "%lld", (long long)(self + 1) * EACH + n);
		snprintf(request, sizeof request, "POST " STREAM HEAD JSON "Producer-Id: w%d\r\n"
		    "Producer-Epoch: 0\r\nProducer-Seq: %lld\r\nContent-Length: %zu\r\n\r\n%s", self,
		    (long long)n, strlen(body), body);
		do {
			status = ask(s, str_from(request));
			if (status != 0 && status != 200 && status != 204)
				broken("status of an append", status, 200);
		} while (status == 0);
		n++;
	}
	_exit(write(result, &n, sizeof n) == (ssize_t)sizeof n ? 0 : 1);
}

struct reader {
	int64_t next[WRITERS];
	struct buf offset, held;	/* data that no control event has confirmed yet */
	bool closed;
};

static void
take_held(struct reader *r)
{
	struct json j;
	int64_t v;

	if (r->held.n == 0)
		return;
	json_init(&j, buf_view(&r->held));
	json_array(&j);
	while (json_element(&j) && json_i64(&j, &v)) {
		int64_t writer = v / EACH - 1;

		if (writer < 0 || writer >= WRITERS)
			broken("a number", v, 0);
		if (v % EACH != r->next[writer]++)
			broken("the next of a writer", v % EACH, r->next[writer] - 1);
	}
	if (!json_end(&j))
		broken("an event that is JSON", 0, 1);
	buf_clear(&r->held);
}

static void
hear(void *ctx, const struct sse_message *m)
{
	struct reader *r = ctx;
	struct str closed;

	if (str_eq(m->type, STR("data"))) {
		buf_set(&r->held, m->data);
		return;
	}
	take_held(r);
	buf_clear(&r->offset);
	json_get_text(m->data, "streamNextOffset", &r->offset);
	r->closed = json_get(m->data, "streamClosed", &closed);
}

/* Follows one connection until it ends. */
static void
follow(struct reader *r, int fd)
{
	struct sse_handler handler = { .message = hear, .ctx = r };
	struct buf request = { 0 }, got = { 0 };
	struct sse parser;
	size_t head;
	ssize_t n;

	buf_printf(&request, "GET " STREAM "?live=sse&offset=%.*s" HEAD "\r\n",
	    STR_ARG(buf_view(&r->offset)));
	serving_send(fd, buf_view(&request));
	sse_init(&parser, &handler, SSE_LIMITS_DEFAULT);
	for (bool body = false; (n = read(fd, buf_room(&got, 65536), 65536)) > 0;) {
		got.n += (size_t)n;
		head = str_find(buf_view(&got), STR("\r\n\r\n"));
		if (!body && head == got.n)
			continue;
		if (!body && !str_starts(buf_view(&got), STR("HTTP/1.1 200")))
			broken("status of a reader", got.n > 12 ? strtol(got.p + 9, NULL, 10) : 0, 200);
		if (!body)
			buf_drop(&got, head + 4);
		body = true;
		sse_feed(&parser, buf_view(&got));
		buf_clear(&got);
	}
	sse_done(&parser);
	buf_clear(&r->held);
	buf_done(&request);
	buf_done(&got);
}

static _Noreturn void
read_on(const struct serving *s, int result)
{
	struct reader r = { 0 };

	buf_str(&r.offset, STR("-1"));
	while (!r.closed) {
		int fd = reach(s);

		if (fd < 0)
			continue;
		follow(&r, fd);
		close(fd);
	}
	_exit(write(result, r.next, sizeof r.next) == (ssize_t)sizeof r.next ? 0 : 1);
}

/* ---- the test */

struct crowd {
	pid_t pids[WRITERS + READERS];
	int results[WRITERS + READERS], stop[2];
};

static void
gather(struct crowd *c, const struct serving *s)
{
	pid_t parent = getpid();

	assert_int_equal(pipe2(c->stop, O_CLOEXEC), 0);
	for (int i = 0; i < WRITERS + READERS; i++) {
		int fds[2];

		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		c->pids[i] = fork();
		assert_true(c->pids[i] >= 0);
		if (c->pids[i] == 0) {
			follow_parent(parent);
			close(c->stop[1]);
			if (i < WRITERS)
				write_on(s, i, c->stop[0], fds[1]);
			read_on(s, fds[1]);
		}
		close(fds[1]);
		c->results[i] = fds[0];
	}
	close(c->stop[0]);
}

static void
result_of(const struct crowd *c, int i, int64_t *out, size_t n)
{
	int status;

	assert_int_equal(waitpid(c->pids[i], &status, 0), c->pids[i]);
	assert_int_equal(status, 0);
	assert_int_equal(read(c->results[i], out, n), (ssize_t)n);
	close(c->results[i]);
}

static void
assert_sound(const struct serving *s)
{
	char path[TEMPDIR_NAME + 32];
	sqlite3_stmt *q;
	sqlite3 *db;

	snprintf(path, sizeof path, "%s/data/streams.db", s->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(q, 0), "ok");
	sqlite3_finalize(q);
	sqlite3_close(db);
}

/* Kills it that often; returns the longest that it took to be ready again, in ms. */
static int64_t
crash(struct serving *s, int times)
{
	int64_t longest = 0;
	uint64_t seed = (uint64_t)clock_mono_ns();

	for (int i = 0; i < times; i++) {
		int64_t began;

		usleep(unit_random(&seed) % 60000);
		serving_stop(s, SIGKILL);
		began = clock_mono();
		serving_start(s, NULL);
		longest = clock_mono() - began > longest ? clock_mono() - began : longest;
	}
	return longest;
}

static void
test_crashes(void **state)
{
	const char *env = getenv("WEIR_CRASHES");
	int times = env != NULL ? (int)strtol(env, NULL, 10) : RUNS;
	struct serving s = { 0 };
	struct crowd c;
	int64_t written[WRITERS], read[WRITERS], sum = 0, longest;

	(void)state;
	serving_start(&s, NULL);
	assert_int_equal(serving_do(&s, "PUT", STREAM, JSON, "[]"), 201);
	gather(&c, &s);
	longest = crash(&s, times);
	close(c.stop[1]);
	for (int i = 0; i < WRITERS; i++) {
		result_of(&c, i, &written[i], sizeof written[i]);
		sum += written[i];
	}
	assert_int_equal(serving_do(&s, "POST", STREAM, "Stream-Closed: true\r\n", ""), 204);
	for (int i = WRITERS; i < WRITERS + READERS; i++) {
		result_of(&c, i, read, sizeof read);
		assert_memory_equal(read, written, sizeof read);
	}
	assert_true(WIFEXITED(serving_stop(&s, SIGTERM)));
	assert_sound(&s);
	print_message("%d crashes, %lld appends by %d writers seen by %d readers; ready again within "
	    "%lld ms\n", times, (long long)sum, WRITERS, READERS, (long long)longest);
	serving_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
