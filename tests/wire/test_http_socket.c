/* What becomes a WebSocket, against a socket that the test itself answers on. */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit.h"
#include "tests/wire/talk.h"
#include "wire/websocket.h"

struct server {
	int listener, fd;
	char url[64];
	struct buf head;		/* of the request */
};

static void
listen_here(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;

	*s = (struct server){ .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .fd = -1 };
	assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(s->listener, 4), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &n), 0);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d/pty?x=1", ntohs(at.sin_port));
}

/* Reads until so many bytes are there, or what ends a head with 0. */
static void
hear(struct server *s, struct buf *in, size_t n)
{
	while (n > 0 ? in->n < n : str_find(buf_view(in), STR("\r\n\r\n")) == in->n) {
		struct pollfd f = { .fd = s->fd, .events = POLLIN };
		ssize_t got;

		if (poll(&f, 1, 20000) <= 0)
			fail_msg("the client said nothing");
		got = recv(s->fd, buf_room(in, 4096), 4096, 0);
		assert_true(got > 0);
		in->n += (size_t)got;
	}
}

static void
say(struct server *s, struct str bytes)
{
	assert_int_equal(send(s->fd, bytes.p, bytes.n, MSG_NOSIGNAL), bytes.n);
}

/* Takes the request; `how` is the answer up to the accepted key, which may be spoilt. */
static void
answer(struct server *s, const char *how, bool spoil, struct str more)
{
	struct pollfd f = { .fd = s->listener, .events = POLLIN };
	struct buf out = { 0 };

	assert_int_equal(poll(&f, 1, 20000), 1);
	s->fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	buf_clear(&s->head);
	hear(s, &s->head, 0);
	buf_printf(&out, "%s\r\nConnection: Upgrade\r\nupgrade: WebSocket\r\nsec-websocket-accept: ", how);
	websocket_accept(http_header(buf_view(&s->head), "Sec-WebSocket-Key"), &out);
	if (spoil)
		out.p[out.n - 2] ^= 1;
	buf_str(&out, STR("\r\n\r\n"));
	buf_str(&out, more);
	say(s, buf_view(&out));
	buf_done(&out);
}

static void
finish(struct server *s)
{
	if (s->fd >= 0)
		close(s->fd);
	close(s->listener);
	buf_done(&s->head);
}

static uint64_t
connect_to(struct http *h, const char *url)
{
	struct http_request r;
	uint64_t id;

	http_request_init(&r, "GET", str_from(url));
	r.websocket = true;
	http_request_secret(&r, "Authorization", STR("Basic secret"));
	id = http_send(h, &r);
	http_request_done(&r);
	return id;
}

#define SWITCHES "HTTP/1.1 101 Switching Protocols"

static void
test_frames(void **state)
{
	struct http *h = talk_start();
	struct buf in = { 0 };
	struct server s;

	(void)state;
	listen_here(&s);
	connect_to(h, s.url);
	/* The first frame in the same bytes as the head, the second in two pieces. */
	answer(&s, SWITCHES, false, STR("\x81\x05hello\x82\x02" "a"));
	assert_true(str_starts(buf_view(&s.head), STR("GET /pty?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")));
	assert_str(http_header(buf_view(&s.head), "Upgrade"), STR("websocket"));
	assert_str(http_header(buf_view(&s.head), "Sec-WebSocket-Version"), STR("13"));
	assert_str(http_header(buf_view(&s.head), "Authorization"), STR("Basic secret"));
	assert_null(http_header(buf_view(&s.head), "Expect").p);
	assert_string_equal(talk_until(h, HTTP_FRAME), "head 101\nframe 1 hello\n");
	say(&s, STR("b"));
	assert_string_equal(talk_until(h, HTTP_FRAME), "frame 2 ab\n");
	/* A ping is answered with what it says, masked. */
	say(&s, STR("\x89\x02hi"));
	hear(&s, &in, 8);
	assert_str(str_head(buf_view(&in), 2), STR("\x8a\x82"));
	assert_int_equal(in.p[6] ^ in.p[2], 'h');
	assert_int_equal(in.p[7] ^ in.p[3], 'i');
	/* And so is a close. */
	buf_clear(&in);
	say(&s, STR("\x88\x02\x03\xe8"));
	assert_string_equal(talk_until(h, HTTP_END), "frame 8 \x03\xe8\nend done 101\n");
	hear(&s, &in, 8);
	assert_str(str_head(buf_view(&in), 2), STR("\x88\x82"));
	http_free(h);
	finish(&s);
	buf_done(&in);
}

/* Whoever does not switch answers as any server does; who says so and does not know the key is none. */
static void
test_refused(void **state)
{
	static const struct {
		const char *how;
		bool spoil;
		const char *want;
	} cases[] = {
		{ "HTTP/1.1 404 Not Found", false, "head 404\nend done 404\n" },
		{ "HTTP/1.1 200 OK", false, "head 200\nend done 200\n" },
		{ SWITCHES, true, "end malformed 101\n" },
		{ "SSH-2.0", false, "end malformed 0\n" },
		{ "HTTP/1.1 abc", false, "end malformed 0\n" },
	};
	struct http *h = talk_start();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct server s;

		listen_here(&s);
		connect_to(h, s.url);
		answer(&s, cases[i].how, cases[i].spoil, STR_NONE);
		assert_string_equal(talk_until(h, HTTP_END), cases[i].want);
		finish(&s);
	}
	http_free(h);
}

static void
test_ends(void **state)
{
	struct http *h = talk_start();
	struct server s;
	uint64_t id;

	(void)state;
	/* The connection breaks. */
	listen_here(&s);
	connect_to(h, s.url);
	answer(&s, SWITCHES, false, STR("\x81\x05hel"));
	assert_string_equal(talk_until(h, HTTP_HEAD), "head 101\n");
	close(s.fd);
	s.fd = -1;
	assert_string_equal(talk_until(h, HTTP_END), "end reset 101\n");
	/* A frame that is none. */
	connect_to(h, s.url);
	answer(&s, SWITCHES, false, STR("\x81\x81zzzzz"));
	assert_string_equal(talk_until(h, HTTP_END), "head 101\nend malformed 101\n");
	close(s.fd);
	/* Nobody wants it any more: the server sees that. */
	id = connect_to(h, s.url);
	answer(&s, SWITCHES, false, STR("\x81\x01x"));
	assert_string_equal(talk_until(h, HTTP_FRAME), "head 101\nframe 1 x\n");
	http_cancel(h, id);
	assert_int_equal(recv(s.fd, &(char){ 0 }, 1, 0), 0);
	finish(&s);
	/* Nobody listens. */
	connect_to(h, s.url);
	assert_string_equal(talk_until(h, HTTP_END), "end refused 0\n");
	http_free(h);
}

/* More than the main thread takes at once: it waits, and nothing is lost. */
static void
test_much(void **state)
{
	enum { FRAMES = 300, SIZE = 60000 };
	struct http *h = talk_start();
	struct http_message m;
	struct server s;
	size_t frames = 0;
	pid_t pid;

	(void)state;
	listen_here(&s);
	connect_to(h, s.url);
	answer(&s, SWITCHES, false, STR_NONE);
	pid = fork();
	if (pid == 0) {
		struct buf out = { 0 };

		buf_str(&out, STR("\x82\x7e\xea\x60"));
		buf_fill(&out, 'x', SIZE);
		for (int i = 0; i < FRAMES; i++)
			for (size_t at = 0; at < out.n;)
				at += (size_t)send(s.fd, out.p + at, out.n - at, 0);
		send(s.fd, "\x88\x00", 2, 0);
		_exit(0);
	}
	do {
		talk_next(h, &m);
		if (m.kind == HTTP_FRAME && m.number == WEBSOCKET_BINARY) {
			assert_int_equal(m.body.n, SIZE);
			frames++;
		}
	} while (m.kind != HTTP_END);
	assert_int_equal(m.end, HTTP_DONE);
	assert_int_equal(frames, FRAMES);
	waitpid(pid, NULL, 0);
	http_free(h);
	finish(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
