#include "tests/unit.h"

#include "model/link.h"
#include "tests/model/fake.h"

/*
 * A recorded stream, cut everywhere and in every way: what arrives is the stream, nothing lost,
 * nothing twice, nothing in another place.
 */

enum { RECORDS = 520, PAGE = 97, GROUP = 7 };

static void
fill(struct fake *f, size_t n)
{
	uint64_t seed = 3;

	for (size_t i = 1; i <= n; i++)
		fake_fill(f, i, unit_random(&seed) % 60);
}

/* The client has caught up by pages. */
static bool
pages(struct fake *f, size_t piece, size_t *budget)
{
	fake_run(f, 0);
	while (f->mode != READ_LIVE) {
		if (!fake_serve(f, PAGE, piece, budget))
			return false;
		fake_run(f, 0);
	}
	return true;
}

/* However long it takes: everything is there in the end. */
static void
finish(struct fake *f, uint64_t duplicates)
{
	size_t budget = SIZE_MAX;

	for (int i = 0; i < 100 && !link_stats(f->l)->proven; i++) {
		fake_run(f, 60000);
		fake_serve(f, PAGE, SIZE_MAX, &budget);
	}
	assert_true(link_stats(f->l)->proven);
	fake_expect_all(f);
	assert_int_equal(link_stats(f->l)->applied, f->nrecords);
	assert_int_equal(link_stats(f->l)->received, f->nrecords + duplicates);
	assert_int_equal(link_stats(f->l)->duplicates, duplicates);
	assert_int_equal(f->resets, 0);
}

/* Cuts the pages when they have cost `at`; false when they cost less. */
static bool
cut_pages(struct fake *f, size_t at)
{
	bool cut;

	fake_anew(f);
	link_start(f->l);
	cut = !pages(f, SIZE_MAX, &at);
	if (cut) {
		uint64_t skip = f->at.skip;

		fake_end(f, skip % 2 == 0 ? HTTP_RESET : HTTP_SILENT);
		assert_int_equal(link_state(f->l), LINK_WAITING);
		finish(f, skip);
	}
	return cut;
}

static void
pages_everywhere(const struct dialect *d)
{
	struct fake f;
	size_t at = 0;

	fake_init(&f, d, NULL);
	fill(&f, RECORDS);
	while (cut_pages(&f, at))
		at++;
	assert_true(at > 16000);
	fake_done(&f);
}

static void
test_pages_at_every_byte(void **state)
{
	(void)state;
	pages_everywhere(&fake_dialect);
}

static void
test_durable_pages(void **state)
{
	(void)state;
	pages_everywhere(&dialect_durable);
}

/* The same for an event stream that begins behind the first record, at every message. */
static bool
cut_events(struct fake *f, size_t at, enum http_end end)
{
	size_t all = SIZE_MAX;
	bool cut;

	f->nrecords = 1;
	fake_anew(f);
	link_start(f->l);
	pages(f, SIZE_MAX, &all);
	f->nrecords = RECORDS;
	cut = !fake_serve(f, GROUP, 0, &at);
	if (cut) {
		uint64_t skip = f->at.skip;

		fake_end(f, end);
		finish(f, skip);
	}
	return cut;
}

static void
events_everywhere(const struct dialect *d)
{
	static const enum http_end ends[] = { HTTP_DONE, HTTP_RESET, HTTP_OVERRUN, HTTP_MALFORMED };
	struct fake f;
	size_t at = 0;

	fake_init(&f, d, NULL);
	fill(&f, RECORDS);
	while (cut_events(&f, at, ends[at % 4]))
		at++;
	/* A head, and data with its control; the last cut is behind all of them. */
	assert_int_equal(at, 2 + 2 * ((RECORDS - 1 + GROUP - 1) / GROUP));
	fake_done(&f);
}

static void
test_events_at_every_message(void **state)
{
	(void)state;
	events_everywhere(&fake_dialect);
	events_everywhere(&dialect_durable);
}

/* Again and again, in all ways, with the program itself ended and begun anew in between. */
static void
many_cuts(const struct dialect *d, uint64_t seed)
{
	static const enum http_end ends[] = { HTTP_DONE, HTTP_RESET, HTTP_SILENT, HTTP_OVERRUN };
	struct store *store;
	struct fake f;
	size_t all = SIZE_MAX;

	assert_int_equal(store_open(&store, NULL, NULL, NULL), ERR_OK);
	fake_init(&f, d, store);
	link_start(f.l);
	while (f.nrecords < RECORDS) {
		size_t budget = unit_random(&seed) % 3000, page = 1 + unit_random(&seed) % 50;

		fill(&f, f.nrecords + unit_random(&seed) % 40);
		fake_run(&f, unit_random(&seed) % 3 == 0 ? 400000 : 60000);
		fake_serve(&f, page, 1 + unit_random(&seed) % 100, &budget);
		if (unit_random(&seed) % 8 == 0)
			fake_restart(&f);
		else if (f.reading != 0)
			/* Of a page a good end would be a lie: its length is known. */
			fake_end(&f, f.mode == READ_LIVE ? ends[unit_random(&seed) % 4] : HTTP_RESET);
		if (unit_random(&seed) % 16 == 0)
			link_reconnect(f.l);
	}
	for (int i = 0; i < 100 && !link_stats(f.l)->proven; i++) {
		fake_run(&f, 60000);
		fake_serve(&f, PAGE, SIZE_MAX, &all);
	}
	fake_expect_all(&f);
	fake_restart(&f);
	fake_expect_all(&f);
	fake_done(&f);
	store_close(store);
}

static void
test_many_cuts(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++)
		many_cuts(seed % 2 == 0 ? &fake_dialect_once : &dialect_durable, seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_at_every_byte),
		cmocka_unit_test(test_durable_pages),
		cmocka_unit_test(test_events_at_every_message),
		cmocka_unit_test(test_many_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
