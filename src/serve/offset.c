#include "serve/offset.h"

#include <stdio.h>

/* Sixteen digits each. */
#define OFFSET_MAX INT64_C(9999999999999999)

int
offset_cmp(struct offset a, struct offset b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return (a.b > b.b) - (a.b < b.b);
}

void
offset_format(struct offset at, char out[OFFSET_LEN + 1])
{
	/* The remainders never change a value; they tell the compiler that the text fits. */
	snprintf(out, OFFSET_LEN + 1, "%016llu_%016llu",
	    (unsigned long long)at.n % (OFFSET_MAX + 1),
	    (unsigned long long)at.b % (OFFSET_MAX + 1));
}

static bool
digits(struct str s, int64_t *out)
{
	return s.n == 16 && s.p[0] != '-' && str_to_i64(s, out);
}

bool
offset_parse(struct str s, struct offset *out)
{
	return s.n == OFFSET_LEN && s.p[16] == '_' && digits(str_head(s, 16), &out->n) &&
	    digits(str_skip(s, 17), &out->b);
}
