#include "tests/unit.h"

#include "wire/sse.h"

static void
on_message(void *ctx, const struct sse_message *m)
{
	buf_printf(ctx, "[%.*s|%.*s|%.*s]", STR_ARG(m->type), STR_ARG(m->data), STR_ARG(m->id));
}

static void
test_basic(void **state)
{
	struct buf out = { 0 };
	struct sse s;

	(void)state;
	sse_init(&s, &(struct sse_handler){ .message = on_message, .ctx = &out }, SSE_LIMITS_DEFAULT);
	sse_seed_id(&s, STR("0"));
	assert_int_equal(sse_feed(&s, STR("\xEF\xBB\xBF" "data: a\r\ndata\r\n\r\nid: 7\n\nevent:x\ndata:b\r\r")), SSE_OK);
	assert_str(buf_view(&out), STR("[message|a\n|0][x|b|7]"));
	sse_done(&s);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_basic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
