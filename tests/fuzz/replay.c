#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

/*
 * Where libFuzzer is not, a fuzz target runs its corpus: the files named, or without arguments those
 * of tests/fuzz/corpus/NOUN for the program fuzz_NOUN.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
run_file(const char *path)
{
	struct buf bytes = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool read_all = fd >= 0 && buf_read_fd(&bytes, fd, (size_t)16 << 20);

	if (fd >= 0)
		close(fd);
	if (read_all) {
		/* In a block of just this size a sanitizer sees a read past the end. */
		uint8_t *exact = mem_alloc(bytes.n);

		if (bytes.n > 0)
			memcpy(exact, bytes.p, bytes.n);
		fprintf(stderr, "%s\n", path);
		LLVMFuzzerTestOneInput(exact, bytes.n);
		free(exact);
	} else {
		perror(path);
	}
	buf_done(&bytes);
	return read_all;
}

static bool
run_folder(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;
	bool good = true;

	if (dir == NULL) {
		perror(path);
		return false;
	}
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		struct buf file = { 0 };

		if (e->d_name[0] == '.')
			continue;
		buf_printf(&file, "%s/%s", path, e->d_name);
		good = run_file(buf_cstr(&file)) && good;
		buf_done(&file);
		n++;
	}
	closedir(dir);
	return good && n > 0;
}

int
main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *slash = strrchr(argv[0], '/');
	const char *noun = strstr(slash != NULL ? slash : argv[0], "fuzz_");
	struct buf folder = { 0 };
	bool good = true;

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			good = run_file(argv[i]) && good;
		return !good;
	}
	buf_printf(&folder, "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".",
	    noun != NULL ? noun + strlen("fuzz_") : "");
	good = run_folder(buf_cstr(&folder));
	buf_done(&folder);
	return !good;
}
