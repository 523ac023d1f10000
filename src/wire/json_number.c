#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "wire/json.h"

/* Only json_number was called before: no error is there yet. */
static bool
fail(struct json *j, const char *error)
{
	j->error = error;
	return false;
}

/* v * 10^times, false when that is no uint64_t. */
static bool
times_ten(uint64_t *v, int64_t times)
{
	for (; times > 0 && *v != 0; times--)
		if (__builtin_mul_overflow(*v, (uint64_t)10, v))
			return false;
	return true;
}

/* The exponent at the end of a number; beyond what matters it stays at +-2^40. */
static int64_t
exponent(struct str raw)
{
	const int64_t most = (int64_t)1 << 40;
	int64_t e = 0;
	bool negative;

	if (raw.n == 0)
		return 0;
	negative = raw.p[0] == '-';
	for (size_t i = negative || raw.p[0] == '+'; i < raw.n && e < most; i++)
		e = e * 10 + (raw.p[i] - '0');
	if (e > most)
		e = most;
	return negative ? -e : e;
}

/*
 * Exactly, whatever way it is written: 1e3, 1.0 and 10e-1 are integers. Zeros wait until a digit
 * follows them, so that v always ends in a digit that counts.
 */
static bool
to_i64(struct str raw, int64_t *out)
{
	bool negative = raw.p[0] == '-', fraction = false;
	int64_t zeros = 0, shift = 0;
	uint64_t v = 0;
	size_t i;

	for (i = negative; i < raw.n && raw.p[i] != 'e' && raw.p[i] != 'E'; i++) {
		unsigned digit = (unsigned char)raw.p[i] - '0';

		if (raw.p[i] == '.') {
			fraction = true;
			continue;
		}
		shift -= fraction;
		zeros++;
		if (digit == 0)
			continue;
		if (!times_ten(&v, zeros) || __builtin_add_overflow(v, digit, &v))
			return false;
		zeros = 0;
	}
	shift += zeros + exponent(str_skip(raw, i + 1));
	if (v != 0 && (shift < 0 || !times_ten(&v, shift)))
		return false;
	if (v > (uint64_t)INT64_MAX + negative)
		return false;
	*out = negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool
json_i64(struct json *j, int64_t *out)
{
	struct str raw;

	if (!json_number(j, &raw))
		return false;
	return str_to_i64(raw, out) || to_i64(raw, out) || fail(j, "not an integer of 64 bits");
}

bool
json_double(struct json *j, double *out)
{
	struct str raw;
	struct buf text = { 0 };
	locale_t c, before;

	if (!json_number(j, &raw))
		return false;
	/* The user's locale may want a comma. */
	c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	before = uselocale(c);
	buf_str(&text, raw);
	*out = strtod(buf_cstr(&text), NULL);
	uselocale(before);
	freelocale(c);
	buf_done(&text);
	return isfinite(*out) || fail(j, "number too large");
}
