#include "serve/sse.h"

#include <string.h>

/* Up to the next CR or LF. */
static size_t
line_end(struct str s)
{
	const char *lf = memchr(s.p, '\n', s.n);
	size_t n = lf != NULL ? (size_t)(lf - s.p) : s.n;
	const char *cr = memchr(s.p, '\r', n);

	return cr != NULL ? (size_t)(cr - s.p) : n;
}

void
sse_data(struct buf *out, struct str text)
{
	bool more = true;

	while (more) {
		size_t n = text.n > 0 ? line_end(text) : 0;

		buf_str(out, STR("data:"));
		/* Clients take one space away. */
		if (n > 0 && text.p[0] == ' ')
			buf_byte(out, ' ');
		buf_str(out, str_head(text, n));
		buf_byte(out, '\n');
		more = n < text.n;
		if (more)
			text = str_skip(text,
			    n + (str_starts(str_skip(text, n), STR("\r\n")) ? 2 : 1));
	}
}

void
sse_base64(struct buf *out, struct str bytes)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t whole = bytes.n / 3 * 3, rest = bytes.n - whole;
	char *p;

	buf_str(out, STR("data:"));
	p = buf_room(out, bytes.n / 3 * 4 + 8);
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
	buf_byte(out, '\n');
}
