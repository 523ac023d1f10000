/* A server that lets in only who has the token, and what becomes of that token. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/e2e/world.h"
#include "tests/unit.h"

#define TOKEN "s3ntinel-0123456789abcdef0123456789abcdef"

struct fixture {
	struct world w;
	pid_t server;
	char url[96], token[96];
};

static void
write_token(const struct fixture *f, const char *text)
{
	int fd = open(f->token, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* weir-serve on TCP, where it wants the token. */
static pid_t
start_server(struct fixture *f)
{
	char said[512] = "", *at;
	size_t got = 0;
	int ready[2];
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ready[1], 3);
		execl(buf_cstr(&f->w.serve), "weir-serve", "--listen", "127.0.0.1:0", "--socket",
		    buf_cstr(&f->w.socket), "--data", f->w.dir, "--token-file", f->token, "--ready-fd", "3",
		    "--log", "/dev/null", (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	while ((at = strstr(said, "http://")) == NULL || strchr(at, '\n') == NULL) {
		ssize_t n = read(ready[0], said + got, sizeof said - 1 - got);

		assert_true(n > 0);
		got += (size_t)n;
	}
	snprintf(f->url, sizeof f->url, "%.*s/v1/stream/demo", (int)strcspn(at, "\n"), at);
	close(ready[0]);
	return pid;
}

static int
setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ 0 };
	world_open(&f.w);
	snprintf(f.token, sizeof f.token, "%s/token", f.w.dir);
	write_token(&f, TOKEN "\n");
	f.server = start_server(&f);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	kill(f->server, SIGTERM);
	waitpid(f->server, NULL, 0);
	world_close(&f->w);
	return 0;
}

/* weir with standard error on the same pipe. */
static int
run(struct fixture *f, const char *const *args, struct buf *out)
{
	int status, saved = dup(STDERR_FILENO), fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	dup2(fds[1], STDERR_FILENO);
	world_run(&f->w, args, out, &status);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	assert_true(buf_read_fd(out, fds[0], 1 << 20));
	close(fds[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
expect(struct buf *out, const char *words)
{
	if (strstr(buf_cstr(out), words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, buf_cstr(out));
	buf_clear(out);
}

static void
test_exit_codes(void **state)
{
	struct fixture *f = *state;
	const char *const none[] = { "tail", "--no-follow", f->url, NULL };
	const char *const right[] = { "tail", "--no-follow", "--token-file", f->token, f->url, NULL };
	const char *const in_arguments[] = { "tail", "--header", "Authorization: Bearer " TOKEN, f->url,
		NULL };
	struct buf out = { 0 };

	world_request(&f->w, "PUT", "/v1/stream/demo", STR("[\"hello\"]"));
	assert_int_equal(run(f, none, &out), 4);
	expect(&out, "does not let weir in (http 401): give one with --token-file");
	assert_int_equal(run(f, right, &out), 0);
	expect(&out, "hello");
	chmod(f->token, 0644);
	assert_int_equal(run(f, right, &out), 4);
	expect(&out, "chmod 600 it");
	assert_int_equal(run(f, in_arguments, &out), 2);
	expect(&out, "give token-file");
	chmod(f->token, 0600);
	buf_done(&out);
}

/* The user is told what to do, does it, and is in. */
static void
test_words_on_the_screen(void **state)
{
	struct fixture *f = *state;
	const char *const args[] = { "attach", "--no-cache", "--token-file", f->token, "--backoff-initial",
		"10", f->url, NULL };
	struct term *t;

	world_request(&f->w, "PUT", "/v1/stream/demo", STR("[\"hello\"]"));
	write_token(f, "wrong");
	t = world_term(&f->w, args, 24, 100);
	assert_true(term_wait_text(t, "needs a token", SOON));
	assert_true(term_wait_text(t, "put a token that is good into", SOON));
	write_token(f, TOKEN);
	term_type(t, ":reconnect\r");
	assert_true(term_wait_text(t, "live", SOON));
	assert_true(term_wait_text(t, "hello", SOON));
	term_type(t, ":stats\r");
	assert_true(term_wait_text(t, "client.stream.user-abort", SOON));
	term_type(t, "G");
	assert_true(term_wait_text(t, "client.start", SOON));
	term_type(t, "q");
	term_close(t);
}

/* ---- where the token is not */

static bool
holds_token(const char *path)
{
	struct buf bytes = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool found;

	if (fd < 0)
		return false;
	buf_read_fd(&bytes, fd, 64 << 20);
	close(fd);
	found = str_find(buf_view(&bytes), STR("s3ntinel")) < bytes.n;
	buf_done(&bytes);
	return found;
}

static int
look_at(const char *path, const struct stat *sb, int type, struct FTW *at)
{
	(void)sb;
	(void)at;
	if (type == FTW_F && strcmp(path + strlen(path) - strlen("/token"), "/token") != 0 &&
	    holds_token(path))
		fail_msg("the token is in %s", path);
	return 0;
}

static bool
has_limit(pid_t pid)
{
	struct buf text = { 0 };
	char path[64];
	bool none;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && buf_read_fd(&text, fd, 1 << 16));
	close(fd);
	none = strstr(buf_cstr(&text), "Max core file size        0                    0 ") != NULL;
	buf_done(&text);
	return none;
}

static void
test_token_stays_hidden(void **state)
{
	struct fixture *f = *state;
	const char *const args[] = { "attach", "--token-file", f->token, f->url, NULL };
	struct term *t;
	char path[64];

	world_request(&f->w, "PUT", "/v1/stream/demo", STR("[\"hello\"]"));
	t = world_term(&f->w, args, 24, 80);
	assert_true(term_wait_text(t, "hello", SOON));
	term_type(t, "isaid\r\x1b");
	assert_true(term_wait_text(t, "said", SOON));
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)term_pid(t));
	assert_false(holds_token(path));
	snprintf(path, sizeof path, "/proc/%d/environ", (int)term_pid(t));
	assert_false(holds_token(path));
	assert_true(has_limit(term_pid(t)));
	assert_true(str_find(term_output(t), STR("s3ntinel")) == term_output(t).n);
	nftw(f->w.dir, look_at, 16, FTW_PHYS);
	term_close(t);
	nftw(f->w.dir, look_at, 16, FTW_PHYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_exit_codes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words_on_the_screen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_token_stays_hidden, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
