/* weir tail in scripts: when it ends and how, and each event once however often it is killed. */

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/world.h"
#include "tests/hostile.h"
#include "wire/json.h"

#define CHUNK(n, text) "{\"type\":\"chunks\",\"key\":\"c" n "\",\"value\":{\"id\":\"c" n "\"," \
	"\"agentId\":\"a\",\"turn\":1,\"text\":\"" text "\"}}"
#define ASK "{\"type\":\"workflow\",\"key\":\"w1\",\"value\":{\"id\":\"w1\"," \
	"\"type\":\"approval:requested\",\"actor\":\"a\",\"payload\":{\"title\":\"run it\"," \
	"\"command\":\"make\"}}}"

static int
run(struct world *w, const char *const *args, struct buf *out)
{
	int status;

	world_run(w, args, out, &status);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static const char *
path_of(struct world *w, const char *name)
{
	static char paths[8][96];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof paths[0], "%s/%s", w->dir, name);
	return path;
}

static void
read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY);

	buf_clear(out);
	if (fd < 0)
		return;
	assert_true(buf_read_fd(out, fd, 1 << 26));
	close(fd);
}

static struct term *
shell(struct world *w, const char *script, const char *a, const char *b)
{
	const char *const argv[] = { "sh", "-c", script, "sh", buf_cstr(&w->weir), a, b, NULL };
	const char *const env[] = { buf_cstr(&w->home[0]), buf_cstr(&w->home[1]), buf_cstr(&w->home[2]),
	    NULL };

	return term_open(argv, &(struct term_options){ .env = env, .display = { .cols = 200 } });
}

/* Appends to a file, and is killed as soon as so many bytes are there; 0: follows to the end. */
static void
append(struct world *w, const char *url, const char *format, const char *state, const char *file,
    size_t bytes)
{
	const char *const argv[] = { "sh", "-c", "exec $0 tail $2 --state $3 $5 $1 >>$4", buf_cstr(&w->weir),
	    url, format, state, file, bytes > 0 ? format : "--no-follow", NULL };
	struct term *t = term_open(argv, NULL);
	struct buf text = { 0 };
	int status;

	if (bytes == 0) {
		assert_true(term_wait_exit(t, &status, SOON));
		assert_int_equal(status, 0);
		term_close(t);
		return;
	}

	do {
		read_file(file, &text);
		term_poll(t);
	} while (text.n < bytes);
	term_signal(t, SIGKILL);
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	buf_done(&text);
}

/* Killed again and again while the session goes on, and started again. */
static void
each_once(const char *format)
{
	struct world w;
	struct buf got = { 0 }, want = { 0 };
	const char *state, *file;
	char url[160];

	world_open(&w);
	world_serve(&w);
	world_play(&w, "25");
	snprintf(url, sizeof url, "%s", world_url(&w, NULL));
	state = path_of(&w, "state");
	file = path_of(&w, "out");
	for (int i = 0; i < 12; i++)
		append(&w, url, format, state, file, (size_t)(i * 300 + 1));
	world_played(&w);
	append(&w, url, format, state, file, 0);
	append(&w, url, format, state, file, 0);
	read_file(file, &got);
	/* In one go. */
	assert_int_equal(run(&w, (const char *const[]){ "tail", format, "--no-follow", "--state",
	    path_of(&w, "other"), url, NULL }, &want), 0);
	assert_true(want.n > 3600);
	assert_str(buf_view(&got), buf_view(&want));
	/* And nothing more. */
	buf_clear(&got);
	assert_int_equal(run(&w, (const char *const[]){ "tail", format, "--no-follow", "--state", state, url,
	    NULL }, &got), 0);
	assert_int_equal(got.n, 0);
	buf_done(&got);
	buf_done(&want);
	world_close(&w);
}

static void
test_each_once_json(void **state)
{
	(void)state;
	each_once("--json");
}

static void
test_each_once_plain(void **state)
{
	(void)state;
	each_once("--plain");
}

static void
test_each_once_raw(void **state)
{
	(void)state;
	each_once("--raw");
}

/* The state of one session is not used for another. */
static void
test_state_of_another(void **state)
{
	static const char other[] = "{\"weir-tail\":1,\"session\":\"x\",\"dialect\":\"\"}\n";
	struct world w;
	struct buf out = { 0 };
	const char *file, *url;
	int fd;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	file = path_of(&w, "state");
	url = world_url(&w, NULL);
	fd = open(file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, other, sizeof other - 1), sizeof other - 1);
	close(fd);
	assert_int_equal(run(&w, (const char *const[]){ "tail", "--no-follow", "--state", file, url, NULL },
	    &out), 2);
	assert_int_equal(out.n, 0);
	buf_done(&out);
	world_close(&w);
}

static bool
ends(struct term *t, const void *want)
{
	return term_has(t, want);
}

static struct term *
until(struct world *w, const char *what)
{
	return shell(w, "\"$1\" tail --until \"$3\" \"$2\"; echo \"status $?.\"", world_url(w, NULL), what);
}

static void
expect_status(struct term *t, const char *status)
{
	assert_true(term_wait(t, ends, status, "the exit status", SOON));
	term_close(t);
}

/* What ends it says which of them came. */
static void
test_until(void **state)
{
	struct world w;
	struct term *turn, *both, *error, *timeout;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	world_append(&w, STR("[" CHUNK("1", "Hello\\n") "]"));
	turn = until(&w, "turn");
	both = until(&w, "error,turn,approval");
	error = until(&w, "turn,closed,error");
	assert_true(term_wait_text(turn, "agent: Hello", SOON));
	assert_true(term_wait_text(both, "agent: Hello", SOON));
	assert_true(term_wait_text(error, "agent: Hello", SOON));
	world_append(&w, STR("[" ASK "]"));
	expect_status(both, "status 11.");
	assert_true(term_wait_text(turn, "approval needed: run it", SOON));
	assert_true(term_wait_text(error, "approval needed: run it", SOON));
	world_append(&w, STR("[{\"type\":\"agentState\",\"key\":\"a\",\"value\":{\"agentId\":\"a\","
	    "\"status\":\"running\"}}]"));
	world_append(&w, STR("[{\"type\":\"agentState\",\"key\":\"a\",\"value\":{\"agentId\":\"a\","
	    "\"status\":\"error\",\"error\":\"it broke\"}}]"));
	expect_status(turn, "status 0.");
	expect_status(error, "status 11.");
	/* It waits already. */
	expect_status(until(&w, "approval"), "status 0.");
	timeout = shell(&w, "\"$1\" tail --until closed --timeout 0.2 \"$2\"; echo \"status $?.\"",
	    world_url(&w, NULL), NULL);
	expect_status(timeout, "status 1.");
	world_close(&w);
}

/* Whoever reads the first line only gets it, and no complaint. */
static void
test_head(void **state)
{
	struct world w;
	struct term *t;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_play(&w, "max");
	world_played(&w);
	t = shell(&w, "\"$1\" tail \"$2\" | head -1; echo over", world_url(&w, NULL), NULL);
	assert_true(term_wait_text(t, "over", SOON));
	assert_int_equal(strncmp(term_row(t, 0), "workflow: [", 11), 0);
	assert_string_equal(term_row(t, 1), "over");
	term_close(t);
	world_close(&w);
}

/* Two sessions at once, each line with its name. */
static void
test_two(void **state)
{
	struct world w;
	struct buf out = { 0 };
	char first[160];

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	world_append(&w, STR("[" CHUNK("1", "Hello\\nyou") "]"));
	snprintf(first, sizeof first, "%s", world_url(&w, NULL));
	assert_int_equal(run(&w, (const char *const[]){ "tail", "--no-follow", first, first, NULL }, &out), 0);
	assert_int_equal(out.n > 0 && out.p[0] == '[', true);
	assert_non_null(strstr(buf_cstr(&out), "] agent: Hello\n["));
	assert_non_null(strstr(out.p, "]   you\n["));
	buf_done(&out);
	world_close(&w);
}

static void
add_hostile(struct str text, void *ctx)
{
	struct buf quoted = { 0 }, *items = ctx;
	struct json_writer w = { .out = &quoted };

	jw_string(&w, text);
	buf_printf(items, "%s{\"type\":\"chunks\",\"key\":\"c\",\"value\":{\"id\":\"c%zu\",\"agentId\":%s,"
	    "\"turn\":1,\"text\":%s}}", items->n > 1 ? "," : "", items->n, buf_cstr(&quoted), quoted.p);
	buf_printf(items, ",{\"type\":\"session\",\"key\":\"demo\",\"value\":{\"id\":\"demo\",\"title\":%s}}",
	    quoted.p);
	buf_done(&quoted);
}

static void
expect_clean(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < 0x20 && c != '\n') || c == 0x7F ||
		    (c == 0xC2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xA0))
			fail_msg("a control character at byte %zu", i);
	}
}

/* Whatever is said, no control character comes out of a pipe. */
static void
hostile(const char *collection)
{
	static const char *const formats[] = { "--plain", "--json" };
	struct world w;
	struct buf items = { 0 }, out = { 0 };

	world_open(&w);
	world_serve(&w);
	world_create(&w);
	buf_byte(&items, '[');
	hostile_each(collection, add_hostile, &items);
	buf_byte(&items, ']');
	if (items.n < 1000000)
		world_append(&w, buf_view(&items));
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(run(&w, (const char *const[]){ "tail", "--no-follow", formats[i],
		    world_url(&w, NULL), NULL }, &out), 0);
		assert_true(out.n > 1000);
		expect_clean(buf_view(&out));
		buf_clear(&out);
	}
	buf_done(&items);
	buf_done(&out);
	world_close(&w);
}

static void
test_hostile(void **state)
{
	(void)state;
	hostile(HOSTILE_OWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once_json),
		cmocka_unit_test(test_each_once_plain),
		cmocka_unit_test(test_each_once_raw),
		cmocka_unit_test(test_state_of_another),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
