/* What weir record has written is the session, whatever happened to the network, to the disk and to
 * weir itself. */

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/world.h"
#include "tests/harness/proxy.h"
#include "tests/unit.h"

#define LAST "at all seven places"

static const char *
path_of(struct world *w, const char *name)
{
	static char paths[16][96];
	static int next;
	char *path = paths[next++ % 16];

	snprintf(path, sizeof paths[0], "%s/%s", w->dir, name);
	return path;
}

static int
run(struct world *w, const char *const *args, struct buf *out)
{
	int status;

	world_run(w, args, out, &status);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
replayed(struct world *w, const char *file, struct buf *out)
{
	assert_int_equal(run(w, (const char *const[]){ "replay", file, NULL }, out), 0);
}

/* Text for text what a client says that was there all the time. */
static void
compare_with_session(struct world *w, const char *file)
{
	struct buf got = { 0 }, want = { 0 };

	replayed(w, file, &got);
	assert_int_equal(run(w, (const char *const[]){ "tail", "--no-follow", world_url(w, NULL), NULL },
	    &want), 0);
	assert_true(want.n > 2000);
	assert_str(buf_view(&got), buf_view(&want));
	buf_done(&got);
	buf_done(&want);
}

/* Ends when `what` is in the file. */
static void
wait_for(const char *file, const char *what)
{
	struct buf text = { 0 };
	bool there = false;

	for (int i = 0; !there && i < SOON / 10; i++) {
		int fd = open(file, O_RDONLY);

		buf_clear(&text);
		if (fd >= 0)
			buf_read_fd(&text, fd, 1 << 26);
		close(fd);
		there = strstr(buf_cstr(&text), what) != NULL;
		if (!there)
			usleep(10000);
	}
	assert_true(there);
	buf_done(&text);
}

static void
test_cut_connections(void **state)
{
	struct world w;
	struct proxy *p;
	struct term *t;
	const char *file;
	int status;

	(void)state;
	world_open(&w);
	world_serve(&w);
	p = proxy_open(path_of(&w, "proxy.sock"), buf_cstr(&w.socket));
	for (size_t i = 0; i < 3; i++)
		proxy_fault(p, &(struct proxy_fault){ "GET ", PROXY_FROM_SERVER, 700 + 9777 * i, PROXY_FIN });
	world_play(&w, "25");
	file = path_of(&w, "cut.rec");
	t = world_term(&w, (const char *const[]){ "record", "-o", file,
	    world_url(&w, path_of(&w, "proxy.sock")), NULL }, 24, 80);
	world_played(&w);
	wait_for(file, "waiting for you");
	assert_int_equal(proxy_count(p, PROXY_FAULTS), 3);
	term_signal(t, SIGTERM);
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(WEXITSTATUS(status), 6);
	wait_for(file, "\"end\":\"cancelled\"");
	term_close(t);
	proxy_close(p);
	compare_with_session(&w, file);
	world_close(&w);
}

/* The demo, recorded and replayed twice with the same keys on two sizes. */
static void
compare_replays(struct world *w, const char *file, const char *size)
{
	const char *keys = path_of(w, "keys"), *cast = path_of(w, "cast");
	const char *const args[] = { "replay", "--size", size, "--keys", keys, "--dump", "--cast", cast, file,
	    NULL };
	struct buf dumps[2] = { 0 }, casts[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		int fd;

		assert_int_equal(run(w, args, &dumps[i]), 0);
		fd = open(cast, O_RDONLY);
		assert_true(buf_read_fd(&casts[i], fd, 1 << 26));
		close(fd);
	}
	assert_true(dumps[0].n > 1000 && casts[0].n > 10000);
	assert_non_null(strstr(buf_cstr(&dumps[0]), LAST));
	assert_str(buf_view(&dumps[1]), buf_view(&dumps[0]));
	assert_str(buf_view(&casts[1]), buf_view(&casts[0]));
	for (int i = 0; i < 2; i++) {
		buf_done(&dumps[i]);
		buf_done(&casts[i]);
	}
}

static void
test_demo(void **state)
{
	static const char script[] = "wait \"" LAST "\"\ndump last\nkey g\ndump top\nresize 64x20\n"
	    "key /\ntype \"queue\\n\"\ndump found\nresize 120x36\nkey G\n";
	struct world w;
	const char *file;
	struct buf out = { 0 };
	int fd;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_play(&w, "max");
	world_played(&w);
	file = path_of(&w, "demo.rec");
	fd = open(path_of(&w, "keys"), O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, script, sizeof script - 1), sizeof script - 1);
	close(fd);
	assert_int_equal(run(&w, (const char *const[]){ "record", "--no-follow", "-o", file,
	    world_url(&w, NULL), NULL }, &out), 0);
	assert_int_equal(out.n, 0);
	compare_with_session(&w, file);
	compare_replays(&w, file, "80x24");
	compare_replays(&w, file, "132x43");
	/* Nothing that was recorded is ever written over. */
	assert_int_equal(run(&w, (const char *const[]){ "record", "--no-follow", "-o", file,
	    world_url(&w, NULL), NULL }, &out), 2);
	compare_with_session(&w, file);
	buf_done(&out);
	world_close(&w);
}

static void
test_killed(void **state)
{
	struct world w;
	struct term *t;
	struct buf text = { 0 };
	const char *file;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_play(&w, "25");
	file = path_of(&w, "killed.rec");
	t = world_term(&w, (const char *const[]){ "record", "-o", file, world_url(&w, NULL), NULL }, 24, 80);
	wait_for(file, "reproduce");
	term_signal(t, SIGKILL);
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	replayed(&w, file, &text);
	assert_non_null(strstr(buf_cstr(&text), "reproduce"));
	buf_done(&text);
	world_close(&w);
}

/* No room: said, with the exit status, and what was written is whole. */
static void
test_full_disk(void **state)
{
	const struct rlimit small = { 60000, RLIM_INFINITY };
	struct rlimit before;
	struct world w;
	struct stat st;
	struct buf text = { 0 };
	const char *file;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_play(&w, "25");
	file = path_of(&w, "full.rec");
	assert_int_equal(run(&w, (const char *const[]){ "record", "-o", "/dev/full", world_url(&w, NULL), NULL },
	    &text), 1);
	getrlimit(RLIMIT_FSIZE, &before);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(run(&w, (const char *const[]){ "record", "-o", file, world_url(&w, NULL), NULL },
	    &text), 1);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_size <= 60000);
	assert_int_equal(text.n, 0);
	replayed(&w, file, &text);
	assert_non_null(strstr(buf_cstr(&text), "reproduce"));
	assert_null(strstr(text.p, "not written whole"));
	buf_done(&text);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_connections),
		cmocka_unit_test(test_demo),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
