/* The browser gets the address as one argument, without a shell; what cannot be run is said. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/browser.h"
#include "base/buf.h"
#include "tests/tempdir.h"
#include "tests/unit.h"

static void
write_program(const char *path)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs("#!/bin/sh\nprintf '%s|' \"$#\" \"$@\" >\"$0.new\" && mv \"$0.new\" \"$0.out\"\n", f);
	fclose(f);
	assert_int_equal(chmod(path, 0700), 0);
}

static void
the_address_is_one_argument(void **state)
{
	char dir[TEMPDIR_NAME], program[128], out[160];
	struct str url = STR("https://a.example/$(id);'x'?a=b&c|d");
	struct buf got = { 0 };
	struct error e;
	int fd;

	(void)state;
	assert_true(tempdir_make(dir));
	snprintf(program, sizeof program, "%s/browser", dir);
	snprintf(out, sizeof out, "%s.out", program);
	write_program(program);
	assert_int_equal(browser_open(program, url, &e), ERR_OK);
	while ((fd = open(out, O_RDONLY | O_CLOEXEC)) < 0)
		usleep(1000);
	assert_true(buf_read_fd(&got, fd, 1000));
	close(fd);
	assert_str(buf_view(&got), STR("1|https://a.example/$(id);'x'?a=b&c|d|"));
	buf_done(&got);
	tempdir_remove(dir);
}

static void
a_missing_program_is_named(void **state)
{
	struct error e;

	(void)state;
	assert_int_equal(browser_open("./no-such-browser", STR("https://a.example"), &e), ERR_FAILED);
	assert_non_null(strstr(e.text, "./no-such-browser"));
	assert_non_null(strstr(e.text, "weirrc"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_address_is_one_argument),
		cmocka_unit_test(a_missing_program_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
