#include "wire/base64.h"

/* The digit's value, or -1. */
static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
base64_decode(struct str text, struct buf *out)
{
	size_t before = out->n, n = 0, pads = 0;
	uint32_t bits = 0;
	bool ok = true;

	for (size_t i = 0; i < text.n && ok; i++) {
		char c = text.p[i];
		int v = digit(c);

		if (c == '\r' || c == '\n')
			continue;
		pads += c == '=';
		ok = c == '=' ? pads <= 2 : v >= 0 && pads == 0;
		bits = bits << 6 | (v >= 0 ? (uint32_t)v : 0);
		if (++n % 4 == 0) {
			buf_byte(out, (char)(bits >> 16));
			buf_byte(out, (char)(bits >> 8));
			buf_byte(out, (char)bits);
		}
	}
	ok = ok && n % 4 == 0;
	out->n = ok ? out->n - pads : before;
	return ok;
}
