/* Sixteen bytes at once, as compilers offer them on every machine. What a comparison gives has 0 and 0xFF. */
#ifndef BASE_BYTES16_H
#define BASE_BYTES16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static inline bytes16
bytes16_load(const void *p)
{
	bytes16 v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* The first eight of them or the others, in the order of memory. */
static inline uint64_t
bytes16_word(bytes16 v, unsigned i)
{
	uint64_t w[2];

	memcpy(w, &v, sizeof w);
	return w[i];
}

/* Is a bit set anywhere in it? */
static inline bool
bytes16_any(bytes16 v)
{
	return (bytes16_word(v, 0) | bytes16_word(v, 1)) != 0;
}

/* In a word with the high bits of some bytes, one at least: which of them is the first in memory. */
static inline unsigned
bytes16_first(uint64_t high)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (unsigned)__builtin_ctzll(high) / 8;
#else
	return (unsigned)__builtin_clzll(high) / 8;
#endif
}

/* Without that. */
static inline uint64_t
bytes16_rest(uint64_t high)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return high & (high - 1);
#else
	return high & ~(UINT64_C(1) << (63 - __builtin_clzll(high)));
#endif
}

/* The first `n` are 0xFF, all of them when n >= 16. */
static inline bytes16
bytes16_head(size_t n)
{
	const bytes16 at = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

	return (bytes16)(at < (uint8_t)(n < 16 ? n : 16));
}

#endif
