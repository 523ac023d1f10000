#include "base/utf8.h"

#include <string.h>

/*
 * What may follow a lead byte: how many bytes, and the range of the first of them, which is where
 * overlongs, surrogates and values over 10FFFF are told apart (Unicode table 3-7).
 */
static size_t
lead(unsigned char b, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xBF;
	if (b >= 0xC2 && b <= 0xDF)
		return 1;
	if (b >= 0xE0 && b <= 0xEF) {
		if (b == 0xE0)
			*low = 0xA0;
		else if (b == 0xED)
			*high = 0x9F;
		return 2;
	}
	if (b >= 0xF0 && b <= 0xF4) {
		if (b == 0xF0)
			*low = 0x90;
		else if (b == 0xF4)
			*high = 0x8F;
		return 3;
	}
	return 0;
}

/* Continuation bytes of `s` that fit its lead byte; *want is how many there should be. */
static size_t
continuation(struct str s, size_t *want)
{
	unsigned char low, high;
	size_t n = 0;

	*want = lead((unsigned char)s.p[0], &low, &high);
	while (n < *want && n + 1 < s.n) {
		unsigned char c = (unsigned char)s.p[n + 1];

		if (c < low || c > high)
			break;
		low = 0x80;
		high = 0xBF;
		n++;
	}
	return n;
}

static bool
is_inner(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* What nearly all text is made of: bytes in which nothing is wrong; 0 for all else. */
static uint32_t
decode_common(struct str s, size_t *len)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint32_t cp;

	if (s.n >= 4 && p[0] == 0xF0 && is_inner(s.p[1]) && is_inner(s.p[2]) && is_inner(s.p[3])) {
		cp = (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
		*len = 4;
		return cp >= 0x10000 ? cp : 0;
	}
	if (s.n >= 3 && p[0] >= 0xE0 && p[0] < 0xF0 && is_inner(s.p[1]) && is_inner(s.p[2])) {
		cp = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
		*len = 3;
		return cp >= 0x800 && (cp < 0xD800 || cp > 0xDFFF) ? cp : 0;
	}
	*len = 2;
	if (s.n < 2 || p[0] < 0xC2 || p[0] >= 0xE0 || !is_inner(s.p[1]))
		return 0;
	return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
}

uint32_t
utf8_decode_more(struct str s, size_t *len, bool *ok)
{
	unsigned char b = (unsigned char)s.p[0];
	size_t want, got;
	uint32_t cp;

	*ok = b >= 0xC2 && b <= 0xF4;
	*len = 1;
	if (!*ok)
		return UTF8_REPLACEMENT;
	cp = decode_common(s, len);
	if (cp != 0)
		return cp;
	got = continuation(s, &want);
	*len = 1 + got;
	*ok = got == want;
	if (!*ok)
		return UTF8_REPLACEMENT;
	cp = b & (0x3Fu >> want);
	for (size_t i = 1; i <= want; i++)
		cp = cp << 6 | ((unsigned char)s.p[i] & 0x3F);
	return cp;
}

size_t
utf8_prev(struct str s, size_t at)
{
	for (size_t back = 1; back <= 4 && back <= at; back++) {
		size_t len;
		bool ok;

		if (((unsigned char)s.p[at - back] & 0xC0) == 0x80)
			continue;
		utf8_decode(str_of(s.p + at - back, back), &len, &ok);
		return len == back ? back : 1;
	}
	return 1;
}

size_t
utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = UTF8_REPLACEMENT;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

void
utf8_add(struct buf *b, uint32_t cp)
{
	b->n += utf8_encode(cp, buf_room(b, 4));
}

/* Which byte of a word in memory has the first of these marks; at most that. */
static size_t
first_byte(uint64_t marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (size_t)__builtin_ctzll(marks) / 8;
#else
	(void)marks;
	return 0;
#endif
}

static uint64_t
load_word(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* Bytes at the start of `s` that are ASCII, found many at once. */
static size_t
ascii_prefix(struct str s)
{
	const uint64_t high = 0x8080808080808080u;
	size_t i = 0;

	while (i + 32 <= s.n && ((load_word(s.p + i) | load_word(s.p + i + 8) |
	    load_word(s.p + i + 16) | load_word(s.p + i + 24)) & high) == 0)
		i += 32;
	for (uint64_t w; i + 8 <= s.n; i += 8) {
		w = load_word(s.p + i) & high;
		if (w != 0) {
			i += first_byte(w);
			break;
		}
	}
	while (i < s.n && (unsigned char)s.p[i] < 0x80)
		i++;
	return i;
}

/* The length of the sequence at the start of four bytes, the first of them lowest; 0 unless it is well-formed. */
static size_t
sequence(uint32_t w)
{
	uint32_t bits = w & 0x3007;

	if ((w & 0xC0C0F0) == 0x8080E0)
		return (w & 0x200F) != 0 && (w & 0x200F) != 0x200D ? 3 : 0;
	if ((w & 0xC0E0) == 0x80C0)
		return (w & 0x1E) != 0 ? 2 : 0;
	/* U+10000 to U+10FFFF */
	return (w & 0xC0C0C0F8) == 0x808080F0 && bits != 0 && ((bits & 4) == 0 || bits == 4) ? 4 : 0;
}

/* Length of the code point at the start of `s` (s.n > 0), 0 when it is malformed. */
static size_t
valid_length(struct str s)
{
	uint32_t w;
	size_t len;
	bool ok;

	if (s.n >= sizeof w) {
		memcpy(&w, s.p, sizeof w);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
		w = __builtin_bswap32(w);
#endif
		return w & 0x80 ? sequence(w) : 1;
	}
	utf8_decode(s, &len, &ok);
	return ok ? len : 0;
}

/* Bytes at the start of `s` that are well-formed. */
static size_t
valid_prefix(struct str s)
{
	size_t at = 0, len;

	for (;;) {
		at += ascii_prefix(str_skip(s, at));
		if (at == s.n)
			return at;
		do {
			len = valid_length(str_skip(s, at));
			at += len;
			if (len == 0 || at == s.n)
				return at;
		} while ((unsigned char)s.p[at] >= 0x80);
	}
}

bool
utf8_valid(struct str s)
{
	return valid_prefix(s) == s.n;
}

/* High bits of the bytes of a word that are below 0x20, 0x7F or not ASCII; exact up to the first. */
static uint64_t
not_printable(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;

	return ((w - ones * 0x20) | w | (w + ones)) & high;
}

static bool
is_printable(char c)
{
	return c >= 0x20 && c < 0x7F;
}

size_t
utf8_ascii_run(struct str s)
{
	size_t i = 0;

	for (uint64_t w, marks; i + 8 <= s.n; i += 8) {
		memcpy(&w, s.p + i, sizeof w);
		marks = not_printable(w);
		if (marks != 0) {
			i += first_byte(marks);
			break;
		}
	}
	while (i < s.n && is_printable(s.p[i]))
		i++;
	return i;
}

/* A text of less than eight bytes as a word in memory, blanks behind it. */
static uint64_t
short_word(struct str s)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const unsigned char *p = (const unsigned char *)s.p;
	uint64_t w = 0x2020202020202020u << 8 * s.n;
	uint32_t first, last;

	/* What is read twice is the same. */
	if (s.n >= sizeof first) {
		memcpy(&first, p, sizeof first);
		memcpy(&last, p + s.n - sizeof last, sizeof last);
		w |= first | (uint64_t)last << 8 * (s.n - sizeof last);
	} else if (s.n > 0) {
		w |= p[0] | (uint64_t)p[s.n / 2] << 8 * (s.n / 2) | (uint64_t)p[s.n - 1] << 8 * (s.n - 1);
	}
#else
	uint64_t w = 0x2020202020202020u;

	if (s.n > 0)
		memcpy(&w, s.p, s.n);
#endif
	return w;
}

/* Copies a word from `from` and tells what of it is no printable ASCII. */
static inline uint64_t
copy_word(char *to, const char *from)
{
	uint64_t w;

	memcpy(&w, from, sizeof w);
	memcpy(to, &w, sizeof w);
	return not_printable(w);
}

/* Where the printable ASCII ends in a word with these marks. */
static size_t
end_in_word(struct str s, size_t i, uint64_t marks)
{
	for (i += first_byte(marks); i < s.n && is_printable(s.p[i]);)
		i++;
	return i;
}

size_t
utf8_copy_ascii(char *to, struct str s)
{
	size_t i = 0;
	uint64_t w, marks;

	for (; i + sizeof w <= s.n; i += sizeof w) {
		marks = copy_word(to + i, s.p + i);
		if (marks != 0)
			return end_in_word(s, i, marks);
	}
	if (i == s.n)
		return i;
	if (i > 0) {
		/* The last word once more: what stands in front of the rest is in order. */
		i = s.n - sizeof w;
		marks = copy_word(to + i, s.p + i);
		return marks == 0 ? s.n : end_in_word(s, i, marks);
	}
	w = short_word(s);
	memcpy(to, &w, sizeof w);
	marks = not_printable(w);
	return marks == 0 ? s.n : end_in_word(s, 0, marks);
}

size_t
utf8_partial_tail(struct str s)
{
	for (size_t back = 1; back <= 3 && back <= s.n; back++) {
		struct str tail = str_skip(s, s.n - back);
		size_t want, got;

		if (((unsigned char)tail.p[0] & 0xC0) == 0x80)
			continue;
		got = continuation(tail, &want);
		return got + 1 == back && got < want ? back : 0;
	}
	return 0;
}

void
utf8_add_str(struct buf *out, struct str s)
{
	for (;;) {
		size_t run = valid_prefix(s), len;
		bool ok;

		buf_str(out, str_head(s, run));
		s = str_skip(s, run);
		if (s.n == 0)
			return;
		utf8_decode(s, &len, &ok);
		utf8_add(out, UTF8_REPLACEMENT);
		s = str_skip(s, len);
	}
}

void
utf8_repair(struct utf8_repair *st, struct str s, struct buf *out)
{
	/* Byte by byte until the held piece is complete or broken; that is at most three. */
	while (st->nheld > 0 && s.n > 0) {
		struct str held;

		st->held[st->nheld++] = s.p[0];
		s = str_skip(s, 1);
		held = str_of(st->held, st->nheld);
		if (utf8_partial_tail(held) == held.n)
			continue;
		size_t tail = utf8_partial_tail(held);
		utf8_add_str(out, str_head(held, held.n - tail));
		memmove(st->held, st->held + held.n - tail, tail);
		st->nheld = (uint8_t)tail;
	}
	if (s.n == 0)
		return;
	size_t tail = utf8_partial_tail(s);
	utf8_add_str(out, str_head(s, s.n - tail));
	memcpy(st->held, s.p + s.n - tail, tail);
	st->nheld = (uint8_t)tail;
}

void
utf8_repair_end(struct utf8_repair *st, struct buf *out)
{
	if (st->nheld > 0)
		utf8_add(out, UTF8_REPLACEMENT);
	st->nheld = 0;
}
