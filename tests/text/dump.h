/*
 * Rows as text that can be compared and read: the row between bars, then its spans as role letter,
 * attributes and columns. `\` stands in front of a row that goes on, `=` of one that is filled.
 */
#ifndef TESTS_TEXT_DUMP_H
#define TESTS_TEXT_DUMP_H

#include "text/layout.h"

static inline char
dump_role(uint8_t role)
{
	static const char letters[ROLE_COUNT] = {
		[ROLE_TEXT] = 't', [ROLE_DIM] = 'd', [ROLE_MARK] = 'm', [ROLE_HEADING] = 'h',
		[ROLE_CODE] = 'c', [ROLE_BLOCK] = 'b', [ROLE_QUOTE] = 'q', [ROLE_BULLET] = 'u',
		[ROLE_RULE] = 'r', [ROLE_LINK] = 'l', [ROLE_HOST] = 'o', [ROLE_WARN] = 'w',
		[ROLE_ERROR] = 'e', [ROLE_OK] = 'k', [ROLE_NOTE] = 'n', [ROLE_ADD] = 'a',
		[ROLE_DEL] = 'x', [ROLE_ADD_WORD] = 'A', [ROLE_DEL_WORD] = 'X', [ROLE_HUNK] = '@',
		[ROLE_LINENO] = '#', [ROLE_KEYWORD] = 'K', [ROLE_STRING] = 'S', [ROLE_COMMENT] = 'C',
		[ROLE_NUMBER] = 'N', [ROLE_TYPE] = 'T', [ROLE_FUNCTION] = 'F',
	};

	return role < ROLE_COUNT && letters[role] != '\0' ? letters[role] : '?';
}

static inline void
dump_line(struct line l, struct buf *out)
{
	static const char attrs[] = { '*', '/', '_', '~', '!', ',' };

	buf_byte(out, l.flags & LINE_SOFT ? '\\' : ' ');
	buf_byte(out, l.flags & LINE_FILL ? '=' : ' ');
	buf_byte(out, '|');
	line_text(l, out);
	buf_str(out, STR("|\n    "));
	for (size_t i = 0; i < l.n; i++) {
		struct style s = l.spans[i].style;

		buf_byte(out, dump_role(s.role));
		for (unsigned a = 0; a < sizeof attrs; a++)
			if (s.attr & 1u << a)
				buf_byte(out, attrs[a]);
		if (s.fg != 0 || s.bg != 0)
			buf_printf(out, "(%u,%u)", s.fg, s.bg);
		buf_printf(out, "%u ", l.spans[i].cols);
	}
	buf_byte(out, '\n');
}

/* Whether the rows look the same and begin at the same place of the source, however they are cut into spans. */
static inline bool
same_rows(struct layout *a, struct layout *b)
{
	size_t n = layout_count(a);

	if (layout_count(b) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct line x = layout_line(a, i), y = layout_line(b, i);

		if (!line_eq(x, y) || (x.n > 0 && x.spans[0].src != y.spans[0].src))
			return false;
	}
	return true;
}

static inline void
dump_layout(struct layout *l, struct buf *out)
{
	for (size_t i = 0; i < layout_count(l); i++)
		dump_line(layout_line(l, i), out);
}

#endif
