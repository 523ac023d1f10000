#include "tests/unit.h"

#include <jansson.h>

#include "wire/sse.h"

/* The published vectors, where they stand beside the source; skipped elsewhere. */
static const char vectors_path[] = "/../shared/data/sse-vectors.json";

struct seen {
	json_t *events;
	json_t *retry;
};

static json_t *
string(struct str s)
{
	return json_stringn(s.n > 0 ? s.p : "", s.n);
}

static void
on_message(void *ctx, const struct sse_message *m)
{
	struct seen *seen = ctx;

	json_array_append_new(seen->events, json_pack("{s:o,s:o,s:o}", "type", string(m->type), "data",
	    string(m->data), "id", string(m->id)));
}

static void
on_retry(void *ctx, uint64_t ms)
{
	struct seen *seen = ctx;

	json_decref(seen->retry);
	seen->retry = json_integer((json_int_t)ms);
}

static struct str
member(const json_t *vector, const char *name)
{
	const json_t *s = json_object_get(vector, name);

	return str_of(json_string_value(s), json_string_length(s));
}

static void
same(const json_t *vector, const char *what, const json_t *got, const json_t *want)
{
	if (json_is_null(want) || json_equal(got, want))
		return;
	fail_msg("%s: %s: got %s want %s", json_string_value(json_object_get(vector, "id")), what,
	    json_dumps(got, JSON_ENCODE_ANY), json_dumps(want, JSON_ENCODE_ANY));
}

/* Cut behind `first` bytes and then every `piece`. */
static void
check(const json_t *vector, struct str bytes, size_t first, size_t piece)
{
	/* json_array and json_null are also names of ours. */
	struct seen seen = { json_pack("[]"), json_pack("n") };
	struct sse_handler h = { .message = on_message, .retry = on_retry, .ctx = &seen };
	struct sse s;
	json_t *last;

	sse_init(&s, &h, SSE_LIMITS_DEFAULT);
	sse_seed_id(&s, member(vector, "seed_last_event_id"));
	sse_feed(&s, str_head(bytes, first));
	for (bytes = str_skip(bytes, first); bytes.n > 0; bytes = str_skip(bytes, piece))
		sse_feed(&s, str_head(bytes, piece));
	last = string(sse_last_id(&s));
	same(vector, "events", seen.events, json_object_get(vector, "events"));
	same(vector, "last_event_id", last, json_object_get(vector, "last_event_id"));
	same(vector, "retry", seen.retry, json_object_get(vector, "retry"));
	if (json_is_null(json_object_get(vector, "retry")))
		assert_true(json_is_null(seen.retry));
	sse_done(&s);
	json_decref(last);
	json_decref(seen.events);
	json_decref(seen.retry);
}

static void
unhex(struct str hex, struct buf *out)
{
	for (; hex.n >= 2; hex = str_skip(hex, 2)) {
		char digits[3] = { hex.p[0], hex.p[1], '\0' };

		buf_byte(out, (char)strtoul(digits, NULL, 16));
	}
}

static void
test_vectors(void **state)
{
	size_t i;
	json_t *vector;

	json_array_foreach(*state, i, vector) {
		struct buf bytes = { 0 };

		unhex(member(vector, "hex"), &bytes);
		for (size_t first = 0; first <= bytes.n; first++)
			check(vector, buf_view(&bytes), first, bytes.n + 1);
		for (size_t piece = 1; piece < 8; piece++)
			check(vector, buf_view(&bytes), piece, piece);
		buf_done(&bytes);
	}
	assert_true(i > 50);
}

int
main(void)
{
	const char *top = getenv("top_srcdir");
	struct buf path = { 0 };
	json_error_t e;
	json_t *vectors;
	int failed;

	buf_printf(&path, "%s%s", top != NULL ? top : ".", vectors_path);
	vectors = json_load_file(buf_cstr(&path), JSON_ALLOW_NUL, &e);
	buf_done(&path);
	if (vectors == NULL && json_error_code(&e) == json_error_cannot_open_file)
		return 77;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_vectors, vectors),
	};
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	json_decref(vectors);
	return failed;
}
