#include <locale.h>

#include "base/base64.h"
#include "tests/unit.h"
#include "ui/clip.h"

static void
expect(struct str text, struct str copied)
{
	struct buf sequence = { 0 }, got = { 0 };

	assert_true(clip_sequence(text, &sequence));
	assert_true(str_starts(buf_view(&sequence), STR("\033]52;c;")));
	assert_true(str_ends(buf_view(&sequence), STR("\a")));
	assert_true(base64_decode(str_of(sequence.p + 7, sequence.n - 8), &got));
	assert_str(buf_view(&got), copied);
	buf_done(&sequence);
	buf_done(&got);
}

/* What is pasted is what was seen: marks instead of controls, nothing hidden, no line end. */
static void
test_copies_what_is_shown(void **state)
{
	(void)state;
	expect(STR("make check"), STR("make check"));
	expect(STR("one\r\ntwo\n\n"), STR("one\ntwo"));
	expect(STR("ls \033[8m; rm -rf ~\033[0m\n"), STR("ls ^[[8m; rm -rf ~^[[0m"));
	expect(STR("grün\tok"), STR("grün ok"));
	expect(STR(""), STR(""));
}

static void
test_too_long(void **state)
{
	struct buf text = { 0 }, sequence = { 0 };

	(void)state;
	buf_fill(&text, 'x', CLIP_MAX);
	assert_true(clip_sequence(buf_view(&text), &sequence));
	buf_byte(&text, 'x');
	buf_clear(&sequence);
	assert_false(clip_sequence(buf_view(&text), &sequence));
	assert_int_equal(sequence.n, 0);
	buf_done(&text);
	buf_done(&sequence);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies_what_is_shown),
		cmocka_unit_test(test_too_long),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
