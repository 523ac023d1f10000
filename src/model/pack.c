#include "model/pack.h"

#include <string.h>

enum { MAX_SHIFT = 63 };

void
pack_u64(struct buf *out, uint64_t n)
{
	char bytes[10];
	size_t k = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[k++] = (char)(n | 0x80);
	bytes[k++] = (char)n;
	buf_add(out, bytes, k);
}

/* Small numbers of either sign become small ones without. */
void
pack_i64(struct buf *out, int64_t n)
{
	pack_u64(out, n < 0 ? ~((uint64_t)n << 1) : (uint64_t)n << 1);
}

void
pack_double(struct buf *out, double d)
{
	buf_add(out, &d, sizeof d);
}

void
pack_str(struct buf *out, struct str s)
{
	pack_u64(out, s.n);
	buf_str(out, s);
}

static void
fail(struct unpack *u)
{
	u->failed = true;
	u->rest = STR_NONE;
}

uint64_t
unpack_u64(struct unpack *u)
{
	uint64_t n = 0;

	for (unsigned shift = 0; u->rest.n > 0 && shift <= MAX_SHIFT; shift += 7) {
		unsigned char c = (unsigned char)u->rest.p[0];

		u->rest = str_skip(u->rest, 1);
		n |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return n;
	}
	fail(u);
	return 0;
}

int64_t
unpack_i64(struct unpack *u)
{
	uint64_t n = unpack_u64(u);

	return (int64_t)((n & 1) != 0 ? ~(n >> 1) : n >> 1);
}

double
unpack_double(struct unpack *u)
{
	double d;

	if (u->rest.n < sizeof d) {
		fail(u);
		return 0;
	}
	memcpy(&d, u->rest.p, sizeof d);
	u->rest = str_skip(u->rest, sizeof d);
	return d;
}

struct str
unpack_str(struct unpack *u)
{
	uint64_t n = unpack_u64(u);
	struct str s;

	if (n > u->rest.n) {
		fail(u);
		return STR_NONE;
	}
	s = str_head(u->rest, (size_t)n);
	u->rest = str_skip(u->rest, (size_t)n);
	return s;
}

uint64_t
unpack_max(struct unpack *u, uint64_t max)
{
	uint64_t n = unpack_u64(u);

	if (n <= max)
		return n;
	fail(u);
	return 0;
}

bool
unpack_bool(struct unpack *u)
{
	return unpack_max(u, 1) != 0;
}

void
unpack_buf(struct unpack *u, struct buf *out)
{
	buf_set(out, unpack_str(u));
}

bool
unpack_end(const struct unpack *u)
{
	return !u->failed && u->rest.n == 0;
}
