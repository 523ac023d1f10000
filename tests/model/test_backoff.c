#include "tests/unit.h"

#include "model/backoff.h"

static void
test_bounds(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct backoff b;
		int64_t now = 0, limit = 1000;

		backoff_init(&b, 0, 0, 0, seed);
		for (int i = 0; i < 10; i++) {
			int64_t next = backoff_next(&b, now, 0);

			assert_true(next >= now && next < now + limit);
			now = next + 60000;
			limit = limit * 2 < 30000 ? limit * 2 : 30000;
		}
		backoff_reset(&b);
		assert_true(backoff_next(&b, now, 0) < now + 1000);
	}
}

/* Full jitter: the waits fill their range evenly, and differ from client to client. */
static void
test_jitter(void **state)
{
	unsigned buckets[10] = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed <= 10000; seed++) {
		struct backoff b;

		backoff_init(&b, 1000, 0, 0, seed);
		buckets[backoff_next(&b, 0, 0) / 100]++;
	}
	for (int i = 0; i < 10; i++)
		assert_in_range(buckets[i], 850, 1150);
}

static void
test_floor_and_suggestion(void **state)
{
	struct backoff b;

	(void)state;
	backoff_init(&b, 0, 0, 0, 1);
	assert_true(backoff_next(&b, 5, 120000) == 120005);
	backoff_suggest(&b, 0);
	assert_int_equal(b.first, 250);
	backoff_suggest(&b, UINT64_MAX);
	assert_int_equal(b.first, 300000);
	assert_int_equal(b.max, 300000);
	backoff_reset(&b);
	assert_true(backoff_next(&b, 1000000, 0) < 1300000);
}

/* Hours of the worst luck: whatever window of a minute, the bound holds. */
static void
test_rate(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct backoff b;
		int64_t times[2000], now = 0;

		backoff_init(&b, 1, 1 + (int64_t)(seed % 5), 1, seed);
		for (size_t i = 0; i < 2000; i++) {
			now = i % 3 == 0 ? backoff_again(&b, now) : backoff_next(&b, now, 0);
			times[i] = now;
			if (i >= BACKOFF_A_MINUTE)
				assert_true(now - times[i - BACKOFF_A_MINUTE] >= 60000);
		}
		assert_true(now >= 3 * 3600 * 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_floor_and_suggestion),
		cmocka_unit_test(test_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
