#include "tests/unit.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "serve/connection.h"

/* A connection whose client is `client`; time goes on when it is said. */
struct bench {
	struct connections all;
	struct connection *c;
	int client;
};

static int
set_up(void **state)
{
	static struct bench b;
	int fds[2];

	clock_set(1000000, 0);
	b = (struct bench){ 0 };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	b.client = fds[0];
	b.c = connection_new(&b.all, fds[1]);
	*state = &b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;

	close(b->client);
	close(b->c->fd);
	connection_free(&b->all, b->c);
	clock_unset();
	return 0;
}

/* Lets time pass as the server would see it; false when the connection was shut down. */
static bool
survives(struct bench *b, int64_t ms)
{
	struct pollfd p = { .fd = b->c->fd };

	for (int64_t end = clock_mono() + ms; clock_mono() < end;) {
		int wait = connections_timeout(&b->all, clock_mono());

		clock_advance(wait < 1 ? 1 : wait < end - clock_mono() ? wait : end - clock_mono());
		connections_check(&b->all, clock_mono());
	}
	assert_true(poll(&p, 1, 0) >= 0);
	return (p.revents & POLLHUP) == 0;
}

static void
fill(const struct bench *b)
{
	static const char bytes[4096];

	while (write(b->c->fd, bytes, sizeof bytes) > 0)
		;
}

static void
take(const struct bench *b)
{
	char bytes[4096];

	assert_true(read(b->client, bytes, sizeof bytes) > 0);
}

/* Whoever reads now and then is slow; whoever has read nothing for more than 10 s is gone. */
static void
test_stalled(void **state)
{
	struct bench *b = *state;

	connection_enter(b->c, PHASE_REPLY);
	fill(b);
	for (int i = 0; i < 20; i++) {
		assert_true(survives(b, 9900));
		take(b);
	}
	assert_true(survives(b, 9900));
	assert_false(survives(b, 3000));
}

/* However the moments at which it is looked at lie. */
static void
test_stalled_between_looks(void **state)
{
	struct bench *b = *state;

	connection_enter(b->c, PHASE_REPLY);
	fill(b);
	for (int ms = 4700; ms < 5300; ms += 50) {
		assert_true(survives(b, ms));
		take(b);
		assert_true(survives(b, 9700 - ms));
		take(b);
	}
	assert_true(survives(b, 9900));
}

/* Who waits for us is never late. */
static void
test_asleep(void **state)
{
	struct bench *b = *state;

	connection_enter(b->c, PHASE_ASLEEP);
	fill(b);
	assert_true(survives(b, 3600000));
}

static void
test_silent(void **state)
{
	struct bench *b = *state;

	assert_true(survives(b, 9900));
	assert_false(survives(b, 2000));
}

static void
test_idle(void **state)
{
	struct bench *b = *state;

	connection_enter(b->c, PHASE_IDLE);
	assert_true(survives(b, 59900));
	assert_false(survives(b, 2000));
}

/* A server that stops waits for replies, and for nobody who asked nothing. */
static void
test_draining(void **state)
{
	struct bench *b = *state;

	connection_enter(b->c, PHASE_REPLY);
	fill(b);
	b->all.draining = true;
	assert_true(survives(b, 1900));
	connection_enter(b->c, PHASE_IDLE);
	assert_false(survives(b, 100));
}

int
main(void)
{
#define CONNECTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CONNECTED(test_stalled), CONNECTED(test_stalled_between_looks),
		CONNECTED(test_asleep), CONNECTED(test_silent), CONNECTED(test_idle),
		CONNECTED(test_draining),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
