/* How weir is let in: where secrets come from, whom they are for, and what becomes of refused ones. */

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/client.h"
#include "app/config.h"
#include "base/clock.h"
#include "tests/harness/peer.h"
#include "tests/tempdir.h"
#include "tests/unit.h"

static char dir[TEMPDIR_NAME];

static int
setup(void **state)
{
	(void)state;
	return tempdir_make(dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

/* Valid until the next but three. */
static const char *
in_dir(const char *name)
{
	static char paths[4][TEMPDIR_NAME + 32];
	static unsigned at;
	char *path = paths[at++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", dir, name);
	return path;
}

static const char *
make_file(const char *name, const char *text, mode_t mode)
{
	const char *path = in_dir(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

/* The value of a header as a request would carry it; "-" when it has none, else the error. */
static const char *
header_of(const struct access *a, const char *name)
{
	static struct error e;
	static char value[256];
	struct http_request r;

	if (endpoint_request(access_endpoint(a), "GET", STR_NONE, &r, &e) != ERR_OK)
		return e.text;
	snprintf(value, sizeof value, "-");
	for (size_t i = 0; i < r.nheaders; i++)
		if (strcmp(r.headers[i].name, name) == 0)
			snprintf(value, sizeof value, "%s%s", r.headers[i].value,
			    r.headers[i].secret ? " (secret)" : "");
	http_request_done(&r);
	return value;
}

/* What is sent to `url` with these settings as `name`, or why nothing is. */
static const char *
sent(const struct config *config, const struct access_settings *s, const char *url, const char *name)
{
	static struct error e;
	struct access *a = NULL;
	const char *value;

	e = (struct error){ 0 };
	if (access_open(&a, config, s, url, &e) != ERR_OK)
		return e.text;
	value = access_wait(a, &e) == ERR_OK ? header_of(a, name) : e.text;
	access_close(a);
	return value;
}

#define AUTH(...) sent(NULL, &(struct access_settings){ __VA_ARGS__ }, "https://h.example/s", \
    "Authorization")

static void
expect_words(const char *got, const char *want)
{
	if (strstr(got, want) == NULL)
		fail_msg("got \"%s\", want \"%s\"", got, want);
}

static void
test_sources(void **state)
{
	const char *file = make_file("token", "  t0ken\n", 0600);
	char command[128];

	(void)state;
	assert_string_equal(AUTH(NULL), "-");
	assert_string_equal(AUTH(.token_file = file), "Bearer t0ken (secret)");
	setenv("WEIR_TEST_TOKEN", "env-token", 1);
	assert_string_equal(AUTH(.token_env = "WEIR_TEST_TOKEN"), "Bearer env-token (secret)");
	assert_string_equal(AUTH(.token_command = "echo 'from a' command"),
	    "Bearer from a command (secret)");
	snprintf(command, sizeof command, "cat < %s", file);
	assert_string_equal(AUTH(.token_command = command), "Bearer t0ken (secret)");
	assert_string_equal(AUTH(.token_command = "echo anna:pa:ss", .auth = "basic"),
	    "Basic YW5uYTpwYTpzcw== (secret)");
	assert_string_equal(AUTH(.token_file = file, .auth = "bearer"), "Bearer t0ken (secret)");
}

static void
test_bad_sources(void **state)
{
	(void)state;
	expect_words(AUTH(.token_file = in_dir("none")), "No such file");
	expect_words(AUTH(.token_file = make_file("open", "x", 0640)), "chmod 600 it");
	expect_words(AUTH(.token_file = dir), "is not a file");
	expect_words(AUTH(.token_file = make_file("empty", "\n \n", 0600)), "gives nothing");
	expect_words(AUTH(.token_file = make_file("lines", "a\nb", 0600)), "is no token");
	unsetenv("WEIR_TEST_TOKEN");
	expect_words(AUTH(.token_env = "WEIR_TEST_TOKEN"), "is not set");
	expect_words(AUTH(.token_command = "sh -c 'echo secret; exit 3'"), "failed (exit 3)");
	expect_words(AUTH(.token_command = "no-such-program-at-all"), "failed (exit 127)");
	expect_words(AUTH(.token_command = "sh -c 'kill -9 $$'"), "killed (signal 9)");
	expect_words(AUTH(.token_command = "true"), "gives nothing");
	expect_words(AUTH(.token_command = "head -c 100000 /dev/zero"), "prints too much");
	expect_words(AUTH(.token_command = ""), "is empty");
	expect_words(AUTH(.token_command = "echo x", .auth = "basic"), "no USER:PASSWORD");
	expect_words(AUTH(.auth = "digest"), "bearer and basic");
	expect_words(AUTH(.token_env = "A", .token_command = "b"), "comes from one place");
}

/* A file that somebody else put there is no secret of ours; only root can try. */
static void
test_foreign_file(void **state)
{
	const char *file = make_file("foreign", "x", 0600);

	(void)state;
	if (geteuid() != 0 || chown(file, 12345, (gid_t)-1) < 0)
		skip();
	expect_words(AUTH(.token_file = file), "belongs to somebody else");
}

/* A pipe that nobody writes must not hold weir up. */
static void
test_pipe(void **state)
{
	const char *pipe = in_dir("pipe");

	(void)state;
	assert_int_equal(mkfifo(pipe, 0600), 0);
	expect_words(AUTH(.token_file = pipe), "is not a file");
}

static void
test_headers(void **state)
{
	struct access_settings s = { .header = { { "X-Team: red", "X-Room:1" }, 2 } };
	const char *url = "https://h.example/s";

	(void)state;
	assert_string_equal(sent(NULL, &s, url, "X-Team"), "red");
	assert_string_equal(sent(NULL, &s, url, "X-Room"), "1");
	s.header_file = make_file("headers", "# mine\nX-Api-Key: k\n\nX-Plain: p\n", 0600);
	assert_string_equal(sent(NULL, &s, url, "X-Api-Key"), "k (secret)");
	assert_string_equal(sent(NULL, &s, url, "X-Plain"), "p (secret)");
	assert_string_equal(sent(NULL, &s, url, "X-Team"), "red");
	s.header_file = make_file("bad", "X-A: b\nHost: evil\n", 0600);
	expect_words(sent(NULL, &s, url, "X-A"), "bad:2: Host: weir sets this header itself");
	s.header_file = make_file("none", "no colon\n", 0600);
	expect_words(sent(NULL, &s, url, "X-A"), "none:1: a header is written NAME: VALUE");
}

static void
expect_url(const char *address, const char *want)
{
	struct access *a = NULL;
	struct error e;

	assert_int_equal(access_open(&a, NULL, NULL, address, &e), ERR_OK);
	assert_string_equal(access_endpoint(a)->url, want);
	access_close(a);
}

static void
test_agents_of_a_server(void **state)
{
	(void)state;
	expect_url("agent:a1@http://127.0.0.1:9", "http://127.0.0.1:9/v1/stream/sessions/agent:a1");
	expect_url("agent:a1@127.0.0.1:9/", "http://127.0.0.1:9/v1/stream/sessions/agent:a1");
	expect_url("agent:a b@unix:/x.sock", "http://weir.local/v1/stream/sessions/agent:a%20b");
}

static void
test_bad_headers(void **state)
{
	static const char *const cases[][2] = {
		{ "X-Api-Key: k", "looks like a secret" },
		{ "Cookie: a=b", "looks like a secret" },
		{ "Authorization: Bearer x", "is made from a token" },
		{ "Transfer-Encoding: chunked", "sets this header itself" },
		{ "Producer-Id: x", "sets this header itself" },
		{ "X-A", "NAME: VALUE" },
		{ "X A: b", "no blanks" },
		{ "X-A: b\r\nX-Evil: 1", "no control characters" },
		{ ": b", "a header's name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct access_settings s = { .header = { { cases[i][0] }, 1 } };

		expect_words(sent(NULL, &s, "https://h.example/s", "X-A"), cases[i][1]);
	}
}

/* A secret goes over http only to this machine, or when it is said so. */
static void
test_plaintext(void **state)
{
	struct access_settings s = { .token_command = "echo t" };
	struct access_settings h = { .header_file = make_file("h", "X-A: b", 0600) };

	(void)state;
	expect_words(sent(NULL, &s, "http://h.example/s", "Authorization"), "--allow-plaintext");
	expect_words(sent(NULL, &h, "http://h.example/s", "X-A"), "--allow-plaintext");
	assert_string_equal(sent(NULL, &s, "http://127.0.0.1/s", "Authorization"), "Bearer t (secret)");
	assert_string_equal(sent(NULL, &s, "unix:/a.sock:/s", "Authorization"), "Bearer t (secret)");
	s.allow_plaintext = "";
	assert_string_equal(sent(NULL, &s, "http://h.example/s", "Authorization"), "Bearer t (secret)");
}

/* Two servers of one host, one of another, and one on a socket. */
static struct config
four_servers(void)
{
	static struct server s[4] = {
		{ .name = "all", .url = "https://h.example", .access.token_command = "echo all" },
		{ .name = "work", .url = "https://h.example/work/", .access.token_command = "echo work" },
		{ .name = "other", .url = "http://127.0.0.1:9/v1", .access.token_command = "echo other" },
		{ .name = "sock", .url = "unix:/a.sock:/v1/stream", .access.token_command = "echo sock" },
	};

	for (size_t i = 0; i < 3; i++)
		s[i].next = &s[i + 1];
	return (struct config){ .servers = s };
}

/* A token is for its own server: the same origin, and a path below. */
static void
test_whose_token(void **state)
{
	static const char *const cases[][2] = {
		{ "https://h.example/x", "Bearer all (secret)" },
		{ "HTTPS://H.example/x", "Bearer all (secret)" },
		{ "https://h.example", "Bearer all (secret)" },
		{ "https://h.example/work", "Bearer work (secret)" },
		{ "https://h.example/work/s1?a=b", "Bearer work (secret)" },
		{ "https://h.example/working", "Bearer all (secret)" },
		{ "https://h.example/WORK/s1", "Bearer all (secret)" },
		{ "https://h.example.evil/work", "-" },
		{ "https://h.example:444/work", "-" },
		{ "http://h.example/work", "-" },
		{ "http://127.0.0.1:9/v1/s", "Bearer other (secret)" },
		{ "http://127.0.0.1:9/v2/s", "-" },
		{ "http://127.0.0.1:91/v1/s", "-" },
		{ "unix:/a.sock:/v1/stream/s", "Bearer sock (secret)" },
		{ "unix:/A.sock:/v1/stream/s", "-" },
		{ "unix:/a.sock:/v2", "-" },
	};
	struct config config = four_servers();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (strcmp(sent(&config, NULL, cases[i][0], "Authorization"), cases[i][1]) != 0)
			fail_msg("%s: %s", cases[i][0], sent(&config, NULL, cases[i][0], "Authorization"));
}

static void
test_names(void **state)
{
	static const char *const cases[][2] = {
		{ "work", "https://h.example/work/" },
		{ "work/s1", "https://h.example/work/s1" },
		{ "all/a/b", "https://h.example/a/b" },
		{ "sock/s1", "unix:/a.sock:/v1/stream/s1" },
	};
	struct config config = four_servers();
	struct error e = { 0 };
	struct access *a;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf name = { 0 };

		assert_int_equal(access_open(&a, &config, NULL, cases[i][0], &e), ERR_OK);
		endpoint_name(access_endpoint(a), &name);
		assert_str(buf_view(&name), str_from(cases[i][1]));
		buf_done(&name);
		access_close(a);
	}
	assert_int_equal(access_open(&a, &config, NULL, "wrok", &e), ERR_USAGE);
	expect_words(e.text, "wrok is neither a command, nor an address, nor a server");
}

/* An option replaces what the rc file says, a token's source included. */
static void
test_precedence(void **state)
{
	struct config config = four_servers();
	struct access_settings s = { .token_env = "WEIR_TEST_TOKEN", .backoff_initial = "20",
		.redirects = "any" };
	struct link_options link = { 0 };
	struct access *a;
	struct error e;

	(void)state;
	setenv("WEIR_TEST_TOKEN", "mine", 1);
	assert_string_equal(sent(&config, &s, "all/x", "Authorization"), "Bearer mine (secret)");
	config.general.backoff_initial = "10";
	config.general.backoff_maximum = "4000";
	config.general.backoff_multiplier = "1.5";
	config.general.proxy = "http://p.example:3128";
	assert_int_equal(access_open(&a, &config, &s, "all/x", &e), ERR_OK);
	access_link_options(a, &link);
	assert_int_equal(link.backoff_first, 20);
	assert_int_equal(link.backoff_max, 4000);
	assert_true(link.backoff_factor == 1.5);
	assert_string_equal(access_endpoint(a)->way.proxy, "http://p.example:3128");
	assert_true(access_endpoint(a)->way.redirects_any);
	access_close(a);
}

static void
test_bad_settings(void **state)
{
	(void)state;
	expect_words(AUTH(.proxy = "p.example"), "give http://HOST:PORT");
	expect_words(AUTH(.proxy = "http://me:secret@p.example"), "does not belong in an option");
	expect_words(AUTH(.key_file = "k"), "goes with a cert-file");
	expect_words(AUTH(.pin = "abc"), "sha256//");
	expect_words(AUTH(.redirects = "all"), "give same-origin or any");
	expect_words(AUTH(.backoff_initial = "soon"), "--backoff-initial soon");
	expect_words(AUTH(.backoff_maximum = "0"), "--backoff-maximum 0");
	expect_words(AUTH(.backoff_multiplier = "0.5"), "--backoff-multiplier 0.5");
	expect_words(AUTH(.dialect = "klingon"), "weir knows durable, session, opencode, sse");
}

/* ---- with a server that refuses */

#define REFUSED "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
#define EMPTY "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nStream-Next-Offset: 1\r\n" \
	"Stream-Up-To-Date: true\r\nStream-Closed: true\r\nContent-Length: 2\r\n\r\n[]"

static struct client *
follow(struct peer *p, const struct access_settings *s, struct access **a)
{
	struct client_options options = { .user = "anna", .read_only = true };
	struct client *c = NULL;
	struct error e = { 0 };
	char url[96];

	snprintf(url, sizeof url, "%s/v1/stream/s", peer_url(p));
	if (access_open(a, NULL, s, url, &e) != ERR_OK)
		fail_msg("%s", e.text);
	options.access = *a;
	if (client_open(&c, &options, &e) != ERR_OK || client_connect(c, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return c;
}

/* Works until the state is this one and no secret is under way. */
static void
until(struct client *c, enum link_state state)
{
	struct error e;
	bool changed;

	for (int64_t limit = clock_mono() + 20000;;) {
		struct pollfd fd = { .fd = client_fd(c), .events = POLLIN };

		if (client_work(c, &changed, &e) != ERR_OK)
			fail_msg("%s", e.text);
		if (link_state(client_link(c)) == state && !client_renewing(c))
			return;
		if (clock_mono() > limit)
			fail_msg("still %s", link_state_name(link_state(client_link(c))));
		poll(&fd, 1, client_deadline(c) - clock_mono() > 50 ? 50 : 1);
	}
}

static struct str
authorization(struct peer *p, size_t request)
{
	return http_header(peer_head(p, request), "authorization");
}

/* A refused token is fetched anew: the command gives another one each time. */
static void
test_new_token(void **state)
{
	struct peer *p = peer_new(NULL);
	char command[256];
	struct access *a;
	struct client *c;

	(void)state;
	snprintf(command, sizeof command, "sh -c 'echo x >> %s; wc -l < %s | tr -d \" \"'",
	    in_dir("runs"), in_dir("runs"));
	peer_canned(p, "GET", STR(REFUSED), PEER_DONE, 2);
	peer_canned(p, "GET", STR(EMPTY), PEER_DONE, 0);
	c = follow(p, &(struct access_settings){ .token_command = command,
	    .backoff_initial = "10" }, &a);
	until(c, LINK_CLOSED);
	assert_str(authorization(p, 0), STR("Bearer 1"));
	assert_str(authorization(p, 1), STR("Bearer 2"));
	assert_str(authorization(p, 2), STR("Bearer 3"));
	client_close(c);
	access_close(a);
	peer_free(p);
}

/* But not for ever: then the user is asked, and told what to do. */
static void
test_refused_for_good(void **state)
{
	struct peer *p = peer_new(NULL);
	struct access_settings s = { .token_file = make_file("old", "old", 0600),
		.backoff_initial = "10" };
	struct buf words = { 0 };
	struct access *a;
	struct client *c;

	(void)state;
	peer_canned(p, "GET", STR(REFUSED), PEER_DONE, 4);
	peer_canned(p, "GET", STR(EMPTY), PEER_DONE, 0);
	c = follow(p, &s, &a);
	until(c, LINK_NEEDS_TOKEN);
	assert_int_equal(peer_count(p), 4);
	client_words(c, &words);
	assert_str(buf_view(&words), STR("needs a token"));
	buf_clear(&words);
	client_advice(c, &words);
	expect_words(buf_cstr(&words), "put a token that is good into");
	expect_words(client_session(c)->items[0]->text.p, "(http 401): put a token that is good into");
	make_file("old", "new", 0600);
	client_reconnect(c);
	until(c, LINK_CLOSED);
	assert_str(authorization(p, 3), STR("Bearer old"));
	assert_str(authorization(p, 4), STR("Bearer new"));
	client_close(c);
	access_close(a);
	peer_free(p);
	buf_done(&words);
}

#define WANTS_BASIC "HTTP/1.1 401 No\r\nwww-authenticate: Bearer\r\nWWW-Authenticate: basic realm=\"x\"\r\n" \
	"Content-Length: 0\r\n\r\n"

static bool
advises_basic(const char *answer, const struct access_settings *s)
{
	struct peer *p = peer_new(NULL);
	struct buf words = { 0 };
	struct access *a;
	struct client *c;
	bool yes;

	peer_canned(p, "GET", str_from(answer), PEER_DONE, 0);
	c = follow(p, s, &a);
	until(c, LINK_NEEDS_TOKEN);
	client_advice(c, &words);
	expect_words(buf_cstr(&words), "--token-");
	yes = strstr(buf_cstr(&words), "USER:PASSWORD as the token and --auth basic") != NULL;
	assert_int_equal(strstr(client_session(c)->items[0]->text.p, "auth = basic") != NULL, yes);
	client_close(c);
	access_close(a);
	peer_free(p);
	buf_done(&words);
	return yes;
}

/* Who is asked for a user and a password is told how to give them, unless that was known. */
static void
test_basic_is_wanted(void **state)
{
	(void)state;
	assert_true(advises_basic(WANTS_BASIC, &(struct access_settings){ .backoff_initial = "10" }));
	assert_false(advises_basic(REFUSED, &(struct access_settings){ .backoff_initial = "10" }));
	assert_false(advises_basic(WANTS_BASIC, &(struct access_settings){ .auth = "basic",
	    .backoff_initial = "10" }));
}

/* Without a token there is no request at all, and the words say why. */
static void
test_no_token(void **state)
{
	struct peer *p = peer_new(NULL);
	struct buf words = { 0 };
	struct access *a;
	struct client *c;

	(void)state;
	c = follow(p, &(struct access_settings){ .token_command = "false" }, &a);
	until(c, LINK_NEEDS_TOKEN);
	assert_int_equal(peer_count(p), 0);
	client_advice(c, &words);
	expect_words(buf_cstr(&words), "the token command \"false\" failed (exit 1)");
	client_close(c);
	access_close(a);
	peer_free(p);
	buf_done(&words);
}

/* Whoever follows a session is not held up by the command that gets its token. */
static void
test_slow_command(void **state)
{
	struct peer *p = peer_new(NULL);
	struct buf words = { 0 };
	char command[256];
	struct access *a;
	struct client *c;
	struct error e;
	bool changed;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(in_dir("go"), 0600), 0);
	snprintf(command, sizeof command, "cat %s", in_dir("go"));
	peer_canned(p, "GET", STR(EMPTY), PEER_DONE, 0);
	c = follow(p, &(struct access_settings){ .token_command = command }, &a);
	assert_int_equal(client_work(c, &changed, &e), ERR_OK);
	assert_true(client_renewing(c));
	client_words(c, &words);
	assert_str(buf_view(&words), STR("getting a token"));
	fd = open(in_dir("go"), O_WRONLY);
	assert_int_equal(write(fd, "late\n", 5), 5);
	close(fd);
	until(c, LINK_CLOSED);
	assert_str(authorization(p, 0), STR("Bearer late"));
	client_close(c);
	access_close(a);
	peer_free(p);
	buf_done(&words);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_bad_sources),
		cmocka_unit_test(test_foreign_file),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_agents_of_a_server),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_plaintext),
		cmocka_unit_test(test_whose_token),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_bad_settings),
		cmocka_unit_test(test_new_token),
		cmocka_unit_test(test_refused_for_good),
		cmocka_unit_test(test_basic_is_wanted),
		cmocka_unit_test(test_no_token),
		cmocka_unit_test(test_slow_command),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
