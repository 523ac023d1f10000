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

/* What stands before the first section. */
static const struct {
	const char *name;
	size_t field;
} keys[] = {
	{ "browser", offsetof(struct config, browser) },
	{ "cache-days", offsetof(struct config, cache_days) },
	{ "cache-size", offsetof(struct config, cache_size) },
	{ "clipboard", offsetof(struct config, clipboard) },
	{ "presence", offsetof(struct config, presence) },
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

/* Reading the rc file: where we are. */
struct reading {
	struct config *config;
	struct server *server;		/* whose section it is, NULL before the first */
	const char *path;
	int line;
};

static const char **
find_key(struct config *c, struct str name)
{
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (str_eq(name, str_from(keys[i].name)))
			return (const char **)((char *)c + keys[i].field);
	return NULL;
}

static const struct subcommand_option *
find_access(struct str name)
{
	for (const struct subcommand_option *o = access_options; o->name != NULL; o++)
		if (str_eq(name, str_from(o->name)))
			return o;
	return NULL;
}

/* What may hold for all servers; everything else is between weir and one of them. */
static bool
is_general(struct str name)
{
	return str_starts(name, STR("backoff-")) || str_eq(name, STR("ca-file")) ||
	    str_eq(name, STR("proxy"));
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", s.p[i]) ==
		    NULL)
			return false;
	return s.n > 0 && s.p[0] != '-';
}

/* A section that follows another must have been whole. */
static enum err
end_section(const struct reading *r, struct error *e)
{
	if (r->server != NULL && r->server->url == NULL)
		return error_set(e, ERR_USAGE, "%s: [server %s] has no url = …", r->path, r->server->name);
	return ERR_OK;
}

static const char *
keep(struct config *c, struct str s)
{
	char *p = arena_alloc(&c->strings, s.n + 1);

	memcpy(p, s.p != NULL ? s.p : "", s.n);
	p[s.n] = '\0';
	return p;
}

static enum err
begin_section(struct reading *r, struct str line, struct error *e)
{
	struct str name = str_trim(str_head(str_skip(line, 7), line.n - 8));
	struct server **at = &r->config->servers;

	if (end_section(r, e) != ERR_OK)
		return e->code;
	if (!str_starts(line, STR("[server")) || !str_ends(line, STR("]")) || !is_name(name))
		return error_set(e, ERR_USAGE, "%s:%d: a section is [server NAME], with letters, digits, - "
		    "and _", r->path, r->line);
	for (; *at != NULL; at = &(*at)->next)
		if (str_eq(str_from((*at)->name), name))
			return error_set(e, ERR_USAGE, "%s:%d: there is a server %.*s already", r->path, r->line,
			    STR_ARG(name));
	r->server = *at = arena_alloc(&r->config->strings, sizeof **at);
	*r->server = (struct server){ .name = keep(r->config, name) };
	return ERR_OK;
}

/* Files are named from where the user is at home, not from where weir was started. */
static const char *
keep_value(struct config *c, struct str key, struct str value)
{
	struct buf path = { 0 };
	const char *kept;

	if (!str_ends(key, STR("-file")) || !str_starts(value, STR("~/")))
		return keep(c, value);
	buf_printf(&path, "%s%.*s", home(), STR_ARG(str_skip(value, 1)));
	kept = keep(c, buf_view(&path));
	buf_done(&path);
	return kept;
}

static enum err
set_key(struct reading *r, struct str key, struct str value, struct error *e)
{
	const struct subcommand_option *o = find_access(key);
	const char **field = r->server == NULL ? find_key(r->config, key) : NULL;
	struct access_settings *settings = &r->config->general;

	if (r->server != NULL && str_eq(key, STR("url")))
		field = &r->server->url;
	if (field != NULL) {
		*field = keep(r->config, value);
		return ERR_OK;
	}
	if (o == NULL)
		return error_set(e, ERR_USAGE, "%s:%d: unknown key %.*s; weir(1) lists the known ones",
		    r->path, r->line, STR_ARG(key));
	if (r->server != NULL)
		settings = &r->server->access;
	else if (!is_general(key))
		return error_set(e, ERR_USAGE, "%s:%d: %.*s belongs to one server: write it below a "
		    "[server NAME]", r->path, r->line, STR_ARG(key));
	if (subcommand_set(o, settings, keep_value(r->config, key, value), e) != ERR_OK)
		return error_in(e, "%s:%d", r->path, r->line);
	return ERR_OK;
}

static enum err
read_line(struct reading *r, struct str line, struct error *e)
{
	struct str value, key;

	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return ERR_OK;
	if (line.p[0] == '[')
		return begin_section(r, line, e);
	key = str_trim(str_cut(line, '=', &value));
	if (value.p == NULL)
		return error_set(e, ERR_USAGE, "%s:%d: no '='; write: key = value", r->path, r->line);
	return set_key(r, key, str_trim(value), e);
}

static enum err
read_rc(struct config *c, int fd, const char *path, struct error *e)
{
	struct reading r = { .config = c, .path = path };
	struct buf text = { 0 };
	struct str rest;
	enum err err = ERR_OK;

	if (!buf_read_fd(&text, fd, RC_MAX)) {
		err = error_set(e, ERR_FAILED, "read %s: %s", path, strerror(errno));
		goto out;
	}
	rest = buf_view(&text);
	while (rest.p != NULL && err == ERR_OK) {
		struct str line = str_cut(rest, '\n', &rest);

		r.line++;
		err = read_line(&r, line, e);
	}
	if (err == ERR_OK)
		err = end_section(&r, e);
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
	c->user = keep(c, str_from(user));
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
	arena_done(&c->strings);
	*c = (struct config){ 0 };
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

/* A number with K, M or G behind it, powers of 1024. */
static bool
read_size(const char *text, uint64_t *out)
{
	struct str s = str_from(text);
	unsigned shift = 0;

	if (str_ends(s, STR("K")))
		shift = 10;
	else if (str_ends(s, STR("M")))
		shift = 20;
	else if (str_ends(s, STR("G")))
		shift = 30;
	if (shift > 0)
		s.n--;
	if (!str_to_u64(s, out) || *out > (UINT64_MAX >> 1) >> shift)
		return false;
	*out <<= shift;
	return true;
}

enum err
config_cache_limits(const struct config *c, const char *days, const char *size,
    struct store_limits *out, struct error *e)
{
	enum { DAY = 86400000, MOST_DAYS = 36500 };
	uint64_t n;

	if (days == NULL)
		days = c->cache_days != NULL ? c->cache_days : "30";
	if (size == NULL)
		size = c->cache_size != NULL ? c->cache_size : "1G";
	if (!str_to_u64(str_from(days), &n) || n > MOST_DAYS)
		return error_set(e, ERR_USAGE, "cache-days %s: give whole days, 0 for no limit", days);
	if (!read_size(size, &out->bytes))
		return error_set(e, ERR_USAGE, "cache-size %s: give bytes, or a number with K, M or G; 0 for no "
		    "limit", size);
	out->age = (int64_t)n * DAY;
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
