#include "app/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/config.h"
#include "app/loop.h"

enum { WORDS = 16, TEXT_MAX = 16 << 20 };

/* "emacs -nw" is a program and its arguments; quoting is not understood. */
static void
split_words(char *command, char *file, char *argv[WORDS + 2])
{
	char *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(command, " ", &save); w != NULL && n < WORDS;
	    w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	argv[n++] = file;
	argv[n] = NULL;
}

static enum err
run_editor(char *file, struct error *e)
{
	const char *set = getenv("VISUAL") != NULL ? getenv("VISUAL") : getenv("EDITOR");
	char command[1024], *argv[WORDS + 2];
	int status = 0;
	pid_t pid;

	if (set == NULL || *set == '\0')
		set = "vi";
	if (strlen(set) >= sizeof command)
		return error_set(e, ERR_FAILED, "$EDITOR is too long");
	memcpy(command, set, strlen(set) + 1);
	split_words(command, file, argv);
	pid = fork();
	if (pid < 0)
		return error_set(e, ERR_FAILED, "start %s: %s", argv[0], strerror(errno));
	if (pid == 0) {
		loop_child_signals();
		execvp(argv[0], argv);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return error_set(e, ERR_FAILED, "the editor %s failed; set EDITOR", argv[0]);
	return ERR_OK;
}

static bool
write_file(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno != EINTR)
			return false;
		text = str_skip(text, n > 0 ? (size_t)n : 0);
	}
	return true;
}

/* Some editors write a new file under the old name: read it by name. */
static enum err
read_back(const char *path, struct buf *text, struct error *e)
{
	struct buf edited = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !buf_read_fd(&edited, fd, TEXT_MAX))
		error_set(e, ERR_FAILED, "read %s again: %s", path, strerror(errno));
	else {
		while (edited.n > 0 && edited.p[edited.n - 1] == '\n')
			edited.n--;
		buf_set(text, buf_view(&edited));
	}
	if (fd >= 0)
		close(fd);
	buf_done(&edited);
	return e->code;
}

enum err
editor_run(struct buf *text, struct error *e)
{
	struct buf path = { 0 };
	int fd;

	*e = (struct error){ 0 };
	buf_printf(&path, "%s/weir-draft-XXXXXX", config_temp_dir());
	buf_cstr(&path);
	fd = mkostemp(path.p, O_CLOEXEC);
	if (fd < 0 || !write_file(fd, buf_view(text)))
		error_set(e, ERR_FAILED, "write the draft to %s: %s", path.p, strerror(errno));
	else if (run_editor(path.p, e) == ERR_OK)
		read_back(path.p, text, e);
	if (fd >= 0) {
		close(fd);
		unlink(path.p);
	}
	buf_done(&path);
	return e->code;
}
