#include "app/browser.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/loop.h"
#include "base/mem.h"

/* In the child of a child, so that nobody has to wait for its end. Writes errno when it fails. */
static void
run(const char *program, char *url, int report)
{
	char *const argv[] = { (char *)(uintptr_t)program, url, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), why;

	setsid();
	loop_child_signals();
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	execvp(program, argv);
	why = errno;
	if (write(report, &why, sizeof why) < 0)
		_exit(126);
	_exit(127);
}

enum err
browser_open(const char *program, struct str url, struct error *e)
{
	char *address = mem_str(url);
	int report[2], why = 0;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) < 0) {
		free(address);
		return error_set(e, ERR_FAILED, "run %s: %s", program, strerror(errno));
	}
	pid = fork();
	if (pid == 0) {
		if (fork() == 0)
			run(program, address, report[1]);
		_exit(0);
	}
	close(report[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	else
		why = errno;
	/* Closed by a program that was executed. */
	if (pid > 0 && read(report[0], &why, sizeof why) < 0)
		why = errno;
	close(report[0]);
	free(address);
	if (why != 0)
		return error_set(e, ERR_FAILED, "run %s: %s; browser = PROGRAM in weirrc names another",
		    program, strerror(why));
	return ERR_OK;
}
