/*
 * Hostile text in every field of a live session: whatever stands there, the bytes that reach the
 * terminal are weir's own, the frame stays where it is, and the next item is still shown.
 */

#include <locale.h>

#include "tests/e2e/scrutiny.h"
#include "tests/e2e/visit.h"
#include "tests/e2e/world.h"
#include "tests/hostile.h"
#include "wire/json.h"

/* The items of one sample: @ is its text as JSON, # its number. */
static const char *const items[] = {
	"{\"type\":\"chunks\",\"key\":\"c#\",\"value\":{\"id\":\"c#\",\"agentId\":\"a\",\"turn\":#,\"text\":@}}",
	"{\"type\":\"chunks\",\"key\":\"d#\",\"value\":{\"id\":\"d#\",\"agentId\":@,\"turn\":#,"
	"\"text\":\"said\",\"state\":\"done\"}}",
	"{\"type\":\"chunks\",\"key\":\"r#\",\"value\":{\"id\":\"r#\",\"agentId\":\"b\",\"turn\":#,"
	"\"kind\":\"reasoning\",\"text\":@}}",
	"{\"type\":\"toolCalls\",\"key\":\"t#\",\"value\":{\"id\":\"t#\",\"agentId\":\"a\",\"tool\":@,"
	"\"input\":{\"command\":@},\"status\":\"running\"}}",
	"{\"type\":\"toolCalls\",\"key\":\"t#\",\"value\":{\"id\":\"t#\",\"output\":@,\"diff\":@,"
	"\"status\":\"error\",\"error\":@}}",
	"{\"type\":\"toolCalls\",\"key\":@,\"value\":{\"id\":@,\"tool\":\"x\",\"input\":@,\"status\":@}}",
	"{\"type\":\"presence\",\"key\":@,\"value\":{\"id\":@,\"type\":\"presence:joined\",\"userId\":@,"
	"\"displayName\":@,\"activeFile\":@,\"lastSeen\":1}}",
	"{\"type\":\"terminal\",\"key\":\"x#\",\"value\":{\"id\":\"x#\",\"type\":\"output\","
	"\"source\":\"system\",\"data\":@}}",
	"{\"type\":\"terminal\",\"key\":\"y#\",\"value\":{\"id\":\"y#\",\"type\":\"input\","
	"\"source\":\"user\",\"userId\":@,\"data\":@}}",
	"{\"type\":\"workflow\",\"key\":\"w#\",\"value\":{\"id\":\"w#\",\"type\":\"approval:requested\","
	"\"actor\":@,\"payload\":{\"title\":@,\"tool\":@,\"command\":@}}}",
	"{\"type\":\"workflow\",\"key\":\"w#\",\"value\":{\"id\":\"v#\",\"type\":\"approval:rejected\","
	"\"actor\":@,\"payload\":{\"ask\":\"w#\",\"text\":@}}}",
	"{\"type\":\"workflow\",\"key\":\"s#\",\"value\":{\"id\":\"s#\",\"type\":@,\"payload\":{\"text\":@,"
	"\"state\":@}}}",
	"{\"type\":\"agentState\",\"key\":\"a\",\"value\":{\"agentId\":@,\"status\":\"running\","
	"\"currentTool\":@,\"message\":@,\"error\":@}}",
	"{\"type\":\"session\",\"key\":\"demo\",\"value\":{\"id\":\"demo\",\"title\":@,\"model\":@}}",
	"{\"type\":\"workflow\",\"key\":\"q#\",\"value\":{\"id\":\"q#\",\"type\":\"approval:requested\","
	"\"payload\":{\"kind\":\"question\",\"title\":@,\"options\":[{\"question\":@,\"header\":@,"
	"\"options\":[{\"label\":@,\"description\":@}]}]}}}",
	"{\"type\":\"workflow\",\"key\":\"p#\",\"value\":{\"id\":\"p#\",\"type\":\"approval:approved\","
	"\"actor\":@,\"payload\":{\"ask\":\"q#\",\"answers\":[[@]]}}}",
	"{\"type\":\"workflow\",\"key\":\"o#\",\"value\":{\"id\":\"o#\",\"type\":\"todo\",\"payload\":{\"id\":@,"
	"\"text\":@,\"state\":@}}}",
	"{\"type\":\"workflow\",\"key\":\"b#\",\"value\":{\"id\":\"b#\",\"type\":\"worktree:created\","
	"\"payload\":{\"branch\":@}}}",
	"{\"type\":\"chunks\",\"key\":\"f#\",\"value\":{\"id\":\"f#\",\"agentId\":\"c\",\"turn\":#,"
	"\"text\":\"failed\",\"state\":\"error\",\"error\":@}}",
	"{\"type\":\"terminal\",\"key\":\"z#\",\"value\":{\"id\":\"z#\",\"type\":\"error\",\"source\":@,"
	"\"data\":@}}",
	"{\"type\":\"container-agent:tool:start\",\"data\":{\"taskId\":@,\"sessionId\":@,\"toolName\":@,"
	"\"toolId\":\"u#\",\"input\":{\"x\":@}}}",
	"{\"type\":\"container-agent:message\",\"data\":{\"taskId\":\"1\",\"sessionId\":\"s\","
	"\"role\":\"assistant\",\"content\":@}}",
	"{\"type\":@,\"key\":@,\"value\":{\"any\":@}}",
	"{\"type\":\"chunks\",\"key\":\"e#\",\"value\":{\"id\":\"e#\",\"agentId\":\"a\",\"turn\":#,"
	"\"text\":\" SAFE-#. \",\"state\":\"done\"}}",
};

static void
add_items(struct str text, unsigned number, struct buf *out)
{
	struct buf quoted = { 0 };
	struct json_writer w = { .out = &quoted };

	jw_string(&w, text);
	for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
			if (i > 0)
			buf_byte(out, ',');
		for (const char *p = items[i]; *p != '\0'; p++) {
			if (*p == '@')
				buf_str(out, buf_view(&quoted));
			else if (*p == '#')
				buf_printf(out, "%u", number);
			else
				buf_byte(out, *p);
		}
	}
	buf_done(&quoted);
}

enum { SAMPLES = 1024, ROWS = 70, BATCH = 16 };

/* Texts on their way into a session, a few to an array. */
struct batch {
	struct world *w;
	struct buf array;
	unsigned n;
};

static void
flush(struct batch *b)
{
	if (b->array.n == 0)
		return;
	buf_byte(&b->array, ']');
	world_append(b->w, buf_view(&b->array));
	buf_clear(&b->array);
}

static void
add_sample(struct str text, void *ctx)
{
	struct batch *b = ctx;

	assert_true(b->n < SAMPLES);
	buf_str(&b->array, b->array.n == 0 ? STR("[") : STR(","));
	add_items(text, b->n++, &b->array);
	if (b->n % BATCH == 0)
		flush(b);
}

static void
check_client(struct world *w, unsigned samples, bool api)
{
	/* What changes is what a key did. */
	const char *args[] = { "attach", "--no-presence", world_url(w, NULL), NULL };
	char url[256];
	struct term *t;
	struct visit *v;

	snprintf(url, sizeof url, "unix:%s:/api/sessions/demo/stream", buf_cstr(&w->socket));
	if (api)
		args[2] = url;
	t = world_term(w, args, ROWS, 80);
	v = visit_new(t, samples);
	assert_true(term_wait_text(t, "THE END", SOON));
	visit_look(v);
	visit_all(v);
	visit_free(v);
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
}

/* The same through a pipe: no control character but the line feed, no character that hides. */
static void
check_tail(struct world *w)
{
	const char *const args[] = { "tail", "--no-follow", world_url(w, NULL), NULL };
	struct buf out = { 0 };
	int status;
	const char *wrong;

	world_run(w, args, &out, &status);
	assert_int_equal(status, 0);
	wrong = scrutiny_plain(buf_view(&out));
	if (wrong != NULL)
		fail_msg("weir tail wrote %s", wrong);
	assert_true(str_find(buf_view(&out), STR("THE END")) < out.n);
	buf_done(&out);
}

static void
check(const char *collection)
{
	struct world w;
	struct batch b = { .w = &w };

	world_open(&w);
	world_serve(&w);
	world_create(&w);
	hostile_each(collection, add_sample, &b);
	flush(&b);
	world_append(&w, STR("[{\"type\":\"chunks\",\"key\":\"end\",\"value\":{\"id\":\"end\","
	    "\"agentId\":\"a\",\"turn\":5000,\"text\":\"THE END\",\"state\":\"done\"}}]"));
	check_client(&w, b.n, false);
	check_client(&w, b.n, true);
	check_tail(&w);
	world_close(&w);
	buf_done(&b.array);
}

/* The judge itself: what a terminal would obey is found, what weir draws with is not. */
static void
test_judge(void **state)
{
	static const char *const bad[] = { "\033]52;c;AAAA\007", "\033[c\033[c", "\033[6n", "a\vb",
	    "\033]8;;x\033\\", "\033P$qm\033\\", "\033[21t", "\033_Gx\033\\", "\033]9;x\007" };
	struct display *d = display_new(&(struct display_options){ 0 });

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(scrutiny_output(str_from(bad[i])));
	assert_null(scrutiny_output(STR("\033[2;3Hx\033[1;31my\033[0m\033[?25l\033]0;title\007")));
	display_feed(d, STR("a e\xcc\x81 \xe4\xb8\xad"), &(struct buf){ 0 });
	assert_null(scrutiny_screen(d));
	display_feed(d, STR("a\xe2\x80\xae"), &(struct buf){ 0 });
	assert_non_null(scrutiny_screen(d));
	display_free(d);
}

static void
test_samples(void **state)
{
	(void)state;
	check(HOSTILE_OWN);
}

static void
test_more(void **state)
{
	struct buf path = { 0 };
	bool there = hostile_there(HOSTILE_MORE, &path);

	(void)state;
	buf_done(&path);
	if (!there)
		skip();
	check(HOSTILE_MORE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_more),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
