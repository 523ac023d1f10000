#include "text/sgr.h"

#include <stdlib.h>

enum { MAX_PARAMS = 32 };

struct param {
	unsigned value;
	bool sub;	/* a colon stands in front of it */
};

static size_t
parse(struct str s, struct param p[MAX_PARAMS])
{
	size_t n = 1;

	p[0] = (struct param){ 0 };
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9') {
			if (p[n - 1].value < 10000)
				p[n - 1].value = p[n - 1].value * 10 + (unsigned)(c - '0');
		} else if (n == MAX_PARAMS) {
			break;
		} else {
			p[n++] = (struct param){ .sub = c == ':' };
		}
	}
	return n;
}

/* The nearest step of the cube of six: 0, 95, 135, 175, 215, 255. */
static unsigned
cube_step(unsigned v)
{
	return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40;
}

static unsigned
cube_value(unsigned step)
{
	return step > 0 ? 55 + 40 * step : 0;
}

static unsigned
distance(const unsigned c[3], unsigned r, unsigned g, unsigned b)
{
	unsigned d = 0, other[3] = { r, g, b };

	for (int i = 0; i < 3; i++)
		d += (c[i] - other[i]) * (c[i] - other[i]);
	return d;
}

static unsigned
nearest(const unsigned c[3])
{
	unsigned r = cube_step(c[0]), g = cube_step(c[1]), b = cube_step(c[2]);
	unsigned mean = (c[0] + c[1] + c[2]) / 3;
	unsigned grey = mean < 3 ? 0 : mean > 238 ? 23 : (mean - 3) / 10, level = 8 + 10 * grey;

	if (distance(c, level, level, level) < distance(c, cube_value(r), cube_value(g), cube_value(b)))
		return 232 + grey;
	return 16 + 36 * r + 6 * g + b;
}

/* 38 or 48 at p[0], of `n`; returns how many belong to it. *out is a palette number + 1. */
static size_t
colour(const struct param *p, size_t n, uint16_t *out)
{
	size_t at = 2, used;
	unsigned c[3];

	if (n < 3 || (p[1].value != 5 && p[1].value != 2))
		return n < 2 ? n : 2;
	if (p[1].value == 5) {
		if (p[2].value < 256)
			*out = (uint16_t)(p[2].value + 1);
		return 3;
	}
	/* 38:2:SPACE:R:G:B may name a colour space; 38;2;R;G;B cannot. */
	if (p[1].sub && n > 5 && p[5].sub)
		at = 3;
	used = at + 3;
	if (n < used)
		return n;
	for (size_t i = 0; i < 3; i++)
		c[i] = p[at + i].value < 256 ? p[at + i].value : 255;
	*out = (uint16_t)(nearest(c) + 1);
	return used;
}

static void
set_attr(struct style *s, unsigned attr, bool on)
{
	s->attr = (uint8_t)(on ? s->attr | attr : s->attr & ~attr);
}

static void
apply_one(struct style *s, struct style base, unsigned v)
{
	switch (v) {
	case 0: *s = base; break;
	case 1: set_attr(s, ATTR_BOLD, true); break;
	case 3: set_attr(s, ATTR_ITALIC, true); break;
	case 4: set_attr(s, ATTR_UNDERLINE, true); break;
	case 7: set_attr(s, ATTR_REVERSE, true); break;
	case 22: set_attr(s, ATTR_BOLD, false); break;
	case 23: set_attr(s, ATTR_ITALIC, false); break;
	case 24: set_attr(s, ATTR_UNDERLINE, false); break;
	case 27: set_attr(s, ATTR_REVERSE, false); break;
	case 39: s->fg = base.fg; break;
	case 49: s->bg = base.bg; break;
	default:
		if (v >= 30 && v <= 37)
			s->fg = (uint16_t)(v - 30 + 1);
		else if (v >= 40 && v <= 47)
			s->bg = (uint16_t)(v - 40 + 1);
		else if (v >= 90 && v <= 97)
			s->fg = (uint16_t)(v - 90 + 8 + 1);
		else if (v >= 100 && v <= 107)
			s->bg = (uint16_t)(v - 100 + 8 + 1);
	}
}

void
sgr_apply(struct style *style, struct style base, struct str params)
{
	struct param p[MAX_PARAMS];
	size_t n = parse(params, p);

	for (size_t i = 0; i < n;) {
		if (p[i].value == 38 || p[i].value == 48) {
			i += colour(p + i, n - i, p[i].value == 38 ? &style->fg : &style->bg);
		} else if (p[i].value == 4 && i + 1 < n && p[i + 1].sub) {
			apply_one(style, base, p[i + 1].value > 0 ? 4 : 24);
			i += 2;
		} else {
			apply_one(style, base, p[i++].value);
		}
		/* What a colon ties to something unknown must not be read as a code of its own. */
		while (i < n && p[i].sub)
			i++;
	}
}
