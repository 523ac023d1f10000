/*
 * The contract of sse-service, with this program as the harness: one scripted server sends streams,
 * another takes what the service says of them.
 */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit.h"

#include "tests/follow.h"
#include "tests/harness/peer.h"
#include "wire/http.h"
#include "wire/json.h"

struct harness {
	pid_t pid;
	char url[64];
	struct http *http;
	struct peer *server, *callback;
	struct buf location;		/* of the last stream */
	size_t requests, reports;	/* taken from the two */
};

static int
setup(void **state)
{
	struct harness *h = calloc(1, sizeof *h);
	const char *build = getenv("top_builddir");
	char program[4096], port[16];
	pid_t parent = getpid();
	FILE *out;
	int fds[2];

	snprintf(program, sizeof program, "%s/tests/conformance/sse-service",
	    build != NULL ? build : ".");
	assert_int_equal(pipe(fds), 0);
	h->pid = fork();
	assert_true(h->pid >= 0);
	if (h->pid == 0) {
		follow_parent(parent);
		dup2(fds[1], STDOUT_FILENO);
		execl(program, program, "0", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	out = fdopen(fds[0], "r");
	assert_non_null(fgets(port, sizeof port, out));
	fclose(out);
	snprintf(h->url, sizeof h->url, "http://127.0.0.1:%d", (int)strtol(port, NULL, 10));
	h->http = http_new(NULL);
	assert_non_null(h->http);
	h->server = peer_new(NULL);
	h->callback = peer_new(NULL);
	peer_canned(h->callback, "POST", STR("HTTP/1.1 202 OK\r\nContent-Length: 0\r\n\r\n"), PEER_DONE,
	    0);
	*state = h;
	return 0;
}

/* ---- the service */

/* One request to the service; its body and Location are kept when asked for. */
static int
say(struct harness *h, const char *method, const char *url, const char *body, struct buf *answer)
{
	struct pollfd p = { .fd = http_fd(h->http), .events = POLLIN };
	struct http_request r;
	struct http_message m;
	uint64_t id;

	http_request_init(&r, method, str_from(url));
	if (body != NULL)
		http_request_body(&r, "application/json", str_from(body));
	id = http_send(h->http, &r);
	http_request_done(&r);
	for (;;) {
		while (!http_next(h->http, &m))
			assert_int_equal(poll(&p, 1, 20000), 1);
		if (m.request != id)
			continue;
		if (m.kind == HTTP_HEAD)
			buf_set(&h->location, http_header(m.headers, "Location"));
		if (m.kind == HTTP_BODY && answer != NULL)
			buf_str(answer, m.body);
		if (m.kind == HTTP_END)
			return m.status;
	}
}

static int
teardown(void **state)
{
	struct harness *h = *state;
	int status;

	assert_int_equal(say(h, "DELETE", h->url, NULL, NULL), 204);
	assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
	assert_int_equal(status, 0);
	http_free(h->http);
	peer_free(h->server);
	peer_free(h->callback);
	buf_done(&h->location);
	free(h);
	return 0;
}

/* Members with ' for ", behind the two URLs. */
static void
create(struct harness *h, const char *path, const char *members)
{
	struct buf json = { 0 };

	buf_printf(&json, "{\"streamUrl\":\"%s%s\",\"callbackUrl\":\"%s/cb\",\"tag\":\"t\"%s",
	    peer_url(h->server), path, peer_url(h->callback), *members != '\0' ? "," : "");
	for (const char *p = members; *p != '\0'; p++)
		buf_byte(&json, *p == '\'' ? '"' : *p);
	buf_byte(&json, '}');
	assert_int_equal(say(h, "POST", h->url, buf_cstr(&json), NULL), 201);
	assert_true(str_starts(buf_view(&h->location), str_from(h->url)));
	buf_done(&json);
}

static void
command(struct harness *h, const char *json, int want)
{
	struct buf url = { 0 };

	buf_set(&url, buf_view(&h->location));
	assert_int_equal(say(h, "POST", buf_cstr(&url), json, NULL), want);
	buf_set(&h->location, buf_view(&url));
	buf_done(&url);
}

static void
end(struct harness *h)
{
	struct buf url = { 0 };

	buf_set(&url, buf_view(&h->location));
	assert_int_equal(say(h, "DELETE", buf_cstr(&url), NULL, NULL), 204);
	assert_int_equal(say(h, "DELETE", buf_cstr(&url), NULL, NULL), 404);
	buf_done(&url);
}

/* ---- the stream */

static size_t
connected(struct harness *h)
{
	size_t request = h->requests++;

	peer_head(h->server, request);
	peer_write(h->server, request, STR("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
	    "Connection: close\r\n\r\n"), PEER_OPEN);
	return request;
}

static void
send_bytes(struct harness *h, size_t request, const char *bytes)
{
	peer_write(h->server, request, str_from(bytes), PEER_OPEN);
}

static void
cut(struct harness *h, size_t request)
{
	peer_write(h->server, request, STR_NONE, PEER_FIN);
}

static struct str
header(struct harness *h, size_t request, const char *name)
{
	return http_header(peer_head(h->server, request), name);
}

/* ---- what the service says */

/* Reports are numbered for each stream, from 1. */
static struct str
report(struct harness *h, unsigned number)
{
	size_t request = h->reports++;
	char line[32];

	snprintf(line, sizeof line, "POST /cb/%u ", number);
	assert_true(str_starts(peer_head(h->callback, request), str_from(line)));
	return peer_body(h->callback, request);
}

static void
expect(struct harness *h, unsigned number, const char *want)
{
	struct buf json = { 0 };

	for (const char *p = want; *p != '\0'; p++)
		buf_byte(&json, *p == '\'' ? '"' : *p);
	assert_str(report(h, number), buf_view(&json));
	buf_done(&json);
}

static void
expect_error(struct harness *h, unsigned number)
{
	assert_true(str_starts(report(h, number), STR("{\"kind\":\"error\",\"comment\":\"")));
}

#define EVENT(type, data, id) \
	"{'kind':'event','event':{'type':'" type "','data':'" data "','id':'" id "'}}"
#define QUICK "'initialDelayMs':0"

/* ---- tests */

static void
test_service(void **state)
{
	static const char *const names[] = { "bom", "comments", "headers", "last-event-id", "post",
		"read-timeout", "report", "restart", "server-directed-shutdown-request" };
	struct harness *h = *state;
	struct buf answer = { 0 }, quoted = { 0 };

	assert_int_equal(say(h, "GET", h->url, NULL, &answer), 200);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		buf_clear(&quoted);
		buf_printf(&quoted, "\"%s\"", names[i]);
		assert_true(str_find(buf_view(&answer), buf_view(&quoted)) < answer.n);
	}
	assert_int_equal(say(h, "POST", h->url, "{}", NULL), 400);
	assert_int_equal(say(h, "POST", h->url, "no json", NULL), 400);
	buf_printf(&h->location, "%s/streams/77", h->url);
	command(h, "{\"command\":\"restart\"}", 404);
	buf_done(&answer);
	buf_done(&quoted);
}

static void
test_plain(void **state)
{
	struct harness *h = *state;
	size_t r;

	create(h, "/plain", "");
	r = connected(h);
	assert_true(str_starts(peer_head(h->server, r), STR("GET /plain HTTP/1.1\r\n")));
	assert_str(header(h, r, "Accept"), STR("text/event-stream"));
	assert_str(header(h, r, "Cache-Control"), STR("no-cache"));
	assert_true(str_find(peer_head(h->server, r), STR("Last-Event-ID")) ==
	    peer_head(h->server, r).n);
	send_bytes(h, r, ":Hello\n");
	expect(h, 1, "{'kind':'comment','comment':'Hello'}");
	send_bytes(h, r, ":One\n:Two\ndata: x\n\n");
	expect(h, 2, "{'kind':'comment','comment':'One'}");
	expect(h, 3, "{'kind':'comment','comment':'Two'}");
	expect(h, 4, EVENT("message", "x", ""));
	send_bytes(h, r, "event: greeting\nid: 7\ndata: a\ndata: b\n\ndata:\n\n");
	expect(h, 5, EVENT("greeting", "a\\nb", "7"));
	expect(h, 6, EVENT("message", "", "7"));
	command(h, "{\"command\":\"dance\"}", 400);
	end(h);
	peer_wait_gone(h->server, r);
}

/* Line ends of all kinds, a byte order mark, and every way of cutting them. */
static void
test_lines(void **state)
{
	static const char *const ends[] = { "\n", "\r\n", "\r" };
	struct harness *h = *state;

	for (size_t i = 0; i < 3; i++) {
		struct buf bytes = { 0 };
		size_t r;

		create(h, "/lines", "");
		r = connected(h);
		buf_printf(&bytes, "\xef\xbb\xbf" "event: e%sdata: a%sdata: b%s%sdata: c%s%s", ends[i],
		    ends[i], ends[i], ends[i], ends[i], ends[i]);
		for (size_t k = 0; k < bytes.n; k++)
			peer_write(h->server, r, str_of(bytes.p + k, 1), PEER_OPEN);
		expect(h, 1, EVENT("e", "a\\nb", ""));
		expect(h, 2, EVENT("message", "c", ""));
		end(h);
		buf_done(&bytes);
	}
}

static void
test_large(void **state)
{
	struct harness *h = *state;
	struct buf bytes = { 0 };
	struct str body, data;
	size_t r;

	create(h, "/large", "");
	r = connected(h);
	buf_str(&bytes, STR("data: "));
	buf_fill(&bytes, 'x', 14000000);
	buf_str(&bytes, STR("\n\n"));
	peer_write(h->server, r, buf_view(&bytes), PEER_OPEN);
	body = report(h, 1);
	assert_true(json_get(body, "event", &data));
	assert_true(json_get(data, "data", &data));
	assert_int_equal(data.n, 14000002);
	end(h);
	buf_done(&bytes);
}

static void
test_request(void **state)
{
	static const char *const methods[] = { "POST", "REPORT" };
	struct harness *h = *state;

	for (size_t i = 0; i < 2; i++) {
		char members[256];

		snprintf(members, sizeof members, "%s,'method':'%s','body':'{\\'hello\\':1}',"
		    "'headers':{'content-type':'application/json; charset=utf-8','x-one':'1','x-two':'2'}",
		    QUICK, methods[i]);
		create(h, "/body", members);
		/* It comes whole, and again when the connection is lost. */
		for (int k = 0; k < 3; k++) {
			size_t r = connected(h);

			assert_true(str_starts(peer_head(h->server, r), str_from(methods[i])));
			assert_str(peer_body(h->server, r), STR("{\"hello\":1}"));
			assert_str(header(h, r, "Content-Type"), STR("application/json; charset=utf-8"));
			assert_str(header(h, r, "X-One"), STR("1"));
			assert_str(header(h, r, "x-two"), STR("2"));
			if (k < 2)
				cut(h, r);
		}
		end(h);
	}
}

static void
test_last_id(void **state)
{
	struct harness *h = *state;
	struct str head;
	size_t r;

	create(h, "/id", QUICK ",'lastEventId':'first'");
	r = connected(h);
	assert_str(header(h, r, "Last-Event-ID"), STR("first"));
	send_bytes(h, r, "data: x\n\n");
	expect(h, 1, EVENT("message", "x", "first"));
	send_bytes(h, r, "id: abc\ndata: y\n\ndata: z\n\nid: def\ndata: cut");
	expect(h, 2, EVENT("message", "y", "abc"));
	expect(h, 3, EVENT("message", "z", "abc"));
	cut(h, r);
	r = connected(h);
	assert_str(header(h, r, "Last-Event-ID"), STR("abc"));
	send_bytes(h, r, "data: whole\n\nid\ndata: none\n\n");
	expect(h, 4, EVENT("message", "whole", "abc"));
	expect(h, 5, EVENT("message", "none", ""));
	cut(h, r);
	r = connected(h);
	head = peer_head(h->server, r);
	assert_true(str_find(head, STR("Last-Event-ID")) == head.n);
	/* An id counts without an event. */
	send_bytes(h, r, "data: last\n\nid: behind\n\nid: not whole\n");
	expect(h, 6, EVENT("message", "last", ""));
	cut(h, r);
	r = connected(h);
	assert_str(header(h, r, "Last-Event-ID"), STR("behind"));
	end(h);
}

static void
test_restart(void **state)
{
	struct harness *h = *state;
	size_t r, next;

	create(h, "/restart", QUICK);
	r = connected(h);
	send_bytes(h, r, "data: Hello\n\n");
	expect(h, 1, EVENT("message", "Hello", ""));
	command(h, "{\"command\":\"restart\"}", 202);
	next = connected(h);
	peer_wait_gone(h->server, r);
	send_bytes(h, next, "data: Thanks\n\n");
	expect(h, 2, EVENT("message", "Thanks", ""));
	/* What is no orderly end is told. */
	peer_write(h->server, next, STR_NONE, PEER_RST);
	expect_error(h, 3);
	connected(h);
	end(h);
}

static void
test_read_timeout(void **state)
{
	struct harness *h = *state;
	size_t r;

	create(h, "/silent", QUICK ",'readTimeoutMs':1000");
	r = connected(h);
	send_bytes(h, r, "data: Hello\n\n");
	expect(h, 1, EVENT("message", "Hello", ""));
	expect_error(h, 2);
	r = connected(h);
	/* Any byte will do to stay. */
	for (int i = 0; i < 4; i++) {
		usleep(350000);
		send_bytes(h, r, i < 3 ? ":" : "\n");
	}
	expect(h, 3, "{'kind':'comment','comment':'::'}");
	end(h);
}

/* An answer without a body, to the next request. */
static void
answer(struct harness *h, const char *head)
{
	size_t request = h->requests++;
	struct buf bytes = { 0 };

	peer_head(h->server, request);
	buf_printf(&bytes, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", head);
	peer_write(h->server, request, buf_view(&bytes), PEER_DONE);
	buf_done(&bytes);
}

/* Nothing more was asked for. */
static void
expect_peace(struct harness *h)
{
	usleep(100000);
	assert_int_equal(peer_count(h->server), h->requests);
}

static void
test_redirects(void **state)
{
	static const char *const statuses[] = { "301 Moved", "307 Elsewhere" };
	struct harness *h = *state;

	for (size_t i = 0; i < 2; i++) {
		struct buf head = { 0 };
		size_t r;

		buf_printf(&head, "%s\r\nLocation: %s/there", statuses[i], peer_url(h->server));
		create(h, "/moved", QUICK);
		answer(h, buf_cstr(&head));
		r = connected(h);
		assert_true(str_starts(peer_head(h->server, r), STR("GET /there ")));
		send_bytes(h, r, "data: hello\n\n");
		expect(h, 1, EVENT("message", "hello", ""));
		end(h);

		create(h, "/nowhere", QUICK);
		answer(h, statuses[i]);
		expect_error(h, 1);
		expect_peace(h);
		end(h);

		buf_clear(&head);
		buf_printf(&head, "%s\r\nLocation: ", statuses[i]);
		create(h, "/empty", QUICK);
		answer(h, buf_cstr(&head));
		expect_error(h, 1);
		expect_peace(h);
		end(h);
		buf_done(&head);
	}
}

static void
test_statuses(void **state)
{
	struct harness *h = *state;

	create(h, "/none", QUICK);
	answer(h, "204 No Content");
	expect_peace(h);
	/* Until it is asked for again. */
	command(h, "{\"command\":\"restart\"}", 202);
	answer(h, "204 No Content");
	expect_peace(h);
	end(h);

	create(h, "/busy", QUICK);
	answer(h, "503 Busy");
	expect_error(h, 1);
	connected(h);
	end(h);

	create(h, "/text", QUICK);
	answer(h, "200 OK\r\nContent-Type: text/plain");
	expect_error(h, 1);
	expect_peace(h);
	end(h);

	create(h, "/gone", QUICK);
	answer(h, "404 Not Found");
	expect_error(h, 1);
	expect_peace(h);
	end(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_last_id),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_read_timeout),
		cmocka_unit_test(test_redirects),
		cmocka_unit_test(test_statuses),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
