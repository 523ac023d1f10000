#include "tests/fuzz/fuzz.h"

#include <locale.h>

#include "tests/text/safe_laws.h"
#include "text/ansi.h"

static void
check_line(struct line l)
{
	unsigned cols = 0;

	for (size_t i = 0; i < l.n; i++) {
		check_shown(str_of(l.text + l.spans[i].off, l.spans[i].len), l.spans[i].cols);
		cols += l.spans[i].cols;
	}
	CHECK(cols == l.cols);
}

/* In pieces of any size the same lines appear, and all of them are fit to be drawn. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rows whole = { 0 }, grown = { 0 };
	struct str s = str_of(data, size);
	struct ansi a, b;

	CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
	ansi_init(&a, &whole, STYLE(ROLE_TERMINAL));
	ansi_init(&b, &grown, STYLE(ROLE_TERMINAL));
	ansi_update(&a, s);
	for (size_t n = 0; n < size; n += 1 + size / 256)
		ansi_update(&b, str_head(s, n));
	ansi_update(&b, s);
	CHECK(rows_count(&whole) == rows_count(&grown));
	for (size_t i = 0; i < rows_count(&whole); i++) {
		check_line(rows_line(&whole, i));
		CHECK(line_eq(rows_line(&whole, i), rows_line(&grown, i)));
	}
	check_line(rows_open(&whole));
	CHECK(line_eq(rows_open(&whole), rows_open(&grown)));
	ansi_done(&a);
	ansi_done(&b);
	rows_done(&whole);
	rows_done(&grown);
	return 0;
}
