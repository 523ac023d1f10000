#include "tests/unit.h"

#include "base/width.h"
#include "text/ascii.h"

/* Itself, something like it, or a question mark: never anything a terminal acts on. */
static void
all_is_printable_ascii(void **state)
{
	unsigned like = 0;

	(void)state;
	for (uint32_t cp = 0; cp < 0x30000; cp++) {
		char c = ascii_like(cp);

		assert_true(c >= 0x20 && c < 0x7F);
		if (cp >= 0x20 && cp < 0x7F)
			assert_int_equal(c, cp);
		else if (c != '?')
			assert_int_equal(width_codepoint(cp), (like++, 1));
	}
	assert_int_equal(like, 48);
	assert_int_equal(ascii_like(0x2502), '|');
	assert_int_equal(ascii_like(0x21B3), '>');
	assert_int_equal(ascii_like(0x27EB), '>');
	assert_int_equal(ascii_like(0x00A0), ' ');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_printable_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
