#include "ui/pen.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include "text/ascii.h"

void
pen_done(struct pen *p)
{
	free(p->wide);
	*p = (struct pen){ 0 };
}

/* Direct colour terminals take 0 to 7 for the palette; other numbers are colours there. */
static int
colour_number(const struct pen *p, int32_t colour)
{
	uint32_t rgb;

	if (p->depth != DEPTH_RGB || colour < 8)
		return colour;
	if (colour >= LOOK_RGB)
		return colour - LOOK_RGB < 8 ? 8 : colour - LOOK_RGB;
	colour_rgb((struct colour){ COLOUR_PALETTE, (uint32_t)colour }, &rgb);
	return rgb < 8 ? 8 : (int)rgb;
}

/* ncurses knows no strike-through: what is deleted is dim. */
static attr_t
attributes(uint8_t attr)
{
	attr_t a = A_NORMAL;

	if (attr & ATTR_BOLD)
		a |= A_BOLD;
	if (attr & ATTR_ITALIC)
		a |= A_ITALIC;
	if (attr & ATTR_UNDERLINE)
		a |= A_UNDERLINE;
	if (attr & ATTR_REVERSE)
		a |= A_REVERSE;
	if (attr & (ATTR_DIM | ATTR_STRIKE))
		a |= A_DIM;
	return a;
}

static void
take(struct pen *p, struct style style, attr_t *attrs, int *pair)
{
	struct look look = theme_look(p->theme, style, p->depth);

	*attrs = attributes(look.attr);
	*pair = 0;
	if (look.fg >= 0 || look.bg >= 0)
		*pair = alloc_pair(colour_number(p, look.fg), colour_number(p, look.bg));
	if (*pair < 0)
		*pair = 0;
}

static void
add_wide(struct pen *p, struct str text)
{
	size_t n = 0;

	while (text.n > 0) {
		size_t len;
		bool ok;

		p->wide = mem_grow(p->wide, n, &p->cap_wide, sizeof *p->wide);
		p->wide[n++] = (wchar_t)utf8_decode(text, &len, &ok);
		text = str_skip(text, len);
	}
	waddnwstr(newscr, p->wide, (int)n);
}

/* Where the terminal takes no UTF-8, everything is something like it in ASCII, of its width. */
static void
add_narrow(struct str text)
{
	while (text.n > 0) {
		int cols = 1;
		size_t len = width_cluster(text, &cols), first;
		bool ok;
		char like[2] = { ascii_like(utf8_decode(text, &first, &ok)), '?' };

		waddnstr(newscr, cols > 1 ? "??" : like, cols);
		text = str_skip(text, len);
	}
}

static void
fill(struct pen *p, unsigned y, unsigned x, unsigned n, struct style style)
{
	attr_t attrs;
	int pair;
	cchar_t blank;

	take(p, style, &attrs, &pair);
	setcchar(&blank, L" ", attrs, (short)pair, &pair);
	mvwhline_set(newscr, (int)y, (int)x, &blank, (int)n);
}

/* Returns the column behind it. */
static unsigned
draw_span(struct pen *p, const char *base, const struct span *span, unsigned x, unsigned end)
{
	struct str text = str_of(base + span->off, span->len);
	size_t used = span->cols;
	attr_t attrs;
	int pair;

	if (x + span->cols > end)
		text = str_head(text, width_prefix(text, end - x, &used));
	take(p, span->style, &attrs, &pair);
	wattr_set(newscr, attrs, (short)pair, &pair);
	if (span->ascii)
		waddnstr(newscr, text.p, (int)text.n);
	else if (p->utf8)
		add_wide(p, text);
	else
		add_narrow(text);
	return x + (unsigned)used;
}

static bool
span_eq(struct line a, struct line b, size_t i)
{
	const struct span *s = &a.spans[i], *t = &b.spans[i];

	return style_eq(s->style, t->style) && s->len == t->len &&
	    memcmp(a.text + s->off, b.text + t->off, s->len) == 0;
}

/* Bytes of ASCII that span i of both begins with. */
static uint32_t
same_bytes(struct line a, struct line b, size_t i)
{
	uint32_t n = 0;

	if (i >= a.n || i >= b.n || !a.spans[i].ascii || !b.spans[i].ascii ||
	    !style_eq(a.spans[i].style, b.spans[i].style))
		return 0;
	while (n < a.spans[i].len && n < b.spans[i].len &&
	    a.text[a.spans[i].off + n] == b.text[b.spans[i].off + n])
		n++;
	return n;
}

/* Draws from where it differs on; returns the column behind what is the same or drawn. */
static unsigned
draw_text(struct pen *p, const struct frame_change *c, unsigned end)
{
	size_t i = 0;
	unsigned at = 0;
	uint32_t same = 0;

	/* No span begins within a cluster: text/safe marks what could not stand alone. */
	for (; c->known && i < c->before.n && i < c->after.n && span_eq(c->before, c->after, i); i++)
		at += c->after.spans[i].cols;
	if (c->known)
		same = same_bytes(c->before, c->after, i);
	at += same;
	if (at < end)
		wmove(newscr, (int)c->y, (int)at);
	for (; i < c->after.n && at < end; i++) {
		struct span span = c->after.spans[i];

		span.off += same;
		span.len -= same;
		span.cols -= (uint16_t)same;
		same = 0;
		at = draw_span(p, c->after.text, &span, at, end);
	}
	return at;
}

void
pen_row(struct pen *p, const struct frame_change *c, unsigned end)
{
	struct line line = c->after;
	bool filled = (line.flags & LINE_FILL) && line.n > 0;
	unsigned at = draw_text(p, c, end);

	/* Behind what stood there it is blank. */
	if (c->known && !((line.flags | c->before.flags) & LINE_FILL) && c->before.cols < end)
		end = c->before.cols;
	if (at < end)
		fill(p, c->y, at, end - at, filled ? line.spans[line.n - 1].style : STYLE(ROLE_TEXT));
}
