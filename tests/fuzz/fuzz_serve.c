/* What the server reads from a request: the first line is the target, the others are headers. */

#include "base/date.h"
#include "base/utf8.h"
#include "serve/guard.h"
#include "serve/head.h"
#include "serve/messages.h"
#include "serve/offset.h"
#include "serve/params.h"
#include "serve/sse.h"
#include "wire/json.h"
#include "tests/fuzz/fuzz.h"
#include "wire/sse.h"

static void
try_target(struct str target)
{
	struct str authority, path, query;
	struct buf out = { 0 }, again = { 0 };

	if (!guard_target(target, &authority, &path, &query))
		return;
	CHECK(path.n > 0 && path.p[0] == '/');
	if (params_path(str_skip(path, 1), &out)) {
		struct str name = buf_view(&out);

		CHECK(name.n > 0 && name.n <= PARAMS_PATH_MAX && utf8_valid(name));
		CHECK(str_find_byte(name, '\0') == name.n && str_find_byte(name, '\n') == name.n);
		CHECK(!str_starts(name, STR("../")) && !str_ends(name, STR("/..")));
		CHECK(str_find(name, STR("/../")) == name.n);
	}
	params_query(query, "offset", &again);
	params_query(query, "", &again);
	buf_done(&out);
	buf_done(&again);
}

/* Every line is a header. */
static void
try_guard(struct str lines)
{
	static const char *const origins[] = { "https://a", NULL };
	const struct guard g = { .origins = origins };
	struct guard_request r = { 0 };
	const char *why = NULL;
	int status;

	while (lines.p != NULL) {
		struct str value, line = str_cut(lines, '\n', &lines);
		struct str name = str_cut(line, ':', &value);

		guard_header(&r, name, value);
	}
	status = guard_check(&g, &r, &why);
	CHECK((status == 0) == (why == NULL));
	/* Only what begins with a loopback name, and only the one origin. */
	if (status == 0) {
		CHECK(str_eq_nocase(str_head(r.host, 9), STR("127.0.0.1")) ||
		    str_eq_nocase(str_head(r.host, 9), STR("localhost")) ||
		    str_starts(r.host, STR("[::1]")));
		CHECK(r.origin.p == NULL || str_eq(r.origin, STR("https://a")));
		CHECK(guard_framing(&r) && r.hosts == 1 && r.origins <= 1);
	}
}

static void
try_numbers(struct str s)
{
	char text[OFFSET_LEN + 1];
	struct offset at;
	int64_t v;

	if (offset_parse(s, &at)) {
		offset_format(at, text);
		CHECK(str_eq(s, str_from(text)));
	}
	if (params_ttl(s, &v))
		CHECK(v >= 0);
	date_parse(s, &v);
	params_type_ok(s);
	params_is_json(s);
}

static void
try_messages(struct str body)
{
	struct buf stored = { 0 }, array = { 0 };
	int64_t n = messages_split(body, &stored);
	struct str head;

	CHECK((n >= 0) == (json_valid(body) && utf8_valid(body)));
	if (n >= 0) {
		buf_byte(&array, '[');
		buf_str(&array, buf_view(&stored));
		buf_byte(&array, ']');
		CHECK(json_valid(buf_view(&array)));
		CHECK(messages_head(buf_view(&stored), n, &head) && head.n == stored.n);
		CHECK(!messages_head(buf_view(&stored), n + 1, &head));
	}
	buf_done(&stored);
	buf_done(&array);
}

/* What is let through is the same in whatever pieces it comes, and its lines end in one way. */
static void
try_head(struct str s)
{
	struct head whole = { 0 }, pieces = { 0 };
	size_t n = head_feed(&whole, s), m = 0;

	while (m < s.n && pieces.status == 0)
		m += head_feed(&pieces, str_head(str_skip(s, m), 1 + m % 3));
	CHECK(n == m && whole.status == pieces.status && whole.heads == pieces.heads);
	CHECK((n == s.n) == (whole.status == 0));
	CHECK((whole.status == 0) == (whole.why == NULL));
	/* The first head has none but whole lines, none of which is folded. */
	for (size_t i = 0; whole.heads == 0 && i < n; i++) {
		CHECK(s.p[i] != '\0' && (s.p[i] != '\n' || (i > 0 && s.p[i - 1] == '\r')));
		CHECK(i == 0 || s.p[i - 1] != '\n' || (s.p[i] != ' ' && s.p[i] != '\t'));
	}
}

static void
count(void *ctx, const struct sse_message *m)
{
	CHECK(str_eq(m->type, STR("message")) && m->id.n == 0);
	++*(int *)ctx;
}

/* Whatever it is, a client hears one event of one kind without an id. */
static void
try_event(struct str text)
{
	int events = 0;
	struct sse_handler h = { .message = count, .ctx = &events };
	struct buf stream = { 0 };
	struct sse parser;

	sse_data(&stream, text);
	buf_byte(&stream, '\n');
	sse_base64(&stream, text);
	buf_byte(&stream, '\n');
	sse_init(&parser, &h, SSE_LIMITS_DEFAULT);
	sse_feed(&parser, buf_view(&stream));
	sse_done(&parser);
	CHECK(events == 2);
	buf_done(&stream);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = str_of(data, size), rest, target = str_cut(all, '\n', &rest);

	try_target(target);
	try_guard(rest);
	try_numbers(target);
	try_messages(all);
	try_event(all);
	try_head(all);
	try_head(rest);
	return 0;
}
