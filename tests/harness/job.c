#include "tests/harness/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/follow.h"

#define RESUME SIGUSR1

static const int keeper_signals[] = { SIGCHLD, SIGHUP, RESUME, SIGTTOU };

static void
keeper_mask(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof keeper_signals / sizeof *keeper_signals; i++)
		sigaddset(set, keeper_signals[i]);
}

static _Noreturn void
run_program(pid_t keeper, int slave, char *const *argv, char *const *envp)
{
	sigset_t none;

	follow_parent(keeper);
	setpgid(0, 0);
	tcsetpgrp(slave, getpid());
	for (int fd = 0; fd <= 2; fd++)
		dup2(slave, fd);
	if (slave > 2)
		close(slave);
	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvpe(argv[0], argv, envp);
	_exit(127);
}

/* Nothing of the test may stay open here: a socket that has a second owner is never closed. */
static void
close_all_but(int a, int b)
{
	for (int fd = 0; fd < 1024; fd++)
		if (fd != a && fd != b)
			close(fd);
}

static void
report(int fd, int value)
{
	if (write(fd, &value, sizeof value) != sizeof value)
		_exit(1);
}

static void
report_children(int slave, int reports, pid_t program)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (pid != program)
			continue;
		if (WIFSTOPPED(status))
			tcsetpgrp(slave, getpid());
		report(reports, status);
		/* Without it the reader of the master sees where the output ends. */
		if (WIFEXITED(status) || WIFSIGNALED(status))
			close(slave);
	}
}

/* Only async-signal-safe calls from here on: the test may have threads. */
static _Noreturn void
keep(pid_t test, int slave, int reports, char *const *argv, char *const *envp)
{
	sigset_t set;
	pid_t keeper = getpid(), pid;

	follow_parent(test);
	close_all_but(slave, reports);
	keeper_mask(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	if ((pid = fork()) == 0)
		run_program(keeper, slave, argv, envp);
	report(reports, pid);
	for (;;) {
		int sig;

		sigwait(&set, &sig);
		if (sig == SIGCHLD) {
			report_children(slave, reports, pid);
		} else if (sig == SIGHUP) {
			kill(-pid, SIGHUP);
			kill(-pid, SIGCONT);
		} else if (sig == RESUME) {
			tcsetpgrp(slave, pid);
			kill(-pid, SIGCONT);
		}
	}
}

static int
open_pty(int *slave, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0)
		return -1;
	ioctl(master, TIOCSWINSZ, &size);
	if (grantpt(master) == 0 && unlockpt(master) == 0) {
		*slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (*slave >= 0) {
			fcntl(master, F_SETFL, O_NONBLOCK);
			return master;
		}
	}
	close(master);
	return -1;
}

bool
job_open(struct job *j, const char *const *argv, char *const *envp, int rows, int cols)
{
	int slave, reports[2], pid;
	pid_t test = getpid();
	char **args;
	size_t n = 0;

	*j = (struct job){ .phase = JOB_RUNNING };
	while (argv[n] != NULL)
		n++;
	args = mem_zalloc(mem_mul(n + 1, sizeof *args));
	memcpy(args, argv, n * sizeof *args);
	if ((j->tty = open_pty(&slave, rows, cols)) < 0 || pipe2(reports, O_CLOEXEC) != 0) {
		free(args);
		return false;
	}
	if ((j->keeper = fork()) == 0)
		keep(test, slave, reports[1], args, envp);
	close(slave);
	close(reports[1]);
	free(args);
	j->reports = reports[0];
	if (j->keeper < 0 || read(j->reports, &pid, sizeof pid) != sizeof pid) {
		job_close(j);
		return false;
	}
	j->pid = pid;
	return true;
}

void
job_poll(struct job *j)
{
	struct pollfd fd = { .fd = j->reports, .events = POLLIN };

	while (poll(&fd, 1, 0) > 0 && (fd.revents & POLLIN) != 0) {
		if (read(j->reports, &j->status, sizeof j->status) != sizeof j->status)
			return;
		if (WIFSTOPPED(j->status))
			j->phase = JOB_STOPPED;
		else if (WIFCONTINUED(j->status))
			j->phase = JOB_RUNNING;
		else
			j->phase = JOB_ENDED;
	}
}

void
job_resume(struct job *j)
{
	kill(j->keeper, RESUME);
}

void
job_hang_up(struct job *j)
{
	if (j->tty >= 0)
		close(j->tty);
	j->tty = -1;
}

void
job_close(struct job *j)
{
	job_hang_up(j);
	close(j->reports);
	if (j->keeper <= 0)
		return;
	if (j->phase != JOB_ENDED && j->pid > 0)
		kill(-j->pid, SIGKILL);
	kill(j->keeper, SIGKILL);
	while (waitpid(j->keeper, NULL, 0) < 0 && errno == EINTR)
		continue;
}
