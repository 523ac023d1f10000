#include "tests/fuzz/fuzz.h"

#include <locale.h>

#include "tests/text/safe_laws.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;

	if (!ready)
		CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
	ready = true;
	check_safe_laws(str_of(data, size), STEPS(1, 3, 64));
	return 0;
}
