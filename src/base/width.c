#include "base/width.h"

#include <utf8proc.h>
#include <wchar.h>

#include "base/utf8.h"

enum { EMOJI_STYLE = 0xFE0F, JOINER = 0x200D, SOFT_HYPHEN = 0xAD };

static const utf8proc_property_t *
property(uint32_t cp)
{
	return utf8proc_get_property((utf8proc_int32_t)cp);
}

static bool
is_tone(uint32_t cp)
{
	return cp >= 0x1F3FB && cp <= 0x1F3FF;
}

static bool
is_picture(const utf8proc_property_t *p)
{
	return p->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/* Hangul vowels and finals are drawn into the cell of the initial before them. */
static bool
is_jamo_tail(const utf8proc_property_t *p)
{
	return p->boundclass == UTF8PROC_BOUNDCLASS_V || p->boundclass == UTF8PROC_BOUNDCLASS_T;
}

static int
columns(uint32_t cp, const utf8proc_property_t *p)
{
	switch (p->category) {
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CS:
		return -1;
	case UTF8PROC_CATEGORY_MC:
		return 1;
	default:
		return cp == SOFT_HYPHEN || is_jamo_tail(p) ? 0 : (int)p->charwidth;
	}
}

int
width_codepoint(uint32_t cp)
{
	if (cp >= 0x20 && cp < 0x7F)
		return 1;
	return columns(cp, property(cp));
}

bool
width_extends(uint32_t cp)
{
	switch (property(cp)->boundclass) {
	case UTF8PROC_BOUNDCLASS_EXTEND:
	case UTF8PROC_BOUNDCLASS_ZWJ:
	case UTF8PROC_BOUNDCLASS_SPACINGMARK:
		return true;
	default:
		return false;
	}
}

bool
width_break(uint32_t a, uint32_t b, int32_t *state)
{
	return utf8proc_grapheme_break_stateful((utf8proc_int32_t)a, (utf8proc_int32_t)b, state);
}

static int
plain_in_ranges(uint32_t cp)
{
	static const struct {
		uint16_t first, last;
		uint8_t cols;
	} ranges[] = {
		{ 0x0020, 0x007E, 1 }, { 0x00A1, 0x00AC, 1 }, { 0x00AE, 0x02FF, 1 }, { 0x03A3, 0x0482, 1 },
		{ 0x048A, 0x052F, 1 }, { 0x2010, 0x2027, 1 }, { 0x2030, 0x205E, 1 }, { 0x2190, 0x2211, 1 },
		{ 0x2500, 0x25FC, 1 }, { 0x3001, 0x3029, 2 }, { 0x3041, 0x3096, 2 }, { 0x309B, 0x30FF, 2 },
		{ 0x4E00, 0x9FEF, 2 }, { 0xAC00, 0xD7A3, 2 }, { 0xFF01, 0xFF60, 2 },
	};
	size_t low = 0, high = sizeof ranges / sizeof *ranges;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (cp > ranges[mid].last)
			low = mid + 1;
		else if (cp < ranges[mid].first)
			high = mid;
		else
			return ranges[mid].cols;
	}
	return 0;
}

int
width_plain(uint32_t cp)
{
	/* The big ones first. */
	if (cp >= 0x4E00 && cp <= 0x9FEF)
		return 2;
	if (cp >= 0x20 && cp < 0x7F)
		return 1;
	/* Behind the last range is U+FFFD, which comes often where it comes at all. */
	return cp > 0xFF60 ? 0 : plain_in_ranges(cp);
}

bool
width_stands_alone(uint32_t cp)
{
	return cp >= 0x1F300 && cp <= 0x1F6FF && !is_tone(cp);
}

static enum width_class
class_by_table(uint32_t cp, const utf8proc_property_t *p)
{
	if (p->ignorable)
		return WIDTH_HIDDEN;
	switch (p->category) {
	case UTF8PROC_CATEGORY_CF:
		/* Number signs that stand around digits: terminals count them as nothing or as one. */
		return p->boundclass == UTF8PROC_BOUNDCLASS_PREPEND ? WIDTH_NONE : WIDTH_HIDDEN;
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return WIDTH_NONE;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
		return WIDTH_MARK;
	default:
		break;
	}
	if (columns(cp, p) < 0)
		return WIDTH_NONE;
	if (is_tone(cp))
		return WIDTH_TONE;
	if (p->boundclass == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR)
		return WIDTH_FLAG;
	if (is_picture(p))
		return WIDTH_PICTURE;
	return width_extends(cp) ? WIDTH_MARK : WIDTH_TEXT;
}

enum width_class
width_class(uint32_t cp)
{
	const utf8proc_property_t *p = property(cp);
	enum width_class class = class_by_table(cp, p);

	if (cp < 0x80 || class == WIDTH_HIDDEN || class == WIDTH_NONE)
		return class;
	/* An ideograph of every Unicode version tells whether the locale is one with UTF-8. */
	if (wcwidth((wchar_t)cp) != columns(cp, p) && wcwidth(0x4E00) == 2)
		return WIDTH_NONE;
	return class;
}

int
width_alone(uint32_t cp)
{
	int cols = width_plain(cp);

	if (cols > 0 || !width_stands_alone(cp))
		return cols;
	return width_class(cp) == WIDTH_PICTURE && width_codepoint(cp) == 2 ? 2 : 0;
}

/*
 * Columns of a cluster that begins with `base`, has `cols` so far and goes on with `cp`. An emoji is
 * two wide whatever is joined to it.
 */
static int
extended(int cols, uint32_t base, uint32_t cp)
{
	const utf8proc_property_t *p = property(cp);
	bool keycap = (base >= '0' && base <= '9') || base == '#' || base == '*';
	bool picture = is_picture(property(base));

	if (cp == EMOJI_STYLE)
		return keycap || picture ? 2 : cols;
	if (picture && (is_tone(cp) || is_picture(p)))
		return 2;
	return columns(cp, p) > 0 ? cols + columns(cp, p) : cols;
}

/* Whether one that no mark can belong to stands at the start of `s`, or nothing does. */
static bool
begins_plain(struct str s)
{
	size_t len;
	bool ok;

	return s.n == 0 || width_plain(utf8_decode(s, &len, &ok)) > 0;
}

size_t
width_cluster(struct str s, int *cols)
{
	size_t at, len;
	bool ok;
	uint32_t base = utf8_decode(s, &at, &ok), last = base;
	int total = width_plain(base);
	bool alone = total > 0 && begins_plain(str_skip(s, at));
	int32_t state = 0;

	if (total == 0)
		total = width_codepoint(base);
	if (total < 0)
		total = 0;
	while (!alone && at < s.n) {
		uint32_t cp = utf8_decode(str_skip(s, at), &len, &ok);
		int more;

		if (width_break(last, cp, &state))
			break;
		more = extended(total, base, cp);
		if (more > 2)
			break;
		total = more;
		last = cp;
		at += len;
	}
	if (cols != NULL)
		*cols = total;
	return at;
}

/* A boundary whatever stands in front of `a`. */
static bool
always_breaks(uint32_t a, uint32_t b)
{
	return utf8proc_grapheme_break((utf8proc_int32_t)a, (utf8proc_int32_t)b) && a != JOINER;
}

static uint32_t
codepoint_before(struct str s, size_t *at)
{
	size_t end = *at, len;
	bool ok;

	*at -= utf8_prev(s, end);
	return utf8_decode(str_of(s.p + *at, end - *at), &len, &ok);
}

size_t
width_cluster_before(struct str s, size_t at)
{
	size_t start = at, len;
	uint32_t cp = codepoint_before(s, &start);

	/* Flags pair up from the left, so the search starts where nothing can reach across. */
	for (size_t left = start; left > 0; start = left) {
		uint32_t before = codepoint_before(s, &left);

		if (always_breaks(before, cp))
			break;
		cp = before;
	}
	while (len = width_cluster(str_skip(s, start), NULL), start + len < at)
		start += len;
	return start;
}

size_t
width_cols(struct str s)
{
	size_t used;

	width_prefix(s, SIZE_MAX, &used);
	return used;
}

size_t
width_prefix(struct str s, size_t cols, size_t *used)
{
	size_t at = 0;

	*used = 0;
	while (at < s.n) {
		struct str rest = str_skip(s, at);
		size_t run = utf8_ascii_run(str_head(rest, cols - *used)), len;
		int w;

		/* The last of a run may have marks behind it. */
		if (run > 0 && run < rest.n)
			run--;
		*used += run;
		at += run;
		if (run == rest.n)
			break;
		len = width_cluster(str_skip(s, at), &w);
		if ((size_t)w > cols - *used)
			break;
		*used += (size_t)w;
		at += len;
	}
	return at;
}
