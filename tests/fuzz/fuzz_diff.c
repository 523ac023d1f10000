#include "tests/fuzz/fuzz.h"

#include <locale.h>

#include "base/clock.h"
#include "tests/text/layout_laws.h"
#include "text/diff.h"

/* Passing over a diff finds the units that laying it out finds, and both come to its end. */
static void
check_units(struct str text, unsigned width)
{
	struct diff_state laid = { 0 }, passed = { 0 };
	struct rows rows = { 0 };
	struct verbatim out;
	uint32_t src = 0;

	verbatim_init(&out, &rows, width, (struct line){ 0 }, (struct line){ 0 }, STYLE(ROLE_TEXT), 0);
	while (src < text.n) {
		struct str rest = str_skip(text, src);
		bool whole, whole_passed;
		size_t lines, n = diff_lay(&out, &laid, rest, src, &whole);

		CHECK(n > 0 && n <= rest.n);
		CHECK(diff_pass(&passed, rest, &lines, &whole_passed) == n && whole_passed == whole);
		CHECK(lines > 0 && lines <= rows_count(&rows));
		CHECK(laid.old_line == passed.old_line && laid.new_line == passed.new_line);
		CHECK(laid.old_left == passed.old_left && laid.new_left == passed.new_left);
		CHECK(whole || n == rest.n);
		src += (uint32_t)n;
	}
	for (size_t i = 0; i < rows_count(&rows); i++)
		check_row(rows_line(&rows, i), text.n, width);
	verbatim_done(&out);
	rows_done(&rows);
}

/* The first byte says how wide, the second how much comes at once; the rest is the diff. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of(data, size);
	unsigned width;

	CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
	clock_set(1000, 0);
	if (size < 2)
		return 0;
	text = str_skip(text, 2);
	width = 1 + data[0] % 120;
	check_units(text, width);
	check_layout_laws(LAYOUT_DIFF, STR_NONE, text, width, 1 + data[1] % 32 + text.n / 16);
	return 0;
}
