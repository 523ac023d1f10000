#include "tests/serve/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 512 };

struct file {
	sqlite3_file base;
	char path[PATH];
	bool kept;		/* something of it outlives the process */
	/* The real one stands behind. */
};

static sqlite3_vfs disk;
static sqlite3_vfs *real;
static enum disk_fault fault;
static atomic_int countdown, failed;

static sqlite3_file *
behind(sqlite3_file *f)
{
	return (sqlite3_file *)((struct file *)(void *)f + 1);
}

static bool
fails(bool sync)
{
	if (countdown == 0 || sync != (fault == DISK_SYNC) || --countdown > 0)
		return false;
	failed = 1;
	return true;
}

static void
copy_file(const char *from, const char *to)
{
	char part[PATH + 16], bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	ssize_t n;

	snprintf(part, sizeof part, "%s.part", to);
	out = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	while ((n = read(in, bytes, sizeof bytes)) > 0)
		if (write(out, bytes, (size_t)n) != n)
			abort();
	close(in);
	close(out);
	/* At once: whoever is killed in between leaves the one or the other. */
	if (rename(part, to) != 0)
		abort();
}

/* ---- a file */

static int
on_close(sqlite3_file *f)
{
	return behind(f)->pMethods != NULL ? behind(f)->pMethods->xClose(behind(f)) : SQLITE_OK;
}

static int
on_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return behind(f)->pMethods->xRead(behind(f), p, n, at);
}

static int
on_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	if (fails(false))
		return fault == DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	return behind(f)->pMethods->xWrite(behind(f), p, n, at);
}

static int
on_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return behind(f)->pMethods->xTruncate(behind(f), size);
}

static int
on_sync(sqlite3_file *f, int flags)
{
	const struct file *file = (struct file *)(void *)f;
	char durable[PATH + 16];

	(void)flags;
	if (fails(true))
		return SQLITE_IOERR_FSYNC;
	snprintf(durable, sizeof durable, "%s.durable", file->path);
	if (file->kept)
		copy_file(file->path, durable);
	return SQLITE_OK;
}

static int
on_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return behind(f)->pMethods->xFileSize(behind(f), size);
}

static int
on_lock(sqlite3_file *f, int level)
{
	return behind(f)->pMethods->xLock(behind(f), level);
}

static int
on_unlock(sqlite3_file *f, int level)
{
	return behind(f)->pMethods->xUnlock(behind(f), level);
}

static int
on_reserved(sqlite3_file *f, int *out)
{
	return behind(f)->pMethods->xCheckReservedLock(behind(f), out);
}

static int
on_control(sqlite3_file *f, int op, void *arg)
{
	return behind(f)->pMethods->xFileControl(behind(f), op, arg);
}

static int
on_sector(sqlite3_file *f)
{
	return behind(f)->pMethods->xSectorSize(behind(f));
}

static int
on_traits(sqlite3_file *f)
{
	return behind(f)->pMethods->xDeviceCharacteristics(behind(f));
}

static int
on_map(sqlite3_file *f, int region, int size, int extend, void volatile **out)
{
	return behind(f)->pMethods->xShmMap(behind(f), region, size, extend, out);
}

static int
on_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return behind(f)->pMethods->xShmLock(behind(f), offset, n, flags);
}

static void
on_barrier(sqlite3_file *f)
{
	behind(f)->pMethods->xShmBarrier(behind(f));
}

static int
on_unmap(sqlite3_file *f, int delete)
{
	return behind(f)->pMethods->xShmUnmap(behind(f), delete);
}

/* The second version of it: without a memory map, whose writes nobody would see. */
static const sqlite3_io_methods methods = {
	2, on_close, on_read, on_write, on_truncate, on_sync, on_size, on_lock, on_unlock, on_reserved,
	on_control, on_sector, on_traits, on_map, on_shm_lock, on_barrier, on_unmap, NULL, NULL
};

static int
on_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct file *file = (struct file *)(void *)f;
	int code = real->xOpen(real, name, behind(f), flags, out);

	(void)v;
	file->kept = name != NULL;
	snprintf(file->path, sizeof file->path, "%s", name != NULL ? name : "");
	f->pMethods = behind(f)->pMethods != NULL ? &methods : NULL;
	return code;
}

/* ---- all of them */

void
disk_use(void)
{
	real = sqlite3_vfs_find(NULL);
	if (real == NULL || real == &disk)
		return;
	disk = *real;
	disk.zName = "disk";
	disk.szOsFile = (int)sizeof(struct file) + real->szOsFile;
	disk.xOpen = on_open;
	sqlite3_vfs_register(&disk, 1);
}

void
disk_fail(enum disk_fault what, int n)
{
	fault = what;
	failed = 0;
	countdown = n;
}

int
disk_failed(void)
{
	return failed;
}

static bool
ends(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

void
disk_lose_power(const char *dir)
{
	static const char *const files[] = { "streams.db", "streams.db-wal", "streams.db-shm" };
	DIR *d = opendir(dir);
	struct dirent *entry;
	char path[PATH], durable[PATH + 16];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		snprintf(durable, sizeof durable, "%s.durable", path);
		if (access(durable, F_OK) == 0)
			copy_file(durable, path);
		else
			unlink(path);
	}
	/* What the power failure interrupted is no file yet. */
	while (d != NULL && (entry = readdir(d)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (ends(path, ".part"))
			unlink(path);
	}
	if (d != NULL)
		closedir(d);
}
