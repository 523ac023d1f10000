#include "text/place.h"

#include <string.h>

#include "text/guard.h"

enum {
	LOOK_BACK = 4 << 10,		/* for a blank between words: what is deep inside has long indents */
	LOOK_AHEAD = 512,		/* for the end of a tag */
	MARKERS_MAX = 32		/* that are looked at in front of a line */
};

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_in_name(char c)
{
	return c == '-' || (c >= '0' && c <= '9');
}

/* The lead byte of an ideograph. */
static bool
is_ideograph(char c)
{
	return (unsigned char)c >= 0xE4 && (unsigned char)c <= 0xE9;
}

static bool
is_inner(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* A blank is no part of any mark when this stands before it. */
static bool
ends_word(char c)
{
	return c != '\0' && strchr(" \t\r\n\\|-:>", c) == NULL;
}

static bool
is_covered(char c, unsigned covered)
{
	return c != '\0' && strchr(covered & GUARD_DENSE ? "[]*_`<~" : covered & GUARD_MARKS ? "[]" : "", c) != NULL;
}

/* Markup at the start of a line is not covered. */
static bool
begins_line(struct str s, size_t i)
{
	size_t from = i > GUARD_RULE_MAX ? i - GUARD_RULE_MAX : 0;

	return from == 0 || memchr(s.p + from, '\n', i - from) != NULL;
}

/* Between two bytes that mean nothing to the parser: it was not shown the first, maybe not the second. */
static bool
is_joint(struct str s, size_t i, unsigned covered)
{
	char before = s.p[i - 1], c = s.p[i];

	if (c == '&' && before == '&')
		return true;
	if (!is_covered(before, covered))
		return false;
	if (covered & GUARD_DENSE)
		return !begins_line(s, i) && (is_covered(c, covered) || is_letter(c) || strchr("!()", c) != NULL);
	return is_covered(c, covered);
}

size_t
place_in_text(struct str s, size_t start, unsigned covered)
{
	size_t least = s.n > start + LOOK_BACK ? s.n - LOOK_BACK : start + 4;

	for (size_t i = s.n - 2; i >= least; i--) {
		const char *p = s.p + i;

		if (p[0] == ' ' && ends_word(p[-1]) && strchr(" \t\r\n", p[1]) == NULL && p[1] != '\0')
			return i;
		if (is_ideograph(p[0]) && is_ideograph(p[-3]) && is_inner(p[-2]) && is_inner(p[-1]))
			return i;
		if (is_joint(s, i, covered))
			return i;
	}
	return 0;
}

static size_t
digits(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] >= '0' && line.p[n] <= '9')
		n++;
	return n;
}

/* Bytes of a list marker with the blank behind it, 0 when there is none. */
static size_t
marker_length(struct str line)
{
	size_t n = digits(str_head(line, 9));

	if (n + 1 >= line.n || line.p[n] == '\0' || strchr(n > 0 ? ".)" : "-+*", line.p[n]) == NULL)
		return 0;
	return line.p[n + 1] == ' ' || line.p[n + 1] == '\t' ? n + 2 : 0;
}

/* Nothing in it but the marker of an item, or what may become one. */
static bool
is_bare_marker(struct str line)
{
	size_t n = digits(line);

	if (n == line.n)
		return true;
	return line.p[n] != '\0' && strchr(n > 0 ? ".)" : "-+*", line.p[n]) != NULL &&
	    str_trim(str_skip(line, n + 1)).n == 0;
}

enum place_start
place_start(struct str line, bool ended)
{
	if (line.n == 0 || strchr(" \t\r", line.p[0]) != NULL)
		return PLACE_NONE;
	if (line.p[0] == '>')
		return PLACE_MARKER;
	if (line.p[0] == '`' || line.p[0] == '~')
		return PLACE_FENCE;
	if (strchr("-+*0123456789", line.p[0]) == NULL)
		return PLACE_PLAIN;
	if (is_bare_marker(line))
		return ended && digits(line) == line.n ? PLACE_PLAIN : PLACE_NONE;
	return marker_length(line) > 0 ? PLACE_MARKER : PLACE_PLAIN;
}

char
place_mark(struct str line)
{
	size_t n = digits(line);

	return n < line.n ? line.p[n] : '\0';
}

/* What a line has in front of its text: blanks and the markers of containers. */
struct prefix {
	size_t n;
	size_t depth;		/* bytes of it before the first item */
	bool item;		/* one begins there */
};

static struct prefix
read_prefix(struct str line)
{
	struct prefix x = { 0 };
	size_t markers = 0;

	while (x.n < line.n) {
		struct str rest = str_skip(line, x.n);
		size_t n = rest.p[0] == '>' ? 1 : marker_length(rest);

		if (n > 0 && ++markers > MARKERS_MAX)
			break;
		if (n == 0 && rest.p[0] != ' ' && rest.p[0] != '\t')
			break;
		if (n > 1 && !x.item) {
			x.item = true;
			x.depth = x.n;
		}
		x.n += n > 0 ? n : 1;
	}
	if (!x.item)
		x.depth = x.n;
	return x;
}

/* Whether a line begins a leaf with this where a word would: it makes no rule, fence or heading. */
static bool
is_start(struct str text)
{
	if (text.n == 0 || text.p[0] == '`' || text.p[0] == '~')
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\0' || strchr("-+*_=#|:.) \t\r0123456789", text.p[i]) == NULL)
			return true;
	return false;
}

static bool
is_blank(struct str line)
{
	return str_trim(str_skip(line, read_prefix(line).n)).n == 0;
}

size_t
place_line(struct str s, size_t at)
{
	while (at > 0 && s.p[at - 1] != '\n')
		at--;
	return at;
}

void
place_starts(struct str s, size_t from, size_t to, size_t starts[2])
{
	size_t least = SIZE_MAX;
	bool blank = false;

	starts[0] = starts[1] = 0;
	for (size_t at = place_line(s, from); at <= to;) {
		struct str rest = str_skip(s, at), line = str_head(rest, str_find_byte(rest, '\n'));
		struct prefix x = read_prefix(line);
		struct str text = str_skip(line, x.n);

		if (line.n == rest.n)
			return;
		if (at > from && (x.item || blank) && is_start(text)) {
			starts[1] = at;
			if (x.depth <= least) {
				starts[0] = at;
				least = x.depth;
			}
		}
		blank = is_blank(line);
		at += line.n + 1;
	}
}

size_t
place_in_lines(struct str s, size_t from)
{
	bool found = false;
	size_t last = 0;

	for (size_t end = s.n; end > from;) {
		size_t at = place_line(s, end - 1);
		bool blank = is_blank(str_of(s.p + at, end - at));

		if (found && !blank)
			return last;
		found = !blank && at > from;
		last = end = at;
	}
	return 0;
}

struct str
place_prefix(struct str line)
{
	return str_head(line, read_prefix(line).n);
}

/* Whether a tag may begin that is not ended: `text` stands behind its bracket. */
static bool
is_tag(struct str text)
{
	size_t name = 0, next = str_find_byte(text, '<');

	if (text.n > 0 && strchr("/!?", text.p[0]) != NULL)
		return true;
	while (name < text.n && (is_letter(text.p[name]) || (name > 0 && is_in_name(text.p[name]))))
		name++;
	if (name == 0 || (name < text.n && strchr(" \t\r\n/>", text.p[name]) == NULL))
		return false;
	if (next == text.n)
		return true;
	text = str_head(text, next);
	return str_find_byte(text, '"') < next || str_find_byte(text, '\'') < next;
}

bool
place_is_begun(struct str source, size_t from, size_t end, bool brackets)
{
	struct str text = str_skip(str_head(source, end), from);

	if ((brackets && str_find(text, STR("](")) < text.n) || str_find(text, STR("````````")) < text.n)
		return true;
	for (size_t at; (at = str_find_byte(text, '<')) < text.n;) {
		text = str_skip(text, at + 1);
		/* What stands behind it in the source may say that it is none. */
		if (is_tag(str_head(str_skip(source, end - text.n), text.n + LOOK_AHEAD)))
			return true;
	}
	return false;
}
