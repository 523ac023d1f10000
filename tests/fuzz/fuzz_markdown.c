#include "tests/fuzz/fuzz.h"

#include <locale.h>

#include "base/clock.h"
#include "tests/text/layout_laws.h"

/* The first byte says how wide, the second how much comes at once; the rest is the text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = str_of(data, size);
	size_t step;

	CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
	clock_set(1000, 0);
	if (size < 2)
		return 0;
	s = str_skip(s, 2);
	step = 1 + data[1] % 32 + s.n / 16;
	check_layout_laws(LAYOUT_MARKDOWN, STR_NONE, s, 1 + data[0] % 120, step);
	return 0;
}
