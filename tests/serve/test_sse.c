#include "tests/unit.h"

#include "serve/sse.h"
#include "serve/timers.h"
#include "wire/sse.h"

struct seen {
	int messages;
	struct buf data, type;
};

static void
on_message(void *ctx, const struct sse_message *m)
{
	struct seen *seen = ctx;

	seen->messages++;
	buf_set(&seen->data, m->data);
	buf_set(&seen->type, m->type);
}

/* What a client gets for these bytes. */
static void
read_back(struct str text, struct seen *seen)
{
	struct sse_handler h = { .message = on_message, .ctx = seen };
	struct buf stream = { 0 };
	struct sse parser;

	buf_str(&stream, STR("event: data\n"));
	sse_data(&stream, text);
	buf_byte(&stream, '\n');
	sse_init(&parser, &h, SSE_LIMITS_DEFAULT);
	assert_int_equal(sse_feed(&parser, buf_view(&stream)), SSE_OK);
	sse_done(&parser);
	buf_done(&stream);
}

static void
assert_reads(struct str text, struct str want)
{
	struct seen seen = { 0 };

	read_back(text, &seen);
	assert_int_equal(seen.messages, 1);
	assert_str(buf_view(&seen.type), STR("data"));
	assert_str(buf_view(&seen.data), want);
	buf_done(&seen.data);
	buf_done(&seen.type);
}

static void
test_injection(void **state)
{
	(void)state;
	assert_reads(STR("x\r\nid: 999\r\n\r\ndata: forged"), STR("x\nid: 999\n\ndata: forged"));
	assert_reads(STR("\n\nevent: control\ndata: {}\n\n"),
	    STR("\n\nevent: control\ndata: {}\n\n"));
	assert_reads(STR("a\r\rb"), STR("a\n\nb"));
	assert_reads(STR(" lead"), STR(" lead"));
	assert_reads(STR("a\r"), STR("a\n"));
	assert_reads(STR("a\n\r"), STR("a\n\n"));
	assert_reads(STR(""), STR(""));
}

/* Any text comes back with CRLF and CR as LF, as one event. */
static void
test_any_text(void **state)
{
	enum { PIECES = 12 };
	static const struct str alphabet[PIECES] = { STR("\r"), STR("\n"), STR("\r\n"), STR(":"),
		STR(" "), STR("data:"), STR("event"), STR("id: 1"), STR("\0"), STR("\xef\xbb\xbf"),
		STR("\xc3\xa4"), STR("x") };
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf text = { 0 }, want = { 0 };
		size_t n = 1 + unit_random(&seed) % 24;

		for (size_t i = 0; i < n; i++)
			buf_str(&text, alphabet[unit_random(&seed) % PIECES]);
		for (size_t i = 0; i < text.n; i++) {
			if (text.p[i] == '\n' && i > 0 && text.p[i - 1] == '\r')
				continue;
			buf_byte(&want, text.p[i] == '\r' ? '\n' : text.p[i]);
		}
		assert_reads(buf_view(&text), buf_view(&want));
		buf_done(&text);
		buf_done(&want);
	}
}

static void
test_base64(void **state)
{
	static const struct {
		struct str bytes, line;
	} cases[] = {
		{ STR(""), STR("data:\n") }, { STR("f"), STR("data:Zg==\n") },
		{ STR("fo"), STR("data:Zm8=\n") },
		{ STR("foo"), STR("data:Zm9v\n") }, { STR("foob"), STR("data:Zm9vYg==\n") },
		{ STR("\0\xff\xfe\n\r"), STR("data:AP/+Cg0=\n") },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&out);
		sse_base64(&out, cases[i].bytes);
		assert_str(buf_view(&out), cases[i].line);
	}
	buf_done(&out);
}

struct alarm {
	struct timer timer;
	int64_t fired;
};

static int64_t now;
static struct timers *again_on;

static void
fire(struct timer *t)
{
	((struct alarm *)t)->fired = now;
	if (again_on != NULL)
		timer_arm(again_on, t, now);
}

/* Every timer fires once, not early, at most two slots late, however time moves. */
static void
test_timers(void **state)
{
	static struct timers w;
	static struct alarm alarms[500];
	uint64_t seed = 3;

	(void)state;
	now = 1000;
	timers_init(&w, now);
	assert_int_equal(timers_timeout(&w, now), -1);
	for (size_t i = 0; i < 500; i++) {
		alarms[i].timer.fire = fire;
		timer_arm(&w, &alarms[i].timer, now + unit_random(&seed) % 200000);
	}
	timer_disarm(&w, &alarms[0].timer);
	timer_disarm(&w, &alarms[0].timer);
	while (w.armed > 0) {
		int wait = timers_timeout(&w, now);

		assert_true(wait >= 0);
		now += wait > 1 && unit_random(&seed) % 2 ? wait / 2 : wait > 0 ? wait : 1;
		timers_run(&w, now);
	}
	assert_int_equal(alarms[0].fired, 0);
	for (size_t i = 1; i < 500; i++) {
		assert_true(alarms[i].fired >= alarms[i].timer.due);
		assert_true(alarms[i].fired <= alarms[i].timer.due + 100);
	}
}

/* One that arms itself again for now does not hold the loop up. */
static void
test_timer_again(void **state)
{
	static struct timers w;
	struct alarm a = { .timer.fire = fire };

	(void)state;
	now = 5000;
	timers_init(&w, now);
	again_on = &w;
	timer_arm(&w, &a.timer, now);
	timers_run(&w, now + 50);
	again_on = NULL;
	assert_int_equal(w.armed, 1);
	timer_disarm(&w, &a.timer);
	assert_int_equal(w.armed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_any_text),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_timer_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
