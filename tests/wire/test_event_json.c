#include "base/utf8.h"
#include "tests/hostile.h"
#include "tests/unit.h"
#include "wire/event_json.h"
#include "wire/json.h"

static void
expect(const struct event *e, const char *want)
{
	struct buf out = { 0 };

	event_json(e, STR("s"), &out);
	assert_str(buf_view(&out), str_from(want));
	buf_done(&out);
}

/* These lines are what weir(1) promises to programs. */
static void
test_fields(void **state)
{
	struct event e = event_of(EVENT_TEXT);

	(void)state;
	e.time = 5;
	e.text.msg = STR("a:1");
	e.text.data = STR("one\n\"two\"");
	e.text.op = TEXT_APPEND;
	expect(&e, "{\"session\":\"s\",\"kind\":\"text\",\"time\":5,\"msg\":\"a:1\",\"sort\":\"answer\","
	    "\"op\":\"append\",\"data\":\"one\\n\\\"two\\\"\"}\n");
	e = event_of(EVENT_TOOL);
	e.tool.id = STR("t");
	e.tool.state = TOOL_OK;
	e.tool.exit_code = 0;
	e.tool.output = STR("out");
	expect(&e, "{\"session\":\"s\",\"kind\":\"tool\",\"id\":\"t\",\"state\":\"ok\",\"output\":\"out\","
	    "\"exit\":0}\n");
	e = event_of(EVENT_ASK);
	e.ask.id = STR("q");
	e.ask.options = STR("[\"a\",\n\t\"b\"]");
	expect(&e, "{\"session\":\"s\",\"kind\":\"ask\",\"id\":\"q\",\"what\":\"permission\","
	    "\"options\":[\"a\",  \"b\"]}\n");
	e = event_of(EVENT_USE);
	e.use.cost = 0.25;
	expect(&e, "{\"session\":\"s\",\"kind\":\"use\",\"cost\":0.250000}\n");
	e = event_of(EVENT_SESS);
	expect(&e, "{\"session\":\"s\",\"kind\":\"sess\"}\n");
}

/* Of all that a terminal acts on nothing is left, and nothing is lost. */
static void
check_text(struct str text, void *ctx)
{
	struct event e = event_of(EVENT_NOTE);
	struct buf out = { 0 }, back = { 0 }, repaired = { 0 };
	struct str line;

	(void)ctx;
	e.note.text = text;
	event_json(&e, text, &out);
	line = str_head(buf_view(&out), out.n - 1);
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		assert_true(c >= 0x20 && c != 0x7F);
		assert_false(c == 0xC2 && (unsigned char)line.p[i + 1] < 0xA0);
		assert_false(c == 0xE2 && memcmp(line.p + i, "\xE2\x80\xAE", 3) == 0);
	}
	assert_true(json_valid(line));
	if (text.n > 0) {
		assert_true(json_get_text(line, "text", &back));
		utf8_add_str(&repaired, text);
		assert_str(buf_view(&back), buf_view(&repaired));
	}
	buf_done(&out);
	buf_done(&back);
	buf_done(&repaired);
}

static void
test_hostile(void **state)
{
	(void)state;
	check_text(STR("\033]0;t\007 \x7F \xC2\x9B \xE2\x80\xAE \xFF \xED\xA0\x80 \0x"), NULL);
	hostile_each(HOSTILE_OWN, check_text, NULL);
}

static void
test_hostile_more(void **state)
{
	(void)state;
	hostile_each(HOSTILE_MORE, check_text, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_hostile_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
