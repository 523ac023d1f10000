#include "tests/unit.h"
#include "wire/websocket.h"

static void
note(void *ctx, enum websocket_kind kind, struct str bytes)
{
	buf_printf(ctx, "%d:%.*s\n", (int)kind, STR_ARG(bytes));
}

/* Fed at once, byte by byte, and in two parts cut anywhere, the same comes out. */
static void
assert_fed(struct str bytes, bool good, struct str want)
{
	for (size_t cut = 0; cut <= bytes.n; cut++) {
		struct websocket w = { .max = 300 };
		struct buf got = { 0 };
		const struct websocket_sink sink = { note, &got };
		bool ok = websocket_feed(&w, str_head(bytes, cut), &sink) &&
		    websocket_feed(&w, str_skip(bytes, cut), &sink);

		assert_int_equal(ok, good);
		assert_str(buf_view(&got), want);
		websocket_done(&w);
		buf_done(&got);
	}
}

static void
assert_bytewise(struct str bytes, struct str want)
{
	struct websocket w = { .max = 300 };
	struct buf got = { 0 };
	const struct websocket_sink sink = { note, &got };

	for (size_t i = 0; i < bytes.n; i++)
		assert_true(websocket_feed(&w, str_of(bytes.p + i, 1), &sink));
	assert_str(buf_view(&got), want);
	websocket_done(&w);
	buf_done(&got);
}

static void
test_messages(void **state)
{
	static const struct {
		struct str bytes, want;
	} cases[] = {
		{ STR("\x81\x02hi"), STR("1:hi\n") },
		{ STR("\x82\x00"), STR("2:\n") },
		/* In three parts, with a ping between two of them. */
		{ STR("\x01\x01" "a\x00\x01" "b\x89\x01p\x80\x01" "c\x81\x01" "d"),
			STR("9:p\n1:abc\n1:d\n") },
		/* What comes behind a close is not looked at. */
		{ STR("\x81\x01x\x88\x02\x03\xe8\xff\xff"), STR("1:x\n8:\x03\xe8\n") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_fed(cases[i].bytes, true, cases[i].want);
		assert_bytewise(cases[i].bytes, cases[i].want);
	}
}

static void
test_long(void **state)
{
	struct buf in = { 0 }, want = { 0 };

	(void)state;
	buf_str(&in, STR("\x81\x7e\x01\x2c"));
	buf_fill(&in, 'x', 300);
	buf_str(&want, STR("1:"));
	buf_fill(&want, 'x', 300);
	buf_byte(&want, '\n');
	assert_fed(buf_view(&in), true, buf_view(&want));
	buf_done(&in);
	buf_done(&want);
}

static void
test_refused(void **state)
{
	static const struct str cases[] = {
		STR("\x81\x81" "aaaab"),		/* masked */
		STR("\xc1\x01x"),			/* of an extension */
		STR("\x83\x00"), STR("\x8b\x00"),	/* of no kind */
		STR("\x80\x00"),			/* goes on with nothing */
		STR("\x01\x01x\x81\x01y"),		/* begins in the middle of another */
		STR("\x09\x00"),			/* a ping in parts */
		STR("\x89\x7e\x00\x7e"),		/* and a long one */
		STR("\x81\x7e\x00\x7d"),		/* longer than it must be */
		STR("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"),
		STR("\x81\x7e\x01\x2d"),		/* more than 300 bytes, */
		STR("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"),
		STR("\x01\x03" "abc\x80\x7e\x01\x2a"),	/* in parts, too */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_fed(cases[i], false, STR(""));
}

/* RFC 6455, sections 1.3 and 5.7. */
static void
test_written(void **state)
{
	static const unsigned char mask[WEBSOCKET_MASK] = { 0x37, 0xfa, 0x21, 0x3d };
	struct buf out = { 0 }, in = { 0 };

	(void)state;
	websocket_frame(&out, WEBSOCKET_TEXT, STR("Hello"), mask);
	assert_str(buf_view(&out), STR("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"));
	buf_clear(&out);
	buf_fill(&in, 'x', 126);
	websocket_frame(&out, WEBSOCKET_BINARY, buf_view(&in), mask);
	assert_str(str_head(buf_view(&out), 4), STR("\x82\xfe\x00\x7e"));
	buf_clear(&out);
	buf_fill(&in, 'x', 65536 - 126);
	websocket_frame(&out, WEBSOCKET_BINARY, buf_view(&in), mask);
	assert_str(str_head(buf_view(&out), 10), STR("\x82\xff\0\0\0\0\0\x01\0\0"));
	buf_clear(&out);
	websocket_key((const unsigned char *)"the sample nonce", &out);
	assert_str(buf_view(&out), STR("dGhlIHNhbXBsZSBub25jZQ=="));
	buf_clear(&in);
	websocket_accept(buf_view(&out), &in);
	assert_str(buf_view(&in), STR("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
	buf_done(&out);
	buf_done(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
