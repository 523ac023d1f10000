/* A recording played again is the same again: on any machine, and on the screen as without one. */

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/world.h"
#include "tests/unit.h"

#define HEAD "{\"weir-recording\":1,\"dialect\":\"durable\",\"url\":\"http://h/v1/stream/s1\"," \
	"\"title\":\"a talk\"}\n"
#define ITEM(channel, key, value) "[{\\\"type\\\":\\\"" channel "\\\",\\\"key\\\":\\\"" key \
	"\\\",\\\"value\\\":{" value "},\\\"headers\\\":{\\\"operation\\\":\\\"upsert\\\"}}]"
#define TEXT(name, text) "\\\"" name "\\\":\\\"" text "\\\""
#define CHUNK(n, type, text) ITEM("chunks", "c" n, TEXT("id", "c" n) "," TEXT("sessionId", "s1") \
	",\\\"timestamp\\\":1767323045000," TEXT("agentId", "claude") ",\\\"turn\\\":1," \
	TEXT("type", type) "," TEXT("text", text))
#define DATA(ms, json) "[" ms ",{\"event\":\"data\",\"data\":\"" json "\"}]\n"
#define CONTROL(ms, offset) "[" ms ",{\"event\":\"control\",\"data\":\"{\\\"streamNextOffset\\\":\\\"" \
	offset "\\\",\\\"streamCursor\\\":\\\"1\\\"}\"}]\n"

/* Cut in mid-answer; what was not committed comes again. */
static const char recording[] = HEAD
	DATA("0", CHUNK("1", "user", "What is **wrong**?"))
	CONTROL("10", "0_1")
	DATA("500", CHUNK("2", "text", "First I look, "))
	"[900,{\"end\":\"reset\"}]\n"
	DATA("2000", CHUNK("2", "text", "First I look, "))
	DATA("2100", CHUNK("3", "text", "then I say: 漢字 and `code`.\\\\n\\\\n"))
	DATA("3000", CHUNK("4", "text", "hostile \\\\u001b[2Jtext\\\\n"))
	CONTROL("3100", "0_4")
	DATA("60000", CHUNK("5", "text", "The last words."));

static const char script[] =
	"dump empty\nwait \"First I look,\"\ndump first\nat 2050\nkey g\nresize 60x12\ndump small\n"
	"wait \"code\"\nkey i\ntype \"hello\"\nat 2600\ndump typed\nkey Esc\nkey Space\nkey Left\ndump back\n"
	"key ]\nkey Space\n";

static const char *
make_file(struct world *w, const char *name, const char *text)
{
	static char paths[2][96];
	static int next;
	char *path = paths[next++ % 2];
	int fd;

	snprintf(path, sizeof paths[0], "%s/%s", w->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

static void
take_file(struct world *w, const char *name, struct buf *out)
{
	char path[96];
	int fd;

	snprintf(path, sizeof path, "%s/%s", w->dir, name);
	fd = open(path, O_RDONLY);
	assert_true(buf_read_fd(out, fd, 1 << 24));
	close(fd);
	unlink(path);
}

/* Dumps and cast of a headless replay. */
static void
replay(struct world *w, const char *size, struct buf *dumps, struct buf *cast)
{
	const char *file = make_file(w, "talk.rec", recording), *keys = make_file(w, "keys", script);
	char path[96];
	const char *const args[] = { "replay", "--size", size, "--keys", keys, "--dump", "--cast", path, file,
	    NULL };
	int status;

	snprintf(path, sizeof path, "%s/cast", w->dir);
	world_run(w, args, dumps, &status);
	assert_int_equal(status, 0);
	take_file(w, "cast", cast);
}

static void
same_everywhere(struct world *w, const char *size)
{
	static const char *const places[][3] = {
		{ "xterm-256color", "C.UTF-8", "UTC" }, { "dumb", "C", "Asia/Tokyo" },
		{ "nonsense", "POSIX", "America/St_Johns" },
	};
	struct buf dumps[3] = { 0 }, casts[3] = { 0 };

	for (size_t i = 0; i < 3; i++) {
		setenv("TERM", places[i][0], 1);
		setenv("LC_ALL", places[i][1], 1);
		setenv("TZ", places[i][2], 1);
		replay(w, size, &dumps[i], &casts[i]);
	}
	for (size_t i = 0; i < 3; i++) {
		assert_str(buf_view(&dumps[i]), buf_view(&dumps[0]));
		assert_str(buf_view(&casts[i]), buf_view(&casts[0]));
	}
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	assert_true(casts[0].n > 2000);
	for (size_t i = 0; i < 3; i++) {
		buf_done(&dumps[i]);
		buf_done(&casts[i]);
	}
}

static void
test_same_everywhere(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	same_everywhere(&w, "80x24");
	same_everywhere(&w, "133x41");
	world_close(&w);
}

static bool
has(struct buf *b, const char *text)
{
	return strstr(buf_cstr(b), text) != NULL;
}

/* The screens the script asks for hold what must stand on them at that time. */
static void
test_script(void **state)
{
	struct world w;
	struct buf dumps = { 0 }, cast = { 0 };
	char *typed, *back, *end;

	(void)state;
	world_open(&w);
	replay(&w, "80x24", &dumps, &cast);
	assert_true(has(&dumps, "== empty 80x24 at 0\n"));
	assert_true(has(&dumps, "== first 80x24 at 50"));
	assert_true(has(&dumps, "== small 60x12 at 20"));
	typed = strstr(dumps.p, "== typed");
	back = strstr(dumps.p, "== back");
	end = strstr(dumps.p, "== end");
	assert_true(typed != NULL && back != NULL && end != NULL);
	assert_non_null(strstr(typed, "> hello"));
	assert_non_null(strstr(typed, "漢字 and code."));
	*end = '\0';
	assert_non_null(strstr(back, "paused at 0:00 of 1:00"));
	assert_null(strstr(back, "First I look"));
	assert_non_null(strstr(end + 1, "The last words."));
	assert_non_null(strstr(end + 1, "hostile ^[[2Jtext"));
	/* Once, though it came twice. */
	assert_null(strstr(strstr(end + 1, "First I look") + 1, "First I look"));
	buf_done(&dumps);
	buf_done(&cast);
	world_close(&w);
}

static void
strip(struct buf *rows)
{
	char *first = strchr(buf_cstr(rows), '\n');

	assert_non_null(first);
	buf_drop(rows, (size_t)(first + 1 - rows->p));
}

static bool
shows(struct term *t, const void *want)
{
	return strcmp(term_screen(t), want) == 0;
}

/* What ncurses draws on a terminal is what the canvas holds. */
static void
same_on_a_terminal(struct world *w, int rows, int cols)
{
	const char *file = make_file(w, "talk.rec", recording);
	char size[16];
	const char *const dump[] = { "replay", "--speed", "max", "--size", size, "--dump", file, NULL };
	const char *const screen[] = { "replay", "--speed", "max", file, NULL };
	struct buf want = { 0 };
	struct term *t;
	int status;

	snprintf(size, sizeof size, "%dx%d", cols, rows);
	world_run(w, dump, &want, &status);
	assert_int_equal(status, 0);
	strip(&want);
	t = world_term(w, screen, rows, cols);
	assert_true(term_wait(t, shows, buf_cstr(&want), "the screen of the dump", SOON));
	term_type(t, "q");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
	term_close(t);
	buf_done(&want);
}

static void
test_same_on_a_terminal(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	same_on_a_terminal(&w, 24, 80);
	same_on_a_terminal(&w, 40, 132);
	world_close(&w);
}

/* Where the program that plays casts is: it shows what was dumped. */
static void
test_asciinema(void **state)
{
	static const char player[] = "/usr/bin/asciinema";
	struct world w;
	struct buf want = { 0 };
	struct term *t;
	char cast[96];
	int status;

	(void)state;
	if (access(player, X_OK) != 0)
		skip();
	world_open(&w);
	snprintf(cast, sizeof cast, "%s/cast", w.dir);
	world_run(&w, (const char *const[]){ "replay", "--dump", "--cast", cast,
	    make_file(&w, "talk.rec", recording), NULL }, &want, &status);
	assert_int_equal(status, 0);
	strip(&want);
	t = term_open((const char *const[]){ player, "play", "-i", "0.01", cast, NULL }, NULL);
	assert_true(term_wait(t, shows, buf_cstr(&want), "the last screen of the cast", SOON));
	term_close(t);
	buf_done(&want);
	world_close(&w);
}

/* A raw stream of a server with many sessions: the one that it names, without a remark of weir's. */
static const char raw[] =
	"data: {\"id\":\"evt_1\",\"type\":\"server.connected\",\"properties\":{}}\n\n"
	"data: {\"id\":\"evt_2\",\"type\":\"message.updated\",\"properties\":{\"sessionID\":\"ses_1\","
	"\"info\":{\"id\":\"msg_1\",\"sessionID\":\"ses_1\",\"role\":\"assistant\",\"time\":{\"created\":1}}}}\n\n"
	"data: {\"id\":\"evt_3\",\"type\":\"message.part.updated\",\"properties\":{\"sessionID\":\"ses_1\","
	"\"part\":{\"id\":\"prt_1\",\"messageID\":\"msg_1\",\"sessionID\":\"ses_1\",\"type\":\"text\","
	"\"text\":\"It is said.\",\"time\":{\"start\":1,\"end\":2}},\"time\":2}}\n\n";

static void
test_raw(void **state)
{
	struct world w;
	struct buf out = { 0 };
	int status;

	(void)state;
	world_open(&w);
	world_run(&w, (const char *const[]){ "replay", "--dialect", "opencode",
	    make_file(&w, "raw.sse", raw), NULL }, &out, &status);
	assert_int_equal(status, 0);
	assert_str(buf_view(&out), STR("agent: It is said.\n"));
	buf_done(&out);
	world_close(&w);
}

/* Recordings of real servers, where they lie beside the source tree. */
static void
test_captures(void **state)
{
	static const char *const names[] = { "abort-text", "cut", "err400", "err429-retry", "question", "shell",
	    "subtask", "tool-bash-fail", "tool-bash-once", "tool-bash-reject", "tool-edit-always", "tool-read",
	    "tool-todo", "turn-md" };
	struct world w;
	struct buf out = { 0 };
	char path[512];
	int status;

	(void)state;
	snprintf(path, sizeof path, "%s/../shared/data/captures", getenv("top_srcdir"));
	if (access(path, R_OK) != 0)
		skip();
	world_open(&w);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/../shared/data/captures/opencode-%s.sse", getenv("top_srcdir"),
		    names[i]);
		buf_clear(&out);
		world_run(&w, (const char *const[]){ "replay", "--dialect", "opencode", path, NULL }, &out,
		    &status);
		assert_int_equal(status, 0);
		assert_null(strstr(buf_cstr(&out), "of the recording:"));
		assert_null(strstr(out.p, "raw: "));
		assert_true(out.n > 0);
	}
	buf_done(&out);
	world_close(&w);
}

/* A person at the keys: stands still, goes back, on, and leaves. */
static void
test_keys(void **state)
{
	struct world w;
	const char *file;
	struct term *t;

	(void)state;
	world_open(&w);
	file = make_file(&w, "talk.rec", recording);
	t = world_term(&w, (const char *const[]){ "replay", "--speed", "max", file, NULL }, 24, 80);
	assert_true(term_wait_text(t, "The last words.", SOON));
	assert_true(term_wait_text(t, "played 1:00 of 1:00", SOON));
	term_type(t, ",");
	assert_true(term_wait_gone(t, "The last words.", SOON));
	assert_true(term_wait_text(t, "paused at 0:03", SOON));
	term_type(t, "..");
	assert_true(term_wait_text(t, "this is the end", SOON));
	assert_true(term_wait_text(t, "The last words.", SOON));
	term_type(t, "[");
	assert_true(term_wait_text(t, "64 times as fast", SOON));
	term_type(t, "ihello\r");
	assert_true(term_wait_text(t, "a replay sends nothing", SOON));
	assert_true(term_wait_text(t, "> hello", SOON));
	term_close(t);
	world_close(&w);
}

static void
expect_failure(struct world *w, const char *text, int code)
{
	const char *file = make_file(w, "broken.rec", text);
	const char *const args[] = { "replay", "--dump", file, NULL };
	struct buf out = { 0 };
	int status;

	world_run(w, args, &out, &status);
	assert_int_equal(WEXITSTATUS(status), code);
	assert_int_equal(out.n, 0);
	buf_done(&out);
}

static void
test_broken(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	expect_failure(&w, HEAD "[0,{\n[1,{\"data\":\"x\"}]\n", 1);
	expect_failure(&w, "{\"weir-recording\":1,\"dialect\":\"klingon\"}\n[1,{\"data\":\"x\"}]\n", 2);
	expect_failure(&w, "nothing of the kind\n", 1);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_everywhere),
		cmocka_unit_test(test_script),
		cmocka_unit_test(test_same_on_a_terminal),
		cmocka_unit_test(test_asciinema),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_captures),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
