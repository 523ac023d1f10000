#include "text/paint.h"

#include <string.h>

static void
add_colour(int32_t colour, int base, struct buf *out)
{
	if (colour >= LOOK_RGB)
		buf_printf(out, ";%d;2;%d;%d;%d", base + 8, colour >> 16 & 255, colour >> 8 & 255,
		    colour & 255);
	else if (colour >= 8)
		buf_printf(out, ";%d;5;%d", base + 8, colour);
	else if (colour >= 0)
		buf_printf(out, ";%d", base + colour);
}

static void
add_pen(struct look look, struct buf *out)
{
	static const struct {
		uint8_t attr;
		const char *code;
	} codes[] = {
		{ ATTR_BOLD, ";1" }, { ATTR_DIM, ";2" }, { ATTR_ITALIC, ";3" }, { ATTR_UNDERLINE, ";4" },
		{ ATTR_REVERSE, ";7" }, { ATTR_STRIKE, ";9" },
	};

	buf_str(out, STR("\033[0"));
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (look.attr & codes[i].attr)
			buf_str(out, str_from(codes[i].code));
	add_colour(look.fg, 30, out);
	add_colour(look.bg, 40, out);
	buf_byte(out, 'm');
}

static bool
is_plain(struct look look)
{
	return look.attr == 0 && look.fg < 0 && look.bg < 0;
}

static bool
look_eq(struct look a, struct look b)
{
	return a.attr == b.attr && a.fg == b.fg && a.bg == b.bg;
}

void
paint_line(const struct theme *t, enum depth depth, struct line line, struct buf *out)
{
	struct look pen = { -1, -1, 0 };

	for (size_t i = 0; i < line.n; i++) {
		const struct span *span = &line.spans[i];
		struct look look = theme_look(t, span->style, depth);

		if (!look_eq(look, pen))
			add_pen(look, out);
		pen = look;
		buf_add(out, line.text + span->off, span->len);
	}
	if (!is_plain(pen))
		buf_str(out, STR("\033[m"));
}
