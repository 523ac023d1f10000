#include "model/backoff.h"

#include <sys/random.h>

enum {
	FIRST_MS = 1000, MAX_MS = 30000, FACTOR = 2,
	SUGGEST_MIN_MS = 250, SUGGEST_MAX_MS = 300000,
	MINUTE_MS = 60000
};

void
backoff_init(struct backoff *b, int64_t first, int64_t max, double factor, uint64_t seed)
{
	*b = (struct backoff){
		.first = first > 0 ? first : FIRST_MS,
		.max = max > 0 ? max : MAX_MS,
		.factor = factor >= 1 ? factor : FACTOR,
		.seed = seed,
	};
	for (unsigned i = 0; i < BACKOFF_A_MINUTE; i++)
		b->tries[i] = INT64_MIN / 2;
	if (seed == 0 && getrandom(&b->seed, sizeof b->seed, GRND_NONBLOCK) < 0)
		b->seed = (uintptr_t)b;
}

void
backoff_suggest(struct backoff *b, uint64_t ms)
{
	if (ms < SUGGEST_MIN_MS)
		ms = SUGGEST_MIN_MS;
	if (ms > SUGGEST_MAX_MS)
		ms = SUGGEST_MAX_MS;
	b->first = (int64_t)ms;
	if (b->max < b->first)
		b->max = b->first;
}

/* splitmix64, as a fraction of 1. */
static double
fraction(struct backoff *b)
{
	uint64_t x = b->seed += 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	x ^= x >> 31;
	return (double)(x >> 11) / (double)((uint64_t)1 << 53);
}

static int64_t
take_turn(struct backoff *b, int64_t when)
{
	int64_t *oldest = &b->tries[b->at++ % BACKOFF_A_MINUTE];

	if (when < *oldest + MINUTE_MS)
		when = *oldest + MINUTE_MS;
	*oldest = when;
	return when;
}

int64_t
backoff_next(struct backoff *b, int64_t now, int64_t floor)
{
	double limit = (double)b->first;
	int64_t wait;

	for (unsigned i = 0; i < b->attempt && limit < (double)b->max; i++)
		limit *= b->factor;
	if (limit > (double)b->max)
		limit = (double)b->max;
	wait = (int64_t)(fraction(b) * limit);
	b->attempt++;
	return take_turn(b, now + (wait > floor ? wait : floor));
}

int64_t
backoff_again(struct backoff *b, int64_t now)
{
	return take_turn(b, now);
}

void
backoff_reset(struct backoff *b)
{
	b->attempt = 0;
}
