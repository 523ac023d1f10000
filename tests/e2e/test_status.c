/* weir status: what a running weir knows, without a connection; and weir check. */

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/world.h"
#include "tests/unit.h"
#include "wire/json.h"

#define ASK "{\"type\":\"workflow\",\"key\":\"w1\",\"value\":{\"id\":\"w1\"," \
	"\"type\":\"approval:requested\",\"actor\":\"a\",\"payload\":{\"title\":\"run it\"," \
	"\"command\":\"make\"}}}"
#define VISIT "{\"type\":\"presence\",\"key\":\"ann\",\"value\":{\"userId\":\"ann\",\"lastSeen\":1}}"
#define TITLE "{\"type\":\"session\",\"key\":\"demo\",\"value\":{\"id\":\"demo\"," \
	"\"title\":\"a \\u001b[31mred\\u009b title\"}}"

struct look {
	struct world *w;
	const char *format, *want;
};

static int
status(struct world *w, const char *format, struct buf *out)
{
	int status;

	buf_clear(out);
	world_run(w, (const char *const[]){ "status", "-F", format, world_url(w, NULL), NULL }, out,
	    &status);
	return WEXITSTATUS(status);
}

static bool
says(struct term *t, const void *arg)
{
	const struct look *l = arg;
	struct buf out = { 0 };
	bool same;

	(void)t;
	status(l->w, l->format, &out);
	same = strcmp(buf_cstr(&out), l->want) == 0;
	buf_done(&out);
	return same;
}

static void
wait_status(struct term *t, struct world *w, const char *format, const char *want)
{
	const struct look l = { w, format, want };
	const struct timespec moment = { .tv_nsec = 20000000 };

	/* What is waited for is in a file: the terminal does not tell when to look. */
	for (int i = 0; i < SOON / 20 && !says(t, &l); i++) {
		term_poll(t);
		nanosleep(&moment, NULL);
	}
	assert_true(term_wait(t, says, &l, want, 1));
}

/* What became of the connection, and why, the newest first. */
static void
expect_trail(struct world *w)
{
	struct buf out = { 0 };
	struct str trail, causes = STR("connection.");
	int status;

	world_run(w, (const char *const[]){ "status", "--json", world_url(w, NULL), NULL }, &out, &status);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(json_get(str_trim(buf_view(&out)), "connection", &trail));
	assert_true(str_starts(trail, STR("[{\"time\":")));
	assert_true(str_find(trail, STR("\"state\":\"live\"")) < str_find(trail, causes));
	assert_true(str_find(trail, causes) < str_find(trail, STR("\"cause\":\"client.start\"")));
	assert_true(str_find(trail, STR("client.start")) < trail.n);
	buf_done(&out);
}

/* By the address of the server alone: what is kept of its sessions. */
static void
expect_of_server(struct world *w, int code, const char *want)
{
	struct buf address = { 0 }, out = { 0 };
	int status;

	buf_printf(&address, "unix:%s:/", buf_cstr(&w->socket));
	world_run(w, (const char *const[]){ "status", "-F", "%n %s", buf_cstr(&address), NULL }, &out,
	    &status);
	assert_int_equal(WEXITSTATUS(status), code);
	assert_str(buf_view(&out), str_from(want));
	buf_done(&address);
	buf_done(&out);
}

/* Kept fresh by a daemon; not a word more when that is killed. */
static void
test_daemon(void **state)
{
	struct world w;
	struct term *t;
	struct buf out = { 0 };

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	assert_int_equal(status(&w, "%s", &out), 1);
	t = world_term(&w, (const char *const[]){ "status", "--daemon", world_url(&w, NULL), NULL }, 24, 80);
	wait_status(t, &w, "%n %s %w", "demo idle 0\n");
	expect_of_server(&w, 0, "demo idle\n");
	world_append(&w, STR("[" TITLE "," ASK "]"));
	wait_status(t, &w, "%s %w %t%%", "waiting 1 a ^[[31mred<9B> title%\n");
	wait_status(t, &w, "%u", "2\n");
	/* Who is there is no news, what is said behind it is. */
	world_append(&w, STR("[" VISIT "," VISIT "," TITLE "]"));
	wait_status(t, &w, "%u", "3\n");
	world_kill_server(&w);
	wait_status(t, &w, "%s", "unknown\n");
	world_serve(&w);
	wait_status(t, &w, "%s %l", "waiting 0s\n");
	expect_trail(&w);
	term_signal(t, SIGKILL);
	assert_true(term_wait_exit(t, NULL, SOON));
	assert_int_equal(status(&w, "%s %w", &out), 0);
	assert_str(buf_view(&out), STR("unknown 1\n"));
	expect_of_server(&w, 1, " unknown\n");
	term_close(t);
	buf_done(&out);
	world_close(&w);
}

/* The full client keeps it too, and what it shows is read. */
static void
test_attached(void **state)
{
	struct world w;
	struct term *t;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	world_append(&w, STR("[" ASK "]"));
	t = world_term(&w, (const char *const[]){ "attach", "--no-cache", world_url(&w, NULL), NULL }, 24, 80);
	assert_true(term_wait_text(t, "approval needed", SOON));
	wait_status(t, &w, "%s %w %u", "waiting 1 0\n");
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	wait_status(t, &w, "%s", "unknown\n");
	term_close(t);
	world_close(&w);
}

static void
test_watch(void **state)
{
	struct world w;
	struct term *daemon, *t;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	daemon = world_term(&w, (const char *const[]){ "status", "--daemon", world_url(&w, NULL), NULL }, 24,
	    80);
	t = world_term(&w, (const char *const[]){ "status", "--watch", "-F", "now %s.", world_url(&w, NULL),
	    NULL }, 24, 80);
	assert_true(term_wait_text(t, "now idle.", SOON));
	world_append(&w, STR("[" ASK "]"));
	assert_true(term_wait_text(t, "now waiting.", SOON));
	term_close(t);
	term_close(daemon);
	world_close(&w);
}

/* ---- weir check */

static int
check(struct world *w, const char *text, struct buf *out)
{
	char path[96];
	int status, fd;

	snprintf(path, sizeof path, "%s/check.rec", w->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	buf_clear(out);
	world_run(w, (const char *const[]){ "check", path, NULL }, out, &status);
	return WEXITSTATUS(status);
}

#define HEAD "{\"weir-recording\":1,\"dialect\":\"sse\",\"url\":\"http://h/x\"}\n"
#define DURABLE "{\"weir-recording\":1,\"dialect\":\"durable\",\"url\":\"http://h/v1/stream/x\"}\n"

static void
expect(struct world *w, const char *text, int code, const char *want)
{
	struct buf out = { 0 };

	assert_int_equal(check(w, text, &out), code);
	if (strstr(buf_cstr(&out), want) == NULL)
		fail_msg("no \"%s\" in: %s", want, out.p);
	buf_done(&out);
}

static void
test_check(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	expect(&w, HEAD "[0,{\"id\":\"1\",\"data\":\"a\"}]\n[0,{\"id\":\"2\",\"data\":\"b\"}]\n", 0,
	    "2 messages");
	expect(&w, HEAD "[0,{\"id\":\"1\",\"data\":\"a\"}]\n[0,{\"id\":\"4\",\"data\":\"b\"}]\n", 1,
	    "line 3: gap: event 4 follows 1");
	expect(&w, HEAD "[0,{\"id\":\"1\",\"data\":\"a\"}]\n[0,{\"id\":\"1\",\"data\":\"a\"}]\n", 1,
	    "line 3: duplicate: event 1 comes after 1");
	/* Behind a cut it comes again, as it should. */
	expect(&w, HEAD "[0,{\"id\":\"1\",\"data\":\"a\"}]\n[0,{\"end\":\"reset\"}]\n"
	    "[0,{\"id\":\"1\",\"data\":\"a\"}]\n", 0, "0 findings");
	expect(&w, DURABLE "[0,{\"event\":\"data\",\"data\":\"[{\\\"type\\\":\\\"chunks\\\",\\\"key\\\":\\\"c\\\","
	    "\\\"value\\\":{\\\"id\\\":\\\"c\\\",\\\"agentId\\\":\\\"a\\\",\\\"turn\\\":1,"
	    "\\\"text\\\":\\\"half an\\\"}}]\"}]\n", 1, "unfinished: agent");
	expect(&w, DURABLE "[0,{\"event\":\"data\",\"data\":\"[{\\\"type\\\":\\\"chunks\\\",\\\"key\\\":\\\"c\\\","
	    "\\\"value\\\":{\\\"text\\\":7}}]\"}]\n", 1, "line 2: schema: ");
	expect(&w, HEAD "[0,{\"data\":\"a\"}]\n[0,{\"da", 1, "line 3: torn: ");
	expect(&w, HEAD "[0,{]\n[0,{\"data\":\"b\"}]\n", 1, "");
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_daemon),
		cmocka_unit_test(test_attached),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
