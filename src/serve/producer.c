#include "serve/producer.h"

enum producer_verdict
producer_check(const struct producer_state *s, int64_t epoch, int64_t seq)
{
	if (!s->known)
		return seq == 0 ? PRODUCER_ACCEPT : PRODUCER_GAP;
	if (epoch < s->epoch)
		return PRODUCER_STALE;
	if (epoch > s->epoch)
		return seq == 0 ? PRODUCER_ACCEPT : PRODUCER_BAD_START;
	if (seq <= s->seq)
		return PRODUCER_DUPLICATE;
	return seq == s->seq + 1 ? PRODUCER_ACCEPT : PRODUCER_GAP;
}

int64_t
producer_expected(const struct producer_state *s)
{
	return s->known ? s->seq + 1 : 0;
}

bool
producer_number(struct str s, int64_t *out)
{
	return s.n > 0 && s.p[0] != '-' && str_to_i64(s, out) && *out <= PRODUCER_MAX;
}
