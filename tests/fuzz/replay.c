/*
 * Runs a fuzz target over inputs that are at hand: the main program of every fuzz_NAME where libFuzzer
 * is not linked. Without arguments it takes tests/fuzz/corpus/NAME of the source tree, which is what
 * `make check` does; arguments are files, and directories of files. Short inputs are also run cut
 * off after each byte. It fails when it finds no input.
 *
 * A new target is tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput (see fuzz.h), a directory of
 * small seeds, and two lines in Makefile.am: FUZZ_TARGETS += tests/fuzz/fuzz_NAME and
 * tests_fuzz_fuzz_NAME_LDADD = $(FUZZ). To search for new inputs:
 *
 *	$srcdir/configure CC=clang --enable-fuzzers --enable-sanitizers && make fuzz-targets
 *	mkdir found && tests/fuzz/fuzz_NAME found $srcdir/tests/fuzz/corpus/NAME -max_total_time=60
 *
 * An input that failed becomes a seed once what it showed is mended.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

enum { CUT_UP_TO = 256, INPUT_LIMIT = 64 << 20 };

static void
fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* In memory of its own size, so that a sanitizer sees every byte read too far. */
static void
run(struct str s)
{
	uint8_t *data = malloc(s.n > 0 ? s.n : 1);

	if (data == NULL)
		fail("malloc");
	if (s.n > 0)
		memcpy(data, s.p, s.n);
	LLVMFuzzerTestOneInput(data, s.n);
	free(data);
}

static void
run_file(const char *path)
{
	struct buf b = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !buf_read_fd(&b, fd, INPUT_LIMIT))
		fail(path);
	close(fd);
	for (size_t n = 0; b.n <= CUT_UP_TO && n < b.n; n++)
		run(str_head(buf_view(&b), n));
	run(buf_view(&b));
	buf_done(&b);
}

/* How many inputs `path` gave. */
static unsigned
run_path(const char *path)
{
	struct dirent *entry;
	struct stat st;
	unsigned count = 0;
	DIR *dir;

	if (stat(path, &st) < 0)
		fail(path);
	if (!S_ISDIR(st.st_mode)) {
		run_file(path);
		return 1;
	}
	dir = opendir(path);
	if (dir == NULL)
		fail(path);
	while ((entry = readdir(dir)) != NULL) {
		struct buf name = { 0 };

		if (entry->d_name[0] == '.')
			continue;
		buf_printf(&name, "%s/%s", path, entry->d_name);
		run_file(buf_cstr(&name));
		buf_done(&name);
		count++;
	}
	closedir(dir);
	return count;
}

static unsigned
run_corpus(const char *program)
{
	const char *top = getenv("top_srcdir"), *name = strstr(program, "fuzz_");
	struct buf path = { 0 };
	unsigned count;

	while (name != NULL && strstr(name + 1, "fuzz_") != NULL)
		name = strstr(name + 1, "fuzz_");
	buf_printf(&path, "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".", name != NULL ? name + 5 : "");
	count = run_path(buf_cstr(&path));
	buf_done(&path);
	return count;
}

int
main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++)
		count += run_path(argv[i]);
	if (argc < 2)
		count = run_corpus(argv[0]);
	printf("%u inputs\n", count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
