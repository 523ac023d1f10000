/*
 * A command line of the user's own (from the rc file, an option, the environment) as arguments for
 * exec: quotes and backslashes as a shell reads them. Only a line that needs a shell gets one.
 */
#ifndef APP_ARGV_H
#define APP_ARGV_H

#include "base/buf.h"

enum { ARGV_MAX = 32 };

struct argv {
	struct buf bytes;
	char *v[ARGV_MAX + 1];		/* NULL at the end */
	size_t n;
};

/* Owns what it holds until argv_done; an empty line gives no argument. */
void argv_of(struct argv *a, struct str line);
void argv_done(struct argv *a);

#endif
