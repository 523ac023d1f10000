#include "tests/unit.h"

#include "app/detect.h"
#include "tests/harness/peer.h"

#define ANSWER(type, more, body) "HTTP/1.1 200 OK\r\nContent-Type: " type "\r\n" more \
	"Connection: close\r\n\r\n" body
#define NOTHING "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"

struct asking {
	struct peer *peer;
	struct access *access;
	const struct dialect *dialect;
	struct error e;
	enum err err;
};

static void
begin(struct asking *a)
{
	*a = (struct asking){ .peer = peer_new(NULL) };
}

static void
can(struct asking *a, const char *begins, const char *answer)
{
	peer_canned(a->peer, begins, str_from(answer), PEER_FIN, 0);
}

static void
ask(struct asking *a, const char *path)
{
	struct buf url = { 0 };

	buf_printf(&url, "%s%s", peer_url(a->peer), path);
	assert_int_equal(access_open(&a->access, NULL, NULL, buf_cstr(&url), &a->e), ERR_OK);
	a->err = detect_dialect(a->access, &a->dialect, &a->e);
	buf_done(&url);
}

static void
end(struct asking *a)
{
	access_close(a->access);
	peer_free(a->peer);
}

static void
expect_path(const struct asking *a, const char *path)
{
	assert_true(str_ends(str_from(access_endpoint(a->access)->url), str_from(path)));
}

static void
test_opencode(void **state)
{
	struct asking a;

	(void)state;
	begin(&a);
	can(&a, "GET /global/health", ANSWER("application/json", "", "{\"healthy\":true}"));
	can(&a, "GET /session", ANSWER("application/json", "", "[{\"id\":\"ses_1\",\"time\":{\"updated\":5}},"
	    "{\"id\":\"ses_2\",\"time\":{\"updated\":7}},{\"id\":\"ses_3\",\"parentID\":\"ses_2\","
	    "\"time\":{\"updated\":9}}]"));
	ask(&a, "");
	assert_int_equal(a.err, ERR_OK);
	assert_ptr_equal(a.dialect, &dialect_opencode);
	expect_path(&a, "/session/ses_2");
	end(&a);
}

static void
test_a_server_without_sessions(void **state)
{
	struct asking a;

	(void)state;
	begin(&a);
	can(&a, "GET /global/health", ANSWER("application/json", "", "{\"healthy\":true}"));
	can(&a, "GET /session", ANSWER("application/json", "", "[]"));
	ask(&a, "/");
	assert_int_equal(a.err, ERR_GONE);
	assert_non_null(strstr(a.e.text, "(opencode) has no session yet"));
	end(&a);
}

static void
test_session_api(void **state)
{
	struct asking a;

	(void)state;
	begin(&a);
	can(&a, "GET /global/health", NOTHING);
	can(&a, "GET /api/sessions", ANSWER("application/json", "", "{\"ok\":true,\"data\":[{\"id\":\"s1\","
	    "\"stream\":\"sessions/s1\"}]}"));
	ask(&a, "");
	assert_int_equal(a.err, ERR_OK);
	assert_ptr_equal(a.dialect, &dialect_durable);
	expect_path(&a, "/v1/stream/sessions/s1");
	end(&a);
}

static void
test_streams(void **state)
{
	struct asking a;

	(void)state;
	begin(&a);
	can(&a, "GET /events", ANSWER("text/event-stream", "", "data: x\n\n"));
	ask(&a, "/events");
	assert_ptr_equal(a.dialect, &dialect_sse);
	end(&a);
	begin(&a);
	can(&a, "GET /log", ANSWER("application/json", "Stream-Next-Offset: 1\r\n", "[]"));
	ask(&a, "/log");
	assert_ptr_equal(a.dialect, &dialect_durable);
	end(&a);
}

static void
test_nothing(void **state)
{
	struct asking a;

	(void)state;
	begin(&a);
	can(&a, "GET ", NOTHING);
	ask(&a, "/x");
	assert_int_equal(a.err, ERR_OK);
	assert_null(a.dialect);
	end(&a);
	begin(&a);
	can(&a, "GET ", ANSWER("text/html", "", "<html>"));
	ask(&a, "");
	assert_null(a.dialect);
	end(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opencode),
		cmocka_unit_test(test_a_server_without_sessions),
		cmocka_unit_test(test_session_api),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
