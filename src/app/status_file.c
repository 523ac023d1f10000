#include "app/status_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/output.h"
#include "app/summary.h"
#include "base/clock.h"
#include "wire/json.h"

enum { FORMAT_1 = 1, PAUSE_MS = 500, FILE_MAX = 1 << 16 };

void
status_facts_done(struct status_facts *f)
{
	buf_done(&f->name);
	buf_done(&f->title);
	buf_done(&f->state);
	buf_done(&f->trail);
}

/* .../weir/status-HASH; the name stands in the file, for the case that two have the same. */
static bool
path_of(struct str name, struct buf *out)
{
	static const uint64_t key[2] = { 0x7765697220737461, 0x7475732066696c65 };
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (dir == NULL || *dir != '/')
		return false;
	buf_printf(out, "%s/weir", dir);
	if (mkdir(buf_cstr(out), 0700) < 0 && errno != EEXIST)
		return false;
	buf_printf(out, "/status-%016" PRIx64, str_hash(name, key));
	return true;
}

static int
open_beside(const struct buf *path, const char *suffix, int flags)
{
	struct buf name = { 0 };
	int fd;

	buf_printf(&name, "%.*s%s", STR_ARG(buf_view(path)), suffix);
	fd = open(buf_cstr(&name), flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	buf_done(&name);
	return fd;
}

static bool
read_beside(const struct buf *path, const char *suffix, struct buf *out)
{
	int fd = open_beside(path, suffix, O_RDONLY);
	bool ok = fd >= 0 && buf_read_fd(out, fd, FILE_MAX);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* As a whole or not at all. */
static void
write_beside(const struct buf *path, const char *suffix, struct str text)
{
	struct buf from = { 0 }, to = { 0 }, bytes = { 0 };
	struct error e;
	int fd;

	buf_printf(&from, "%.*s%s.%d", STR_ARG(buf_view(path)), suffix, (int)getpid());
	buf_printf(&to, "%.*s%s", STR_ARG(buf_view(path)), suffix);
	buf_str(&bytes, text);
	fd = open(buf_cstr(&from), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		if (output_write(fd, &bytes, from.p, &e) != ERR_OK || rename(from.p, buf_cstr(&to)) < 0)
			unlink(from.p);
		close(fd);
	}
	buf_done(&from);
	buf_done(&to);
	buf_done(&bytes);
}

/* ---- writing */

/* The lock, when nobody else has it; it is asked for again each time. */
static bool
may_write(struct status_writer *w)
{
	int fd;

	if (w->lock != 0)
		return true;
	fd = open_beside(&w->path, ".lock", O_RDWR | O_CREAT);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		w->lock = fd + 1;
	else if (fd >= 0)
		close(fd);
	return w->lock > 0;
}

static void
note_seen(struct status_writer *w, uint64_t records, bool looking)
{
	struct buf text = { 0 };

	if (looking && records != w->seen) {
		buf_printf(&text, "%" PRIu64, records);
		write_beside(&w->path, ".seen", buf_view(&text));
		w->seen = records;
	} else if (!looking && read_beside(&w->path, ".seen", &text)) {
		str_to_u64(str_trim(buf_view(&text)), &w->seen);
	}
	buf_done(&text);
}

static void
describe(const struct status_writer *w, struct client *c, uint64_t records, struct buf *out)
{
	const struct summary s = summary_of(c);
	struct json_writer j = { .out = out };

	jw_object(&j);
	jw_pair_i64(&j, "weir-status", FORMAT_1);
	jw_pair(&j, "name", str_from(client_name(c)));
	jw_pair(&j, "title", buf_view(&client_session(c)->title));
	jw_pair(&j, "state", str_from(s.state));
	jw_pair_i64(&j, "waiting", (int64_t)s.waiting);
	jw_pair_i64(&j, "unread", (int64_t)(records > w->seen ? records - w->seen : 0));
	/* In tenths: a last digit that trembles is no news. */
	jw_pair_i64(&j, "rate10", s.rate >= 0 ? (int64_t)(s.rate * 10) : -1);
	jw_pair_i64(&j, "last", client_last_record(c));
	jw_pair_i64(&j, "since", s.lag > 0 ? clock_wall() - s.lag : 0);
	jw_end_object(&j);
	buf_byte(out, '\n');
}

/* In a file of its own: it is long, and seldom changes. */
static void
write_trail(struct status_writer *w, const struct link *l)
{
	struct buf text = { 0 };
	struct json_writer j = { .out = &text };
	const struct link_step *step;

	if (w->steps == link_steps(l))
		return;
	w->steps = link_steps(l);
	jw_array(&j);
	for (size_t i = 0; (step = link_step(l, i)) != NULL; i++) {
		jw_object(&j);
		jw_pair_i64(&j, "time", step->time);
		jw_pair(&j, "state", str_from(link_state_name(step->state)));
		jw_pair(&j, "cause", str_from(step->code));
		jw_end_object(&j);
	}
	jw_end_array(&j);
	write_beside(&w->path, ".trail", buf_view(&text));
	buf_done(&text);
}

void
status_writer_update(struct status_writer *w, struct client *c, bool looking)
{
	uint64_t records = client_news(c);
	struct buf text = { 0 };
	int64_t now = clock_mono();

	if (w->lock == -1)
		return;
	if (w->at != 0 && now < w->at + PAUSE_MS) {
		w->due = w->at + PAUSE_MS;
		return;
	}
	w->at = now;
	w->due = 0;
	if (w->path.n == 0 && !path_of(str_from(client_name(c)), &w->path)) {
		w->lock = -1;
		return;
	}
	note_seen(w, records, looking);
	if (!may_write(w))
		return;
	write_trail(w, client_link(c));
	describe(w, c, records, &text);
	if (!str_eq(buf_view(&text), buf_view(&w->written))) {
		write_beside(&w->path, ".json", buf_view(&text));
		buf_set(&w->written, buf_view(&text));
	}
	buf_done(&text);
}

int64_t
status_writer_due(const struct status_writer *w)
{
	return w->due != 0 ? w->due : INT64_MAX;
}

void
status_writer_done(struct status_writer *w)
{
	if (w->lock > 0)
		close(w->lock - 1);
	buf_done(&w->path);
	buf_done(&w->written);
	*w = (struct status_writer){ 0 };
}

/* ---- reading */

static bool
is_kept(const struct buf *path)
{
	int fd = open_beside(path, ".lock", O_RDWR);
	bool kept = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	return kept;
}

static bool
parse(struct status_facts *f, struct str text, struct str name)
{
	int64_t format = 0, rate = -1;

	text = str_trim(text);
	if (!json_get_i64(text, "weir-status", &format) || format != FORMAT_1)
		return false;
	json_get_text(text, "name", &f->name);
	json_get_text(text, "title", &f->title);
	json_get_text(text, "state", &f->state);
	json_get_i64(text, "waiting", &f->waiting);
	json_get_i64(text, "unread", &f->unread);
	json_get_i64(text, "rate10", &rate);
	json_get_i64(text, "last", &f->last);
	json_get_i64(text, "since", &f->since);
	f->rate = rate < 0 ? -1 : (double)rate / 10;
	return str_eq(buf_view(&f->name), name);
}

enum err
status_file_read(struct status_facts *f, struct str name, struct error *e)
{
	struct buf path = { 0 }, text = { 0 };
	enum err err = ERR_OK;

	f->rate = -1;
	if (!path_of(name, &path))
		err = error_set(e, ERR_FAILED, "there is no place for status files: set XDG_RUNTIME_DIR");
	else if (!read_beside(&path, ".json", &text) || !parse(f, buf_view(&text), name))
		err = error_set(e, ERR_FAILED, "nobody keeps the status of %.*s; attach to it, or run weir status"
		    " --daemon with it", STR_ARG(name));
	else
		f->kept = is_kept(&path);
	if (err == ERR_OK && (!read_beside(&path, ".trail", &f->trail) || !json_valid(buf_view(&f->trail))))
		buf_clear(&f->trail);
	buf_done(&path);
	buf_done(&text);
	return err;
}

/* ---- the sessions of a server */

static bool
is_of(struct str name, struct str server)
{
	while (server.n > 0 && server.p[server.n - 1] == '/')
		server.n--;
	return str_starts(name, server) && name.n > server.n + 1 && name.p[server.n] == '/';
}

static void
add_name(struct status_names *names, struct str dir, struct str file, struct str server)
{
	struct buf path = { 0 }, text = { 0 }, name = { 0 };

	buf_printf(&path, "%.*s/%.*s", STR_ARG(dir), STR_ARG(str_head(file, file.n - STR(".json").n)));
	if (read_beside(&path, ".json", &text) &&
	    json_get_text(str_trim(buf_view(&text)), "name", &name) && is_of(buf_view(&name), server) &&
	    is_kept(&path)) {
		names->v = mem_grow(names->v, names->n, &names->cap, sizeof *names->v);
		names->v[names->n++] = name;
		name = (struct buf){ 0 };
	}
	buf_done(&path);
	buf_done(&text);
	buf_done(&name);
}

static int
by_name(const void *a, const void *b)
{
	return str_cmp(buf_view(a), buf_view(b));
}

void
status_names_of(struct status_names *names, struct str server)
{
	struct buf dir = { 0 };
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct dirent *entry;
	DIR *d = NULL;

	buf_printf(&dir, "%s/weir", runtime != NULL ? runtime : "");
	if (runtime != NULL && *runtime == '/')
		d = opendir(dir.p);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct str file = str_from(entry->d_name);

		if (str_starts(file, STR("status-")) && str_ends(file, STR(".json")))
			add_name(names, buf_view(&dir), file, server);
	}
	if (d != NULL)
		closedir(d);
	if (names->n > 0)
		qsort(names->v, names->n, sizeof *names->v, by_name);
	buf_done(&dir);
}

void
status_names_done(struct status_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		buf_done(&names->v[i]);
	free(names->v);
	*names = (struct status_names){ 0 };
}
