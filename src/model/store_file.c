#include "model/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
enum { NBESIDE = sizeof beside / sizeof *beside };

/* Makes every directory of the path that is missing, for this user alone. */
static bool
make_dirs(char *path)
{
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return false;
		*p = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static enum err
check_dir(const char *dir, struct error *e)
{
	struct stat sb;

	if (stat(dir, &sb) < 0)
		return error_set(e, ERR_STORE, "%s: %s", dir, strerror(errno));
	if (sb.st_uid != geteuid())
		return error_set(e, ERR_STORE, "%s belongs to somebody else; choose another place for "
		    "the cache", dir);
	if ((sb.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return error_set(e, ERR_STORE, "others may write to %s; run: chmod go-w %s", dir, dir);
	return ERR_OK;
}

/* Nobody else can write to the directory, so what is found stays what it is. */
static enum err
check_file(const char *path, struct error *e)
{
	struct stat sb;

	if (lstat(path, &sb) < 0)
		return errno == ENOENT ? ERR_OK :
		    error_set(e, ERR_STORE, "%s: %s", path, strerror(errno));
	if (!S_ISREG(sb.st_mode))
		return error_set(e, ERR_STORE, "%s is no regular file; remove it", path);
	if (sb.st_uid != geteuid())
		return error_set(e, ERR_STORE, "%s belongs to somebody else; remove it", path);
	if ((sb.st_mode & 077) != 0 && chmod(path, 0600) < 0)
		return error_set(e, ERR_STORE, "chmod 600 %s: %s", path, strerror(errno));
	return ERR_OK;
}

static int
open_private(const char *path)
{
	return open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
}

/* An existing file is not opened: closing it would drop the locks another store here holds. */
static enum err
make_file(const char *path, struct error *e)
{
	int fd;

	if (access(path, F_OK) == 0)
		return ERR_OK;
	fd = open_private(path);
	if (fd < 0)
		return error_set(e, ERR_STORE, "make %s: %s", path, strerror(errno));
	close(fd);
	return ERR_OK;
}

static enum err
real_path(const char *path, struct buf *real, struct error *e)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? mem_strdup(".") : mem_str(str_of(path, (size_t)(slash - path)));
	char *found = NULL;
	enum err r = ERR_OK;

	if (*dir != '\0' && !make_dirs(dir))
		r = error_set(e, ERR_STORE, "make directory %s: %s", dir, strerror(errno));
	else if ((found = realpath(*dir == '\0' ? "/" : dir, NULL)) == NULL)
		r = error_set(e, ERR_STORE, "%s: %s", dir, strerror(errno));
	else
		r = check_dir(found, e);
	buf_clear(real);
	if (r == ERR_OK)
		buf_printf(real, "%s/%s", found, slash == NULL ? path : slash + 1);
	free(found);
	free(dir);
	return r;
}

enum err
store_file_prepare(const char *path, struct buf *real, struct error *e)
{
	enum err r = real_path(path, real, e);
	struct buf name = { 0 };

	for (size_t i = 0; r == ERR_OK && i < NBESIDE; i++) {
		buf_clear(&name);
		buf_printf(&name, "%s%s", buf_cstr(real), beside[i]);
		r = check_file(buf_cstr(&name), e);
	}
	buf_done(&name);
	return r != ERR_OK ? r : make_file(buf_cstr(real), e);
}

enum err
store_file_set_aside(const char *real, struct buf *note, struct error *e)
{
	struct buf from = { 0 }, to = { 0 };
	enum err r = ERR_OK;
	unsigned n = 1;

	do {
		buf_clear(&to);
		buf_printf(&to, "%s.damaged-%u", real, n);
	} while (access(buf_cstr(&to), F_OK) == 0 && n++ < UINT_MAX);
	if (note != NULL)
		buf_printf(note, "the cache was damaged; it is kept as %s and a new one is begun",
		    buf_cstr(&to));
	for (size_t i = 0; r == ERR_OK && i < NBESIDE; i++) {
		buf_clear(&from);
		buf_clear(&to);
		buf_printf(&from, "%s%s", real, beside[i]);
		buf_printf(&to, "%s.damaged-%u%s", real, n, beside[i]);
		if (rename(buf_cstr(&from), buf_cstr(&to)) < 0 && errno != ENOENT)
			r = error_set(e, ERR_STORE, "the cache is damaged and cannot be set aside: "
			    "rename %s: %s", buf_cstr(&from), strerror(errno));
	}
	buf_done(&from);
	buf_done(&to);
	return r != ERR_OK ? r : make_file(real, e);
}

enum err
store_file_copy_begin(const char *path, struct error *e)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(e, ERR_STORE, "remove %s: %s", path, strerror(errno));
	return make_file(path, e);
}

enum err
store_file_lock_open(const char *real, int *fd, struct error *e)
{
	struct buf name = { 0 };
	enum err r = ERR_OK;

	buf_printf(&name, "%s-lock", real);
	*fd = open_private(buf_cstr(&name));
	if (*fd < 0)
		r = error_set(e, ERR_STORE, "open %s: %s", buf_cstr(&name), strerror(errno));
	buf_done(&name);
	return r;
}

uint64_t
store_file_size(const char *real)
{
	struct stat sb;

	return stat(real, &sb) == 0 ? (uint64_t)sb.st_size : 0;
}

static struct str
describe(const char *real, enum store_mark mark, char text[128])
{
	struct stat sb;
	int n;

	if (stat(real, &sb) < 0)
		return STR_NONE;
	if (mark == STORE_DAMAGED)
		n = snprintf(text, 128, "damaged %ju %ju\n", (uintmax_t)sb.st_dev, (uintmax_t)sb.st_ino);
	else
		n = snprintf(text, 128, "%ju %ju %jd %jd.%09ld\n", (uintmax_t)sb.st_dev,
		    (uintmax_t)sb.st_ino, (intmax_t)sb.st_size, (intmax_t)sb.st_mtim.tv_sec,
		    sb.st_mtim.tv_nsec);
	return str_of(text, (size_t)n);
}

void
store_file_mark(const char *real, int fd, enum store_mark mark)
{
	char text[128];
	struct str now = describe(real, mark, text);

	if (mark == STORE_UNMARKED)
		return;
	/* A mark that is not written only costs a check. */
	if (ftruncate(fd, 0) == 0 && pwrite(fd, now.p, now.n, 0) < 0)
		return;
}

enum store_mark
store_file_marked(const char *real, int fd)
{
	char text[128], was[128];
	ssize_t n = pread(fd, was, sizeof was, 0);

	if (n <= 0)
		return STORE_UNMARKED;
	if (str_eq(str_of(was, (size_t)n), describe(real, STORE_DAMAGED, text)))
		return STORE_DAMAGED;
	return str_eq(str_of(was, (size_t)n), describe(real, STORE_GOOD, text)) ? STORE_GOOD :
	    STORE_UNMARKED;
}

static bool
set_lock(int fd, int64_t number, short type, int command)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = number, .l_len = 1 };

	return fcntl(fd, command, &lock) == 0;
}

bool
store_file_lock(int fd, int64_t number)
{
	return set_lock(fd, number, F_WRLCK, F_OFD_SETLK);
}

bool
store_file_share(int fd, int64_t number)
{
	return set_lock(fd, number, F_RDLCK, F_OFD_SETLKW);
}

void
store_file_unlock(int fd, int64_t number)
{
	set_lock(fd, number, F_UNLCK, F_OFD_SETLK);
}
