/* The demo: all of weir in one command, which leaves nothing behind. */

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/world.h"
#include "tests/unit.h"

/* The last words of the session. */
#define LAST "at all seven places"

static struct world world;

static int
set_up(void **state)
{
	(void)state;
	world_open(&world);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static struct term *
demo(const char *const *args, int rows, int cols)
{
	struct term *t = world_term(&world, args, rows, cols);

	assert_true(term_wait_text(t, LAST, 3 * SOON));
	return t;
}

static void
leave(struct term *t)
{
	int status;

	term_type(t, "q");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
	assert_false(display_mode(term_display(t), 1049));
}

static bool
in_world(const char *pid)
{
	char path[300];
	struct buf environment = { 0 };
	bool found = false;
	int fd;

	snprintf(path, sizeof path, "/proc/%s/environ", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		buf_read_fd(&environment, fd, 1 << 20);
		found = str_find(buf_view(&environment), str_from(world.dir)) < environment.n;
		close(fd);
	}
	buf_done(&environment);
	return found;
}

/* Processes that know the directory of this test: weir and what it started. */
static int
processes(void)
{
	DIR *d = opendir("/proc");
	const struct dirent *entry;
	int n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && in_world(entry->d_name))
			n++;
	closedir(d);
	return n;
}

/* Directories of demos. */
static int
leftovers(void)
{
	DIR *d = opendir(world.dir);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		n += strncmp(entry->d_name, "weir-demo-", 10) == 0;
	closedir(d);
	return n;
}

static void
test_without_a_terminal(void **state)
{
	static const char *const args[] = { "demo", NULL };
	struct buf out = { 0 };
	int status;

	(void)state;
	world_run(&world, args, &out, &status);
	assert_int_equal(status, 0);
	assert_true(str_find(buf_view(&out), STR(LAST)) < out.n);
	assert_true(str_find_byte(buf_view(&out), '\033') == out.n);
	assert_int_equal(leftovers(), 0);
	buf_done(&out);
}

static void
answers_and_leaves(int rows, int cols)
{
	static const char *const args[] = { "demo", "--speed", "40", NULL };
	struct term *t = demo(args, rows, cols);

	assert_true(processes() > 0);
	assert_int_equal(leftovers(), 1);
	term_type(t, "iare you there?\r");
	assert_true(term_wait_text(t, "You wrote:", SOON));
	assert_true(term_wait_text(t, "✓", SOON));
	term_type(t, "\033");
	assert_true(term_wait_text(t, "i writes", SOON));
	leave(t);
	assert_int_equal(processes(), 0);
	assert_int_equal(leftovers(), 0);
	term_close(t);
}

static void
test_80x24(void **state)
{
	(void)state;
	answers_and_leaves(24, 80);
}

static void
test_200x60(void **state)
{
	(void)state;
	answers_and_leaves(60, 200);
}

static void
test_cut_and_proven(void **state)
{
	static const char *const args[] = { "demo", "--cut", "0.2", "--speed", "40", NULL };
	struct term *t = demo(args, 24, 120);

	(void)state;
	leave(t);
	assert_true(term_has(t, "none missing, none twice"));
	assert_false(term_has(t, "weir demo: 0 cuts"));
	assert_int_equal(leftovers(), 0);
	term_close(t);
}

static void
test_killed(void **state)
{
	static const char *const args[] = { "demo", "--speed", "40", NULL };
	struct term *t = world_term(&world, args, 24, 80);

	(void)state;
	assert_true(term_wait_text(t, "live", SOON));
	term_signal(t, SIGKILL);
	assert_true(term_wait_exit(t, NULL, SOON));
	for (int i = 0; i < 1000 && processes() > 0; i++)
		usleep(10000);
	assert_int_equal(processes(), 0);
	term_close(t);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_terminal),
		cmocka_unit_test(test_80x24),
		cmocka_unit_test(test_200x60),
		cmocka_unit_test(test_cut_and_proven),
		cmocka_unit_test(test_killed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
