/*
 * Places in a stream. To clients an offset is an opaque token; here it is how many messages and
 * how many bytes stand before it, written so that byte order is stream order. A message is one
 * element of a JSON stream or one append of any other; JSON streams count one byte of separator
 * behind every message, so the length of a response follows from two offsets alone.
 */
#ifndef SERVE_OFFSET_H
#define SERVE_OFFSET_H

#include "base/str.h"

struct offset {
	int64_t n, b;
};

enum { OFFSET_LEN = 33 };

/* Bytewise order of what offset_format writes. */
int offset_cmp(struct offset a, struct offset b);
/* "0000000000000012_0000000000003456" with a NUL behind it. */
void offset_format(struct offset at, char out[OFFSET_LEN + 1]);
/* Exactly what offset_format writes, nothing else. */
bool offset_parse(struct str s, struct offset *out);

#endif
