#include "app/loop.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"

int
loop_signals(const int *list, struct error *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (; *list != 0; list++)
		sigaddset(&set, *list);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 ||
	    (fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) < 0) {
		error_set(e, ERR_FAILED, "listen for signals: %s", strerror(errno));
		return -1;
	}
	return fd;
}

int
loop_next_signal(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

void
loop_child_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
}

void
loop_wait(struct pollfd *fds, nfds_t n, int64_t deadline)
{
	int64_t left = deadline == INT64_MAX ? -1 : deadline - clock_mono();

	if (deadline != INT64_MAX && left < 0)
		left = 0;
	if (left > INT_MAX)
		left = INT_MAX;
	for (nfds_t i = 0; i < n; i++)
		fds[i].revents = 0;
	if (poll(fds, n, (int)left) < 0)
		for (nfds_t i = 0; i < n; i++)
			fds[i].revents = 0;
}
