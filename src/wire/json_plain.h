/*
 * The run of bytes that stand for themselves inside a JSON string. Reader, splitter and writer all
 * spend most of their time here, so it goes eight bytes at a time.
 */
#ifndef WIRE_JSON_PLAIN_H
#define WIRE_JSON_PLAIN_H

#include <stdint.h>
#include <string.h>

/* The first quote, backslash or control character at or after `p`, or `end`. */
static inline const char *
json_plain(const char *p, const char *end)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;

	for (; end - p >= 8; p += 8) {
		uint64_t w, quote, back;

		memcpy(&w, p, sizeof w);
		quote = w ^ ones * '"';
		back = w ^ ones * '\\';
		if ((((quote - ones) & ~quote) | ((back - ones) & ~back) | ((w - ones * ' ') & ~w)) & high)
			break;
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= ' ')
		p++;
	return p;
}

#endif
