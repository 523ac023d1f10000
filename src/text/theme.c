#include "text/theme.h"

#include <stddef.h>

/* A role that a theme does not give is as its parent. */
static const struct {
	const char *name;
	enum role parent;
} roles[ROLE_COUNT] = {
	[ROLE_TEXT] = { "text", ROLE_TEXT },
	[ROLE_DIM] = { "dim", ROLE_TEXT },
	[ROLE_MARK] = { "mark", ROLE_WARN },
	[ROLE_HEADING] = { "heading", ROLE_TEXT },
	[ROLE_CODE] = { "code", ROLE_TEXT },
	[ROLE_BLOCK] = { "block", ROLE_TEXT },
	[ROLE_QUOTE] = { "quote", ROLE_DIM },
	[ROLE_BULLET] = { "bullet", ROLE_TEXT },
	[ROLE_RULE] = { "rule", ROLE_DIM },
	[ROLE_LINK] = { "link", ROLE_TEXT },
	[ROLE_HOST] = { "host", ROLE_LINK },
	[ROLE_WARN] = { "warn", ROLE_TEXT },
	[ROLE_ERROR] = { "error", ROLE_WARN },
	[ROLE_OK] = { "ok", ROLE_TEXT },
	[ROLE_USER] = { "user", ROLE_TEXT },
	[ROLE_AGENT] = { "agent", ROLE_TEXT },
	[ROLE_REASON] = { "reason", ROLE_DIM },
	[ROLE_TOOL] = { "tool", ROLE_TEXT },
	[ROLE_ASK] = { "ask", ROLE_WARN },
	[ROLE_TERMINAL] = { "terminal", ROLE_TEXT },
	[ROLE_NOTE] = { "note", ROLE_DIM },
	[ROLE_ADD] = { "add", ROLE_OK },
	[ROLE_DEL] = { "del", ROLE_ERROR },
	[ROLE_ADD_WORD] = { "add-word", ROLE_ADD },
	[ROLE_DEL_WORD] = { "del-word", ROLE_DEL },
	[ROLE_HUNK] = { "hunk", ROLE_DIM },
	[ROLE_LINENO] = { "lineno", ROLE_DIM },
	[ROLE_KEYWORD] = { "keyword", ROLE_BLOCK },
	[ROLE_STRING] = { "string", ROLE_BLOCK },
	[ROLE_COMMENT] = { "comment", ROLE_BLOCK },
	[ROLE_NUMBER] = { "number", ROLE_BLOCK },
	[ROLE_TYPE] = { "type", ROLE_BLOCK },
	[ROLE_FUNCTION] = { "function", ROLE_BLOCK },
	[ROLE_STATUS] = { "status", ROLE_DIM },
	[ROLE_STATUS_LIVE] = { "status-live", ROLE_OK },
	[ROLE_STATUS_WAIT] = { "status-wait", ROLE_WARN },
	[ROLE_STATUS_BAD] = { "status-bad", ROLE_ERROR },
	[ROLE_BORDER] = { "border", ROLE_DIM },
	[ROLE_PROMPT] = { "prompt", ROLE_USER },
	[ROLE_INPUT] = { "input", ROLE_TEXT },
	[ROLE_PENDING] = { "pending", ROLE_DIM },
	[ROLE_SELECTION] = { "selection", ROLE_TEXT },
	[ROLE_MATCH] = { "match", ROLE_SELECTION },
};

/* Text that has less against its background is shown in the terminal's own colours. */
#define MIN_CONTRAST 2.0

/* The palette a terminal most likely has: xterm's. */
static const uint32_t palette[16] = { 0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD,
	0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF,
	0xFFFFFF };

#define ANSI(n) { .exact = { COLOUR_PALETTE, n }, .plain = { COLOUR_PALETTE, n } }
enum { RED = 1, GREEN, YELLOW, BLUE, MAGENTA, CYAN };

static const struct theme builtin = {
	.name = "default",
	.roles = {
		[ROLE_DIM] = { .attr = ATTR_DIM },
		[ROLE_MARK] = { .fg = ANSI(RED), .attr = ATTR_REVERSE },
		[ROLE_HEADING] = { .attr = ATTR_BOLD },
		[ROLE_CODE] = { .fg = ANSI(CYAN) },
		[ROLE_QUOTE] = { .attr = ATTR_DIM },
		[ROLE_BULLET] = { .fg = ANSI(CYAN) },
		[ROLE_RULE] = { .attr = ATTR_DIM },
		[ROLE_LINK] = { .attr = ATTR_UNDERLINE },
		[ROLE_HOST] = { .attr = ATTR_DIM },
		[ROLE_WARN] = { .fg = ANSI(MAGENTA), .attr = ATTR_BOLD },
		[ROLE_ERROR] = { .fg = ANSI(RED), .attr = ATTR_BOLD },
		[ROLE_OK] = { .fg = ANSI(GREEN) },
		[ROLE_USER] = { .fg = ANSI(CYAN), .attr = ATTR_BOLD },
		[ROLE_AGENT] = { .fg = ANSI(GREEN), .attr = ATTR_BOLD },
		[ROLE_REASON] = { .attr = ATTR_DIM },
		[ROLE_TOOL] = { .fg = ANSI(MAGENTA) },
		[ROLE_ASK] = { .fg = ANSI(RED), .attr = ATTR_BOLD },
		[ROLE_NOTE] = { .attr = ATTR_DIM },
		[ROLE_ADD] = { .fg = ANSI(GREEN) },
		[ROLE_DEL] = { .fg = ANSI(RED) },
		[ROLE_ADD_WORD] = { .fg = ANSI(GREEN), .attr = ATTR_REVERSE },
		[ROLE_DEL_WORD] = { .fg = ANSI(RED), .attr = ATTR_REVERSE },
		[ROLE_HUNK] = { .fg = ANSI(CYAN) },
		[ROLE_LINENO] = { .attr = ATTR_DIM },
		[ROLE_KEYWORD] = { .fg = ANSI(MAGENTA) },
		[ROLE_STRING] = { .fg = ANSI(GREEN) },
		[ROLE_COMMENT] = { .attr = ATTR_DIM },
		[ROLE_NUMBER] = { .fg = ANSI(CYAN) },
		[ROLE_TYPE] = { .fg = ANSI(CYAN) },
		[ROLE_FUNCTION] = { .attr = ATTR_BOLD },
		[ROLE_STATUS] = { .attr = ATTR_DIM },
		[ROLE_STATUS_LIVE] = { .fg = ANSI(GREEN) },
		[ROLE_STATUS_WAIT] = { .fg = ANSI(MAGENTA) },
		[ROLE_STATUS_BAD] = { .fg = ANSI(RED), .attr = ATTR_BOLD },
		[ROLE_BORDER] = { .attr = ATTR_DIM },
		[ROLE_PROMPT] = { .fg = ANSI(CYAN), .attr = ATTR_BOLD },
		[ROLE_PENDING] = { .attr = ATTR_DIM },
		[ROLE_SELECTION] = { .attr = ATTR_REVERSE },
		[ROLE_MATCH] = { .attr = ATTR_REVERSE },
	},
};

const struct theme *
theme_builtin(void)
{
	return &builtin;
}

const char *
role_name(enum role role)
{
	return roles[role].name;
}

enum role
role_parent(enum role role)
{
	return roles[role].parent;
}

bool
role_by_name(struct str name, enum role *out)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		if (str_eq(name, str_from(roles[i].name))) {
			*out = (enum role)i;
			return true;
		}
	}
	return false;
}

bool
colour_rgb(struct colour c, uint32_t *out)
{
	static const uint32_t steps[6] = { 0, 95, 135, 175, 215, 255 };
	uint32_t v = c.value;

	if (c.kind == COLOUR_DEFAULT)
		return false;
	if (c.kind == COLOUR_RGB)
		*out = v;
	else if (v < 16)
		*out = palette[v];
	else if (v < 232)
		*out = steps[(v - 16) / 36] << 16 | steps[(v - 16) / 6 % 6] << 8 | steps[(v - 16) % 6];
	else
		*out = (8 + 10 * (v - 232)) * 0x010101;
	return true;
}

static int
distance(uint32_t a, uint32_t b)
{
	int dr = (int)(a >> 16) - (int)(b >> 16);
	int dg = (int)(a >> 8 & 255) - (int)(b >> 8 & 255);
	int db = (int)(a & 255) - (int)(b & 255);

	return 3 * dr * dr + 6 * dg * dg + db * db;
}

/* The palette number in [from, to) that is nearest. */
static uint32_t
nearest(uint32_t rgb, uint32_t from, uint32_t to)
{
	uint32_t best = from, value;

	for (uint32_t i = from; i < to; i++) {
		uint32_t best_value;

		colour_rgb((struct colour){ COLOUR_PALETTE, i }, &value);
		colour_rgb((struct colour){ COLOUR_PALETTE, best }, &best_value);
		if (distance(rgb, value) < distance(rgb, best_value))
			best = i;
	}
	return best;
}

static int32_t
at_depth(struct colour c, enum depth depth)
{
	uint32_t colours_there = depth == DEPTH_8 ? 8 : depth == DEPTH_16 ? 16 : 256;
	uint32_t rgb;

	if (depth == DEPTH_MONO || !colour_rgb(c, &rgb))
		return -1;
	if (depth == DEPTH_RGB)
		return c.kind == COLOUR_RGB ? (int32_t)(rgb + LOOK_RGB) : (int32_t)c.value;
	if (c.kind == COLOUR_PALETTE && c.value < colours_there)
		return (int32_t)c.value;
	if (c.kind == COLOUR_PALETTE && c.value < 16)
		return (int32_t)c.value - 8;
	return (int32_t)nearest(rgb, depth == DEPTH_256 ? 16 : 0, colours_there);
}

/* sRGB to linear light: a polynomial that is right to a thousandth. */
static double
channel(uint32_t v)
{
	double c = v / 255.0;

	return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878);
}

static double
luminance(uint32_t rgb)
{
	return 0.2126 * channel(rgb >> 16) + 0.7152 * channel(rgb >> 8 & 255) +
	    0.0722 * channel(rgb & 255);
}

double
theme_contrast(uint32_t a, uint32_t b)
{
	double la = luminance(a), lb = luminance(b);

	return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

static uint32_t
rgb_or(struct colour c, uint32_t otherwise)
{
	colour_rgb(c, &otherwise);
	return otherwise;
}

/* A text may ask for black on black; what it says is to be read all the same. */
static void
keep_readable(const struct theme *t, struct paint *fg, struct paint *bg)
{
	uint32_t text = t->light ? 0x000000 : 0xE5E5E5;

	if (theme_contrast(rgb_or(fg->exact, text), rgb_or(bg->exact, t->ground)) >= MIN_CONTRAST)
		return;
	*fg = (struct paint){ 0 };
	if (theme_contrast(text, rgb_or(bg->exact, t->ground)) < MIN_CONTRAST)
		*bg = (struct paint){ 0 };
}

static struct paint
palette_paint(uint16_t number)
{
	struct colour c = { COLOUR_PALETTE, number - 1u };

	return (struct paint){ c, c };
}

struct look
theme_look(const struct theme *t, struct style style, enum depth depth)
{
	const struct theme_role *r = &t->roles[style.role < ROLE_COUNT ? style.role : ROLE_TEXT];
	struct paint fg = style.fg != 0 ? palette_paint(style.fg) : r->fg;
	struct paint bg = style.bg != 0 ? palette_paint(style.bg) : r->bg;
	bool few = depth < DEPTH_256;

	if (style.fg != 0 || style.bg != 0)
		keep_readable(t, &fg, &bg);
	return (struct look){
		.fg = at_depth(few ? fg.plain : fg.exact, depth),
		.bg = at_depth(few ? bg.plain : bg.exact, depth),
		.attr = r->attr | style.attr,
	};
}
