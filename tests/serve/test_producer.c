#include "tests/unit.h"

#include "serve/producer.h"

/* The rules as they are written down, said another way than the code says them. */
static enum producer_verdict
by_the_book(const struct producer_state *s, int64_t epoch, int64_t seq)
{
	if (!s->known && seq == 0)
		return PRODUCER_ACCEPT;
	if (!s->known)
		return PRODUCER_GAP;
	if (epoch == s->epoch && seq == s->seq + 1)
		return PRODUCER_ACCEPT;
	if (epoch == s->epoch && seq > s->seq + 1)
		return PRODUCER_GAP;
	if (epoch == s->epoch)
		return PRODUCER_DUPLICATE;
	if (epoch < s->epoch)
		return PRODUCER_STALE;
	return seq == 0 ? PRODUCER_ACCEPT : PRODUCER_BAD_START;
}

static void
test_every_case(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++)
		for (int64_t se = 0; se < 4; se++)
			for (int64_t ss = 0; ss < 4; ss++)
				for (int64_t epoch = 0; epoch < 5; epoch++)
					for (int64_t seq = 0; seq < 7; seq++) {
						struct producer_state s = { known, se, ss };

						assert_int_equal(producer_check(&s, epoch, seq),
						    by_the_book(&s, epoch, seq));
					}
}

/*
 * Every order in which three numbered appends can arrive, each up to twice: what was accepted is
 * 0, 1, 2 in this order, each once, or a beginning of it.
 */
static void
test_every_order(void **state)
{
	enum { LENGTH = 6, APPENDS = 3 };

	(void)state;
	for (int code = 0; code < 729; code++) {
		struct producer_state s = { 0 };
		int64_t next = 0;

		for (int i = 0, c = code; i < LENGTH; i++, c /= APPENDS) {
			int64_t seq = c % APPENDS;

			switch (producer_check(&s, 0, seq)) {
			case PRODUCER_ACCEPT:
				assert_int_equal(seq, next);
				s = (struct producer_state){ true, 0, seq };
				next++;
				break;
			case PRODUCER_DUPLICATE:
				assert_true(seq < next);
				break;
			default:
				assert_true(seq > next);
				assert_int_equal(producer_expected(&s), next);
			}
		}
	}
}

static void
test_numbers(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", "1.0", "1e3", "0x1", "abc", " 1", "1 ",
		"9007199254740992", "99999999999999999999" };
	int64_t v;

	(void)state;
	assert_true(producer_number(STR("0"), &v));
	assert_true(producer_number(STR("9007199254740991"), &v));
	assert_true(v == PRODUCER_MAX);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(producer_number(str_from(bad[i]), &v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_case),
		cmocka_unit_test(test_every_order),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
