#include "base/base64.h"

void
base64_encode(struct str bytes, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t rest = bytes.n % 3;
	char *p = buf_room(out, bytes.n / 3 * 4 + 4);

	for (size_t i = 0; i < bytes.n; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)bytes.p[i] << 16;

		if (i + 1 < bytes.n)
			v |= (uint32_t)(unsigned char)bytes.p[i + 1] << 8;
		if (i + 2 < bytes.n)
			v |= (unsigned char)bytes.p[i + 2];
		*p++ = digits[v >> 18];
		*p++ = digits[v >> 12 & 63];
		*p++ = digits[v >> 6 & 63];
		*p++ = digits[v & 63];
	}
	for (size_t i = rest; rest > 0 && i < 3; i++)
		p[-(ptrdiff_t)(3 - i)] = '=';
	out->n = (size_t)(p - out->p);
}

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
