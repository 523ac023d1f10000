#include "tests/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "serve/guard.h"
#include "serve/messages.h"
#include "serve/offset.h"
#include "serve/params.h"
#include "serve/token.h"
#include "tests/tempdir.h"

static void
test_offsets(void **state)
{
	static const struct offset in_order[] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 9, 99 },
		{ 10, 2 }, { INT64_C(1) << 36, INT64_C(1) << 50 } };
	char a[OFFSET_LEN + 1], b[OFFSET_LEN + 1];
	struct offset back;

	(void)state;
	offset_format((struct offset){ 12, 3456 }, a);
	assert_string_equal(a, "0000000000000012_0000000000003456");
	for (size_t i = 0; i < sizeof in_order / sizeof *in_order; i++) {
		offset_format(in_order[i], a);
		assert_true(offset_parse(str_from(a), &back));
		assert_int_equal(offset_cmp(back, in_order[i]), 0);
		if (i == 0)
			continue;
		offset_format(in_order[i - 1], b);
		assert_true(strcmp(b, a) < 0);
		assert_true(offset_cmp(in_order[i - 1], in_order[i]) < 0);
	}
}

static void
test_offset_refusals(void **state)
{
	static const char *const bad[] = { "", "-1", "now", "0", "0000000000000000_000000000000000",
		"0000000000000000_00000000000000000", "0000000000000000-0000000000000000",
		"000000000000000a_0000000000000000", "-000000000000001_0000000000000000",
		"0000000000000000_-000000000000001", " 000000000000000_0000000000000000",
		"0000000000000000_0000000000000000\n", "+000000000000001_0000000000000000" };
	struct offset at;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(offset_parse(str_from(bad[i]), &at));
}

static void
test_query(void **state)
{
	struct buf v = { 0 };

	(void)state;
	assert_int_equal(params_query(STR("offset=a%20b&live=sse"), "offset", &v), 1);
	assert_str(buf_view(&v), STR("a b"));
	assert_int_equal(params_query(STR("x&offset=&offset=2"), "offset", &v), 2);
	assert_str(buf_view(&v), STR(""));
	assert_int_equal(params_query(STR("Offset=1&noffset=2"), "offset", &v), 0);
	assert_int_equal(params_query(STR("offset"), "offset", &v), 1);
	assert_str(buf_view(&v), STR(""));
	assert_int_equal(params_query(STR("offset=%zz"), "offset", &v), 1);
	assert_str(buf_view(&v), STR("%zz"));
	assert_int_equal(params_query(STR("offset=%00"), "offset", &v), 1);
	assert_str(buf_view(&v), STR("%00"));
	assert_int_equal(params_query(STR_NONE, "offset", &v), 0);
	buf_done(&v);
}

static void
test_paths(void **state)
{
	static const char *const good[] = { "a", "sessions/s1", "a%20b", "%C3%A4", "...", "a//b",
		"a.b" };
	static const char *const bad[] = { "", ".", "..", "a/../b", "../a", "a/..", "%2e%2e/a",
		"a%2fb", "a%2Fb", "a%00", "a%0a", "a%7f", "%", "%4", "%zz", "%ff" };
	struct buf v = { 0 }, big = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(params_path(str_from(good[i]), &v));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(params_path(str_from(bad[i]), &v));
	/* Undone once: what comes out is not undone again. */
	assert_true(params_path(STR("a%252e"), &v));
	assert_str(buf_view(&v), STR("a%2e"));
	buf_fill(&big, 'x', PARAMS_PATH_MAX);
	assert_true(params_path(buf_view(&big), &v));
	buf_byte(&big, 'x');
	assert_false(params_path(buf_view(&big), &v));
	buf_done(&v);
	buf_done(&big);
}

static void
test_types(void **state)
{
	(void)state;
	assert_true(params_is_json(STR("Application/JSON ; charset=utf-8")));
	assert_false(params_is_json(STR("application/jsonl")));
	assert_true(params_same_type(STR("text/plain;charset=UTF-8"), STR("TEXT/plain")));
	assert_false(params_same_type(STR("text/plain"), STR("text/html")));
	assert_true(params_type_ok(STR("text/plain; charset=utf-8")));
	assert_false(params_type_ok(STR("")));
	assert_false(params_type_ok(STR(";charset=utf-8")));
	assert_false(params_type_ok(STR("text/plain\r\nX: y")));
	assert_false(params_type_ok(STR("text/pl\xc3\xa4in")));
}

static void
test_ttl(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", "01", "1.5", "1e3", "abc", " 1", "1 ",
		"99999999999999999999" };
	int64_t v;

	(void)state;
	assert_true(params_ttl(STR("0"), &v));
	assert_int_equal(v, 0);
	assert_true(params_ttl(STR("3600"), &v));
	assert_int_equal(v, 3600);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(params_ttl(str_from(bad[i]), &v));
}

static int
guard(const char *host, const char *origin, const char *site, bool local)
{
	static const char *const origins[] = { "https://good.example", NULL };
	static const char *const hosts[] = { "box", NULL };
	const struct guard g = { hosts, origins };
	struct guard_request r = { .hosts = 1, .origins = origin != NULL, .local = local };
	const char *why;

	r.host = str_from(host);
	r.origin = origin != NULL ? str_from(origin) : STR_NONE;
	r.site = site != NULL ? str_from(site) : STR_NONE;
	return guard_check(&g, &r, &why);
}

static void
test_hosts(void **state)
{
	static const char *const good[] = { "localhost", "LOCALHOST:80", "127.0.0.1:4437",
		"[::1]:1", "[::1]", "box" };
	static const char *const bad[] = { "", "evil.example", "127.0.0.1.evil.example",
		"localhost:1@evil", "localhost:", "localhost:x", "localhost:65536", ":80",
		"localhost ", "127.0.0.2", "0.0.0.0", "xlocalhost", "::1", "box:1:2" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_int_equal(guard(good[i], NULL, NULL, false), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(guard(bad[i], NULL, NULL, true), 421);
	assert_int_equal(guard("weir.local", NULL, NULL, true), 0);
	assert_int_equal(guard("weir.local", NULL, NULL, false), 421);
}

static void
test_origins(void **state)
{
	const struct guard none = { 0 };
	struct guard_request two = { .host = STR("localhost"), .hosts = 2 };
	const char *why;

	(void)state;
	assert_int_equal(guard("localhost", "https://good.example", "cross-site", false), 0);
	assert_int_equal(guard("localhost", "https://evil.example", NULL, false), 403);
	assert_int_equal(guard("localhost", "null", NULL, true), 403);
	assert_int_equal(guard("localhost", "", NULL, false), 403);
	assert_int_equal(guard("localhost", "http://localhost:1", NULL, false), 403);
	assert_int_equal(guard("localhost", NULL, "cross-site", false), 403);
	assert_int_equal(guard("localhost", NULL, "same-site", false), 403);
	assert_int_equal(guard("localhost", NULL, "same-origin", false), 0);
	assert_int_equal(guard("localhost", NULL, "none", false), 0);
	assert_int_equal(guard_check(&none, &two, &why), 400);
	two.hosts = 0;
	assert_int_equal(guard_check(&none, &two, &why), 400);
}

static void
test_token(void **state)
{
	const struct guard g = { .token = STR("0123456789abcdef0123456789abcdef") };
	struct guard_request r = { 0 }, local = { .local = true };
	const char *why;

	(void)state;
	guard_header(&r, STR("Host"), STR("localhost"));
	guard_header(&local, STR("Host"), STR("localhost"));
	assert_int_equal(guard_check(&g, &r, &why), 401);
	assert_int_equal(guard_check(&g, &local, &why), 0);
	r.preflight = true;
	assert_int_equal(guard_check(&g, &r, &why), 401);
	guard_header(&r, STR("Authorization"), STR("bearer 0123456789abcdef0123456789abcdef"));
	assert_int_equal(guard_check(&g, &r, &why), 0);
	guard_header(&r, STR("Authorization"), STR("Bearer 0123456789abcdef0123456789abcdef"));
	assert_int_equal(guard_check(&g, &r, &why), 401);

	struct str user = STR_NONE, lines = STR("abc\nxyz ann\n\r\nabcdef Bob B \r\n");

	assert_true(token_matches(STR("Bearer  abc"), STR("abc"), &user));
	assert_true(token_matches(STR("Bearer abc"), lines, &user));
	assert_null(user.p);
	assert_true(token_matches(STR("Bearer xyz"), lines, &user));
	assert_str(user, STR("ann"));
	assert_true(token_matches(STR("bearer abcdef"), lines, &user));
	assert_str(user, STR("Bob B"));
	assert_false(token_matches(STR("Bearer xyz ann"), lines, &user));
	assert_false(token_matches(STR("Bearer "), lines, &user));
	assert_false(token_matches(STR("Bearer abcxyz"), lines, &user));
	assert_false(token_matches(STR("Bearer abcd"), STR("abc"), &user));
	assert_false(token_matches(STR("Bearer ab"), STR("abc"), &user));
	assert_false(token_matches(STR("Bearer abcabc"), STR("abc"), &user));
	assert_false(token_matches(STR("Bearer"), STR("abc"), &user));
	assert_false(token_matches(STR("Bearer "), STR("abc"), &user));
	assert_false(token_matches(STR("Basic abc"), STR("abc"), &user));
	assert_false(token_matches(STR("abc"), STR("abc"), &user));
	assert_false(token_matches(STR_NONE, STR("abc"), &user));
}

static void
test_token_file(void **state)
{
	char dir[TEMPDIR_NAME], path[TEMPDIR_NAME + 8];
	struct buf first = { 0 }, again = { 0 };
	struct stat st;

	(void)state;
	assert_true(tempdir_make(dir));
	snprintf(path, sizeof path, "%s/token", dir);
	assert_int_equal(token_read(path, &first, NULL), ERR_OK);
	assert_int_equal(first.n, 64);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(token_read(path, &again, NULL), ERR_OK);
	assert_str(buf_view(&again), buf_view(&first));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_not_equal(token_read(path, &again, NULL), ERR_OK);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 31), 0);
	buf_clear(&again);
	assert_int_not_equal(token_read(path, &again, NULL), ERR_OK);
	assert_int_not_equal(token_read(dir, &again, NULL), ERR_OK);
	tempdir_remove(dir);
	buf_done(&first);
	buf_done(&again);
}

static void
test_targets(void **state)
{
	struct str authority, path, query;

	(void)state;
	assert_true(guard_target(STR("/a?b?c"), &authority, &path, &query));
	assert_null(authority.p);
	assert_str(path, STR("/a"));
	assert_str(query, STR("b?c"));
	assert_true(guard_target(STR("http://evil:1/a"), &authority, &path, &query));
	assert_str(authority, STR("evil:1"));
	assert_false(guard_target(STR("*"), &authority, &path, &query));
	assert_false(guard_target(STR(""), &authority, &path, &query));
	assert_false(guard_target(STR("ftp://x/"), &authority, &path, &query));
	assert_false(guard_target(STR("http://x"), &authority, &path, &query));
	assert_false(guard_target(STR("/a#b"), &authority, &path, &query));
	assert_false(guard_target(STR("/a\x01"), &authority, &path, &query));
}

static void
test_messages(void **state)
{
	static const struct {
		const char *body, *stored;
		int64_t n;
	} cases[] = {
		{ "[1,2]", "1,2", 2 }, { "[]", "", 0 },
		{ "[ {\"a\": 1.0} , [] ]", "{\"a\": 1.0},[]", 2 },
		{ "[[]]", "[]", 1 }, { " 17 ", "17", 1 }, { "\"a,b]\"", "\"a,b]\"", 1 },
		{ "[\"a\\\",]\",2]", "\"a\\\",]\",2", 2 }, { "", "", -1 }, { "[1,]", NULL, -1 },
		{ "[1] 2", NULL, -1 }, { "{", NULL, -1 }, { "\"\xff\"", NULL, -1 },
		{ "[1][2]", NULL, -1 },
	};
	struct buf out = { 0 };
	struct str head;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&out);
		assert_int_equal(messages_split(str_from(cases[i].body), &out), cases[i].n);
		if (cases[i].stored != NULL && cases[i].n >= 0)
			assert_str(buf_view(&out), str_from(cases[i].stored));
	}
	buf_done(&out);
	assert_true(messages_head(STR("1,\"a\\\",\",[2,3],{\"k\":[1,2]}"), 3, &head));
	assert_str(head, STR("1,\"a\\\",\",[2,3]"));
	assert_true(messages_head(STR("1"), 1, &head));
	assert_str(head, STR("1"));
	assert_false(messages_head(STR("1"), 2, &head));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_offset_refusals),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_ttl),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_token_file),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
