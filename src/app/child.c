#include "app/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/loop.h"
#include "base/clock.h"

enum { READY_WAIT = 10000, END_WAIT = 2000 };

void
child_serve_path(struct buf *out)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self);

	while (n > 0 && self[n - 1] != '/')
		n--;
	if (n > 0 && (size_t)n < sizeof self) {
		buf_add(out, self, (size_t)n);
		buf_str(out, STR("weir-serve"));
		if (access(buf_cstr(out), X_OK) == 0)
			return;
		buf_clear(out);
	}
	buf_str(out, STR(PKGLIBEXECDIR "/weir-serve"));
	buf_cstr(out);
}

/* In the child: die with the parent, also when it died before this line. */
static void
follow_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
}

static enum err
wait_ready(int fd, struct error *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char line[6];

	loop_wait(&p, 1, clock_mono() + READY_WAIT);
	if (read(fd, line, sizeof line) >= 5 && memcmp(line, "ready", 5) == 0)
		return ERR_OK;
	return error_set(e, ERR_CONNECT, "the session server did not start; run weir serve to see why");
}

pid_t
child_serve(const char **argv, struct error *e)
{
	struct buf path = { 0 };
	pid_t parent = getpid(), pid = -1;
	int ready[2];

	child_serve_path(&path);
	argv[0] = path.p;
	if (pipe2(ready, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		error_set(e, ERR_FAILED, "start %s: %s", path.p, strerror(errno));
		goto out;
	}
	if (pid == 0) {
		follow_parent(parent);
		loop_child_signals();
		/* The number weir-serve is told; dup2 leaves it open across exec. */
		if (dup2(ready[1], 3) == 3) {
			if (ready[1] == 3)
				fcntl(3, F_SETFD, 0);
			execv(path.p, (char *const *)(uintptr_t)argv);
		}
		fprintf(stderr, "weir: run %s: %s\n", path.p, strerror(errno));
		_exit(127);
	}
	close(ready[1]);
	if (wait_ready(ready[0], e) != ERR_OK) {
		child_end(pid);
		pid = -1;
	}
	close(ready[0]);
out:
	buf_done(&path);
	return pid;
}

pid_t
child_fork(int (*run)(void *ctx), void *ctx, struct error *e)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		error_set(e, ERR_FAILED, "start a process: %s", strerror(errno));
	if (pid == 0) {
		follow_parent(parent);
		loop_child_signals();
		signal(SIGPIPE, SIG_IGN);
		_exit(run(ctx));
	}
	return pid;
}

/* In the child: not the terminal, where the screen is. */
static void
run_aside(char *const *argv, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setpgid(0, 0);
	loop_child_signals();
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	_exit(127);
}

pid_t
child_read(char *const *argv, int *fd, struct error *e)
{
	pid_t parent = getpid(), pid = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0) {
		error_set(e, ERR_FAILED, "start %s: %s", argv[0], strerror(errno));
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		follow_parent(parent);
		run_aside(argv, ends[1]);
	}
	if (pid < 0) {
		error_set(e, ERR_FAILED, "start %s: %s", argv[0], strerror(errno));
		close(ends[0]);
	} else {
		/* In both, so that neither can be too late. */
		setpgid(pid, pid);
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		*fd = ends[0];
	}
	close(ends[1]);
	return pid;
}

void
child_end(pid_t pid)
{
	int64_t until = clock_mono() + END_WAIT;

	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (clock_mono() >= until) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			return;
		}
		poll(NULL, 0, 5);
	}
}
