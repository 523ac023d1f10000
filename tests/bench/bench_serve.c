/*
 * Measures weir-serve: appends, catch-up, fan-out. With an address (HOST:PORT on loopback) it
 * measures the Durable Streams server that listens there instead, so that two can be compared.
 *	bench_serve [SUBSCRIBERS [ADDRESS]]
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/bench/bench.h"
#include "tests/unit.h"
#include "tests/follow.h"
#include "tests/tempdir.h"

enum { MESSAGE = 100, RUN_MS = 2000, CATCHUP_MB = 50, PUBLISHES = 40, PUBLISH_MS = 50 };

struct target {
	struct sockaddr_in sa;
	pid_t pid;		/* 0: somebody else's */
	char dir[TEMPDIR_NAME];
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bench_serve: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- the server */

static void
start_server(struct target *t)
{
	char program[4096], data[TEMPDIR_NAME + 8], said[256] = "", *port;
	const char *build = getenv("top_builddir");
	size_t n = 0;
	pid_t parent = getpid();
	ssize_t got;
	int fds[2];

	snprintf(program, sizeof program, "%s/weir-serve", build != NULL ? build : ".");
	if (!tempdir_make(t->dir) || pipe2(fds, O_CLOEXEC) < 0)
		die("start");
	snprintf(data, sizeof data, "%s/data", t->dir);
	t->pid = fork();
	if (t->pid == 0) {
		follow_parent(parent);
		dup2(fds[1], 3);
		execl(program, program, "--listen", "127.0.0.1:0", "--data", data,
		    "--ready-fd", "3", "--log", "/dev/null", (char *)NULL);
		die(program);
	}
	close(fds[1]);
	while (n < sizeof said - 1 && (got = read(fds[0], said + n, sizeof said - 1 - n)) > 0)
		n += (size_t)got;
	port = strrchr(said, ':');
	if (port == NULL)
		die("weir-serve does not start");
	t->sa.sin_port = htons((uint16_t)strtol(port + 1, NULL, 10));
}

static void
stop_server(struct target *t)
{
	if (t->pid == 0)
		return;
	kill(t->pid, SIGTERM);
	waitpid(t->pid, NULL, 0);
	tempdir_remove(t->dir);
}

/* CPU seconds and resident MB of the server so far; 0 of somebody else's. */
static double
server_cpu(const struct target *t)
{
	char path[64], line[1024] = "";
	unsigned long long user = 0, sys = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)t->pid);
	if (t->pid == 0 || (f = fopen(path, "r")) == NULL)
		return 0;
	if (fgets(line, sizeof line, f) == NULL || strrchr(line, ')') == NULL ||
	    sscanf(strrchr(line, ')') + 2,
	    "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &sys) != 2)
		user = sys = 0;
	fclose(f);
	return (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
}

static double
server_mb(const struct target *t)
{
	char path[64];
	unsigned long pages = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)t->pid);
	if (t->pid == 0 || (f = fopen(path, "r")) == NULL)
		return 0;
	if (fscanf(f, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

/* ---- a client */

static int
dial(const struct target *t)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&t->sa, sizeof t->sa) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static void
send_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n < 0)
			die("send");
		s = str_skip(s, (size_t)n);
	}
}

static void
read_more(int fd, struct buf *in)
{
	ssize_t n = read(fd, buf_room(in, 1 << 20), 1 << 20);

	if (n <= 0)
		die("read");
	in->n += (size_t)n;
}

static void
request(struct buf *out, const char *method, const char *path, struct str body)
{
	buf_printf(out, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path);
	if (body.p != NULL)
		buf_printf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
		    body.n);
	buf_str(out, STR("\r\n"));
	buf_str(out, body);
}

/* Reads one answer whole; its header's bytes in *head. */
static int
answer(int fd, struct buf *in, size_t *head)
{
	struct str length = STR("\r\nContent-Length: ");
	size_t at, need;

	buf_clear(in);
	do
		read_more(fd, in);
	while ((*head = str_find(buf_view(in), STR("\r\n\r\n"))) == in->n);
	*head += 4;
	at = str_find(str_head(buf_view(in), *head), length);
	if (at == *head)
		at = str_find(str_head(buf_view(in), *head), STR("\r\ncontent-length: "));
	need = *head + (at < *head ? (size_t)strtol(in->p + at + length.n, NULL, 10) : 0);
	while (in->n < need)
		read_more(fd, in);
	return (int)strtol(in->p + 9, NULL, 10);
}

static void
once(int fd, const char *method, const char *path, struct str body)
{
	struct buf b = { 0 };
	size_t head;

	request(&b, method, path, body);
	send_all(fd, buf_view(&b));
	if (answer(fd, &b, &head) >= 300)
		die(path);
	buf_done(&b);
}

/* ---- what is measured */

static void
append(const struct target *t, int connections)
{
	struct pollfd *p = mem_zalloc(mem_mul((size_t)connections, sizeof *p));
	struct buf one = { 0 }, body = { 0 }, in = { 0 };
	char path[64];
	int64_t began;
	double cpu;
	size_t done = 0;

	snprintf(path, sizeof path, "/v1/stream/append-%d-%d", (int)getpid(), connections);
	buf_byte(&body, '"');
	buf_fill(&body, 'x', MESSAGE - 2);
	buf_byte(&body, '"');
	request(&one, "POST", path, buf_view(&body));
	for (int i = 0; i < connections; i++)
		p[i] = (struct pollfd){ .fd = dial(t), .events = POLLIN };
	once(p[0].fd, "PUT", path, STR("[]"));
	began = clock_mono();
	cpu = server_cpu(t);
	for (int i = 0; i < connections; i++)
		send_all(p[i].fd, buf_view(&one));
	while (clock_mono() - began < RUN_MS) {
		poll(p, (nfds_t)connections, 1000);
		for (int i = 0; i < connections; i++) {
			if ((p[i].revents & POLLIN) == 0)
				continue;
			buf_clear(&in);
			read_more(p[i].fd, &in);
			if (!str_ends(buf_view(&in), STR("\r\n\r\n")))
				die("answer");
			done++;
			send_all(p[i].fd, buf_view(&one));
		}
	}
	cpu = server_cpu(t) - cpu;
	printf("append %d B, %2d connections     %9.0f /s %9.1f us CPU each\n", MESSAGE,
	    connections, (double)done * 1000 / (double)(clock_mono() - began),
	    cpu * 1e6 / (double)done);
	for (int i = 0; i < connections; i++)
		close(p[i].fd);
	free(p);
	buf_done(&one);
	buf_done(&body);
	buf_done(&in);
}

static void
fill(int fd, const char *path)
{
	struct buf body = { 0 };

	once(fd, "PUT", path, STR("[]"));
	for (int mb = 0; mb < CATCHUP_MB; mb++) {
		buf_clear(&body);
		for (int i = 0; i < 9500; i++) {
			buf_printf(&body, "%c\"%06d", i == 0 ? '[' : ',', i);
			buf_fill(&body, 'x', MESSAGE - 8);
			buf_byte(&body, '"');
		}
		buf_byte(&body, ']');
		once(fd, "POST", path, buf_view(&body));
	}
	buf_done(&body);
}

/* The value of Stream-Next-Offset, whatever its case. */
static void
next_offset(struct str head, struct buf *out)
{
	struct str rest = head;

	while (rest.p != NULL && rest.n > 0) {
		struct str value, line = str_cut(rest, '\n', &rest);
		struct str name = str_cut(line, ':', &value);

		if (str_eq_nocase(name, STR("stream-next-offset")))
			buf_set(out, str_trim(value));
		if (str_eq_nocase(name, STR("stream-up-to-date")))
			buf_byte(out, '\n');
	}
}

static void
catch_up(const struct target *t)
{
	char path[64];
	struct buf offset = { 0 }, in = { 0 }, out = { 0 };
	int fd = dial(t);
	int64_t began, first = 0;
	size_t bytes = 0, head, pages = 0;
	double cpu;

	snprintf(path, sizeof path, "/v1/stream/catchup-%d", (int)getpid());
	fill(fd, path);
	buf_set(&offset, STR("-1"));
	began = clock_mono_ns();
	cpu = server_cpu(t);
	while (offset.p[offset.n - 1] != '\n') {
		buf_clear(&out);
		buf_printf(&out, "GET %s?offset=%.*s HTTP/1.1\r\nHost: localhost\r\n\r\n", path,
		    STR_ARG(buf_view(&offset)));
		send_all(fd, buf_view(&out));
		if (pages++ == 0) {
			poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1);
			first = clock_mono_ns() - began;
		}
		answer(fd, &in, &head);
		bytes += in.n - head;
		next_offset(str_head(buf_view(&in), head), &offset);
	}
	began = clock_mono_ns() - began;
	printf("catch-up of %d MB, %zu pages      %8.0f MB/s, first byte %.2f ms, %.2f s CPU\n",
	    (int)(bytes / 1000000), pages, (double)bytes * 1e3 / (double)began, (double)first / 1e6,
	    server_cpu(t) - cpu);
	close(fd);
	buf_done(&offset);
	buf_done(&in);
	buf_done(&out);
}

struct readers {
	int epoll, n;
	int *fds;
};

/* Reads until every reader has seen `mark` once; returns how long the last one took. */
static double
wait_all(struct readers *r, const char *mark, int64_t began)
{
	struct epoll_event ev[256];
	static char bytes[65536];
	int waiting = r->n;

	while (waiting > 0) {
		int n = epoll_wait(r->epoll, ev, 256, 10000);

		if (n <= 0)
			die("a reader hears nothing");
		for (int i = 0; i < n; i++) {
			ssize_t got = read(ev[i].data.fd, bytes, sizeof bytes);

			if (got <= 0)
				die("a reader was cut off");
			waiting -= str_find(str_of(bytes, (size_t)got), str_from(mark)) <
			    (size_t)got;
		}
	}
	return (double)(clock_mono_ns() - began) / 1e6;
}

static void
fan_out(const struct target *t, int subscribers)
{
	struct readers r = { epoll_create1(EPOLL_CLOEXEC), subscribers,
		mem_zalloc(mem_mul((size_t)subscribers, sizeof(int))) };
	struct buf out = { 0 };
	double took[PUBLISHES], cpu;
	char path[64];
	int fd = dial(t);

	snprintf(path, sizeof path, "/v1/stream/fan-%d", (int)getpid());
	once(fd, "PUT", path, STR("[]"));
	buf_printf(&out, "GET %s?live=sse&offset=-1 HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
	for (int i = 0; i < subscribers; i++) {
		struct epoll_event ev = { .events = EPOLLIN };

		r.fds[i] = ev.data.fd = dial(t);
		epoll_ctl(r.epoll, EPOLL_CTL_ADD, ev.data.fd, &ev);
		send_all(ev.data.fd, buf_view(&out));
	}
	wait_all(&r, "upToDate", clock_mono_ns());
	cpu = server_cpu(t);
	for (int i = 0; i < PUBLISHES; i++) {
		int64_t began = clock_mono_ns();

		once(fd, "POST", path, STR("\"published\""));
		took[i] = wait_all(&r, "published", began);
		usleep(PUBLISH_MS * 1000);
	}
	cpu = server_cpu(t) - cpu;
	qsort(took, PUBLISHES, sizeof *took, bench_compare);
	printf("publish to %d subscribers    p50 %6.1f ms, p99 %6.1f ms to the last, "
	    "%.1f us CPU each, %.0f MB\n", subscribers, took[PUBLISHES / 2], took[PUBLISHES - 1],
	    cpu * 1e6 / PUBLISHES / subscribers, server_mb(t));
	for (int i = 0; i < subscribers; i++)
		close(r.fds[i]);
	close(fd);
	close(r.epoll);
	free(r.fds);
	buf_done(&out);
}

int
main(int argc, char **argv)
{
	struct target t = { .sa.sin_family = AF_INET,
		.sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int subscribers = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 500;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	if (argc > 2 && strrchr(argv[2], ':') != NULL)
		t.sa.sin_port = htons((uint16_t)strtol(strrchr(argv[2], ':') + 1, NULL, 10));
	else
		start_server(&t);
	append(&t, 1);
	append(&t, 16);
	catch_up(&t);
	fan_out(&t, subscribers);
	stop_server(&t);
	return 0;
}
