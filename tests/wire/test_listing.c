#include "tests/unit.h"
#include "wire/dialect.h"

static void
note(void *ctx, const struct listed *s)
{
	buf_printf(ctx, "%.*s|%.*s|%.*s|%.*s|%d|%d|%lld|%lld\n", STR_ARG(s->id), STR_ARG(s->title),
	    STR_ARG(s->model), STR_ARG(s->target), (int)s->status, s->closed, (long long)s->records,
	    (long long)s->time);
}

static void
assert_list(struct str body, const char *want, const char *next)
{
	struct buf got = { 0 }, more = { 0 };
	struct error e;

	buf_str(&more, STR("before"));
	assert_int_equal(listing_decode(body, &(struct listing_sink){ note, &got }, &more, &e), ERR_OK);
	assert_str(buf_view(&got), str_from(want));
	assert_str(buf_view(&more), str_from(next));
	buf_done(&got);
	buf_done(&more);
}

static void
test_pages(void **state)
{
	(void)state;
	assert_list(STR("{\"ok\":true,\"data\":[{\"id\":\"s1\",\"stream\":\"sessions/s1\",\"offset\":12,"
	    "\"closed\":false,\"title\":\"fix \\u0022it\\\"\",\"model\":\"m\",\"createdAt\":5,"
	    "\"updatedAt\":7},{\"id\":\"s 2\",\"status\":\"active\"}],"
	    "\"pagination\":{\"limit\":2,\"hasMore\":true,\"after\":\"s 2\"}}"),
	    "s1|fix \"it\"|m|/v1/stream/sessions/s1|0|0|12|7\n"
	    "s 2|||/api/sessions/s%202/stream|2|0|-1|-1\n", "s 2");
	assert_list(STR("{\"data\":[]}"), "", "");
}

/* What is no session is left out, and a path stays on its server. */
static void
test_hostile(void **state)
{
	(void)state;
	assert_list(STR("{\"data\":[null,7,\"x\",[],{},{\"id\":7},{\"id\":\"\"},{\"id\":\"a\","
	    "\"stream\":\"../x?y#z\\r\\nHost: e\"}],\"pagination\":{\"hasMore\":true,\"after\":7}}"),
	    "a|||/v1/stream/../x%3Fy%23z%0D%0AHost%3A%20e|0|0|-1|-1\n", "");
}

static void
test_no_list(void **state)
{
	static const char *const bodies[] = { "", "<html>", "[]", "{}", "{\"data\":{}}", "{\"data\":null}",
	    "{\"data\":[" };
	struct buf next = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct error e;

		assert_int_equal(listing_decode(str_from(bodies[i]), &(struct listing_sink){ 0 }, &next, &e),
		    ERR_PROTOCOL);
	}
	buf_done(&next);
}

static void
test_session(void **state)
{
	static const struct {
		const char *path, *id;
		bool pages;
	} cases[] = {
		{ "/api/sessions/a%20b/stream", "a%20b", true }, { "/api/sessions/a/events", "a", true },
		{ "/api/sessions/a", "a", true }, { "/api/streams/a/subscribe", "a", false },
		{ "/api/sessions", "", false }, { "/v1/stream/sessions/a", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool pages = !cases[i].pages;

		assert_str(listing_session(str_from(cases[i].path), &pages), str_from(cases[i].id));
		assert_int_equal(pages, cases[i].pages);
	}
}

static void
test_request(void **state)
{
	struct http_request r;
	struct endpoint ep;
	struct error e;

	(void)state;
	assert_int_equal(endpoint_parse(&ep, STR("http://h:1/v1/stream/x?q=1"), &e), ERR_OK);
	assert_int_equal(listing_request(&ep, STR_NONE, &r, &e), ERR_OK);
	assert_string_equal(r.url, "http://h:1/api/sessions?limit=100");
	http_request_done(&r);
	assert_int_equal(listing_request(&ep, STR("a&b"), &r, &e), ERR_OK);
	assert_string_equal(r.url, "http://h:1/api/sessions?limit=100&after=a%26b");
	http_request_done(&r);
	endpoint_done(&ep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_no_list),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
