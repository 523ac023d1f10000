#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/child.h"
#include "app/relay.h"
#include "tests/unit.h"

#define FROM "test-relay-from.sock"
#define TO "test-relay-to.sock"

static int
server(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = TO };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(TO);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static int
client(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = FROM };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	return fd;
}

static pid_t
start(struct relay *r)
{
	struct error e = { 0 };

	unlink(FROM);
	assert_true(relay_listen(r) >= 0);
	return child_fork(relay_run, r, &e);
}

/* All that one side writes reaches the other, more than any buffer in between holds. */
static void
test_carries(void **state)
{
	struct relay r = { .from = FROM, .to = TO, .every = 3600 * 1000 };
	int listener = server();
	pid_t pid = start(&r);
	int c = client(), s = accept(listener, NULL, NULL);
	size_t sent = 0, got = 0, total = 1 << 20;
	char bytes[5000];

	(void)state;
	while (got < total) {
		struct pollfd fds[] = { { .fd = c, .events = sent < total ? POLLOUT : 0 },
			{ .fd = s, .events = POLLIN } };
		ssize_t n;

		assert_true(poll(fds, 2, 10000) > 0);
		if (fds[0].revents & POLLOUT) {
			for (size_t i = 0; i < sizeof bytes; i++)
				bytes[i] = (char)((sent + i) * 31 >> 3);
			n = send(c, bytes, total - sent < sizeof bytes ? total - sent : sizeof bytes,
			    MSG_DONTWAIT);
			sent += n > 0 ? (size_t)n : 0;
		}
		if (fds[1].revents & POLLIN) {
			n = read(s, bytes, sizeof bytes);
			assert_true(n > 0);
			for (ssize_t i = 0; i < n; i++)
				assert_int_equal(bytes[i], (char)((got + (size_t)i) * 31 >> 3));
			got += (size_t)n;
		}
	}
	assert_int_equal(write(s, "back", 4), 4);
	assert_int_equal(read(c, bytes, sizeof bytes), 4);
	child_end(pid);
	close(c);
	close(s);
	close(listener);
	close(r.listener);
}

/* It cuts both sides, and takes connections again. */
static void
test_cuts(void **state)
{
	struct relay r = { .from = FROM, .to = TO, .every = 30 };
	int listener = server();
	pid_t pid = start(&r);
	char byte;

	(void)state;
	for (int i = 0; i < 3; i++) {
		int c = client(), s = accept(listener, NULL, NULL);

		assert_true(s >= 0);
		assert_true(read(c, &byte, 1) <= 0);
		assert_true(read(s, &byte, 1) <= 0);
		close(c);
		close(s);
	}
	child_end(pid);
	close(listener);
	close(r.listener);
	unlink(FROM);
	unlink(TO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_carries),
		cmocka_unit_test(test_cuts),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
