/*
 * A program in a pseudo-terminal of its own, under a keeper that does what a shell does: it leads
 * the session, gives the program the foreground, takes it back when the program stops, and passes a
 * hang-up on. The keeper stays until job_close, so that the terminal can be looked at after the
 * program's end.
 */
#ifndef HARNESS_JOB_H
#define HARNESS_JOB_H

#include <stdbool.h>
#include <sys/types.h>

enum job_phase { JOB_RUNNING, JOB_STOPPED, JOB_ENDED };

struct job {
	pid_t keeper, pid;
	int tty;	/* the master side, non-blocking; -1 after job_hang_up */
	int reports;	/* wait statuses from the keeper */
	int status;	/* the last one, for WIFEXITED and the like */
	enum job_phase phase;
};

/* argv[0] is searched in PATH. False leaves errno; what cannot be executed ends with status 127. */
bool job_open(struct job *j, const char *const *argv, char *const *envp, int rows, int cols);
/* Kills the program and the keeper when they are still there. */
void job_close(struct job *j);

/* Takes what the keeper reported until now. */
void job_poll(struct job *j);
/* What `fg` does in a shell: gives the program the terminal and SIGCONT. */
void job_resume(struct job *j);
/* The terminal goes away, as when its window is closed. */
void job_hang_up(struct job *j);

#endif
