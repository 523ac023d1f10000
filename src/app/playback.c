#include "app/playback.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum { FILE_MAX = 1 << 30 };

struct playback {
	struct recording recording;
	struct buf name;
	const struct dialect *dialect;
	struct endpoint endpoint;
	struct session *session;
	struct playback_stats stats;
	size_t next;			/* entry */
	int64_t at;

	/* Of the connection that is played. */
	struct framer *framer;
	struct position position;
	uint64_t seen;			/* records since the last commit */
	bool connected, closed;
};

/* ---- what the dialect makes of it */

static void
on_event(void *ctx, const struct event *ev)
{
	struct playback *p = ctx;

	session_apply(p->session, ev);
}

static void
on_record(void *ctx, struct str bytes)
{
	struct playback *p = ctx;

	p->stats.received++;
	/* What came before the connection was cut comes again. */
	if (++p->seen <= p->position.skip) {
		p->stats.duplicates++;
		return;
	}
	p->position.skip = p->seen;
	p->stats.applied++;
	p->dialect->decode(bytes, &(struct event_sink){ on_event, p });
}

static void
on_commit(void *ctx, struct str cursor, unsigned flags)
{
	struct playback *p = ctx;

	buf_set(&p->position.cursor, cursor);
	p->position.skip -= p->seen < p->position.skip ? p->seen : p->position.skip;
	p->seen = 0;
	if (flags & COMMIT_CLOSED)
		p->closed = true;
}

static enum err
frame(struct playback *p, const struct http_message *m, struct error *e)
{
	const struct frame_sink sink = { on_record, on_commit, p };

	return p->dialect->frame(p->framer, m, &sink, e);
}

/* ---- connections */

/* What the dialect asks besides the stream is answered by the recording; where nobody has recorded
 * it, with nothing. */
static enum err
let_ask(struct playback *p, struct error *e)
{
	const struct frame_sink sink = { on_record, on_commit, p };
	enum err err = ERR_OK;

	while (err == ERR_OK && p->dialect->ask != NULL) {
		struct aside nothing = { .status = 200, .body = STR("[]") };
		struct http_request request = { 0 };
		bool asks = p->dialect->ask(&p->endpoint, p->framer, &nothing.what, &request);

		http_request_done(&request);
		if (!asks)
			break;
		if (!p->recording.asides)
			err = p->dialect->aside(p->framer, &nothing, &sink, e);
	}
	return err;
}

static enum err
play_aside(struct playback *p, const struct recording_entry *entry, struct error *e)
{
	const struct frame_sink sink = { on_record, on_commit, p };
	const struct aside a = { .what = (unsigned)entry->what, .status = (int)entry->status,
	    .headers = entry->headers, .body = entry->message.data };
	enum err err = ERR_OK;

	if (p->dialect->aside != NULL && p->connected)
		err = p->dialect->aside(p->framer, &a, &sink, e);
	return err == ERR_OK ? let_ask(p, e) : err;
}

static enum err
connect(struct playback *p, struct error *e)
{
	const struct http_message head = { .kind = HTTP_HEAD, .status = 200,
	    .headers = STR("Content-Type: text/event-stream\r\n") };
	struct http_request request = { 0 };
	enum err err = p->dialect->read(&p->endpoint, p->framer, &p->position, READ_LIVE, &request, e);

	http_request_done(&request);
	if (err == ERR_OK)
		err = frame(p, &head, e);
	p->seen = 0;
	p->connected = true;
	return err == ERR_OK ? let_ask(p, e) : err;
}

static enum http_end
end_of(struct str reason)
{
	for (int end = HTTP_DONE; end <= HTTP_FAILED; end++)
		if (str_eq(reason, str_from(http_end_name((enum http_end)end))))
			return (enum http_end)end;
	return HTTP_RESET;
}

static enum err
disconnect(struct playback *p, struct str reason, struct error *e)
{
	const struct http_message end = { .kind = HTTP_END, .status = 200, .end = end_of(reason) };
	enum err err = ERR_OK;

	if (p->connected && end.end == HTTP_DONE)
		err = frame(p, &end, e);
	p->connected = false;
	if (p->closed || str_eq(reason, STR("closed")))
		session_cut(p->session);
	return err;
}

static enum err
play_message(struct playback *p, const struct recording_entry *entry, struct error *e)
{
	struct http_message m = { .kind = HTTP_SSE, .status = 200, .sse = entry->message };

	if (m.sse.type.n == 0)
		m.sse.type = STR("message");
	if (!p->connected && p->next > 0)
		p->stats.resumes++;
	if (!p->connected && connect(p, e) != ERR_OK)
		return e->code;
	return entry->kind == RECORDING_ASIDE ? play_aside(p, entry, e) : frame(p, &m, e);
}

/* A message the dialect cannot read would have ended the connection: it does, and is told. */
static void
play(struct playback *p)
{
	const struct recording_entry *entry = &p->recording.entries[p->next];
	struct error e;
	enum err err;

	err = entry->kind == RECORDING_END ? disconnect(p, entry->reason, &e) : play_message(p, entry, &e);
	p->next++;
	if (p->next == p->recording.n && p->recording.torn != 0)
		session_note(p->session, NOTE_WARN, 0, "The recording ends in line %u, which was not written"
		    " whole.", p->recording.torn);
	if (err == ERR_OK)
		return;
	p->stats.broken++;
	p->connected = false;
	session_note(p->session, NOTE_ERROR, 0, "line %u of the recording: %s", entry->line, e.text);
}

/* Until the session says its own. */
static void
say_title(struct playback *p)
{
	struct event ev = event_of(EVENT_SESS);

	ev.sess.title = buf_view(&p->recording.title);
	if (ev.sess.title.n > 0)
		session_apply(p->session, &ev);
}

static void
rewind_all(struct playback *p)
{
	p->dialect->framer_free(p->framer);
	p->framer = p->dialect->framer_new();
	session_reset(p->session);
	buf_clear(&p->position.cursor);
	p->position.skip = p->seen = 0;
	p->connected = p->closed = false;
	p->stats = (struct playback_stats){ 0 };
	p->next = 0;
	p->at = 0;
	say_title(p);
}

/* ---- opening */

static enum err
read_file(const char *path, struct buf *out, struct error *e)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum err err = ERR_OK;

	if (fd < 0)
		return error_set(e, ERR_FAILED, "open %s: %s", path, strerror(errno));
	if (!buf_read_fd(out, fd, FILE_MAX))
		err = error_set(e, ERR_FAILED, "read %s: %s", path, strerror(errno));
	close(fd);
	return err;
}

static enum err
choose_dialect(struct playback *p, const char *path, const char *wanted, struct error *e)
{
	struct str name = wanted != NULL ? str_from(wanted) : buf_view(&p->recording.dialect);
	struct buf known = { 0 };

	p->dialect = dialect_by_name(name);
	if (p->dialect != NULL)
		return ERR_OK;
	for (const struct dialect *const *d = dialects; *d != NULL; d++)
		buf_printf(&known, "%s%s", known.n > 0 ? ", " : "", (*d)->name);
	if (name.n == 0)
		error_set(e, ERR_USAGE, "%s does not say in which dialect it speaks; give --dialect, one of "
		    "%s", path, buf_cstr(&known));
	else
		error_set(e, ERR_USAGE, "%s: this weir has no dialect %.*s; it has %s", path, STR_ARG(name),
		    buf_cstr(&known));
	buf_done(&known);
	return e->code;
}

/* A raw stream does not say which session of its server it was read for: the first that it names. */
static void
guess_address(const struct playback *p, struct buf *out)
{
	const struct str mark = STR("\"sessionID\":\"");

	buf_str(out, STR("http://127.0.0.1/recording"));
	for (size_t i = 0; p->dialect->session != NULL && i < p->recording.n; i++) {
		struct str data = p->recording.entries[i].message.data;
		size_t at = str_find(data, mark);

		if (at == data.n)
			continue;
		data = str_skip(data, at + mark.n);
		buf_clear(out);
		buf_printf(out, "http://127.0.0.1/session/");
		http_escape(out, str_head(data, str_find_byte(data, '"')));
		return;
	}
}

/* The dialect may want to know which session of a server it reads. */
static enum err
find_endpoint(struct playback *p, struct error *e)
{
	struct buf url = { 0 };
	enum err err;

	buf_str(&url, buf_view(&p->recording.url));
	if (url.n == 0)
		guess_address(p, &url);
	err = endpoint_parse(&p->endpoint, buf_view(&url), e);
	if (err != ERR_OK)
		error_in(e, "the address in the recording");
	else if (endpoint_is_agent(&p->endpoint))
		session_roam(p->session);
	else if (p->dialect->session != NULL)
		session_set_id(p->session, p->dialect->session(&p->endpoint));
	buf_done(&url);
	return err;
}

static enum err
load(struct playback *p, const char *path, const char *dialect, double rate, struct error *e)
{
	struct buf text = { 0 };
	enum err err = read_file(path, &text, e);
	struct str file = str_from(strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path);
	bool raw = !recording_claims(buf_view(&text));

	if (err == ERR_OK && !raw)
		err = recording_parse(&p->recording, buf_view(&text), path, e);
	else if (err == ERR_OK)
		err = recording_parse_sse(&p->recording, buf_view(&text), rate, path, e);
	if (err == ERR_OK)
		err = choose_dialect(p, path, dialect == NULL && raw ? "sse" : dialect, e);
	buf_done(&text);
	buf_set(&p->name, file);
	return err;
}

enum err
playback_open(struct playback **out, const char *path, const char *dialect, double rate,
    struct error *e)
{
	struct playback *p = mem_zalloc(sizeof *p);
	enum err err;

	*out = NULL;
	p->session = session_new();
	err = load(p, path, dialect, rate, e);
	if (err == ERR_OK)
		err = find_endpoint(p, e);
	if (err != ERR_OK) {
		playback_close(p);
		return err;
	}
	p->framer = p->dialect->framer_new();
	if (p->recording.url.n > 0 && endpoint_last(&p->endpoint).n > 0)
		buf_set(&p->name, endpoint_last(&p->endpoint));
	say_title(p);
	*out = p;
	return ERR_OK;
}

void
playback_close(struct playback *p)
{
	if (p == NULL)
		return;
	if (p->framer != NULL)
		p->dialect->framer_free(p->framer);
	recording_done(&p->recording);
	endpoint_done(&p->endpoint);
	session_free(p->session);
	buf_done(&p->position.cursor);
	buf_done(&p->name);
	free(p);
}

/* ---- time */

struct session *
playback_session(struct playback *p)
{
	return p->session;
}

const struct recording *
playback_recording(const struct playback *p)
{
	return &p->recording;
}

const struct dialect *
playback_dialect(const struct playback *p)
{
	return p->dialect;
}

const struct playback_stats *
playback_stats(const struct playback *p)
{
	return &p->stats;
}

struct str
playback_name(const struct playback *p)
{
	return buf_view(&p->name);
}

int64_t
playback_at(const struct playback *p)
{
	return p->at;
}

int64_t
playback_length(const struct playback *p)
{
	return p->recording.n > 0 ? p->recording.entries[p->recording.n - 1].ms : 0;
}

int64_t
playback_next(const struct playback *p)
{
	return p->next < p->recording.n ? p->recording.entries[p->next].ms : INT64_MAX;
}

bool
playback_is_cut(const struct playback *p)
{
	return p->next > 0 && p->next < p->recording.n && !p->connected;
}

bool
playback_seek(struct playback *p, int64_t ms)
{
	bool changed = ms < p->at;

	if (ms < p->at)
		rewind_all(p);
	while (p->next < p->recording.n && playback_next(p) <= ms) {
		play(p);
		changed = true;
	}
	if (ms > playback_length(p))
		ms = playback_length(p);
	p->at = ms > 0 ? ms : 0;
	return changed;
}

bool
playback_step(struct playback *p, int direction)
{
	size_t last = p->next;

	if (direction > 0 ? p->next == p->recording.n : p->next == 0)
		return false;
	if (direction < 0)
		rewind_all(p);
	while (p->next < (direction < 0 ? last - 1 : last + 1))
		play(p);
	p->at = p->next > 0 ? p->recording.entries[p->next - 1].ms : 0;
	return true;
}
