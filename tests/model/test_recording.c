#include "model/recording.h"
#include "tests/unit.h"

#define HEAD "{\"weir-recording\":1,\"dialect\":\"session\",\"url\":\"http://h/s1\",\"title\":\"t\",\"started\":5}\n"

static void
expect_error(const char *text, const char *want)
{
	struct recording r = { 0 };
	struct error e = { 0 };

	assert_int_equal(recording_parse(&r, str_from(text), "a.rec", &e), ERR_FAILED);
	assert_string_equal(e.text, want);
	recording_done(&r);
}

/* What is written is read back, and written the same again. */
static void
test_round_trip(void **state)
{
	const struct sse_message m = { STR("chunk"), STR("a\n\"b\"\033[2J\xEF\xBF\xBD"), STR("7") };
	const struct sse_message plain = { STR("message"), STR(""), STR("") };
	struct recording r = { 0 };
	struct buf text = { 0 }, again = { 0 };
	struct error e;

	(void)state;
	buf_str(&text, STR(HEAD));
	recording_write_message(0, &plain, &text);
	recording_write_message(120, &m, &text);
	recording_write_end(140, "reset", &text);
	recording_write_aside(150, 2, 404, STR("Link: x\r\n"), STR("[]"), &text);
	assert_int_equal(recording_parse(&r, buf_view(&text), "a.rec", &e), ERR_OK);
	assert_str(buf_view(&r.dialect), STR("session"));
	assert_str(buf_view(&r.url), STR("http://h/s1"));
	assert_int_equal(r.started, 5);
	assert_int_equal(r.n, 4);
	assert_true(r.asides);
	assert_int_equal(r.entries[3].kind, RECORDING_ASIDE);
	assert_int_equal(r.entries[3].what, 2);
	assert_int_equal(r.entries[3].status, 404);
	assert_str(r.entries[3].headers, STR("Link: x\r\n"));
	assert_str(r.entries[3].message.data, STR("[]"));
	assert_int_equal(r.torn, 0);
	assert_str(r.entries[1].message.data, m.data);
	assert_str(r.entries[1].message.type, m.type);
	assert_str(r.entries[1].message.id, m.id);
	assert_int_equal(r.entries[1].ms, 120);
	assert_int_equal(r.entries[1].line, 3);
	assert_int_equal(r.entries[2].kind, RECORDING_END);
	assert_str(r.entries[2].reason, STR("reset"));

	recording_write_head(&r, &again);
	recording_write_message(r.entries[0].ms, &r.entries[0].message, &again);
	recording_write_message(r.entries[1].ms, &r.entries[1].message, &again);
	recording_write_end(140, "reset", &again);
	recording_write_aside(150, 2, 404, r.entries[3].headers, STR("[]"), &again);
	assert_str(buf_view(&again), buf_view(&text));
	recording_done(&r);
	buf_done(&text);
	buf_done(&again);
}

/* As others write it: blanks, members in any order, unknown ones, none of the optional ones. */
static void
test_written_by_others(void **state)
{
	static const char text[] = "{ \"weir-recording\": 1, \"dialect\": \"sse\" }\n\n"
	    " [ 0 , { \"x\": [1], \"data\": \"\\u00e9\" } ]\r\n[ 50, {\"data\":\"b\"}]";
	struct recording r = { 0 };
	struct error e;

	(void)state;
	assert_true(recording_claims(str_from(text)));
	assert_int_equal(recording_parse(&r, str_from(text), "a.rec", &e), ERR_OK);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.torn, 0);
	assert_str(r.entries[0].message.data, STR("é"));
	assert_int_equal(r.entries[0].message.type.n, 0);
	assert_int_equal(r.entries[1].line, 4);
	recording_done(&r);
}

/* At every byte of the last line: a kill leaves what was whole, and the reader says so. */
static void
test_torn(void **state)
{
	static const char text[] = HEAD "[0,{\"data\":\"one\"}]\n[1,{\"data\":\"two\"}]\n";
	size_t last = strlen(text) - strlen("[1,{\"data\":\"two\"}]\n");

	(void)state;
	for (size_t n = last; n <= strlen(text); n++) {
		bool whole = n + 1 >= strlen(text);
		struct recording r = { 0 };
		struct error e;

		assert_int_equal(recording_parse(&r, str_of(text, n), "a.rec", &e), ERR_OK);
		assert_int_equal(r.n, whole ? 2 : 1);
		assert_int_equal(r.torn, whole || n == last ? 0 : 3);
		recording_done(&r);
	}
}

static void
test_broken(void **state)
{
	(void)state;
	expect_error("", "a.rec: it is empty: no recording, and no event stream");
	expect_error("hello\n", "a.rec:1: this is no recording: its first line is not "
	    "{\"weir-recording\":1,…}");
	expect_error("{\"weir-recording\":2}\n", "a.rec:1: the recording is of a later version; use a newer "
	    "weir");
	expect_error(HEAD "[0,{\"data\":\"a\"}]\n[0,{\"data\":\"a\"\n[0,{\"data\":\"a\"}]\n",
	    "a.rec:3: this is not JSON");
	expect_error(HEAD "{\"data\":\"a\"}\n", "a.rec:2: a line is [milliseconds, message]");
	expect_error(HEAD "[-1,{\"data\":\"a\"}]\n", "a.rec:2: a line begins with its milliseconds since the "
	    "start");
	expect_error(HEAD "[0]\n", "a.rec:2: a line is [milliseconds, message]");
	expect_error(HEAD "[0,{\"id\":\"a\"}]\n", "a.rec:2: a message has \"data\" or \"end\", and not both");
	expect_error(HEAD "[0,{\"data\":\"a\",\"end\":\"b\"}]\n", "a.rec:2: a message has \"data\" or "
	    "\"end\", and not both");
	expect_error(HEAD "[0,{\"data\":7}]\n", "a.rec:2: not a string");
}

static void
test_raw_stream(void **state)
{
	static const char text[] = ": hi\n\ndata: one\n\nevent: x\nid: 9\ndata: two\n\ndata: unfinished";
	struct recording r = { 0 };
	struct error e;

	(void)state;
	assert_false(recording_claims(str_from(text)));
	assert_int_equal(recording_parse_sse(&r, str_from(text), 50, "a.sse", &e), ERR_OK);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.entries[1].ms, 20);
	assert_str(r.entries[0].message.type, STR("message"));
	assert_str(r.entries[1].message.type, STR("x"));
	assert_str(r.entries[1].message.id, STR("9"));
	recording_done(&r);
	assert_int_equal(recording_parse_sse(&r, STR("hello\n"), 50, "a.sse", &e), ERR_FAILED);
	recording_done(&r);
}

/* A clock that was set back does not make time run backwards. */
static void
test_time_goes_on(void **state)
{
	struct recording r = { 0 };
	struct error e;

	(void)state;
	assert_int_equal(recording_parse(&r, STR(HEAD "[50,{\"data\":\"a\"}]\n[20,{\"data\":\"b\"}]\n"),
	    "a.rec", &e), ERR_OK);
	assert_int_equal(r.entries[1].ms, 50);
	recording_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_written_by_others),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_raw_stream),
		cmocka_unit_test(test_time_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
