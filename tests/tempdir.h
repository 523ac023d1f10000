/* A directory of its own for a test that writes files. */
#ifndef TESTS_TEMPDIR_H
#define TESTS_TEMPDIR_H

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEMPDIR_NAME = 64 };

static inline bool
tempdir_make(char name[TEMPDIR_NAME])
{
	const char *tmp = getenv("TMPDIR");

	/* Short: the path of a socket has at most 107 bytes. */
	snprintf(name, TEMPDIR_NAME, "%s/weir-XXXXXX",
	    tmp != NULL && strlen(tmp) < TEMPDIR_NAME - 16 ? tmp : "/tmp");
	return mkdtemp(name) != NULL;
}

static inline int
tempdir_drop(const char *path, const struct stat *sb, int type, struct FTW *at)
{
	(void)sb, (void)type, (void)at;
	return remove(path);
}

static inline void
tempdir_remove(const char *name)
{
	nftw(name, tempdir_drop, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
