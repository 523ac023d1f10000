#include "app/config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { RC_MAX = 1 << 20 };

static const struct {
	const char *name;
	size_t field;
} keys[] = {
	{ "clipboard", offsetof(struct config, clipboard) },
	{ "theme", offsetof(struct config, theme) },
	{ "user", offsetof(struct config, user) },
};

static const char *
home(void)
{
	const char *dir = getenv("HOME");
	const struct passwd *pw;

	if (dir != NULL && *dir == '/')
		return dir;
	pw = getpwuid(geteuid());
	return pw != NULL ? pw->pw_dir : "/";
}

/* $variable/weir, or ~/fallback/weir when it is unset or not absolute, as the XDG text says. */
static void
xdg_dir(const char *variable, const char *fallback, struct buf *out)
{
	const char *dir = getenv(variable);

	if (dir != NULL && *dir == '/')
		buf_printf(out, "%s/weir", dir);
	else
		buf_printf(out, "%s/%s/weir", home(), fallback);
}

static char **
find_key(struct config *c, struct str name)
{
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (str_eq(name, str_from(keys[i].name)))
			return (char **)((char *)c + keys[i].field);
	return NULL;
}

static enum err
read_line(struct config *c, struct str line, const char *path, int number, struct error *e)
{
	struct str value, key;
	char **field;

	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return ERR_OK;
	key = str_trim(str_cut(line, '=', &value));
	if (value.p == NULL)
		return error_set(e, ERR_USAGE, "%s:%d: no '='; write: key = value", path, number);
	field = find_key(c, key);
	if (field == NULL)
		return error_set(e, ERR_USAGE, "%s:%d: unknown key %.*s; known are clipboard, theme, user",
		    path, number, STR_ARG(key));
	free(*field);
	*field = mem_str(str_trim(value));
	return ERR_OK;
}

static enum err
read_rc(struct config *c, int fd, const char *path, struct error *e)
{
	struct buf text = { 0 };
	struct str rest;
	enum err err = ERR_OK;

	if (!buf_read_fd(&text, fd, RC_MAX)) {
		err = error_set(e, ERR_FAILED, "read %s: %s", path, strerror(errno));
		goto out;
	}
	rest = buf_view(&text);
	for (int number = 1; rest.p != NULL && err == ERR_OK; number++) {
		struct str line = str_cut(rest, '\n', &rest);

		err = read_line(c, line, path, number, e);
	}
out:
	buf_done(&text);
	return err;
}

static void
default_user(struct config *c)
{
	const struct passwd *pw;
	const char *user = getenv("USER");

	if (user == NULL || *user == '\0') {
		pw = getpwuid(geteuid());
		user = pw != NULL ? pw->pw_name : "user";
	}
	c->user = mem_strdup(user);
}

enum err
config_load(struct config *c, struct error *e)
{
	struct buf path = { 0 };
	enum err err = ERR_OK;
	int fd;

	*c = (struct config){ 0 };
	xdg_dir("XDG_CONFIG_HOME", ".config", &path);
	buf_str(&path, STR("/weirrc"));
	fd = open(buf_cstr(&path), O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		err = read_rc(c, fd, buf_cstr(&path), e);
		close(fd);
	} else if (errno != ENOENT && errno != ENOTDIR)
		err = error_set(e, ERR_FAILED, "open %s: %s", buf_cstr(&path), strerror(errno));
	if (c->user == NULL)
		default_user(c);
	buf_done(&path);
	return err;
}

void
config_done(struct config *c)
{
	free(c->clipboard);
	free(c->theme);
	free(c->user);
}

void
config_theme_dir(struct buf *path)
{
	xdg_dir("XDG_CONFIG_HOME", ".config", path);
	buf_str(path, STR("/themes"));
}

/* Makes a directory and those above it, all 0700. */
static bool
make_dirs(char *path)
{
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		int r = mkdir(path, 0700);
		*p = '/';
		if (r < 0 && errno != EEXIST)
			return false;
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* State, not cache in the sense of XDG: the outbox in it exists nowhere else. */
enum err
config_cache_path(struct buf *path, struct error *e)
{
	xdg_dir("XDG_STATE_HOME", ".local/state", path);
	buf_cstr(path);
	if (!make_dirs(path->p))
		return error_set(e, ERR_STORE, "make the directory %s: %s; set XDG_STATE_HOME to a"
		    " place you can write to", path->p, strerror(errno));
	buf_str(path, STR("/sessions.db"));
	return ERR_OK;
}

const char *
config_temp_dir(void)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (dir == NULL || *dir != '/' || access(dir, W_OK) != 0)
		dir = getenv("TMPDIR");
	return dir != NULL && *dir == '/' ? dir : "/tmp";
}
