#include "app/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/argv.h"
#include "app/child.h"
#include "base/clock.h"
#include "base/mem.h"

enum { VALUE_MAX = 64 << 10, COMMAND_TIME = 60000 };

void
secret_init(struct secret *s, enum secret_from from, struct str what)
{
	*s = (struct secret){ .from = from, .what = mem_str(what), .fd = -1 };
}

static void
forget(struct secret *s)
{
	if (s->value.p != NULL)
		explicit_bzero(s->value.p, s->value.cap);
	buf_clear(&s->value);
}

/* Closes the pipe and ends the command with all it started; returns its status, -1 for none. */
static int
reap(struct secret *s, bool ended)
{
	int status = -1;

	if (s->pid == 0)
		return -1;
	close(s->fd);
	s->fd = -1;
	if (!ended)
		kill(-s->pid, SIGKILL);
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	s->pid = 0;
	return status;
}

void
secret_done(struct secret *s)
{
	reap(s, false);
	forget(s);
	buf_done(&s->value);
	free(s->what);
	*s = (struct secret){ .fd = -1 };
}

/* Neither a crash nor another process of the user may take a secret out of the memory. */
static void
guard_memory(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	prctl(PR_SET_DUMPABLE, 0);
}

/* The value without the line end and blanks around it. */
static enum err
settle(struct secret *s, struct error *e)
{
	struct str value = str_trim(buf_view(&s->value));

	if (value.n == 0) {
		forget(s);
		return error_set(e, ERR_DENIED, "%s%s gives nothing: the token should stand there",
		    s->from == SECRET_ENV ? "$" : "", s->what);
	}
	memmove(s->value.p, value.p, value.n);
	s->value.n = value.n;
	return ERR_OK;
}

static enum err
read_file(struct secret *s, struct error *e)
{
	/* Not blocking: it might be a pipe that nobody writes. */
	int fd = open(s->what, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	enum err err = ERR_OK;

	if (fd < 0)
		return error_set(e, ERR_DENIED, "open the secret file %s: %s", s->what, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		err = error_set(e, ERR_DENIED, "%s is not a file; give one that holds the secret", s->what);
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		err = error_set(e, ERR_DENIED, "%s belongs to somebody else (user %u); a secret is a file of "
		    "your own", s->what, (unsigned)st.st_uid);
	else if ((st.st_mode & 077) != 0)
		err = error_set(e, ERR_DENIED, "%s can be read by others (mode %04o); chmod 600 it", s->what,
		    (unsigned)st.st_mode & 07777);
	/* With room made once: growing would leave copies behind. */
	else if (buf_room(&s->value, 3 * VALUE_MAX), !buf_read_fd(&s->value, fd, VALUE_MAX))
		err = error_set(e, ERR_DENIED, "read %s: %s", s->what, strerror(errno));
	close(fd);
	return err == ERR_OK ? settle(s, e) : err;
}

static enum err
read_variable(struct secret *s, struct error *e)
{
	const char *value = getenv(s->what);

	if (value == NULL)
		return error_set(e, ERR_DENIED, "$%s is not set: the token should stand there", s->what);
	buf_str(&s->value, str_from(value));
	return settle(s, e);
}

static enum err
start_command(struct secret *s, struct error *e)
{
	struct argv argv;

	argv_of(&argv, str_from(s->what));
	if (argv.n == 0)
		error_set(e, ERR_USAGE, "the token command is empty");
	else
		s->pid = child_read(argv.v, &s->fd, e);
	argv_done(&argv);
	if (s->pid <= 0) {
		s->pid = 0;
		return e->code;
	}
	s->until = clock_mono() + COMMAND_TIME;
	return ERR_OK;
}

enum err
secret_fetch(struct secret *s, struct error *e)
{
	struct error ignored;

	if (e == NULL)
		e = &ignored;
	reap(s, false);
	forget(s);
	if (s->from != SECRET_NONE)
		guard_memory();
	switch (s->from) {
	case SECRET_FILE:
		return read_file(s, e);
	case SECRET_ENV:
		return read_variable(s, e);
	case SECRET_COMMAND:
		return start_command(s, e);
	default:
		return ERR_OK;
	}
}

bool
secret_busy(const struct secret *s)
{
	return s->pid != 0;
}

int
secret_fd(const struct secret *s)
{
	return s->pid != 0 ? s->fd : -1;
}

int64_t
secret_deadline(const struct secret *s)
{
	return s->pid != 0 ? s->until : INT64_MAX;
}

static enum err
ended(struct secret *s, struct error *e)
{
	int status = reap(s, true);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return settle(s, e);
	forget(s);
	if (WIFEXITED(status))
		return error_set(e, ERR_DENIED, "the token command \"%s\" failed (exit %d); run it by hand to "
		    "see why", s->what, WEXITSTATUS(status));
	return error_set(e, ERR_DENIED, "the token command \"%s\" was killed (signal %d)", s->what,
	    WTERMSIG(status));
}

enum err
secret_work(struct secret *s, struct error *e)
{
	ssize_t n;

	if (s->pid == 0)
		return ERR_OK;
	do {
		/* The room was made once: growing would leave copies behind. */
		n = read(s->fd, buf_room(&s->value, VALUE_MAX + 1 - s->value.n),
		    VALUE_MAX + 1 - s->value.n);
		s->value.n += n > 0 ? (size_t)n : 0;
	} while (n > 0 && s->value.n <= VALUE_MAX);
	if (n == 0)
		return ended(s, e);
	if (n > 0) {
		reap(s, false);
		forget(s);
		return error_set(e, ERR_DENIED, "the token command \"%s\" prints too much", s->what);
	}
	if (errno != EAGAIN && errno != EINTR)
		return ended(s, e);
	if (clock_mono() < s->until)
		return ERR_OK;
	reap(s, false);
	forget(s);
	return error_set(e, ERR_DENIED, "the token command \"%s\" takes longer than %d s", s->what,
	    COMMAND_TIME / 1000);
}
