/* weir-serve as a service: started with its sockets, heard by its manager, stopped, its log moved. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/follow.h"
#include "tests/serve/serving.h"

enum { PATIENCE_MS = 10000 };

/* What a service manager has of a service. */
struct service {
	struct serving serving;		/* its socket is ours */
	int tcp, local, notify;
	struct sockaddr_in sa;
};

static int
listening(int family, const void *sa, socklen_t n)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, sa, n), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static void
open_sockets(struct service *s)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t n = sizeof s->sa;

	assert_true(tempdir_make(s->serving.dir));
	buf_printf(&s->serving.socket, "%s/s.sock", s->serving.dir);
	memcpy(un.sun_path, buf_cstr(&s->serving.socket), s->serving.socket.n);
	s->local = listening(AF_UNIX, &un, sizeof un);
	s->sa = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	s->tcp = listening(AF_INET, &s->sa, sizeof s->sa);
	getsockname(s->tcp, (struct sockaddr *)&s->sa, &n);
	memset(un.sun_path, 0, sizeof un.sun_path);
	snprintf(un.sun_path, sizeof un.sun_path, "%s/notify", s->serving.dir);
	s->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->notify, (struct sockaddr *)&un, sizeof un), 0);
}

static _Noreturn void
become(const struct service *s, const char *pid, const char *const *options)
{
	const char *argv[16], *build = getenv("top_builddir");
	char program[4096], path[256], own[16];
	size_t n = 0;
	int first = fcntl(s->tcp, F_DUPFD, 20), second = fcntl(s->local, F_DUPFD, 20);

	dup2(first, 3);
	dup2(second, 4);
	snprintf(own, sizeof own, "%d", (int)getpid());
	setenv("LISTEN_PID", pid != NULL ? pid : own, 1);
	setenv("LISTEN_FDS", "2", 1);
	setenv("WATCHDOG_USEC", "100000", 1);
	snprintf(path, sizeof path, "%s/notify", s->serving.dir);
	setenv("NOTIFY_SOCKET", path, 1);
	unsetenv("XDG_RUNTIME_DIR");
	snprintf(program, sizeof program, "%s/weir-serve", build != NULL ? build : ".");
	snprintf(path, sizeof path, "%s/data", s->serving.dir);
	argv[n++] = program;
	argv[n++] = "--data";
	argv[n++] = path;
	while (options != NULL && *options != NULL)
		argv[n++] = *options++;
	argv[n] = NULL;
	execv(program, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void
launch(struct service *s, const char *pid, const char *const *options)
{
	pid_t parent = getpid();

	s->serving.pid = fork();
	if (s->serving.pid == 0) {
		follow_parent(parent);
		become(s, pid, options);
	}
}

/* Reads what it says until it says this. */
static void
await(const struct service *s, const char *want)
{
	struct pollfd p = { .fd = s->notify, .events = POLLIN };
	char said[64];
	ssize_t n;

	do {
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		n = recv(s->notify, said, sizeof said, 0);
		assert_true(n > 0);
	} while (!str_eq(str_of(said, (size_t)n), str_from(want)));
}

static int
set_up_with(void **state, const char *const *options)
{
	static struct service s;

	s = (struct service){ 0 };
	open_sockets(&s);
	launch(&s, NULL, options);
	await(&s, "READY=1");
	*state = &s;
	return 0;
}

static int
set_up(void **state)
{
	return set_up_with(state, NULL);
}

static int
set_up_narrow(void **state)
{
	return set_up_with(state, (const char *const[]){ "--peer-connections", "4", NULL });
}

static int
set_up_users(void **state)
{
	static const char lines[] = "0123456789abcdef0123456789abcdef\n"
	    "fedcba9876543210fedcba9876543210 ann\n";
	char dir[TEMPDIR_NAME], path[TEMPDIR_NAME + 8];
	int fd, result;

	assert_true(tempdir_make(dir));
	snprintf(path, sizeof path, "%s/token", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, lines, sizeof lines - 1), (ssize_t)sizeof lines - 1);
	close(fd);
	result = set_up_with(state, (const char *const[]){ "--token-file", path, NULL });
	tempdir_remove(dir);
	return result;
}

static int
tear_down(void **state)
{
	struct service *s = *state;

	close(s->tcp);
	close(s->local);
	close(s->notify);
	serving_end(&s->serving);
	return 0;
}

static int
connect_tcp(const struct service *s)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&s->sa, sizeof s->sa), 0);
	return fd;
}

static bool
answers(int fd)
{
	struct buf got = { 0 };
	bool ok;

	serving_send(fd, STR("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
	ok = serving_until(fd, &got, "ok\n");
	buf_done(&got);
	return ok;
}

static void
test_sockets(void **state)
{
	struct service *s = *state;
	int fd = connect_tcp(s);

	assert_true(answers(fd));
	assert_int_equal(serving_do(&s->serving, "GET", "/healthz", "", ""), 200);
	await(s, "WATCHDOG=1");
	await(s, "WATCHDOG=1");
	close(fd);
	assert_true(WIFEXITED(serving_stop(&s->serving, SIGTERM)));
	await(s, "STOPPING=1");
	/* Not its own: it stays for the next one, and who connects meanwhile waits for that. */
	assert_int_equal(access(s->serving.socket.p, F_OK), 0);
	fd = connect_tcp(s);
	launch(s, NULL, NULL);
	await(s, "READY=1");
	assert_true(answers(fd));
	close(fd);
}

/* A loop that hangs is not heard; one that was stopped is the same to who listens. */
static void
test_watchdog(void **state)
{
	struct service *s = *state;
	struct pollfd p = { .fd = s->notify, .events = POLLIN };
	char said[64];
	int status;

	await(s, "WATCHDOG=1");
	kill(s->serving.pid, SIGSTOP);
	assert_int_equal(waitpid(s->serving.pid, &status, WUNTRACED), s->serving.pid);
	while (recv(s->notify, said, sizeof said, MSG_DONTWAIT) > 0)
		;
	assert_int_equal(poll(&p, 1, 300), 0);
	kill(s->serving.pid, SIGCONT);
	await(s, "WATCHDOG=1");
}

/* What is meant for another process is not taken. */
static void
test_not_ours(void **state)
{
	struct service *s = *state;
	int status;

	serving_stop(&s->serving, SIGTERM);
	launch(s, "1", NULL);
	assert_int_equal(waitpid(s->serving.pid, &status, 0), s->serving.pid);
	s->serving.pid = 0;
	/* Without sockets it does not know where to listen. */
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
}

/* This machine is not one peer. */
static void
test_many(void **state)
{
	enum { MANY = 300 };
	const struct service *s = *state;
	int fds[MANY];

	for (int i = 0; i < MANY; i++) {
		fds[i] = connect_tcp(s);
		assert_true(answers(fds[i]));
	}
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
}

static void
test_peers(void **state)
{
	enum { LIMIT = 4 };
	struct service *s = *state;
	int fds[LIMIT], extra;
	struct buf got = { 0 };

	for (int i = 0; i < LIMIT; i++) {
		fds[i] = connect_tcp(s);
		assert_true(answers(fds[i]));
	}
	extra = connect_tcp(s);
	serving_rest(extra, &got);
	assert_int_equal(got.n, 0);
	close(extra);
	/* Others are not hurt, nor is who comes when there is room. */
	assert_int_equal(serving_do(&s->serving, "GET", "/healthz", "", ""), 200);
	close(fds[0]);
	for (;;) {
		extra = connect_tcp(s);
		if (answers(extra))
			break;
		close(extra);
	}
	close(extra);
	for (int i = 1; i < LIMIT; i++)
		close(fds[i]);
	buf_done(&got);
}

/* Posts that somebody is present, with this token; returns the status. */
static int
post_presence(const struct service *s, const char *token, const char *user)
{
	struct buf request = { 0 }, got = { 0 };
	int fd = connect_tcp(s), status;
	char body[64];

	snprintf(body, sizeof body, "{\"userId\":\"%s\"}", user);
	buf_printf(&request, "POST /api/sessions/s1/presence HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: close\r\n%s%s%sContent-Type: application/json\r\nContent-Length: %zu\r\n"
	    "\r\n%s", token != NULL ? "Authorization: Bearer " : "", token != NULL ? token : "",
	    token != NULL ? "\r\n" : "", strlen(body), body);
	serving_send(fd, buf_view(&request));
	serving_rest(fd, &got);
	status = got.n > 12 ? (int)strtol(buf_cstr(&got) + 9, NULL, 10) : 0;
	close(fd);
	buf_done(&request);
	buf_done(&got);
	return status;
}

static void
test_users(void **state)
{
	static const char any[] = "0123456789abcdef0123456789abcdef";
	static const char ann[] = "fedcba9876543210fedcba9876543210";
	const struct service *s = *state;

	assert_int_equal(serving_do(&s->serving, "POST", "/api/sessions",
	    "Content-Type: application/json\r\n", "{\"id\":\"s1\"}"), 201);
	assert_int_equal(post_presence(s, NULL, "ann"), 401);
	assert_int_equal(post_presence(s, "fedcba9876543210fedcba9876543211", "ann"), 401);
	assert_int_equal(post_presence(s, ann, "ann"), 200);
	assert_int_equal(post_presence(s, ann, "bob"), 403);
	assert_int_equal(post_presence(s, any, "bob"), 200);
}

/* The status of a GET over TCP. */
static int
get_tcp(const struct service *s, const char *target, const char *headers)
{
	struct buf request = { 0 }, got = { 0 };
	int fd = connect_tcp(s), status;

	buf_printf(&request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n",
	    target, headers);
	serving_send(fd, buf_view(&request));
	serving_rest(fd, &got);
	status = got.n > 12 ? (int)strtol(buf_cstr(&got) + 9, NULL, 10) : 0;
	close(fd);
	buf_done(&request);
	buf_done(&got);
	return status;
}

/* A token is told in a header and nowhere else: targets end up in histories and logs. */
static void
test_token_in_url(void **state)
{
	static const char *const targets[] = { "/healthz", "/api/sessions",
		"/api/sessions/s1/stream", "/v1/stream/a", "/v1/stream/a?offset=-1&live=sse" };
	static const char token[] = "0123456789abcdef0123456789abcdef";
	static const char *const names[] = { "token", "access_token", "authorization" };
	const struct service *s = *state;
	char target[160], cookie[80];

	snprintf(cookie, sizeof cookie, "Cookie: token=%s\r\n", token);
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		assert_int_equal(get_tcp(s, targets[i], ""), 401);
		assert_int_equal(get_tcp(s, targets[i], cookie), 401);
		for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
			snprintf(target, sizeof target, "%s%c%s=%s", targets[i],
			    strchr(targets[i], '?') != NULL ? '&' : '?', names[k], token);
			assert_int_equal(get_tcp(s, target, ""), 401);
		}
	}
	snprintf(cookie, sizeof cookie, "Authorization: Bearer %s\r\n", token);
	assert_int_equal(get_tcp(s, "/healthz", cookie), 200);
}

/* ---- the log */

static void
read_log(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	buf_clear(out);
	if (fd < 0)
		return;
	assert_true(buf_read_fd(out, fd, 1 << 20));
	close(fd);
}

static void
await_log(const char *path, const char *want, struct buf *log)
{
	for (int i = 0; i < 1000; i++) {
		read_log(path, log);
		if (str_find(buf_view(log), str_from(want)) < log->n)
			return;
		usleep(10000);
	}
	fail_msg("%s is not in %s", want, path);
}

static void
test_log_file(void **state)
{
	char dir[TEMPDIR_NAME], path[TEMPDIR_NAME + 16], old[TEMPDIR_NAME + 16];
	const char *options[] = { "--log", path, "--verbose", NULL };
	struct serving s = { 0 };
	struct buf log = { 0 };

	(void)state;
	assert_true(tempdir_make(dir));
	snprintf(path, sizeof path, "%s/log", dir);
	snprintf(old, sizeof old, "%s/log.1", dir);
	serving_start(&s, options);
	await_log(path, "listening on", &log);
	assert_int_equal(rename(path, old), 0);
	kill(s.pid, SIGHUP);
	for (int i = 0; i < 1000 && access(path, F_OK) < 0; i++)
		usleep(10000);
	assert_int_equal(serving_do(&s, "GET", "/healthz", "", ""), 200);
	assert_true(WIFEXITED(serving_stop(&s, SIGTERM)));
	await_log(path, "stopping", &log);
	read_log(old, &log);
	assert_true(str_find(buf_view(&log), STR("stopping")) == log.n);
	serving_end(&s);
	tempdir_remove(dir);
	buf_done(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sockets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_watchdog, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_ours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_peers, set_up_narrow, tear_down),
		cmocka_unit_test_setup_teardown(test_users, set_up_users, tear_down),
		cmocka_unit_test_setup_teardown(test_token_in_url, set_up_users, tear_down),
		cmocka_unit_test(test_log_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
