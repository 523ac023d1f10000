#include "tests/unit.h"

#include "base/clock.h"
#include "tests/model/fake.h"

static void
begin(struct fake *f)
{
	fake_init(f, &fake_dialect, NULL);
	link_start(f->l);
	fake_run(f, 0);
}

/* Connected, everything read, the event stream is open. */
static void
go_live(struct fake *f)
{
	begin(f);
	fake_head(f, 200, "1 tail");
	fake_body(f, STR("a\n"));
	fake_end(f, HTTP_DONE);
	fake_run(f, 0);
	fake_head(f, 200, "events");
	fake_asked(f, "catchup ;live 1;");
	assert_int_equal(link_state(f->l), LINK_LIVE);
}

static void
expect(const struct fake *f, enum link_state state, const char *words)
{
	assert_string_equal(link_state_name(link_state(f->l)), link_state_name(state));
	fake_expect_words(f, words);
}

/* The try after the back-off, however long that is. */
static void
wait(struct fake *f)
{
	assert_int_equal(link_state(f->l), LINK_WAITING);
	fake_run(f, 60000);
}

static void
test_catch_up_then_live(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f, &fake_dialect, NULL);
	expect(&f, LINK_IDLE, "idle");
	link_start(f.l);
	fake_run(&f, 0);
	expect(&f, LINK_CONNECTING, "connecting");
	fake_head(&f, 200, "2");
	expect(&f, LINK_CATCHING_UP, "catching up");
	fake_body(&f, STR("a\nb"));
	fake_body(&f, STR("\n"));
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 0);
	assert_false(link_stats(f.l)->proven);
	fake_head(&f, 200, "3 tail");
	fake_body(&f, STR("c\n"));
	fake_end(&f, HTTP_DONE);
	assert_true(link_stats(f.l)->proven);
	fake_run(&f, 0);
	fake_asked(&f, "catchup ;catchup 2;live 3;");
	fake_head(&f, 200, "events");
	expect(&f, LINK_LIVE, "live");
	fake_event(&f, "data", "d\n");
	assert_false(link_stats(f.l)->proven);
	assert_int_equal(f.at.skip, 1);
	fake_event(&f, "control", "4 tail");
	assert_true(link_stats(f.l)->proven);
	assert_int_equal(f.at.skip, 0);
	assert_str(buf_view(&f.at.cursor), STR("4"));
	assert_str(buf_view(&f.got), STR("a\nb\nc\nd\n"));
	assert_int_equal(link_stats(f.l)->applied, 4);
	/* Nothing to do for a long time, and nothing is done. */
	fake_run(&f, 3600000);
	fake_asked(&f, "");
	link_stop(f.l);
	expect(&f, LINK_OFFLINE, "offline");
	assert_int_equal(f.cancels, 1);
	assert_true(link_deadline(f.l) == INT64_MAX);
	link_start(f.l);
	fake_run(&f, 0);
	fake_asked(&f, "catchup 4;");
	fake_done(&f);
}

static void
test_cut_and_resume(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	fake_event(&f, "data", "b\nc\n");
	clock_advance(2000);
	fake_end(&f, HTTP_RESET);
	assert_string_equal(link_stats(f.l)->reason, http_end_name(HTTP_RESET));
	assert_false(link_stats(f.l)->proven);
	expect(&f, LINK_WAITING, "reconnecting in 1 s (try 1)");
	wait(&f);
	expect(&f, LINK_CONNECTING, "reconnecting (try 1)");
	fake_asked(&f, "live 1;");
	fake_head(&f, 200, "events");
	expect(&f, LINK_CATCHING_UP, "catching up");
	fake_event(&f, "data", "b\nc\nd\n");
	fake_event(&f, "control", "4 tail");
	expect(&f, LINK_LIVE, "live");
	assert_str(buf_view(&f.got), STR("a\nb\nc\nd\n"));
	assert_int_equal(link_stats(f.l)->duplicates, 2);
	assert_int_equal(link_stats(f.l)->resumes, 1);
	assert_int_equal(f.outages, 1);
	assert_true(f.outage.to > f.outage.from);
	assert_int_equal(f.outage.first, 4);
	assert_int_equal(f.outage.last, 4);
	fake_done(&f);
}

/* A position in the middle of what the server gives at once: part of it is old, part new. */
static void
test_skip_over_commits(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	fake_event(&f, "data", "b\nc\nd\n");
	fake_end(&f, HTTP_RESET);
	wait(&f);
	fake_head(&f, 200, "events");
	fake_event(&f, "data", "b\n");
	fake_event(&f, "control", "2");
	assert_int_equal(f.at.skip, 2);
	fake_event(&f, "data", "c\nd\ne\n");
	fake_end(&f, HTTP_RESET);
	fake_run(&f, 60000);
	fake_asked(&f, "live 1;live 2;");
	fake_head(&f, 200, "events");
	fake_event(&f, "data", "c\nd\ne\nf\n");
	fake_event(&f, "control", "6 tail");
	assert_str(buf_view(&f.got), STR("a\nb\nc\nd\ne\nf\n"));
	assert_int_equal(link_stats(f.l)->duplicates, 6);
	fake_done(&f);
}

static void
test_clean_ends(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	/* Most servers close an event stream every minute: that is no failure. */
	for (int i = 0; i < 100; i++) {
		fake_run(&f, 60000);
		fake_end(&f, HTTP_DONE);
		assert_int_equal(link_stats(f.l)->attempt, 0);
		fake_run(&f, 0);
		fake_asked(&f, "live 1;");
		fake_head(&f, 200, "events");
		fake_event(&f, "control", "1 tail");
		assert_int_equal(link_state(f.l), LINK_LIVE);
	}
	assert_int_equal(f.outages, 0);
	assert_int_equal(link_stats(f.l)->resumes, 0);
	/* One that closes at once is. */
	fake_run(&f, 4000);
	fake_end(&f, HTTP_DONE);
	assert_int_equal(link_state(f.l), LINK_WAITING);
	fake_done(&f);
}

static void
test_short_streams_are_polled(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	for (int i = 0; i < 3; i++) {
		fake_end(&f, HTTP_RESET);
		wait(&f);
		fake_head(&f, 200, "events");
	}
	fake_asked(&f, "live 1;live 1;catchup 1;");
	/* The answer to the last is a page after all. */
	fake_end(&f, HTTP_RESET);
	wait(&f);
	fake_asked(&f, "catchup 1;");
	fake_head(&f, 200, "1 tail");
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 0);
	fake_asked(&f, "poll 1;");
	expect(&f, LINK_LIVE, "live (polling)");
	fake_run(&f, 30000);
	fake_head(&f, 204, "1 tail");
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 0);
	fake_asked(&f, "poll 1;");
	fake_head(&f, 200, "2 tail");
	fake_body(&f, STR("b\n"));
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 0);
	fake_asked(&f, "poll 2;");
	/* Empty at once, again and again: not as fast as they come. */
	f.reads = 0;
	for (int i = 0; i < 600; i++) {
		if (f.reading != 0)
			fake_head(&f, 204, "2 tail");
		if (f.reading != 0)
			fake_end(&f, HTTP_DONE);
		fake_run(&f, 100);
	}
	assert_in_range(f.reads, 18, 20);
	/* After a while event streams are tried again, and one short one is enough. */
	fake_run(&f, 300000);
	buf_clear(&f.asked);
	fake_head(&f, 204, "2 tail");
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 0);
	fake_asked(&f, "live 2;");
	fake_head(&f, 200, "events");
	fake_end(&f, HTTP_DONE);
	wait(&f);
	fake_head(&f, 200, "2 tail");
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 0);
	fake_asked(&f, "catchup 2;poll 2;");
	assert_str(buf_view(&f.got), STR("a\nb\n"));
	fake_done(&f);
}

/* A server that ends its polls soon is asked again soon, for hours. */
static void
test_short_polls(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f, &fake_dialect, NULL);
	f.options.polls = true;
	fake_anew(&f);
	link_start(f.l);
	fake_run(&f, 0);
	fake_head(&f, 200, "1 tail");
	fake_body(&f, STR("a\n"));
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 0);
	for (int i = 0; i < 2000; i++) {
		assert_true(f.reading != 0);
		fake_run(&f, i % 2 == 0 ? 5000 : 2000);
		fake_head(&f, 204, "1 tail");
		fake_end(&f, HTTP_DONE);
		assert_true(f.reading == 0);
		fake_run(&f, i % 2 == 0 ? 0 : 1000);
		expect(&f, LINK_LIVE, "live (polling)");
	}
	/* One that fails does count. */
	fake_end(&f, HTTP_RESET);
	expect(&f, LINK_WAITING, "reconnecting in 1 s (try 1)");
	fake_done(&f);
}

/* A path that is known not to carry event streams is never asked for one. */
static void
test_polls_only(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f, &fake_dialect, NULL);
	f.options.polls = true;
	fake_anew(&f);
	link_start(f.l);
	fake_run(&f, 0);
	fake_head(&f, 200, "1 tail");
	fake_body(&f, STR("a\n"));
	fake_end(&f, HTTP_DONE);
	for (int i = 0; i < 20; i++) {
		fake_run(&f, 60000);
		fake_head(&f, 204, "1 tail");
		fake_end(&f, HTTP_DONE);
	}
	link_reconnect(f.l);
	fake_run(&f, 60000);
	fake_head(&f, 200, "1 tail");
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 60000);
	assert_true(str_ends(buf_view(&f.asked), STR("poll 1;")));
	assert_true(str_find(buf_view(&f.asked), STR("live")) == f.asked.n);
	fake_done(&f);
}

/* What a status means, before anything was read and after. */
static void
test_statuses(void **state)
{
	static const struct {
		int status;
		enum link_state first, later;
	} cases[] = {
		{ 204, LINK_CLOSED, LINK_CLOSED }, { 202, LINK_FAILED, LINK_WAITING },
		{ 400, LINK_FAILED, LINK_CONNECTING }, { 401, LINK_NEEDS_TOKEN, LINK_NEEDS_TOKEN },
		{ 403, LINK_NEEDS_TOKEN, LINK_NEEDS_TOKEN }, { 404, LINK_FAILED, LINK_CONNECTING },
		{ 406, LINK_FAILED, LINK_WAITING }, { 408, LINK_WAITING, LINK_WAITING },
		{ 410, LINK_FAILED, LINK_CONNECTING }, { 425, LINK_WAITING, LINK_WAITING },
		{ 429, LINK_WAITING, LINK_WAITING }, { 500, LINK_WAITING, LINK_WAITING },
		{ 503, LINK_WAITING, LINK_WAITING }, { 301, LINK_FAILED, LINK_WAITING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char reason[32];
		struct fake f;

		snprintf(reason, sizeof reason, "http %d", cases[i].status);
		begin(&f);
		fake_head(&f, cases[i].status, NULL);
		fake_body(&f, STR("no \x1b[2J such session"));
		fake_end(&f, HTTP_DONE);
		assert_int_equal(link_state(f.l), cases[i].first);
		assert_string_equal(link_stats(f.l)->reason, reason);
		assert_str(link_detail(f.l), STR("no \x1b[2J such session"));
		fake_done(&f);

		go_live(&f);
		fake_end(&f, HTTP_RESET);
		wait(&f);
		fake_head(&f, cases[i].status, NULL);
		fake_end(&f, HTTP_DONE);
		assert_int_equal(link_state(f.l), cases[i].later);
		fake_done(&f);
	}
}

static void
test_retry_after(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	fake_end(&f, HTTP_RESET);
	wait(&f);
	fake_head(&f, 429, NULL);
	fake_end_after(&f, HTTP_DONE, 120000);
	buf_clear(&f.asked);
	fake_run(&f, 119000);
	fake_asked(&f, "");
	fake_run(&f, 2000);
	fake_asked(&f, "live 1;");
	fake_done(&f);
}

/* The history before our position is gone: what there is from the start replaces it. */
static void
test_truncated(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	fake_end(&f, HTTP_RESET);
	wait(&f);
	fake_head(&f, 410, NULL);
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 60000);
	fake_asked(&f, "live 1;catchup ;");
	assert_int_equal(f.resets, 0);
	fake_head(&f, 200, "9 tail");
	assert_int_equal(f.resets, 1);
	assert_int_equal(link_stats(f.l)->gaps, 1);
	fake_body(&f, STR("x\ny\n"));
	fake_end(&f, HTTP_DONE);
	assert_str(buf_view(&f.got), STR("x\ny\n"));
	assert_int_equal(link_stats(f.l)->applied, 2);
	fake_done(&f);
}

/* Nothing from the start either: what was read stays. */
static void
test_gone(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	fake_end(&f, HTTP_RESET);
	wait(&f);
	for (int i = 0; i < 2; i++) {
		fake_head(&f, 404, NULL);
		fake_end(&f, HTTP_DONE);
		fake_run(&f, 60000);
	}
	expect(&f, LINK_GONE, "gone");
	assert_int_equal(f.resets, 0);
	assert_str(buf_view(&f.got), STR("a\n"));
	fake_run(&f, 3600000);
	fake_asked(&f, "live 1;catchup ;");
	/* Unless somebody asks. */
	link_reconnect(f.l);
	fake_run(&f, 0);
	fake_asked(&f, "catchup 1;");
	fake_done(&f);
}

/* The server has less than it gave before: once that may be a slow replica, thrice it is lost. */
static void
test_server_lost_records(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	fake_event(&f, "data", "b\n");
	fake_end(&f, HTTP_RESET);
	for (int i = 0; i < 3; i++) {
		fake_run(&f, 60000);
		fake_head(&f, 200, "events");
		fake_event(&f, "control", "1 tail");
		assert_int_equal(link_state(f.l), i < 2 ? LINK_WAITING : LINK_CONNECTING);
	}
	assert_int_equal(f.resets, 0);
	assert_string_equal(link_stats(f.l)->reason, "the server lost records");
	fake_run(&f, 60000);
	fake_asked(&f, "live 1;live 1;live 1;catchup ;");
	fake_head(&f, 200, "1 tail");
	fake_body(&f, STR("a\n"));
	fake_end(&f, HTTP_DONE);
	assert_int_equal(f.resets, 1);
	assert_str(buf_view(&f.got), STR("a\n"));
	fake_done(&f);
}

static void
test_closed(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	fake_event(&f, "data", "b\n");
	fake_event(&f, "control", "2 closed");
	expect(&f, LINK_CLOSED, "closed");
	assert_true(link_stats(f.l)->proven);
	assert_int_equal(f.cancels, 1);
	fake_run(&f, 3600000);
	fake_asked(&f, "");
	fake_done(&f);

	begin(&f);
	fake_head(&f, 200, "2 closed");
	fake_body(&f, STR("a\nb\n"));
	fake_end(&f, HTTP_DONE);
	expect(&f, LINK_CLOSED, "closed");
	fake_done(&f);
}

static void
test_not_a_stream(void **state)
{
	struct buf page = { 0 };
	struct fake f;

	(void)state;
	buf_fill(&page, 'x', 5000);
	begin(&f);
	fake_head(&f, 200, NULL);
	fake_body(&f, buf_view(&page));
	fake_end(&f, HTTP_DONE);
	expect(&f, LINK_FAILED, "failed: not a stream");
	assert_int_equal(link_detail(f.l).n, 200);
	assert_true(str_starts(link_detail(f.l), STR("no stream: xxx")));
	fake_done(&f);

	/* Asked for an event stream, got a page: the login of some network passes. */
	go_live(&f);
	fake_run(&f, 6000);
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 0);
	fake_head(&f, 200, "7 tail");
	fake_body(&f, buf_view(&page));
	fake_end(&f, HTTP_DONE);
	assert_int_equal(link_state(f.l), LINK_WAITING);
	assert_str(buf_view(&f.got), STR("a\n"));
	fake_done(&f);
	buf_done(&page);
}

static void
test_spoiled(void **state)
{
	struct fake f;

	(void)state;
	begin(&f);
	for (int i = 0; i < 3; i++) {
		fake_run(&f, 60000);
		fake_head(&f, 200, "1 tail");
		fake_body(&f, STR("garbage"));
		assert_int_equal(f.reading, 0);
		assert_int_equal(link_state(f.l), i < 2 ? LINK_WAITING : LINK_FAILED);
	}
	assert_str(link_detail(f.l), STR("garbage"));
	fake_done(&f);

	go_live(&f);
	for (int i = 0; i < 3; i++) {
		fake_end(&f, HTTP_TOO_LARGE);
		fake_run(&f, 60000);
		if (i < 2)
			fake_head(&f, 200, f.mode == READ_LIVE ? "events" : "1 tail");
	}
	assert_int_equal(link_state(f.l), LINK_FAILED);
	fake_done(&f);
}

static void
test_token(void **state)
{
	struct fake f;

	(void)state;
	begin(&f);
	fake_head(&f, 401, NULL);
	fake_end(&f, HTTP_DONE);
	expect(&f, LINK_NEEDS_TOKEN, "needs a token");
	fake_run(&f, 3600000);
	fake_asked(&f, "catchup ;");
	link_reconnect(f.l);
	fake_run(&f, 0);
	fake_asked(&f, "catchup ;");
	fake_done(&f);
}

static void
test_sleep(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	clock_sleep(4000);
	fake_run(&f, 20000);
	fake_asked(&f, "");
	clock_sleep(3600000);
	fake_run(&f, 10000);
	fake_asked(&f, "catchup 1;");
	assert_string_equal(link_stats(f.l)->reason, "slept");
	assert_int_equal(f.cancels, 1);
	/* Also while it waits for its turn. */
	fake_head(&f, 503, NULL);
	fake_end_after(&f, HTTP_DONE, 600000);
	fake_run(&f, 15000);
	fake_asked(&f, "");
	clock_sleep(100000);
	fake_run(&f, 10000);
	fake_asked(&f, "catchup 1;");
	fake_done(&f);
}

static void
test_backoff_resets(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	for (unsigned i = 1; i <= 4; i++) {
		fake_end(&f, HTTP_REFUSED);
		assert_int_equal(link_stats(f.l)->attempt, i);
		fake_run(&f, 60000);
	}
	fake_head(&f, 200, "events");
	fake_run(&f, 2900);
	fake_end(&f, HTTP_RESET);
	assert_int_equal(link_stats(f.l)->attempt, 5);
	fake_run(&f, 60000);
	fake_head(&f, 200, "events");
	fake_run(&f, 3000);
	fake_end(&f, HTTP_RESET);
	assert_int_equal(link_stats(f.l)->attempt, 1);
	fake_done(&f);
}

/* Whatever a server does for a day, it is asked no more than 20 times a minute. */
static void
test_storm(void **state)
{
	static const enum http_end ends[] = { HTTP_REFUSED, HTTP_RESET, HTTP_DONE, HTTP_TLS };

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		uint64_t chance = seed;
		struct fake f;

		go_live(&f);
		for (int i = 0; i < 3000; i++) {
			fake_run(&f, unit_random(&chance) % 2000);
			if (f.reading == 0)
				continue;
			if (unit_random(&chance) % 3 == 0)
				fake_head(&f, unit_random(&chance) % 2 == 0 ? 503 : 200, "events");
			if (unit_random(&chance) % 20 == 0)
				fake_run(&f, 5000);
			fake_end(&f, ends[unit_random(&chance) % 4]);
			link_kick(f.l);
		}
		for (size_t i = 20; i < f.ntimes; i++)
			assert_true(f.times[i] - f.times[i - 20] >= 60000);
		assert_true(f.ntimes > 30);
		fake_done(&f);
	}
}

static void
test_server_sets_the_pace(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	link_message(f.l, &(struct http_message){ .request = f.reading, .kind = HTTP_RETRY,
	    .number = UINT64_MAX });
	fake_end(&f, HTTP_RESET);
	assert_in_range(link_stats(f.l)->next_try - clock_mono(), 0, 300000);
	fake_done(&f);
}

static void
test_foreign_messages(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	assert_false(link_message(f.l, &(struct http_message){ .request = 999, .kind = HTTP_END }));
	assert_false(link_message(f.l, &(struct http_message){ .request = 0, .kind = HTTP_END }));
	fake_done(&f);
}

/* Every change of state has its cause. */
static void
expect_trail(const struct fake *f, const char *want)
{
	const struct link_step *step;
	struct buf got = { 0 };
	size_t n = 0;

	while (link_step(f->l, n) != NULL)
		n++;
	while ((step = n > 0 ? link_step(f->l, --n) : NULL) != NULL)
		buf_printf(&got, "%s: %s\n", link_state_name(step->state), step->code);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

static void
test_trail(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	link_remounted(f.l);
	link_remounted(f.l);
	assert_int_equal(link_steps(f.l), 4);
	fake_end(&f, HTTP_SILENT);
	wait(&f);
	fake_head(&f, 503, NULL);
	fake_end(&f, HTTP_DONE);
	wait(&f);
	fake_head(&f, 401, NULL);
	fake_end(&f, HTTP_DONE);
	link_reconnect(f.l);
	fake_run(&f, 60000);
	fake_head(&f, 200, "events");
	fake_event(&f, "control", "1 closed");
	expect_trail(&f, "connecting: client.start\n"
	    "catching up: server.answered\n"
	    "live: server.answered\n"
	    "live: client.stream.view-remount\n"
	    "waiting: watchdog.silent\n"
	    "connecting: client.try\n"
	    "waiting: server-close.http-503\n"
	    "connecting: client.try\n"
	    "needs a token: server-close.http-401\n"
	    "connecting: client.stream.user-abort\n"
	    "catching up: server.answered\n"
	    "closed: client.stream.done\n");
	fake_done(&f);
}

/* It is a ring: days of trouble keep the newest. */
static void
test_trail_is_bounded(void **state)
{
	struct fake f;
	size_t n = 0;

	(void)state;
	begin(&f);
	for (int i = 0; i < 1000; i++) {
		fake_end(&f, i % 2 == 0 ? HTTP_RESET : HTTP_REFUSED);
		wait(&f);
	}
	while (link_step(f.l, n) != NULL)
		n++;
	assert_int_equal(n, LINK_STEPS);
	assert_string_equal(link_step(f.l, 0)->code, "client.try");
	assert_string_equal(link_step(f.l, 1)->code, "connection.refused");
	assert_string_equal(link_step(f.l, 3)->code, "connection.reset");
	assert_true(link_step(f.l, 0)->time > link_step(f.l, 1)->time);
	fake_done(&f);
}

/* Whoever listens is told once that it is over, and once that all is here again. */
static void
test_listeners(void **state)
{
	struct fake f;

	(void)state;
	begin(&f);
	fake_end(&f, HTTP_REFUSED);
	wait(&f);
	assert_int_equal(f.cuts.n, 0);
	fake_head(&f, 200, "1 tail");
	fake_body(&f, STR("a\n"));
	fake_end(&f, HTTP_DONE);
	fake_run(&f, 0);
	fake_head(&f, 200, "events");
	fake_end(&f, HTTP_RESET);
	assert_str(buf_view(&f.cuts), STR("reset;"));
	wait(&f);
	fake_end(&f, HTTP_REFUSED);
	wait(&f);
	assert_str(buf_view(&f.cuts), STR("reset;"));
	assert_int_equal(f.outages, 0);
	fake_head(&f, 200, "events");
	fake_event(&f, "data", "b\nc\n");
	fake_event(&f, "control", "3 tail");
	assert_int_equal(f.outages, 1);
	assert_int_equal(f.outage.first, 2);
	assert_int_equal(f.outage.last, 3);
	fake_end(&f, HTTP_SILENT);
	assert_str(buf_view(&f.cuts), STR("reset;silent;"));
	fake_done(&f);
}

/* Silence first makes a live stream a stale one; any sign of life makes it live again. */
static void
test_stale(void **state)
{
	struct fake f;

	(void)state;
	go_live(&f);
	fake_run(&f, fake_dialect.silence * 3 / 4 - 1);
	expect(&f, LINK_LIVE, "live");
	fake_run(&f, 1);
	expect(&f, LINK_STALE, "stale (no sign of life)");
	assert_string_equal(link_step(f.l, 0)->code, "watchdog.quiet");
	fake_event(&f, "control", "1 tail");
	expect(&f, LINK_LIVE, "live");
	assert_string_equal(link_step(f.l, 0)->code, "server.heard");
	fake_run(&f, fake_dialect.silence);
	expect(&f, LINK_STALE, "stale (no sign of life)");
	fake_end(&f, HTTP_SILENT);
	assert_int_equal(link_state(f.l), LINK_WAITING);
	fake_done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catch_up_then_live),
		cmocka_unit_test(test_cut_and_resume),
		cmocka_unit_test(test_skip_over_commits),
		cmocka_unit_test(test_clean_ends),
		cmocka_unit_test(test_short_streams_are_polled),
		cmocka_unit_test(test_polls_only),
		cmocka_unit_test(test_short_polls),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_server_lost_records),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_not_a_stream),
		cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_sleep),
		cmocka_unit_test(test_backoff_resets),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_server_sets_the_pace),
		cmocka_unit_test(test_foreign_messages),
		cmocka_unit_test(test_trail),
		cmocka_unit_test(test_trail_is_bounded),
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
