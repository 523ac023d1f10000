/*
 * weir is killed at any moment, again and again, while the session streams and while it sends. The
 * next run shows what the server has, sends what was not confirmed, and nothing twice. KILLS in the
 * environment is how often; the usual few are for every run of the tests.
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/world.h"
#include "tests/follow.h"
#include "tests/unit.h"

enum { USUAL = 8, LONGEST = 300 };	/* ms a run lives */

/* An agent that never stops talking. */
static pid_t
start_agent(struct world *w)
{
	pid_t parent = getpid(), pid = fork();
	struct buf items = { 0 };

	if (pid != 0)
		return pid;
	follow_parent(parent);
	for (int n = 0;; n++) {
		buf_clear(&items);
		buf_byte(&items, '[');
		for (int i = 0; i < 4; i++)
			buf_printf(&items, "%s{\"type\":\"chunks\",\"key\":\"c%d-%d\",\"value\":{\"agentId\":\"claude\","
			    "\"turn\":%d,\"text\":\"token %d.%d \",\"timestamp\":1700000000000},"
			    "\"headers\":{\"operation\":\"insert\"}}", i > 0 ? "," : "", n, i, n / 20, n, i);
		buf_byte(&items, ']');
		world_append(w, buf_view(&items));
		usleep(3000);
	}
}

static void
end_agent(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct term *
attach(struct world *w)
{
	const char *const args[] = { "attach", world_url(w, NULL), NULL };

	return world_term(w, args, 30, 100);
}

/* It stands in the transcript, not only in the composer: from then on it is on the disk. */
static bool
in_transcript(struct term *t, const char *text)
{
	for (int row = 0; row < 30; row++) {
		const char *line = term_row(t, row);

		if (strncmp(line, "▌", strlen("▌")) == 0 && strstr(line, text) != NULL)
			return true;
	}
	return false;
}

/* One life; true when what was typed was seen to be kept. */
static bool
live(struct world *w, int round, uint64_t *seed)
{
	char text[32], typed[40];
	struct term *t = attach(w);
	unsigned ms = unit_random(seed) % LONGEST, at = unit_random(seed) % LONGEST;
	bool kept;

	snprintf(text, sizeof text, "message %d.", round);
	snprintf(typed, sizeof typed, "i%s\r", text);
	for (unsigned i = 0; i < ms; i++) {
		if (i == at / 2)
			term_type(t, typed);
		term_poll(t);
		usleep(1000);
	}
	term_signal(t, SIGKILL);
	assert_true(term_wait_exit(t, NULL, SOON));
	kept = in_transcript(t, text);
	term_close(t);
	return kept;
}

static bool
settled(struct term *t, const void *arg)
{
	(void)arg;
	return term_has(t, "= head") && !term_has(t, "unsent") && !term_has(t, "…");
}

static void
quit(struct term *t)
{
	int status;

	term_type(t, "\x1b:quit\r");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
	term_close(t);
}

/* The records of the cache after a run that was left to itself. */
static void
records(struct world *w, struct buf *out)
{
	const char *const export[] = { "cache", "export", world_url(w, NULL), NULL };
	struct term *t = attach(w);
	int status;

	assert_true(term_wait(t, settled, NULL, "all that the server has", SOON));
	quit(t);
	world_run(w, export, out, &status);
	assert_int_equal(status, 0);
}

static size_t
count(struct str text, const char *needle)
{
	struct str what = str_from(needle);
	size_t n = 0;

	for (size_t at; (at = str_find(text, what)) < text.n; n++)
		text = str_skip(text, at + what.n);
	return n;
}

static void
verify(struct world *w)
{
	const char *const args[] = { "cache", "verify", NULL };
	struct buf out = { 0 };
	int status;

	world_run(w, args, &out, &status);
	assert_str(buf_view(&out), STR("ok\n"));
	assert_int_equal(status, 0);
	buf_done(&out);
}

static void
test_killed(void **state)
{
	const char *times = getenv("KILLS");
	int rounds = times != NULL ? (int)strtol(times, NULL, 10) : USUAL, nkept = 0, arrived = 0;
	bool *kept = calloc((size_t)rounds, sizeof *kept);
	struct buf mine = { 0 }, fresh = { 0 };
	uint64_t seed = 17;
	struct world w;
	pid_t agent;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	agent = start_agent(&w);
	for (int i = 0; i < rounds; i++) {
		/* What is typed while the server does not answer waits for a later run. */
		bool deaf = i % 4 == 2;

		if (deaf)
			kill(w.server, SIGSTOP);
		kept[i] = live(&w, i, &seed);
		if (deaf)
			kill(w.server, SIGCONT);
		nkept += kept[i];
		if (i % 20 == 19)
			verify(&w);
	}
	end_agent(agent);
	records(&w, &mine);
	verify(&w);
	/* Nothing was ever here before: what this one has is what the server has. */
	buf_printf(&w.home[0], "/other");
	records(&w, &fresh);
	assert_true(mine.n > 1000);
	assert_true(mine.n == fresh.n && memcmp(mine.p, fresh.p, mine.n) == 0);
	for (int i = 0; i < rounds; i++) {
		char text[40];
		size_t n;

		snprintf(text, sizeof text, "\"message %d.\"", i);
		n = count(buf_view(&fresh), text);
		assert_true(n <= 1);
		assert_true(n == 1 || !kept[i]);
		arrived += n == 1;
	}
	print_message("killed %d times: %d messages were seen kept, %d arrived, %zu records\n", rounds, nkept,
	    arrived, count(buf_view(&fresh), "\n"));
	world_close(&w);
	buf_done(&mine);
	buf_done(&fresh);
	free(kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
