#include "text/guard_marks.h"

#include <string.h>

#include "base/bytes16.h"

/* Whether the mark at `at` is the colon of "://" or the point of "www.". */
static bool
is_address(struct str s, size_t at)
{
	if (s.p[at] == ':')
		return s.n - at >= 3 && memcmp(s.p + at, "://", 3) == 0;
	return at >= 3 && s.p[at] == '.' &&
	    (memcmp(s.p + at - 3, "www", 3) == 0 || memcmp(s.p + at - 3, "WWW", 3) == 0);
}

/* One or two tildes strike through, more make a fence. */
static bool
is_strike(struct str s, size_t at)
{
	size_t from = at, to = at;

	while (from > 0 && at - from < 3 && s.p[from - 1] == '~')
		from--;
	while (to < s.n && to - at < 3 && s.p[to] == '~')
		to++;
	return to - from < 3;
}

static bool
is_costly(struct str s, size_t at)
{
	char c = s.p[at];

	return c == '[' || c == ']' || (c == '~' && is_strike(s, at)) || is_address(s, at);
}

bool
guard_marks_is_markup(char c)
{
	return c == '[' || c == ']' || c == '~' || c == '*' || c == '_' || c == '`' || c == '<';
}

static void
count_mark(struct guard_marks *m, struct str s, size_t i)
{
	m->all++;
	switch (s.p[i]) {
	case '[':
		if (++m->depth > m->deepest)
			m->deepest = m->depth;
		break;
	case ']':
		m->depth -= m->depth > 0;
		m->closing++;
		m->targets += i + 1 < s.n && s.p[i + 1] == '(';
		break;
	case '~':
		m->tildes += is_strike(s, i);
		break;
	case ':':
	case '.':
		m->all--;
		m->addresses += is_address(s, i);
		break;
	default:
		break;
	}
}

/* Which of the next sixteen bytes, `n` of them at most, may cost something, or are markup of any kind. */
static inline bytes16
find_marks(const char *p, size_t n, bool all)
{
	bytes16 v = bytes16_load(p);
	bytes16 found = (bytes16)(v == '[') | (bytes16)(v == ']') | (bytes16)(v == '~') |
	    (bytes16)(v == ':') | (bytes16)(v == '.');

	if (all)
		found |= (bytes16)(v == '*') | (bytes16)(v == '_') | (bytes16)(v == '`') |
		    (bytes16)(v == '<');
	found &= 0x80;
	return n < 16 ? found & bytes16_head(n) : found;
}

void
guard_marks_count(struct guard_marks *m, struct str s, bool all)
{
	for (size_t i = 0; i < s.n; i += 16) {
		bytes16 found = find_marks(s.p + i, s.n - i, all);

		if (!bytes16_any(found))
			continue;
		for (unsigned k = 0; k < 2; k++)
			for (uint64_t left = bytes16_word(found, k); left != 0; left = bytes16_rest(left))
				count_mark(m, s, i + 8 * k + bytes16_first(left));
	}
}

void
guard_marks_cover(char *p, size_t n, char cover)
{
	struct str s = str_of(p, n);

	for (size_t i = 0; i < n; i += 16) {
		bytes16 found = find_marks(p + i, n - i, false);

		for (unsigned k = 0; k < 2; k++)
			for (uint64_t left = bytes16_word(found, k); left != 0; left = bytes16_rest(left))
				if (is_costly(s, i + 8 * k + bytes16_first(left)))
					p[i + 8 * k + bytes16_first(left)] = cover;
	}
}
