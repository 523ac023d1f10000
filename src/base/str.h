/*
 * Borrowed slices of bytes. A struct str never owns and is never NUL-terminated; whoever made the
 * bytes says how long they live.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_NONE ((struct str){ NULL, 0 })
/* For "%.*s": a slice longer than INT_MAX does not occur in a message. */
#define STR_ARG(s) (int)(s).n, (s).p != NULL ? (s).p : ""

static inline struct str
str_of(const void *p, size_t n)
{
	return (struct str){ p, n };
}

/* The bytes of a NUL-terminated string; NULL gives the empty slice. */
struct str str_from(const char *cstr);

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ASCII letters compare without case, as in HTTP header names. */
bool str_eq_nocase(struct str a, struct str b);
/* Bytewise order, a prefix before what it begins: <0, 0, >0. */
int str_cmp(struct str a, struct str b);

/* The slice without its first `n` bytes, at most all of them. */
static inline struct str
str_skip(struct str s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return (struct str){ s.p != NULL ? s.p + n : NULL, s.n - n };
}

static inline struct str
str_head(struct str s, size_t n)
{
	return (struct str){ s.p, n < s.n ? n : s.n };
}

static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_head(s, prefix.n), prefix);
}

static inline bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_skip(s, s.n - suffix.n), suffix);
}

/* Without blanks (space, tab, CR, LF) on either side. */
struct str str_trim(struct str s);

/* Offset of the first `c`; s.n when there is none. */
static inline size_t
str_find_byte(struct str s, char c)
{
	const char *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return at != NULL ? (size_t)(at - s.p) : s.n;
}

/* Offset behind the last `c`; 0 when there is none. */
static inline size_t
str_behind_last(struct str s, char c)
{
	const char *at = s.n > 0 ? memrchr(s.p, c, s.n) : NULL;

	return at != NULL ? (size_t)(at - s.p) + 1 : 0;
}

/* Offset of the first `needle`; s.n when there is none. */
size_t str_find(struct str s, struct str needle);
/* ASCII letters without case. */
bool str_has_nocase(struct str s, struct str needle);

/*
 * Cuts at the first `sep`: returns what stands before it and leaves in `rest` what follows, or
 * STR_NONE when there was none.
 */
struct str str_cut(struct str s, char sep, struct str *rest);

/* Decimal digits only, whole slice, no sign but an optional '-', range checked. */
bool str_to_i64(struct str s, int64_t *out);
bool str_to_u64(struct str s, uint64_t *out);

uint64_t str_hash(struct str s, const uint64_t key[2]);

#endif
