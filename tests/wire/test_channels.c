#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit.h"
#include "tests/wire/print_event.h"
#include "wire/dialect.h"

static void
on_event(void *ctx, const struct event *e)
{
	print_event(ctx, e);
}

static void
decode(struct str record, struct buf *out)
{
	dialect_durable.decode(record, &(struct event_sink){ on_event, out });
}

static void
read_golden(struct buf *b)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/tests/data/events/channels.txt", getenv("top_srcdir"));
	int fd = open(buf_cstr(&path), O_RDONLY);

	assert_true(fd >= 0 && buf_read_fd(b, fd, 1 << 20));
	close(fd);
	buf_done(&path);
}

/* Lines of "< record" and under each the events it gives; the file is what they print to. */
static void
test_golden(void **state)
{
	struct buf want = { 0 }, got = { 0 };
	struct str rest, line;

	(void)state;
	read_golden(&want);
	rest = buf_view(&want);
	while (rest.n > 0) {
		line = str_cut(rest, '\n', &rest);
		if (line.n > 0 && line.p[0] != '<' && line.p[0] != '#')
			continue;
		buf_str(&got, line);
		buf_byte(&got, '\n');
		if (str_starts(line, STR("< ")))
			decode(str_skip(line, 2), &got);
	}
	if (getenv("UPDATE_GOLDEN") != NULL)
		printf("%s", buf_cstr(&got));
	else
		assert_str(buf_view(&got), buf_view(&want));
	buf_done(&want);
	buf_done(&got);
}

static void
test_text_records(void **state)
{
	struct buf got = { 0 };

	(void)state;
	decode(STR("\x02" "17\n{"), &got);
	assert_str(buf_view(&got), STR("text op=append msg=stream data=17\\n{\n"));
	buf_done(&got);
}

/* What is sent is what is read. */
static void
test_echo(void **state)
{
	static const struct {
		struct act act;
		const char *events;
	} cases[] = {
		{ { .kind = ACT_INPUT, .id = STR("i1"), .user = STR("ann"), .text = STR("a\"\n\xc3\xa4"),
			.time = 7 }, "msg t=7 id=i1 agent=ann role=user state=sent\n"
			"text t=7 op=replace msg=i1 data=a\"\\n\xc3\xa4\n" },
		{ { .kind = ACT_ANSWER, .id = STR("x"), .user = STR("ann"), .ask = STR("w1"), .time = 7,
			.answer = ANSWER_ONCE }, "answer t=7 ask=w1 answer=once by=ann\n" },
		{ { .kind = ACT_ANSWER, .id = STR("x"), .ask = STR("w1"), .answer = ANSWER_ALWAYS, .time = 7 },
			"answer t=7 ask=w1 answer=always\n" },
		{ { .kind = ACT_ANSWER, .id = STR("x"), .ask = STR("w1"), .answer = ANSWER_REJECT, .time = 7,
			.text = STR("no") }, "answer t=7 ask=w1 answer=reject text=no\n" },
		{ { .kind = ACT_ANSWER, .id = STR("x"), .ask = STR("w1"), .answer = ANSWER_TEXT, .time = 7,
			.text = STR("left") }, "answer t=7 ask=w1 answer=text text=left\n" },
		{ { .kind = ACT_STOP, .id = STR("x"), .time = 7 },
			"flow t=7 op=stage id=x text=agent:stop state=stop\n" },
		{ { .kind = ACT_PRESENCE, .user = STR("ann"), .who = WHO_JOIN, .time = 7 },
			"who t=7 op=join user=ann seen=7\n" },
		{ { .kind = ACT_PRESENCE, .user = STR("ann"), .who = WHO_SEEN, .time = 7 },
			"who t=7 op=seen user=ann seen=7\n" },
		{ { .kind = ACT_PRESENCE, .user = STR("ann"), .who = WHO_SEEN, .time = 7, .has_cursor = true,
			.x = 2, .y = -5 }, "who t=7 op=seen user=ann seen=7 cursor=2,-5\n" },
		{ { .kind = ACT_PRESENCE, .user = STR("ann"), .who = WHO_LEAVE, .time = 7 },
			"who op=leave user=ann\n" },
	};
	struct endpoint ep = { .url = mem_strdup("http://127.0.0.1:1/v1/stream/s?x=y") };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_request r;
		struct buf got = { 0 };
		struct str body;

		assert_int_equal(dialect_durable.encode(&ep, &cases[i].act, &r, NULL), ERR_OK);
		body = buf_view(&r.body);
		assert_true(str_starts(body, STR("[")) && str_ends(body, STR("]")));
		decode(str_of(body.p + 1, body.n - 2), &got);
		assert_str(buf_view(&got), str_from(cases[i].events));
		buf_done(&got);
		http_request_done(&r);
	}
	endpoint_done(&ep);
}

static void
test_send(void **state)
{
	struct endpoint ep = { .url = mem_strdup("http://127.0.0.1:1/v1/stream/s?x=y") };
	struct act act = { .kind = ACT_INPUT, .id = STR("i1"), .text = STR("go"), .time = 7,
		.producer = STR("weir-1"), .epoch = 2, .seq = 9007199254740991 };
	struct http_request r;

	(void)state;
	assert_int_equal(dialect_durable.encode(&ep, &act, &r, NULL), ERR_OK);
	assert_string_equal(r.method, "POST");
	assert_string_equal(r.url, "http://127.0.0.1:1/v1/stream/s?x=y");
	assert_str(buf_view(&r.body), STR(
	    "[{\"type\":\"terminal\",\"key\":\"i1\",\"value\":{\"id\":\"i1\","
	    "\"sessionId\":\"s\",\"type\":\"input\",\"data\":\"go\",\"source\":\"user\",\"timestamp\":7},"
	    "\"headers\":{\"operation\":\"insert\"}}]"));
	assert_int_equal(r.nheaders, 4);
	assert_string_equal(r.headers[0].value, "application/json");
	assert_string_equal(r.headers[1].value, "weir-1");
	assert_string_equal(r.headers[2].value, "2");
	assert_string_equal(r.headers[3].value, "9007199254740991");
	http_request_done(&r);
	act.producer = STR("a\nb");
	assert_int_not_equal(dialect_durable.encode(&ep, &act, &r, NULL), ERR_OK);
	endpoint_done(&ep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_text_records),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
