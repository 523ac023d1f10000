#include "app/tail_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/output.h"
#include "wire/json.h"

enum { VERSION_1 = 1, STATE_MAX = 1 << 16 };

void
tail_state_done(struct tail_state *s)
{
	buf_done(&s->session);
	buf_done(&s->dialect);
	buf_done(&s->at.cursor);
}

static void
get_count(struct str text, const char *key, uint64_t *out)
{
	int64_t v;

	if (json_get_i64(text, key, &v) && v >= 0)
		*out = (uint64_t)v;
}

static enum err
parse(struct tail_state *s, struct str text, const char *path, struct str session, struct str dialect,
    struct error *e)
{
	int64_t version = 0;

	text = str_trim(text);
	if (!json_get_i64(text, "weir-tail", &version) || version != VERSION_1)
		return error_set(e, ERR_USAGE, "%s is not what weir tail --state writes; give another name", path);
	json_get_text(text, "session", &s->session);
	json_get_text(text, "dialect", &s->dialect);
	json_get_text(text, "cursor", &s->at.cursor);
	get_count(text, "skip", &s->at.skip);
	get_count(text, "printed", &s->printed);
	get_count(text, "device", &s->device);
	get_count(text, "inode", &s->inode);
	get_count(text, "size", &s->size);
	get_count(text, "writing", &s->writing);
	if (!str_eq(buf_view(&s->session), session) || !str_eq(buf_view(&s->dialect), dialect))
		return error_set(e, ERR_USAGE, "%s is the state of %.*s; give each session its own", path,
		    STR_ARG(buf_view(&s->session)));
	return ERR_OK;
}

enum err
tail_state_load(struct tail_state *s, const char *path, struct str session, struct str dialect,
    bool *found, struct error *e)
{
	struct buf text = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum err err = ERR_OK;

	*found = fd >= 0;
	if (fd < 0 && errno != ENOENT)
		return error_set(e, ERR_FAILED, "open %s: %s", path, strerror(errno));
	if (fd < 0) {
		buf_set(&s->session, session);
		buf_set(&s->dialect, dialect);
		return ERR_OK;
	}
	if (buf_read_fd(&text, fd, STATE_MAX))
		err = parse(s, buf_view(&text), path, session, dialect, e);
	else
		err = error_set(e, ERR_FAILED, "read %s: %s", path, strerror(errno));
	buf_done(&text);
	close(fd);
	return err;
}

static void
write_json(const struct tail_state *s, struct buf *out)
{
	struct json_writer w = { .out = out };

	jw_object(&w);
	jw_pair_i64(&w, "weir-tail", VERSION_1);
	jw_pair(&w, "session", buf_view(&s->session));
	jw_pair(&w, "dialect", buf_view(&s->dialect));
	jw_pair(&w, "cursor", buf_view(&s->at.cursor));
	jw_pair_i64(&w, "skip", (int64_t)s->at.skip);
	jw_pair_i64(&w, "printed", (int64_t)s->printed);
	if (s->writing > 0) {
		jw_pair_i64(&w, "device", (int64_t)s->device);
		jw_pair_i64(&w, "inode", (int64_t)s->inode);
		jw_pair_i64(&w, "size", (int64_t)s->size);
		jw_pair_i64(&w, "writing", (int64_t)s->writing);
	}
	jw_end_object(&w);
	buf_byte(out, '\n');
}

enum err
tail_state_save(const struct tail_state *s, const char *path, struct error *e)
{
	struct buf text = { 0 }, name = { 0 };
	int fd;
	enum err err;

	write_json(s, &text);
	buf_printf(&name, "%s.new", path);
	fd = open(buf_cstr(&name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err = error_set(e, ERR_FAILED, "open %s: %s", name.p, strerror(errno));
	} else {
		err = output_write(fd, &text, name.p, e);
		if (close(fd) < 0 && err == ERR_OK)
			err = error_set(e, ERR_FAILED, "write %s: %s", name.p, strerror(errno));
		if (err == ERR_OK && rename(name.p, path) < 0)
			err = error_set(e, ERR_FAILED, "rename %s to %s: %s", name.p, path, strerror(errno));
	}
	buf_done(&text);
	buf_done(&name);
	return err;
}

bool
tail_state_file(struct tail_state *s, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	s->device = st.st_dev;
	s->inode = st.st_ino;
	s->size = (uint64_t)st.st_size;
	return true;
}

void
tail_state_recover(struct tail_state *s, int fd)
{
	struct tail_state now = { 0 };
	uint64_t written = 0;

	if (s->writing > 0 && tail_state_file(&now, fd) && now.device == s->device &&
	    now.inode == s->inode && now.size > s->size)
		written = now.size - s->size;
	s->printed += written < s->writing ? written : s->writing;
	s->writing = 0;
}
