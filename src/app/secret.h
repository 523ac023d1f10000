/*
 * A secret that the user keeps elsewhere: in a file only they can read, in an environment variable, or
 * behind a command that prints it. It is fetched without waiting: poll secret_fd until secret_deadline
 * and call secret_work. No message holds any of it, and once there is one this process leaves no core.
 */
#ifndef APP_SECRET_H
#define APP_SECRET_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

enum secret_from { SECRET_NONE, SECRET_FILE, SECRET_ENV, SECRET_COMMAND };

struct secret {
	enum secret_from from;
	char *what;			/* path, name or command line; owned */
	struct buf value;		/* without blanks around it; empty while there is none */
	/* of the command that runs */
	pid_t pid;			/* 0: none */
	int fd;
	int64_t until;			/* clock_mono */
};

void secret_init(struct secret *s, enum secret_from from, struct str what);
/* Wipes the value and ends the command. */
void secret_done(struct secret *s);

/* Fetches it anew. A file and a variable are read at once, a command is started. */
enum err secret_fetch(struct secret *s, struct error *e);
bool secret_busy(const struct secret *s);
int secret_fd(const struct secret *s);			/* -1 unless busy */
int64_t secret_deadline(const struct secret *s);	/* INT64_MAX unless busy */
/* Takes what the command has printed; when it is not busy any more the value is there, or an error. */
enum err secret_work(struct secret *s, struct error *e);

#endif
