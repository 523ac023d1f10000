#include "tests/serve/serving.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/follow.h"

enum { PATIENCE_MS = 10000, UNFINISHED_MS = 300, OPTIONS_MAX = 20 };

static _Noreturn void
become_server(const struct serving *s, const char *const *options, int ready)
{
	const char *argv[OPTIONS_MAX + 12], *build = getenv("top_builddir");
	char program[4096], data[TEMPDIR_NAME + 8], fd[16];
	size_t n = 0;

	snprintf(program, sizeof program, "%s/weir-serve", build != NULL ? build : ".");
	snprintf(data, sizeof data, "%s/data", s->dir);
	snprintf(fd, sizeof fd, "%d", ready);
	argv[n++] = program;
	argv[n++] = "--socket";
	argv[n++] = s->socket.p;
	argv[n++] = "--data";
	argv[n++] = data;
	argv[n++] = "--ready-fd";
	argv[n++] = fd;
	while (options != NULL && *options != NULL && n < OPTIONS_MAX + 7)
		argv[n++] = *options++;
	argv[n] = NULL;
	if (s->file_size > 0) {
		struct rlimit limit = { s->file_size, s->file_size };

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
	}
	if (s->files > 0)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ s->files, s->files });
	execv(program, (char *const *)(uintptr_t)argv);
	perror(program);
	_exit(127);
}

void
serving_start(struct serving *s, const char *const *options)
{
	struct buf ready = { 0 };
	pid_t parent = getpid();
	int fds[2];

	if (s->dir[0] == '\0') {
		assert_true(tempdir_make(s->dir));
		buf_printf(&s->socket, "%s/run/s.sock", s->dir);
		buf_cstr(&s->socket);
	}
	assert_int_equal(pipe(fds), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		follow_parent(parent);
		close(fds[0]);
		become_server(s, options, fds[1]);
	}
	close(fds[1]);
	assert_true(serving_until(fds[0], &ready, "ready\n"));
	close(fds[0]);
	buf_done(&ready);
}

bool
serving_alive(const struct serving *s)
{
	return s->pid > 0 && waitpid(s->pid, NULL, WNOHANG) == 0;
}

int
serving_stop(struct serving *s, int sig)
{
	int64_t deadline = clock_mono() + PATIENCE_MS;
	int status = -1;

	/* Zero would be this test and its shell. */
	assert_true(s->pid > 0);
	kill(s->pid, sig);
	while (waitpid(s->pid, &status, WNOHANG) == 0) {
		assert_true(clock_mono() < deadline);
		usleep(2000);
	}
	s->pid = 0;
	return status;
}

void
serving_end(struct serving *s)
{
	/* A test that failed may have left it stopped. */
	if (s->pid > 0) {
		int status = serving_stop(s, SIGTERM);

		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	tempdir_remove(s->dir);
	buf_done(&s->socket);
}

int
serving_connect(const struct serving *s)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, s->socket.p, s->socket.n);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	return fd;
}

void
serving_send(int fd, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		/* A server that refuses need not read on. */
		if (n < 0)
			return;
		bytes = str_skip(bytes, (size_t)n);
	}
}

static bool
read_some(int fd, struct buf *got)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	n = read(fd, buf_room(got, 65536), 65536);
	if (n > 0)
		got->n += (size_t)n;
	return n > 0;
}

bool
serving_until(int fd, struct buf *got, const char *needle)
{
	struct str want = str_from(needle);

	while (str_find(buf_view(got), want) + want.n > got->n)
		if (!read_some(fd, got))
			return false;
	return true;
}

void
serving_rest(int fd, struct buf *got)
{
	while (read_some(fd, got))
		;
}

void
serving_raw(const struct serving *s, struct str request, struct answer *a)
{
	int fd = serving_connect(s);
	size_t end;

	*a = (struct answer){ 0 };
	serving_send(fd, request);
	/* A server that waits for more is told that nothing follows; sooner it is a hang-up. */
	do {
		if (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, UNFINISHED_MS) == 0)
			shutdown(fd, SHUT_WR);
	} while (read_some(fd, &a->all));
	close(fd);
	end = str_find(buf_view(&a->all), STR("\r\n\r\n"));
	a->head = str_head(buf_view(&a->all), end + 2);
	a->body = str_skip(buf_view(&a->all), end + 4);
	if (str_starts(a->head, STR("HTTP/1.1 ")))
		a->status = (int)strtol(a->head.p + 9, NULL, 10);
}

int
serving_ask(const struct serving *s, const char *method, const char *target,
    const char *headers, struct str body, struct answer *a)
{
	struct buf request = { 0 };

	buf_printf(&request, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s", method,
	    target, headers);
	if (body.n > 0 || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0)
		buf_printf(&request, "Content-Length: %zu\r\n", body.n);
	buf_str(&request, STR("\r\n"));
	buf_str(&request, body);
	serving_raw(s, buf_view(&request), a);
	buf_done(&request);
	return a->status;
}

int
serving_do(const struct serving *s, const char *method, const char *target, const char *headers,
    const char *body)
{
	struct answer a;
	int status = serving_ask(s, method, target, headers, str_from(body), &a);

	answer_done(&a);
	return status;
}

void
answer_done(struct answer *a)
{
	buf_done(&a->all);
}

struct str
answer_header(const struct answer *a, const char *name)
{
	struct str rest = a->head;

	while (rest.p != NULL && rest.n > 0) {
		struct str value, line = str_cut(rest, '\n', &rest);
		struct str key = str_cut(line, ':', &value);

		if (value.p != NULL && str_eq_nocase(key, str_from(name)))
			return str_trim(value);
	}
	return STR_NONE;
}
