#include "serve/sse.h"

#include <string.h>

#include "base/base64.h"

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
	buf_str(out, STR("data:"));
	base64_encode(bytes, out);
	buf_byte(out, '\n');
}
