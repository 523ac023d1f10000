#include "text/safe.h"
#include "ui/entry.h"

static void
escape(struct rows *out, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		rows_printf(out, STYLE(ROLE_MARK), "\\x%02x", (unsigned char)bytes.p[i]);
}

static bool
ends_line(struct str rest)
{
	return rest.n == 0 || rest.p[0] == '\n' || rest.p[0] == '\r';
}

/* Printable text as it is, but for blanks with nothing behind them. */
static void
add_plain(struct rows *out, struct str text, struct str rest)
{
	size_t n = text.n;

	while (ends_line(rest) && n > 0 && text.p[n - 1] == ' ')
		n--;
	rows_add(out, STYLE(ROLE_CODE), str_head(text, n), LINE_NO_SRC);
	escape(out, str_skip(text, n));
}

/* Replaces the rows from the last one shown on by one that says what is missing. */
static void
cut(struct rows *out, size_t first, size_t max)
{
	size_t hidden = 0;

	if (rows_count(out) - first <= max)
		return;
	for (size_t i = first + max - 1; i < rows_count(out); i++)
		hidden += rows_line(out, i).cols;
	rows_truncate(out, first + max - 1);
	rows_printf(out, STYLE(ROLE_WARN), "+%zu hidden characters", hidden);
	rows_end(out, 0);
}

void
entry_exact(struct rows *out, struct str text, unsigned width, size_t max)
{
	struct safe s;
	struct safe_piece piece;
	struct rows row = { 0 };
	size_t first = rows_count(out);

	safe_init(&s, text, false);
	while (safe_next(&s, &piece)) {
		struct str src = str_head(str_skip(text, piece.src), piece.src_len);

		if (piece.kind == SAFE_TEXT && str_eq(src, piece.text))
			add_plain(&row, src, str_skip(text, piece.src + piece.src_len));
		else
			escape(&row, src);
		if (piece.kind == SAFE_BREAK) {
			rows_wrap(out, rows_open(&row), width, 0);
			rows_clear(&row);
		}
	}
	if (rows_open(&row).n > 0 || rows_count(out) == first)
		rows_wrap(out, rows_open(&row), width, 0);
	rows_done(&row);
	cut(out, first, max);
}
