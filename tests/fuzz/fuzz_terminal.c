/* Output that moves the cursor: any bytes give rows of what may be shown, cut anywhere the same. */
#include <locale.h>

#include "tests/text/safe_laws.h"
#include "ui/terminal.h"

static void
play(struct str s, size_t step, struct buf *out)
{
	struct terminal *t = terminal_new();
	struct rows rows = { 0 };

	for (size_t n = step; n < s.n; n += step)
		terminal_update(t, str_head(s, n), 1);
	while (terminal_update(t, s, 1) && terminal_behind(t))
		;
	if (terminal_update(t, s, 1))
		terminal_rows(t, STYLE(ROLE_TEXT), &rows);
	for (size_t i = 0; i < rows_count(&rows); i++) {
		size_t start = out->n;

		line_text(rows_line(&rows, i), out);
		if (out->n > start)
			check_shown(str_skip(buf_view(out), start), rows_line(&rows, i).cols);
		buf_byte(out, '\n');
	}
	terminal_free(t);
	rows_done(&rows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = str_of(data, size);
	struct buf whole = { 0 }, pieces = { 0 };

	setlocale(LC_ALL, "C.UTF-8");
	play(s, size > 0 ? size : 1, &whole);
	play(s, 3, &pieces);
	CHECK(str_eq(buf_view(&whole), buf_view(&pieces)));
	buf_done(&whole);
	buf_done(&pieces);
	return 0;
}
