#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/harness/proxy.h"
#include "tests/tempdir.h"
#include "tests/unit.h"

#define SOON 10000
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* A server that answers every byte 'x' with "[x]" and counts what it got, one connection a time. */
struct server {
	pthread_t thread;
	int listener;
	char dir[TEMPDIR_NAME], path[TEMPDIR_NAME + 8], relay[TEMPDIR_NAME + 8];
	struct proxy *proxy;
};

static void *
serve(void *arg)
{
	struct server *s = arg;
	int fd;

	while ((fd = accept(s->listener, NULL, NULL)) >= 0) {
		char c, answer[3] = "[ ]";

		while (recv(fd, &c, 1, 0) == 1) {
			answer[1] = c;
			if (send(fd, answer, 3, MSG_NOSIGNAL) != 3)
				break;
		}
		close(fd);
	}
	return NULL;
}

static int
setup(void **state)
{
	struct server *s = calloc(1, sizeof *s);
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	assert_true(tempdir_make(s->dir));
	snprintf(s->path, sizeof s->path, "%s/server", s->dir);
	snprintf(s->relay, sizeof s->relay, "%s/relay", s->dir);
	memcpy(a.sun_path, s->path, strlen(s->path) + 1);
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(s->listener, 5), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	s->proxy = proxy_open(s->relay, s->path);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct server *s = *state;

	proxy_close(s->proxy);
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	unlink(s->path);
	assert_int_equal(rmdir(s->dir), 0);
	free(s);
	return 0;
}

static int
dial(struct server *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(a.sun_path, s->relay, strlen(s->relay) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads exactly `want`. */
static void
hear(int fd, const char *want)
{
	char got[256] = "";
	size_t n = 0, length = strlen(want);

	while (n < length) {
		ssize_t k = recv(fd, got + n, length - n, 0);

		if (k <= 0)
			break;
		n += (size_t)k;
	}
	assert_string_equal(got, want);
}

static void
hear_end(int fd)
{
	char c;

	assert_true(recv(fd, &c, 1, 0) <= 0);
	close(fd);
}

static void
test_passes_both_ways(void **state)
{
	struct server *s = *state;
	int fd = dial(s);

	say(fd, "ab");
	hear(fd, "[a][b]");
	shutdown(fd, SHUT_WR);
	hear_end(fd);
	assert_int_equal(proxy_count(s->proxy, PROXY_CONNECTIONS), 1);
	assert_int_equal(proxy_count(s->proxy, PROXY_CLIENT_BYTES), 2);
	assert_int_equal(proxy_count(s->proxy, PROXY_SERVER_BYTES), 6);
}

static void
test_cuts_after_bytes_of_the_answer(void **state)
{
	struct server *s = *state;
	const struct proxy_fault fault = { NULL, PROXY_FROM_SERVER, 4, PROXY_FIN };
	int fd;

	proxy_fault(s->proxy, &fault);
	fd = dial(s);
	say(fd, "abc");
	hear(fd, "[a][");
	hear_end(fd);
	assert_int_equal(proxy_count(s->proxy, PROXY_FAULTS), 1);
	fd = dial(s);
	say(fd, "abc");
	hear(fd, "[a][b][c]");
	close(fd);
}

static void
test_cuts_after_bytes_of_the_request(void **state)
{
	struct server *s = *state;
	const struct proxy_fault fault = { "post", PROXY_FROM_CLIENT, 2, PROXY_RESET };
	int fd;

	proxy_fault(s->proxy, &fault);
	fd = dial(s);
	say(fd, "getpo");
	hear(fd, "[g][e][t][p][o]");
	say(fd, "st1234");
	assert_true(proxy_wait(s->proxy, PROXY_FAULTS, 1, SOON));
	assert_int_equal(proxy_count(s->proxy, PROXY_CLIENT_BYTES), 9);
	close(fd);
}

static void
test_swallows_the_answer_of_a_request(void **state)
{
	struct server *s = *state;
	const struct proxy_fault fault = { "p", PROXY_FROM_SERVER, 0, PROXY_FIN };
	int fd = dial(s);

	say(fd, "p");	/* before there is a fault */
	hear(fd, "[p]");
	proxy_fault(s->proxy, &fault);
	say(fd, "g");
	hear(fd, "[g]");
	say(fd, "p");
	hear_end(fd);
	assert_int_equal(proxy_count(s->proxy, PROXY_CLIENT_BYTES), 3);
	assert_int_equal(proxy_count(s->proxy, PROXY_SERVER_BYTES), 6);
}

static void
test_cut_and_stall_on_command(void **state)
{
	struct server *s = *state;
	int fd = dial(s);
	char c;

	say(fd, "a");
	hear(fd, "[a]");
	proxy_cut(s->proxy, PROXY_STALL);
	say(fd, "b");
	assert_int_equal(proxy_count(s->proxy, PROXY_OPEN), 1);
	assert_int_equal(recv(fd, &c, 1, MSG_DONTWAIT), -1);
	proxy_cut(s->proxy, PROXY_FIN);
	hear_end(fd);
	assert_int_equal(proxy_count(s->proxy, PROXY_OPEN), 0);
	assert_int_equal(proxy_count(s->proxy, PROXY_CLIENT_BYTES), 1);
}

static void
test_down_and_up(void **state)
{
	struct server *s = *state;
	int fd;

	proxy_down(s->proxy, true);
	hear_end(dial(s));
	proxy_down(s->proxy, false);
	fd = dial(s);
	say(fd, "a");
	hear(fd, "[a]");
	close(fd);
	assert_int_equal(proxy_count(s->proxy, PROXY_CONNECTIONS), 2);
}

static void
test_resets_tcp(void **state)
{
	struct server *s = *state;
	struct proxy *tcp = proxy_open(NULL, s->path);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)proxy_port(tcp)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char c;

	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	say(fd, "a");
	hear(fd, "[a]");
	proxy_cut(tcp, PROXY_RESET);
	assert_int_equal(recv(fd, &c, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	close(fd);
	proxy_close(tcp);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_passes_both_ways),
		TEST(test_cuts_after_bytes_of_the_answer),
		TEST(test_cuts_after_bytes_of_the_request),
		TEST(test_swallows_the_answer_of_a_request),
		TEST(test_cut_and_stall_on_command),
		TEST(test_down_and_up),
		TEST(test_resets_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
