/*
 * UTF-8: decode, encode, repair. Every malformed sequence is one U+FFFD by the rule of the maximal
 * subpart (Unicode 3.9, table 3-8; what WHATWG decoders do).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"
#include "base/str.h"

#define UTF8_REPLACEMENT 0xFFFDu

/* utf8_decode of what does not begin in ASCII. */
uint32_t utf8_decode_more(struct str s, size_t *len, bool *ok);

/*
 * The code point at the start of `s` (s.n > 0), its bytes in *len (1 to 4). Malformed: U+FFFD,
 * *len the maximal subpart, and *ok false. Never reads past the slice; a sequence that is cut by
 * the end of the slice is malformed.
 */
static inline uint32_t
utf8_decode(struct str s, size_t *len, bool *ok)
{
	*len = 1;
	*ok = true;
	return (unsigned char)s.p[0] < 0x80 ? (uint32_t)s.p[0] : utf8_decode_more(s, len, ok);
}
/* The code point that ends before `at`; returns its length in bytes. at > 0. */
size_t utf8_prev(struct str s, size_t at);
/* 1 to 4 bytes into `out`; surrogates and values over 10FFFF are written as U+FFFD. */
size_t utf8_encode(uint32_t cp, char out[4]);
void utf8_add(struct buf *b, uint32_t cp);
/* Appends a whole text, repaired. */
void utf8_add_str(struct buf *b, struct str s);

bool utf8_valid(struct str s);
/* Length of the longest prefix that is ASCII without controls (0x20..0x7E). */
size_t utf8_ascii_run(struct str s);
/* Copies that prefix and returns its length; `to` has room for s.n + 8 bytes. */
size_t utf8_copy_ascii(char *to, struct str s);
/* Bytes at the end of `s` that begin a sequence which more bytes could complete: 0 to 3. */
size_t utf8_partial_tail(struct str s);

/*
 * The same for a text that comes in pieces: what utf8_partial_tail tells is held in `st` until more comes;
 * utf8_repair_end writes a held piece as U+FFFD. Zero-initialised is the start.
 */
struct utf8_repair {
	char held[4];
	uint8_t nheld;
};
void utf8_repair(struct utf8_repair *st, struct str s, struct buf *out);
void utf8_repair_end(struct utf8_repair *st, struct buf *out);

#endif
