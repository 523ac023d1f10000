/* For the child of a fork in a test: it ends with the test, also when that aborts. */
#ifndef TESTS_FOLLOW_H
#define TESTS_FOLLOW_H

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* `parent` is the getpid of before the fork: it may have ended before this line. */
static inline void
follow_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

#endif
