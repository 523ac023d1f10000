#include "base/base64.h"
#include "tests/unit.h"

/* RFC 4648, section 10. */
static void
test_vectors(void **state)
{
	static const struct {
		struct str bytes, text;
	} cases[] = {
		{ STR(""), STR("") }, { STR("f"), STR("Zg==") }, { STR("fo"), STR("Zm8=") },
		{ STR("foo"), STR("Zm9v") }, { STR("foob"), STR("Zm9vYg==") },
		{ STR("fooba"), STR("Zm9vYmE=") }, { STR("foobar"), STR("Zm9vYmFy") },
		{ STR("\0\xff\xfe"), STR("AP/+") },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_clear(&out);
		base64_encode(cases[i].bytes, &out);
		assert_str(buf_view(&out), cases[i].text);
		buf_clear(&out);
		assert_true(base64_decode(cases[i].text, &out));
		assert_str(buf_view(&out), cases[i].bytes);
	}
	buf_done(&out);
}

static void
test_refused(void **state)
{
	static const char *const cases[] = { "Z", "Zg", "Zg=", "Zg===", "=", "Zg==Zg==", "Z!==", "Zm9v Zm9v" };
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_false(base64_decode(str_from(cases[i]), &out));
	assert_int_equal(out.n, 0);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
