#include "tests/e2e/world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/follow.h"

#define STREAM "/v1/stream/sessions/demo"

enum { ARGS = 16 };

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "world: %s: %s\n", what, strerror(errno));
	abort();
}

/* A program of this build, by an absolute path. */
static void
program(struct buf *out, const char *name)
{
	const char *top = getenv("top_builddir");
	char *path;

	buf_printf(out, "%s/%s", top != NULL ? top : ".", name);
	path = realpath(buf_cstr(out), NULL);
	must(path != NULL, buf_cstr(out));
	buf_set(out, str_from(path));
	free(path);
}

void
world_open(struct world *w)
{
	static const char *const names[] = { "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR" };

	*w = (struct world){ 0 };
	must(tempdir_make(w->dir), "make a directory");
	program(&w->weir, "weir");
	program(&w->serve, "weir-serve");
	buf_printf(&w->socket, "%s/serve.sock", w->dir);
	for (int i = 0; i < 3; i++)
		buf_printf(&w->home[i], "%s=%s", names[i], w->dir);
}

void
world_configure(struct world *w, struct str text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/weir", w->dir);
	must(mkdir(path, 0700) == 0 || errno == EEXIST, path);
	snprintf(path, sizeof path, "%s/weir/weirrc", w->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n, path);
	close(fd);
}

/* Returns the wait status. */
static int
end(pid_t *pid, int sig)
{
	int status = 0;

	if (*pid > 0) {
		kill(*pid, sig);
		waitpid(*pid, &status, 0);
	}
	*pid = 0;
	return status;
}

void
world_close(struct world *w)
{
	end(&w->player, SIGTERM);
	must(end(&w->server, SIGTERM) == 0, "end the server");
	tempdir_remove(w->dir);
	buf_done(&w->weir);
	buf_done(&w->serve);
	buf_done(&w->socket);
	for (int i = 0; i < 3; i++)
		buf_done(&w->home[i]);
}

/* `out` is the child's stdout, -1 for ours; `ready` becomes its descriptor 3. */
static pid_t
start(struct world *w, const char *const *argv, int out, int ready)
{
	pid_t parent = getpid(), pid = fork();

	must(pid >= 0, "fork");
	if (pid > 0)
		return pid;
	follow_parent(parent);
	for (int i = 0; i < 3; i++)
		putenv((char *)(uintptr_t)buf_cstr(&w->home[i]));
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	if (ready >= 0)
		dup2(ready, 3);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

void
world_serve(struct world *w)
{
	const char *const argv[] = { buf_cstr(&w->serve), "--socket", buf_cstr(&w->socket), "--data", w->dir,
	    "--ready-fd", "3", "--log", "/dev/null", NULL };
	char line[5];
	int ready[2];

	must(pipe2(ready, O_CLOEXEC) == 0, "pipe");
	w->server = start(w, argv, -1, ready[1]);
	close(ready[1]);
	must(read(ready[0], line, sizeof line) == (ssize_t)sizeof line, "the server did not start");
	close(ready[0]);
}

void
world_kill_server(struct world *w)
{
	end(&w->server, SIGKILL);
}

const char *
world_url(struct world *w, const char *socket)
{
	static char url[160];

	snprintf(url, sizeof url, "unix:%s:" STREAM,
	    socket != NULL ? socket : buf_cstr(&w->socket));
	return url;
}

void
world_request(struct world *w, const char *method, const char *target, struct str body)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct buf text = { 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	buf_printf(&text, "%s %s HTTP/1.1\r\nHost: weir.local\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\nConnection: close\r\n\r\n", method, target, body.n);
	buf_str(&text, body);
	memcpy(a.sun_path, w->socket.p, w->socket.n);
	must(connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "connect to the server");
	for (size_t at = 0; at < text.n;) {
		ssize_t n = write(fd, text.p + at, text.n - at);

		must(n > 0, "send a request");
		at += (size_t)n;
	}
	buf_clear(&text);
	must(buf_read_fd(&text, fd, 1 << 16), "read the answer");
	must(str_starts(buf_view(&text), STR("HTTP/1.1 20")), buf_cstr(&text));
	close(fd);
	buf_done(&text);
}

void
world_create(struct world *w)
{
	world_request(w, "PUT", STREAM, STR_NONE);
}

void
world_append(struct world *w, struct str items)
{
	world_request(w, "POST", STREAM, items);
}

void
world_play(struct world *w, const char *speed)
{
	const char *const argv[] = { buf_cstr(&w->weir), "demo", "--play", world_url(w, NULL), "--speed",
	    speed, NULL };

	world_create(w);
	w->player = start(w, argv, -1, -1);
}

void
world_played(struct world *w)
{
	int status;

	must(waitpid(w->player, &status, 0) == w->player && status == 0, "the player failed");
	w->player = 0;
}

static void
complete(struct world *w, const char *const *args, const char *argv[ARGS])
{
	size_t n = 0;

	argv[n++] = buf_cstr(&w->weir);
	while (*args != NULL && n + 1 < ARGS)
		argv[n++] = *args++;
	argv[n] = NULL;
}

struct term *
world_term(struct world *w, const char *const *args, int rows, int cols)
{
	const char *const env[] = { buf_cstr(&w->home[0]), buf_cstr(&w->home[1]), buf_cstr(&w->home[2]),
	    "NO_COLOR", "USER=tester", NULL };
	const struct term_options options = { .display = { .rows = rows, .cols = cols }, .env = env };
	const char *argv[ARGS];

	complete(w, args, argv);
	return term_open(argv, &options);
}

void
world_run(struct world *w, const char *const *args, struct buf *out, int *status)
{
	const char *argv[ARGS];
	int fds[2];
	pid_t pid;

	complete(w, args, argv);
	must(pipe2(fds, O_CLOEXEC) == 0, "pipe");
	pid = start(w, argv, fds[1], -1);
	close(fds[1]);
	must(buf_read_fd(out, fds[0], 64 << 20), "read what weir writes");
	close(fds[0]);
	waitpid(pid, status, 0);
}
