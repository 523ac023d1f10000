#include "tests/unit.h"

#include "base/map.h"

static struct str
key(char buf[16], unsigned i)
{
	return str_of(buf, (size_t)snprintf(buf, 16, "key-%u", i));
}

static void
test_put_get(void **state)
{
	struct map m;
	int a, b;

	(void)state;
	map_init(&m);
	assert_null(map_get(&m, STR("a")));
	assert_null(map_del(&m, STR("a")));
	assert_null(map_put(&m, STR("a"), &a));
	assert_null(map_put(&m, STR("a\0b"), &b));
	assert_null(map_put(&m, STR(""), &b));
	assert_ptr_equal(map_get(&m, STR("a")), &a);
	assert_ptr_equal(map_get(&m, STR("a\0b")), &b);
	assert_ptr_equal(map_get(&m, STR_NONE), &b);
	assert_null(map_get(&m, STR("a\0c")));
	assert_ptr_equal(map_put(&m, STR("a"), &b), &a);
	assert_int_equal(map_count(&m), 3);
	assert_ptr_equal(map_del(&m, STR("a")), &b);
	assert_null(map_get(&m, STR("a")));
	assert_int_equal(map_count(&m), 2);
	map_done(&m, NULL);
	assert_int_equal(map_count(&m), 0);
}

static void
test_many(void **state)
{
	enum { N = 20000 };
	struct map m;
	struct str k;
	char text[16];
	size_t at = 0;
	void *v;

	(void)state;
	map_init(&m);
	for (unsigned i = 0; i < N; i++)
		assert_null(map_put(&m, key(text, i), (void *)(uintptr_t)(i + 1)));
	for (unsigned i = 0; i < N; i += 2)
		assert_int_equal((uintptr_t)map_del(&m, key(text, i)), i + 1);
	for (unsigned i = 0; i < N; i++)
		assert_int_equal((uintptr_t)map_get(&m, key(text, i)), i % 2 ? i + 1 : 0);
	assert_int_equal(map_count(&m), N / 2);
	/* The walk goes in the order of insertion and allows deletion. */
	for (unsigned i = 1; map_next(&m, &at, &k, &v); i += 2) {
		assert_int_equal((uintptr_t)v, i + 1);
		assert_str(k, key(text, i));
		assert_ptr_equal(map_del(&m, k), v);
	}
	assert_int_equal(map_count(&m), 0);
	map_done(&m, NULL);
}

/* Deleted entries stay in the table until it is laid out anew: it must neither fill up nor grow. */
static void
test_churn(void **state)
{
	struct map m;
	char text[16];

	(void)state;
	map_init(&m);
	for (unsigned i = 0; i < 100000; i++) {
		assert_null(map_put(&m, key(text, i), &m));
		if (i >= 5)
			assert_ptr_equal(map_del(&m, key(text, i - 5)), &m);
		assert_null(map_get(&m, STR("missing")));
		assert_null(map_del(&m, STR("missing")));
	}
	assert_int_equal(map_count(&m), 5);
	assert_in_range(m.nslots, 16, 64);
	for (int i = 0; i < 100000; i++) {
		assert_null(map_put(&m, STR("same"), &m));
		assert_ptr_equal(map_del(&m, STR("same")), &m);
	}
	assert_in_range(m.nslots, 16, 64);
	map_done(&m, NULL);
}

static unsigned freed;

static void
count(void *value)
{
	(void)value;
	freed++;
}

/* Against a plain array, with few keys so that every path is met. */
static void
test_random(void **state)
{
	uintptr_t want[64] = { 0 };
	struct map m;
	uint64_t seed = 5;
	char text[16];
	size_t n = 0;

	(void)state;
	map_init(&m);
	for (uintptr_t round = 1; round < 200000; round++) {
		unsigned i = unit_random(&seed) % 64;

		if (unit_random(&seed) % 2) {
			assert_int_equal((uintptr_t)map_put(&m, key(text, i), (void *)round), want[i]);
			n += want[i] == 0;
			want[i] = round;
		} else {
			assert_int_equal((uintptr_t)map_del(&m, key(text, i)), want[i]);
			n -= want[i] != 0;
			want[i] = 0;
		}
		assert_int_equal(map_count(&m), n);
		i = unit_random(&seed) % 64;
		assert_int_equal((uintptr_t)map_get(&m, key(text, i)), want[i]);
	}
	map_done(&m, count);
	assert_int_equal(freed, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_get),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
