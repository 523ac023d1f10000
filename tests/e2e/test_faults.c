/*
 * Nothing of the network makes a person wait, and nothing that stops is lost: a name server that
 * never answers, a server that is stopped, weir itself stopped in the middle of a flood.
 */
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/e2e/world.h"
#include "tests/unit.h"

/* Exit status of a sandbox that may not be made here. */
enum { FORBIDDEN = 99 };

/* ---- a world of its own, whose name server takes questions and never answers */

static bool
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
become_root_of_nothing(void)
{
	char map[32];

	snprintf(map, sizeof map, "0 %u 1", geteuid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) == 0 &&
	    write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", map);
}

/* The socket stays open across exec, and nobody reads it. */
static bool
silent_name_server(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(53),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return ioctl(fd, SIOCSIFFLAGS, &lo) == 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
}

/* test_faults --silent-names DIR PROGRAM ARGUMENT…: runs it there. */
static int
run_without_names(char **argv)
{
	char resolv[96], nss[96];

	snprintf(resolv, sizeof resolv, "%s/resolv.conf", argv[0]);
	snprintf(nss, sizeof nss, "%s/nsswitch.conf", argv[0]);
	if (become_root_of_nothing() && silent_name_server() &&
	    write_file(resolv, "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n") &&
	    write_file(nss, "hosts: files dns\n") &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount(resolv, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0) {
		/* A system without this file asks the name server anyway. */
		mount(nss, "/etc/nsswitch.conf", NULL, MS_BIND, NULL);
		execv(argv[1], argv + 1);
	}
	return FORBIDDEN;
}

static bool
may_run_without_names(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(become_root_of_nothing() && silent_name_server() &&
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ? 0 : FORBIDDEN);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- keys are answered */

static bool
changed(struct term *t, const void *before)
{
	return strcmp(term_screen(t), before) != 0;
}

/* Types each key and waits for what it shows; says how long the slowest answer took. */
static void
keys_are_answered(struct term *t, const char *state)
{
	static const char *const keys[] = { "?", "q", "?", "q", "?", "q", "?", "q" };
	int64_t slowest = 0;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		char *before = mem_strdup(term_screen(t));
		int64_t begin = clock_mono_ns(), took;

		term_type(t, keys[i]);
		assert_true(term_wait(t, changed, before, "the answer to a key", SOON));
		took = clock_mono_ns() - begin;
		slowest = took > slowest ? took : slowest;
		free(before);
	}
	/* All the while nothing came from the network. */
	assert_true(term_has(t, state));
	print_message("slowest answer to a key: %lld ms\n", (long long)slowest / 1000000);
}

static void
test_hanging_names(void **state)
{
	struct world w;
	struct term *t;
	struct buf weir = { 0 };
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	int status;

	(void)state;
	assert_true(n > 0);
	self[n] = '\0';
	if (!may_run_without_names())
		skip();
	world_open(&w);
	buf_str(&weir, buf_view(&w.weir));
	buf_set(&w.weir, str_from(self));
	buf_cstr(&w.weir);

	const char *const args[] = { "--silent-names", w.dir, buf_cstr(&weir), "attach", "--no-cache",
	    "--read-only", "http://agents.example/v1/stream/s", NULL };

	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "connecting", SOON));
	keys_are_answered(t, "connecting");
	/* And whoever wants to leave does. */
	term_type(t, "q");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	term_close(t);
	buf_done(&weir);
	world_close(&w);
}

static void
test_stopped_server(void **state)
{
	struct world w;
	struct term *t;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);

	const char *const args[] = { "attach", "--no-cache", "--read-only", world_url(&w, NULL), NULL };

	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "live", SOON));
	kill(w.server, SIGSTOP);
	keys_are_answered(t, "live");
	kill(w.server, SIGCONT);
	world_append(&w, STR("[\"the end\"]"));
	assert_true(term_wait_text(t, "the end", SOON));
	term_close(t);
	world_close(&w);
}

/* ---- weir is stopped */

enum { ITEMS = 200, SIZE = 100000 };

static void
append_item(struct world *w, int number)
{
	struct buf b = { 0 };

	buf_printf(&b, "[\"%d ", number);
	buf_fill(&b, 'a' + (char)(number % 26), SIZE);
	buf_str(&b, STR("\"]"));
	world_append(w, buf_view(&b));
	buf_done(&b);
}

static void
text_of(struct world *w, struct buf *out)
{
	const char *const args[] = { "tail", "--no-follow", world_url(w, NULL), NULL };
	int status;

	world_run(w, args, out, &status);
	assert_int_equal(status, 0);
}

static pid_t
tail_into(struct world *w, const char *path)
{
	const char *url = world_url(w, NULL);
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	for (int i = 0; i < 3; i++)
		putenv((char *)(uintptr_t)buf_cstr(&w->home[i]));
	if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
		execl(buf_cstr(&w->weir), "weir", "tail", url, (char *)NULL);
	_exit(127);
}

static off_t
wait_size(const char *path, off_t least)
{
	struct stat st = { 0 };

	for (int64_t until = clock_mono() + SOON; stat(path, &st) < 0 || st.st_size < least;) {
		if (clock_mono() > until)
			fail_msg("%s has %lld bytes, not %lld", path, (long long)st.st_size, (long long)least);
		usleep(5000);
	}
	return st.st_size;
}

/* Far more is said than all buffers on the way hold; when weir goes on, it is all there, once. */
static void
test_stopped_client(void **state)
{
	struct world w;
	struct buf got = { 0 }, want = { 0 };
	char path[96];
	int fd, status;
	pid_t pid;

	(void)state;
	world_open(&w);
	world_serve(&w);
	world_create(&w);
	append_item(&w, 0);
	snprintf(path, sizeof path, "%s/tail", w.dir);
	pid = tail_into(&w, path);
	wait_size(path, SIZE);
	kill(pid, SIGSTOP);
	for (int i = 1; i < ITEMS; i++)
		append_item(&w, i);
	kill(pid, SIGCONT);
	text_of(&w, &want);
	assert_true(want.n > (size_t)ITEMS * SIZE);
	wait_size(path, (off_t)want.n);
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(buf_read_fd(&got, fd, 64 << 20));
	close(fd);
	assert_int_equal(got.n, want.n);
	assert_memory_equal(got.p, want.p, want.n);
	world_close(&w);
	buf_done(&got);
	buf_done(&want);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hanging_names),
		cmocka_unit_test(test_stopped_server),
		cmocka_unit_test(test_stopped_client),
	};

	if (argc > 3 && strcmp(argv[1], "--silent-names") == 0)
		return run_without_names(argv + 2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
