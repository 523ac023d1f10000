#include "tests/unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tests/tempdir.h"

static void
read_log(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	buf_clear(out);
	assert_true(fd >= 0 && buf_read_fd(out, fd, 1 << 20));
	close(fd);
}

static void
test_records(void **state)
{
	static const struct { struct str in; const char *want; } cases[] = {
		{ STR("x\n2026 INFO forged\x1b[2J"), "x\\x0A2026 INFO forged\\x1B[2J" },
		{ STR("a\r\nb\tc\x7f"), "a\\x0D\\x0Ab\\x09c\\x7F" },
		{ STR("\xc2\x9b" "31m\xc2\x85"), "\\x9B31m\\x85" },
		{ STR("\x9b\xff\xe2\x82"), "\\x9B\\xFF\\xE2\\x82" },
		{ STR("a\u202eb\u200bc\ufeff\u2028\u061c\U000e0041"),
		    "a\\u{202E}b\\u{200B}c\\u{FEFF}\\u{2028}\\u{61C}\\u{E0041}" },
		{ STR("back\\slash \\x0A"), "back\\\\slash \\\\x0A" },
		{ STR("caf\u00e9 \u4e2d \U0001f600"), "caf\u00e9 \u4e2d \U0001f600" },
	};
	char dir[TEMPDIR_NAME], path[100];
	struct buf want = { 0 }, got = { 0 };
	struct stat st;

	(void)state;
	assert_true(tempdir_make(dir));
	snprintf(path, sizeof path, "%s/log", dir);
	clock_set(0, 1700000000123);
	log_write(LOG_ERROR, "before it is open");
	assert_int_equal(log_open(path, LOG_INFO, NULL), ERR_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		log_write(LOG_WARN, "%.*s", STR_ARG(cases[i].in));
		log_write(LOG_DEBUG, "not wanted");
		buf_printf(&want, "2023-11-14T22:13:20.123Z warn %s\n", cases[i].want);
	}
	assert_true(log_wants(LOG_INFO));
	assert_false(log_wants(LOG_DEBUG));
	log_close();
	log_write(LOG_ERROR, "after it is closed");
	assert_false(log_wants(LOG_ERROR));
	read_log(path, &got);
	assert_str(buf_view(&got), buf_view(&want));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	clock_unset();
	buf_done(&want);
	buf_done(&got);
	tempdir_remove(dir);
}

static void
test_open(void **state)
{
	struct error e = { 0 };
	char dir[TEMPDIR_NAME], path[100], other[100];
	struct buf got = { 0 };

	(void)state;
	assert_true(tempdir_make(dir));
	snprintf(path, sizeof path, "%s/link", dir);
	snprintf(other, sizeof other, "%s/other", dir);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(log_open(path, LOG_INFO, &e), ERR_FAILED);
	assert_non_null(strstr(e.text, path));
	assert_int_equal(log_open(other, LOG_INFO, &e), ERR_OK);
	log_write(LOG_INFO, "one");
	assert_int_equal(log_open(other, LOG_INFO, &e), ERR_OK);
	log_write(LOG_INFO, "two");
	log_close();
	read_log(other, &got);
	assert_true(str_find(buf_view(&got), STR(" info one\n")) < got.n);
	assert_true(str_ends(buf_view(&got), STR(" info two\n")));
	buf_done(&got);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
