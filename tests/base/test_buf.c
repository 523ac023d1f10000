#include "tests/unit.h"

#include <errno.h>
#include <unistd.h>

static void
test_grow(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_str(buf_view(&b), STR(""));
	assert_string_equal(buf_cstr(&b), "");
	buf_add(&b, NULL, 0);
	buf_fill(&b, '-', 3);
	buf_fill(&b, '-', 0);
	buf_byte(&b, 0);
	buf_printf(&b, "%d%s", 42, "x");
	assert_str(buf_view(&b), STR("---\00042x"));
	for (int i = 0; i < 1000; i++)
		buf_str(&b, STR("0123456789"));
	assert_int_equal(b.n, 10007);
	assert_memory_equal(b.p + 9997, "0123456789", 10);
	assert_int_equal(strlen(buf_cstr(&b) + 4), 10003);
	buf_clear(&b);
	assert_int_equal(b.n, 0);
	assert_true(b.cap > 0);
	buf_done(&b);
	assert_null(b.p);
	buf_done(&b);
}

static void
test_splice(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_splice(&b, 5, 5, STR("abc"));
	assert_str(buf_view(&b), STR("abc"));
	buf_splice(&b, 1, 1, STR("XYZ"));
	assert_str(buf_view(&b), STR("aXYZc"));
	buf_splice(&b, 1, 3, STR_NONE);
	assert_str(buf_view(&b), STR("ac"));
	buf_splice(&b, 1, SIZE_MAX, STR("d"));
	assert_str(buf_view(&b), STR("ad"));
	buf_splice(&b, SIZE_MAX, SIZE_MAX, STR("e"));
	assert_str(buf_view(&b), STR("ade"));
	buf_drop(&b, 2);
	assert_str(buf_view(&b), STR("e"));
	buf_drop(&b, 9);
	assert_str(buf_view(&b), STR(""));
	buf_set(&b, STR("new"));
	assert_str(buf_view(&b), STR("new"));
	buf_done(&b);
}

static void
test_read(void **state)
{
	struct buf b = { 0 };
	char bytes[1000];
	int fds[2];

	(void)state;
	memset(bytes, 'x', sizeof bytes);
	for (size_t max = 999; max <= 1001; max++) {
		assert_int_equal(pipe(fds), 0);
		assert_int_equal(write(fds[1], bytes, sizeof bytes), sizeof bytes);
		close(fds[1]);
		buf_clear(&b);
		errno = 0;
		assert_int_equal(buf_read_fd(&b, fds[0], max), max >= sizeof bytes);
		assert_int_equal(errno, max < sizeof bytes ? EFBIG : 0);
		if (max >= sizeof bytes)
			assert_str(buf_view(&b), str_of(bytes, sizeof bytes));
		close(fds[0]);
	}
	assert_false(buf_read_fd(&b, -1, 10));
	assert_int_equal(errno, EBADF);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_splice),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
