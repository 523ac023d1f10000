#include "tests/unit.h"
#include "wire/refusal.h"

static void
test_words(void **state)
{
	static const struct {
		const char *body, *want;
	} cases[] = {
		{ "", "" }, { " no such thing\n", "no such thing" },
		{ "{\"message\":\"too \\u00e4long\"}", "too \xc3\xa4long" },
		{ "{\"ok\":false,\"error\":{\"code\":\"X\",\"message\":\"closed\"}}", "closed" },
		{ "{\"error\":\"closed\"}", "closed" },
		{ "{\"name\":\"BadRequest\",\"data\":{\"message\":\"no model\",\"kind\":\"Payload\"}}", "no model" },
		{ "{\"message\":7}", "{\"message\":7}" }, { "{\"message\":\"\"}", "{\"message\":\"\"}" },
		{ "{\"error\":{\"message\":[]}}", "{\"error\":{\"message\":[]}}" },
		{ "{\"message\":\"cut", "{\"message\":\"cut" }, { "<html>", "<html>" },
		{ "0123456789abcdefghijklmnopqrstuv", "0123456789abcdefghijklmnopqrst" },
		{ "0123456789abcdefghijklmnopqrs\xc3\xa4", "0123456789abcdefghijklmnopqrs" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf got = { 0 };

		refusal_words(str_from(cases[i].body), 30, &got);
		assert_str(buf_view(&got), str_from(cases[i].want));
		buf_done(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
