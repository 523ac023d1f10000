#include "base/mem.h"
#include "tests/unit.h"
#include "wire/endpoint.h"

#include <unistd.h>

static void
test_accepted(void **state)
{
	static const struct {
		const char *in, *url, *socket, *name;
	} cases[] = {
		{ "http://h/x", "http://h/x", NULL, "http://h/x" },
		{ "HTTPS://h:1/x?q=secret#f", "HTTPS://h:1/x?q=secret", NULL, "HTTPS://h:1/x" },
		{ "http://[::1]:80/", "http://[::1]:80/", NULL, "http://[::1]:80/" },
		{ "unix:/run/a.sock:/v1/stream/x", "http://weir.local/v1/stream/x", "/run/a.sock",
			"unix:/run/a.sock:/v1/stream/x" },
		{ "unix:/a.sock:/b.sock:/p", "http://weir.local/p", "/a.sock:/b.sock", NULL },
		{ "unix:/run/a.sock:p", "http://weir.local/p", "/run/a.sock", "unix:/run/a.sock:/p" },
		{ "unix:/run/weir", "http://weir.local/", "/run/weir", "unix:/run/weir:/" },
		{ "/run/a.sock", "http://weir.local/", "/run/a.sock", "unix:/run/a.sock:/" },
		{ "localhost:4437/v1/stream/x", "http://localhost:4437/v1/stream/x", NULL, NULL },
		{ "[::1]:4437", "http://[::1]:4437", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct endpoint ep;
		struct error e;
		struct buf name = { 0 };

		if (endpoint_parse(&ep, str_from(cases[i].in), &e) != ERR_OK)
			fail_msg("%s: %s", cases[i].in, e.text);
		assert_string_equal(ep.url, cases[i].url);
		assert_str(str_from(ep.unix_socket), str_from(cases[i].socket));
		endpoint_name(&ep, &name);
		if (cases[i].name != NULL)
			assert_str(buf_view(&name), str_from(cases[i].name));
		buf_done(&name);
		endpoint_done(&ep);
	}
}

static void
test_short(void **state)
{
	(void)state;
	assert_str(endpoint_short(STR("http://h/v1/stream/sessions/a")), STR("a"));
	assert_str(endpoint_short(STR("http://h/api/sessions/a/stream")), STR("a"));
	assert_str(endpoint_short(STR("unix:/run/a.sock:/api/sessions/a/stream/")), STR("a"));
	assert_str(endpoint_short(STR("http://h/")), STR("h"));
}

static void
test_relative_socket(void **state)
{
	struct endpoint ep;
	struct buf want = { 0 };
	char here[4096];

	(void)state;
	assert_non_null(getcwd(here, sizeof here));
	if (strlen(here) > 90)
		skip();
	buf_printf(&want, "%s/a.sock", here);
	assert_int_equal(endpoint_parse(&ep, STR("./a.sock"), NULL), ERR_OK);
	assert_string_equal(ep.unix_socket, buf_cstr(&want));
	endpoint_done(&ep);
	assert_int_equal(endpoint_parse(&ep, STR("unix:a.sock:/x"), NULL), ERR_OK);
	assert_string_equal(ep.unix_socket, buf_cstr(&want));
	endpoint_done(&ep);
	buf_done(&want);
}

static void
test_refused(void **state)
{
	static const char *const cases[] = { "", "x", "ftp://h/x", "http://", "http:///x", "http://h:0/",
		"http://h:99999/", "http://h:1x/", "http://:80/", "http://[::1/", "javascript:alert(1)",
		"host", "host/path", "http://h/a b", "http://h/\n", "http://h/\x7f", "unix:", "unix::/x\\" };
	struct endpoint ep;
	struct error e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (endpoint_parse(&ep, str_from(cases[i]), &e) != ERR_USAGE)
			fail_msg("accepted: %s", cases[i]);
		assert_null(ep.url);
	}
}

static void
test_credentials(void **state)
{
	static const char *const cases[] = { "http://me:s3cret@h/x", "https://s3cret@h:1",
		"http://h\\@s3cret@evil/", "http://a@b@s3cret:x@h" };
	struct endpoint ep;
	struct error e;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(endpoint_parse(&ep, str_from(cases[i]), &e), ERR_USAGE);
		assert_null(strstr(e.text, "s3cret"));
		assert_non_null(strstr(e.text, "token"));
	}
	for (size_t i = 2; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(endpoint_parse(&ep, str_from(cases[i]), &e), ERR_USAGE);
}

static void
test_long_socket(void **state)
{
	struct buf b = { 0 };
	struct endpoint ep;
	struct error e;

	(void)state;
	buf_str(&b, STR("unix:/"));
	buf_fill(&b, 'x', 200);
	assert_int_equal(endpoint_parse(&ep, buf_view(&b), &e), ERR_USAGE);
	assert_non_null(strstr(e.text, "107 bytes"));
	buf_done(&b);
}

static enum err
request_with_token(const char *url, bool plaintext, const char *token, struct http_request *r)
{
	struct endpoint ep;
	enum err err;

	assert_int_equal(endpoint_parse(&ep, str_from(url), NULL), ERR_OK);
	ep.token = mem_strdup(token);
	ep.plaintext = plaintext;
	err = endpoint_request(&ep, "GET", STR("live=sse"), r, NULL);
	endpoint_done(&ep);
	return err;
}

static void
test_requests(void **state)
{
	struct http_request r;

	(void)state;
	assert_int_equal(request_with_token("https://h/x?a=b", false, "s3cret", &r), ERR_OK);
	assert_string_equal(r.url, "https://h/x?a=b&live=sse");
	assert_string_equal(r.headers[0].name, "Authorization");
	assert_string_equal(r.headers[0].value, "Bearer s3cret");
	http_request_done(&r);
	assert_int_equal(request_with_token("unix:/a.sock:/x", false, "t", &r), ERR_OK);
	assert_string_equal(r.unix_socket, "/a.sock");
	assert_string_equal(r.url, "http://weir.local/x?live=sse");
	http_request_done(&r);
	assert_int_equal(request_with_token("http://127.0.0.1:1/", false, "t", &r), ERR_OK);
	http_request_done(&r);
	assert_int_equal(request_with_token("http://h/", true, "t", &r), ERR_OK);
	http_request_done(&r);
	assert_int_equal(request_with_token("http://h/", false, "t", &r), ERR_DENIED);
	assert_int_equal(request_with_token("http://localhost.evil.example/", false, "t", &r), ERR_DENIED);
	assert_int_equal(request_with_token("https://h/", false, "a\r\nX: y", &r), ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_relative_socket),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_long_socket),
		cmocka_unit_test(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
