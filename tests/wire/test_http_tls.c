/*
 * TLS with real certificates: a certificate authority made here, `openssl s_server` in front, and
 * node for HTTP/2. What is not installed is skipped.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tests/tempdir.h"
#include "tests/unit.h"
#include "tests/wire/talk.h"
#include "wire/websocket.h"

static char dir[TEMPDIR_NAME];
static struct http *h;

static const char make_certificates[] =
    "set -e; cd \"$1\"\n"
    "key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'\n"
    "for ca in ca other-ca; do\n"
    "	openssl req -x509 $key -keyout $ca.key -out $ca.pem -days 30 -subj \"/CN=weir test $ca\"\n"
    "done\n"
    /* certificate NAME CA SUBJECT-ALTERNATIVE DAYS */
    "certificate() {\n"
    "	openssl req $key -keyout $1.key -out $1.csr -subj \"/CN=weir test $1\"\n"
    "	echo \"subjectAltName=$3\" >$1.ext\n"
    "	openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days $4 \\\n"
    "	    -extfile $1.ext -out $1.pem\n"
    "}\n"
    "certificate good ca IP:127.0.0.1,DNS:localhost 30\n"
    "certificate elsewhere ca DNS:other.example,IP:127.0.0.9 30\n"
    "certificate expired ca IP:127.0.0.1 -1\n"
    "certificate anna ca DNS:anna 30\n"
    "cat anna.pem anna.key >both.pem\n"
    "openssl ec -in anna.key -aes128 -passout pass:x -out locked.key\n"
    "openssl x509 -in good.pem -noout -pubkey | openssl pkey -pubin -outform der |\n"
    "    openssl dgst -sha256 -binary | openssl base64 -A >pin\n";

/* Runs a program with its output on a pipe; *in, when asked for, is its input. */
static pid_t
start(const char *const *argv, int *in, int *out)
{
	int to[2], from[2];
	pid_t pid;

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		/* Also when a test fails. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		dup2(from[1], STDERR_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
	return pid;
}

static bool
run_script(const char *script, const char *arg, struct buf *said)
{
	const char *const argv[] = { "sh", "-c", script, "sh", arg, NULL };
	int in, out, status;
	pid_t pid = start(argv, &in, &out);

	close(in);
	buf_read_fd(said, out, 1 << 20);
	close(out);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool
have(const char *program)
{
	struct buf said = { 0 };
	bool yes = run_script("command -v \"$1\"", program, &said);

	buf_done(&said);
	return yes;
}

/* A server of its own for each test: it has answered once when it is done. */
struct server {
	pid_t pid;
	int in, out;
	char port[8];
	struct buf said;
};

/* Reads what the server prints up to a line that begins so, and keeps what follows on it. */
static void
wait_line(struct server *s, const char *begins, char *rest, size_t size)
{
	const char *at;

	while ((at = strstr(buf_cstr(&s->said), begins)) == NULL || strchr(at, '\n') == NULL) {
		struct pollfd fd = { .fd = s->out, .events = POLLIN };
		ssize_t n;

		if (poll(&fd, 1, 20000) <= 0)
			fail_msg("the server did not say \"%s\": %s", begins, buf_cstr(&s->said));
		n = read(s->out, buf_room(&s->said, 4096), 4096);
		if (n <= 0)
			fail_msg("the server ended without \"%s\": %s", begins, buf_cstr(&s->said));
		s->said.n += (size_t)n;
	}
	at += strlen(begins);
	snprintf(rest, size, "%.*s", (int)strcspn(at, "\r\n"), at);
}

/* openssl s_server with this certificate; `more` are its further arguments. */
static struct server
serve(const char *certificate, const char *const *more)
{
	char cert[96], key[96], at[64];
	const char *argv[24] = { "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", cert, "-key",
		key };
	struct server s = { 0 };
	size_t n = 8;

	snprintf(cert, sizeof cert, "%s/%s.pem", dir, certificate);
	snprintf(key, sizeof key, "%s/%s.key", dir, certificate);
	for (; more != NULL && *more != NULL; more++)
		argv[n++] = *more;
	s.pid = start(argv, &s.in, &s.out);
	wait_line(&s, "ACCEPT ", at, sizeof at);
	snprintf(s.port, sizeof s.port, "%s", strrchr(at, ':') + 1);
	return s;
}

static void
stop(struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	close(s->in);
	close(s->out);
	buf_done(&s->said);
}

/* A path of the test's directory, NULL for NULL; as http_request wants it. */
static char *
file(const char *name)
{
	char path[96];

	snprintf(path, sizeof path, "%s/%s", dir, name != NULL ? name : "");
	return name != NULL ? strdup(path) : NULL;
}

struct way {
	const char *ca, *cert, *key, *pin;
};

/* What becomes of a request to the server, libcurl's words behind it when it fails. */
static const char *
ask(struct server *s, const struct way *w)
{
	static struct buf got;
	struct http_request r;
	struct http_message m;
	char url[64];

	snprintf(url, sizeof url, "https://127.0.0.1:%s/x", s->port);
	http_request_init(&r, "GET", str_from(url));
	r.way = (struct http_way){ file(w->ca), file(w->cert), file(w->key),
		w->pin != NULL ? strdup(w->pin) : NULL, NULL };
	http_request_header(&r, "Authorization", STR("Bearer s3cret"));
	http_send(h, &r);
	http_request_done(&r);
	buf_clear(&got);
	do {
		talk_next(h, &m);
		talk_print(&got, &m);
	} while (m.kind != HTTP_END);
	buf_printf(&got, "%.*s", STR_ARG(m.detail));
	return buf_cstr(&got);
}

static void
answer(struct server *s)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

	assert_int_equal(write(s->in, ok, sizeof ok - 1), (ssize_t)sizeof ok - 1);
}

static void
expect_ok(struct server *s, const struct way *w)
{
	answer(s);
	assert_string_equal(ask(s, w), "head 200\nbody hi\nend done 200\n");
}

/* It ends for a reason of TLS, with words that say which, and the secret was not sent. */
static void
expect_refused(struct server *s, const struct way *w, const char *words)
{
	const char *got = ask(s, w);

	/*
	 * What the server says may come when the connection is broken already, for a write, or, when the
	 * server hung up on a request it had not read, for a read that finds nothing more.
	 */
	for (int i = 0; i < 50 && str_starts(str_from(got), STR("end reset 0\n")); i++)
		got = ask(s, w);
	if (!str_starts(str_from(got), STR("end tls 0\n")) || strstr(got, words) == NULL)
		fail_msg("got \"%s\", want \"%s\"", got, words);
	kill(s->pid, SIGTERM);
	buf_read_fd(&s->said, s->out, 1 << 20);
	assert_null(strstr(buf_cstr(&s->said), "s3cret"));
}

static void
test_trusted(void **state)
{
	struct server s = serve("good", NULL);
	char line[64];

	(void)state;
	expect_ok(&s, &(struct way){ .ca = "ca.pem" });
	wait_line(&s, "Authorization: ", line, sizeof line);
	assert_string_equal(line, "Bearer s3cret");
	stop(&s);
}

/* It may become a WebSocket as any other connection does. */
static void
test_websocket(void **state)
{
	struct server s = serve("good", NULL);
	struct buf out = { 0 };
	struct http_request r;
	char url[64], key[64];

	(void)state;
	snprintf(url, sizeof url, "https://127.0.0.1:%s/x", s.port);
	http_request_init(&r, "GET", str_from(url));
	r.way.ca = file("ca.pem");
	r.websocket = true;
	http_send(h, &r);
	http_request_done(&r);
	wait_line(&s, "Sec-WebSocket-Key: ", key, sizeof key);
	buf_str(&out, STR("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: "));
	websocket_accept(str_from(key), &out);
	buf_str(&out, STR("\r\n\r\n\x81\x02hi\x88\x02\x03\xe8"));
	assert_int_equal(write(s.in, out.p, out.n), (ssize_t)out.n);
	assert_string_equal(talk_until(h, HTTP_END), "head 101\nframe 1 hi\nframe 8 \x03\xe8\nend done 101\n");
	stop(&s);
	/* Nor is one trusted that nobody knows. */
	s = serve("good", NULL);
	snprintf(url, sizeof url, "https://127.0.0.1:%s/x", s.port);
	http_request_init(&r, "GET", str_from(url));
	r.way.ca = file("other-ca.pem");
	r.websocket = true;
	http_send(h, &r);
	http_request_done(&r);
	assert_string_equal(talk_until(h, HTTP_END), "end tls 0\n");
	stop(&s);
	buf_done(&out);
}

static void
test_unknown_ca(void **state)
{
	struct server s = serve("good", NULL);

	(void)state;
	expect_refused(&s, &(struct way){ .ca = "other-ca.pem" }, "certificate problem");
	stop(&s);
	/* And the system's authorities do not know it either. */
	s = serve("good", NULL);
	expect_refused(&s, &(struct way){ 0 }, "certificate problem");
	stop(&s);
}

static void
test_wrong_host(void **state)
{
	struct server s = serve("elsewhere", NULL);

	(void)state;
	expect_refused(&s, &(struct way){ .ca = "ca.pem" }, "127.0.0.1");
	stop(&s);
}

static void
test_expired(void **state)
{
	struct server s = serve("expired", NULL);

	(void)state;
	expect_refused(&s, &(struct way){ .ca = "ca.pem" }, "expired");
	stop(&s);
}

static void
test_old_protocol(void **state)
{
	static const char *const old[] = { "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", NULL };
	struct server s = serve("good", old);

	(void)state;
	expect_refused(&s, &(struct way){ .ca = "ca.pem" }, "");
	stop(&s);
}

static void
test_missing_ca_file(void **state)
{
	struct server s = serve("good", NULL);

	(void)state;
	expect_refused(&s, &(struct way){ .ca = "none.pem" }, "none.pem");
	stop(&s);
}

static void
test_pin(void **state)
{
	static const char wrong[] = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct server s = serve("good", NULL);
	struct buf pin = { 0 };
	char *path = file("pin");
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)state;
	buf_str(&pin, STR("sha256//"));
	assert_true(buf_read_fd(&pin, fd, 100));
	expect_ok(&s, &(struct way){ .ca = "ca.pem", .pin = buf_cstr(&pin) });
	stop(&s);
	/* The pin comes on top: it does not make an unknown certificate good. */
	s = serve("good", NULL);
	expect_refused(&s, &(struct way){ .ca = "other-ca.pem", .pin = buf_cstr(&pin) }, "certificate");
	stop(&s);
	s = serve("good", NULL);
	expect_refused(&s, &(struct way){ .ca = "ca.pem", .pin = wrong }, "public key");
	stop(&s);
	close(fd);
	free(path);
	buf_done(&pin);
}

static void
test_client_certificate(void **state)
{
	char ca[96];
	const char *const verify[] = { "-Verify", "1", "-verify_return_error", "-CAfile", ca, NULL };
	struct server s;
	char subject[96];

	(void)state;
	snprintf(ca, sizeof ca, "%s/ca.pem", dir);
	s = serve("good", verify);
	expect_ok(&s, &(struct way){ .ca = "ca.pem", .cert = "anna.pem", .key = "anna.key" });
	wait_line(&s, "depth=0 ", subject, sizeof subject);
	assert_non_null(strstr(subject, "weir test anna"));
	stop(&s);
	s = serve("good", verify);
	expect_ok(&s, &(struct way){ .ca = "ca.pem", .cert = "both.pem" });
	stop(&s);
	s = serve("good", verify);
	expect_refused(&s, &(struct way){ .ca = "ca.pem" }, "certificate required");
	stop(&s);
}

/* Nobody is asked for the password of a key: weir has the terminal. */
static void
test_locked_key(void **state)
{
	struct server s = serve("good", NULL);

	(void)state;
	/* In which words depends on whether the server has hung up by then. */
	expect_refused(&s, &(struct way){ .ca = "ca.pem", .cert = "anna.pem", .key = "locked.key" }, "");
	stop(&s);
}

/* ---- HTTP/2 */

static const char node_server[] =
    "const fs = require('fs'), dir = process.argv[1];\n"
    "const s = require('http2').createSecureServer({ key: fs.readFileSync(dir + '/good.key'),\n"
    "    cert: fs.readFileSync(dir + '/good.pem') });\n"
    "let sessions = 0, open = [];\n"
    "s.on('session', () => console.log('SESSIONS ' + ++sessions + ' '));\n"
    "s.on('stream', (stream, headers) => {\n"
    "	stream.on('error', () => {});\n"
    "	stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });\n"
    "	stream.write('data: ' + headers[':path'] + '\\n\\n');\n"
    "	open.push(stream);\n"
    "	console.log('STREAMS ' + open.length + ' ');\n"
    "});\n"
    "const line = 'data: ' + 'x'.repeat(9993) + '\\n\\n';\n"
    "const pour = stream => {\n"
    "	if (stream.destroyed)\n"
    "		return;\n"
    "	for (let i = 0; i < 50 && stream.writableLength < 1e6; i++)\n"
    "		stream.write(line);\n"
    "	setImmediate(() => pour(stream));\n"
    "};\n"
    "process.stdin.on('data', d => open.forEach(x => {\n"
    "	if (String(d) === 'flood') {\n"
    "		pour(x);\n"
    "	} else {\n"
    "		x.end('data: bye\\n\\n');\n"
    "	}\n"
    "}));\n"
    "s.listen(0, '127.0.0.1', () => console.log('ACCEPT ' + s.address().port));\n";

static uint64_t
follow(const struct server *s, int i)
{
	struct http_request r;
	char url[64];
	uint64_t id;

	snprintf(url, sizeof url, "https://127.0.0.1:%s/%d", s->port, i);
	http_request_init(&r, "GET", str_from(url));
	r.way.ca = file("ca.pem");
	r.stream = true;
	id = http_send(h, &r);
	http_request_done(&r);
	return id;
}

/* Takes messages until `n` of a kind came. */
static void
take(enum http_kind kind, unsigned n)
{
	struct http_message m;

	while (n > 0) {
		talk_next(h, &m);
		if (m.kind == HTTP_END)
			assert_int_equal(m.end, HTTP_DONE);
		n -= m.kind == kind;
	}
}

static void
test_many_streams(void **state)
{
	enum { STREAMS = 20 };
	const char *const argv[] = { "node", "-e", node_server, dir, NULL };
	struct server s = { 0 };
	char rest[16];

	(void)state;
	if (!have("node"))
		skip();
	s.pid = start(argv, &s.in, &s.out);
	wait_line(&s, "ACCEPT ", s.port, sizeof s.port);
	follow(&s, 0);
	take(HTTP_SSE, 1);
	for (int i = 1; i < STREAMS; i++)
		follow(&s, i);
	take(HTTP_SSE, STREAMS - 1);
	wait_line(&s, "STREAMS 20", rest, sizeof rest);
	assert_null(strstr(buf_cstr(&s.said), "SESSIONS 2"));
	assert_int_equal(write(s.in, "x", 1), 1);
	take(HTTP_END, STREAMS);
	stop(&s);
}

/* From nothing: the first few have a connection of their own, the others share. */
static void
test_many_at_once(void **state)
{
	enum { STREAMS = 20 };
	const char *const argv[] = { "node", "-e", node_server, dir, NULL };
	struct server s = { 0 };
	char rest[16];

	(void)state;
	if (!have("node"))
		skip();
	s.pid = start(argv, &s.in, &s.out);
	wait_line(&s, "ACCEPT ", s.port, sizeof s.port);
	for (int i = 0; i < STREAMS; i++)
		follow(&s, i);
	take(HTTP_SSE, STREAMS);
	wait_line(&s, "STREAMS 20", rest, sizeof rest);
	assert_null(strstr(buf_cstr(&s.said), "SESSIONS 8"));
	assert_int_equal(write(s.in, "x", 1), 1);
	take(HTTP_END, STREAMS);
	stop(&s);
}

/* Reads of a stream that pours forth are not held up over HTTP/2: it ends, to be resumed. */
static void
test_overrun(void **state)
{
	const char *const argv[] = { "node", "-e", node_server, dir, NULL };
	struct server s = { 0 };
	struct http_message m;
	struct buf log = { 0 };
	int fd = memfd_create("log", MFD_CLOEXEC);
	size_t bytes = 0;

	(void)state;
	if (!have("node"))
		skip();
	s.pid = start(argv, &s.in, &s.out);
	wait_line(&s, "ACCEPT ", s.port, sizeof s.port);
	follow(&s, 0);
	take(HTTP_SSE, 1);
	/* Nothing is taken until it has ended. */
	log_to_fd(fd, LOG_INFO);
	assert_int_equal(write(s.in, "flood", 5), 5);
	for (int64_t until = clock_mono() + 20000; strstr(buf_cstr(&log), "overrun") == NULL;) {
		assert_true(clock_mono() < until);
		poll(NULL, 0, 5);
		buf_clear(&log);
		lseek(fd, 0, SEEK_SET);
		assert_true(buf_read_fd(&log, fd, 1 << 20));
	}
	log_close();
	do {
		talk_next(h, &m);
		bytes += m.kind == HTTP_SSE ? m.sse.data.n : 0;
	} while (m.kind != HTTP_END);
	assert_int_equal(m.end, HTTP_OVERRUN);
	assert_true(bytes > 3 << 20 && bytes < 9 << 20);
	buf_done(&log);
	stop(&s);
}

static int
setup(void **state)
{
	struct buf said = { 0 };
	bool ok;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	h = talk_start();
	ok = tempdir_make(dir) && run_script(make_certificates, dir, &said);
	if (!ok)
		print_error("%s", buf_cstr(&said));
	buf_done(&said);
	return ok ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	http_free(h);
	tempdir_remove(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trusted),
		cmocka_unit_test(test_websocket),
		cmocka_unit_test(test_unknown_ca),
		cmocka_unit_test(test_wrong_host),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_old_protocol),
		cmocka_unit_test(test_missing_ca_file),
		cmocka_unit_test(test_pin),
		cmocka_unit_test(test_client_certificate),
		cmocka_unit_test(test_locked_key),
		cmocka_unit_test(test_many_streams),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_overrun),
	};

	if (!have("openssl")) {
		puts("openssl is not installed");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
