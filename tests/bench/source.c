#include "tests/bench/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/follow.h"

enum { MAX_STREAMS = 512, PIECE = 256 << 10 };

static const char events_head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    "Connection: close\r\n\r\n";
static const char empty[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    "Stream-Next-Offset: 0000000000\r\nStream-Up-To-Date: true\r\n\r\n[]";

struct stream {
	int fd;
	bool live;
	size_t sent;		/* events */
	int64_t since;
};

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

/* Numbers of a fixed width: an event is a copy with a few digits changed. */
size_t
source_event(size_t n, char out[SOURCE_MAX])
{
	static const char words[][9] = { "the ", "quick ", "brown ", "fox ", "jumps ", "over ", "a ",
	    "dog.\\n\\n" };
	size_t turn = n / SOURCE_TURN;

	if (n % SOURCE_TURN == 0)
		return (size_t)snprintf(out, SOURCE_MAX, "{\"type\":\"terminal\",\"key\":\"u%07zu\",\"value\":"
		    "{\"id\":\"u%07zu\",\"type\":\"input\",\"data\":\"go on, %zu\",\"source\":\"user\","
		    "\"timestamp\":1700000000000},\"headers\":{\"operation\":\"insert\"}}", n, n, turn);
	return (size_t)snprintf(out, SOURCE_MAX, "{\"type\":\"chunks\",\"key\":\"c%07zu\",\"value\":"
	    "{\"id\":\"c%07zu\",\"agentId\":\"claude\",\"sessionId\":\"bench\",\"text\":\"%s\",\"turn\":%zu,"
	    "\"timestamp\":1700000000000},\"headers\":{\"operation\":\"insert\"}}", n, n, words[n % 8],
	    turn);
}

static size_t
write_batch(char *out, size_t from, size_t n, bool last)
{
	size_t at = (size_t)snprintf(out, SOURCE_MAX, "event: data\ndata:[");

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			out[at++] = ',';
		at += source_event(from + i, out + at);
	}
	at += (size_t)snprintf(out + at, SOURCE_MAX, "]\n\nevent: control\ndata:{\"streamNextOffset\":\"%010zu\","
	    "\"streamCursor\":\"1\"%s}\n\n", from + n, last ? ",\"upToDate\":true" : "");
	return at;
}

static bool
send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static void
send_events(struct stream *s, const struct source_order *o, size_t to)
{
	static char *piece;
	size_t at = 0;

	if (piece == NULL)
		piece = malloc(PIECE + (o->batch + 1) * SOURCE_MAX);
	while (s->sent < to) {
		size_t n = to - s->sent < o->batch ? to - s->sent : o->batch;

		at += write_batch(piece + at, s->sent, n, s->sent + n == to);
		s->sent += n;
		if (at < PIECE && s->sent < to)
			continue;
		if (!send_all(s->fd, piece, at)) {
			close(s->fd);
			s->fd = -1;
			return;
		}
		at = 0;
	}
}

static void
take_request(struct stream *s)
{
	char head[4096];
	ssize_t n = recv(s->fd, head, sizeof head - 1, 0);

	if (n <= 0) {
		close(s->fd);
		s->fd = -1;
		return;
	}
	head[n] = '\0';
	s->live = strstr(head, "live=sse") != NULL;
	s->since = clock_mono();
	if (s->live)
		send_all(s->fd, events_head, sizeof events_head - 1);
	else
		send_all(s->fd, empty, sizeof empty - 1);
}

/* How many events a stream should have sent by now. */
static size_t
due(const struct stream *s, const struct source_order *o)
{
	size_t n = o->rate == 0 ? o->events :
	    (size_t)((clock_mono() - s->since) * o->rate / 1000);

	return n < o->events ? n : o->events;
}

static void
serve(int listener, const struct source_order *o)
{
	static struct stream streams[MAX_STREAMS];
	size_t n = 0;

	for (;;) {
		static struct pollfd fds[MAX_STREAMS + 1];

		fds[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
		for (size_t i = 0; i < n; i++)
			fds[i + 1] = (struct pollfd){ .fd = streams[i].fd, .events = POLLIN };
		poll(fds, n + 1, o->rate > 0 ? 50 : -1);
		for (size_t i = 0; i < n; i++) {
			if (fds[i + 1].revents != 0)
				take_request(&streams[i]);
			if (streams[i].fd >= 0 && streams[i].live)
				send_events(&streams[i], o, due(&streams[i], o));
		}
		if (fds[0].revents != 0 && n < MAX_STREAMS)
			streams[n++] = (struct stream){ .fd = accept(listener, NULL, NULL) };
	}
}

void
source_open(struct source *s, const struct source_order *o)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t parent = getpid();

	must(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 512) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &len) == 0, "listen");
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d/v1/stream/sessions/bench",
	    ntohs(a.sin_port));
	s->pid = fork();
	must(s->pid >= 0, "fork");
	if (s->pid == 0) {
		follow_parent(parent);
		serve(fd, o);
	}
	close(fd);
}

void
source_close(struct source *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}
