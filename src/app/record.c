/* weir record: writes the event stream of a session into a file, with its timing. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/access.h"
#include "app/config.h"
#include "app/loop.h"
#include "app/output.h"
#include "base/clock.h"
#include "model/backoff.h"
#include "model/recording.h"
#include "wire/dialect.h"

/* Tries before a server that never answered is given up; ms after which a cut is the first again. */
enum { FIRST_TRIES = 3, HEALTHY_MS = 3000 };

struct options {
	struct access_settings access;
	const char *output, *no_follow, *duration;
};

/* What the dialect asks besides the stream, on its way. */
struct question {
	uint64_t request;		/* 0: free */
	unsigned what;
	int status;
	struct buf headers, body;
};

enum { QUESTIONS = 16, ASIDE_MAX = 64 << 20 };

struct recorder {
	struct question questions[QUESTIONS];
	struct access *access;
	struct buf name;		/* the address as shown */
	const struct dialect *dialect;
	struct framer *framer;
	struct position at;
	uint64_t seen;			/* records since the last commit */
	bool up_to_date, closed;
	struct http *http;
	uint64_t request;
	int status;
	bool basic;			/* it is asked for a user and a password */
	struct backoff backoff;
	int64_t due, opened, start;
	bool ever, no_follow, over;
	uint64_t messages, cuts;

	int file;
	const char *path;
	struct buf out;
	off_t whole;			/* bytes of it that are whole lines */
};

/* ---- the file */

static enum err
open_file(struct recorder *r, const char *path, struct error *e)
{
	struct stat st;

	r->path = path;
	if (strcmp(path, "-") == 0) {
		r->path = "standard output";
		r->file = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	} else {
		r->file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	}
	if (r->file < 0)
		return error_set(e, ERR_FAILED, "open %s: %s", r->path, strerror(errno));
	if (fstat(r->file, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && strcmp(path, "-") != 0)
		return error_set(e, ERR_USAGE, "%s is there already, and a recording is never written over;"
		    " give another name or remove it", path);
	return ERR_OK;
}

/* Takes away the line that a full disk has cut off, where that is possible. */
static void
keep_whole_lines(struct recorder *r)
{
	off_t end = lseek(r->file, 0, SEEK_CUR);
	size_t n = end > r->whole ? (size_t)(end - r->whole) : 0;

	while (n > 0 && r->out.p[n - 1] != '\n')
		n--;
	if (end >= 0 && ftruncate(r->file, r->whole + (off_t)n) < 0)
		return;
}

static enum err
write_out(struct recorder *r, struct error *e)
{
	size_t n = r->out.n;
	enum err err = output_write(r->file, &r->out, r->path, e);

	if (err == ERR_OK)
		r->whole += (off_t)n;
	else if (err == ERR_FAILED)
		keep_whole_lines(r);
	return err;
}

static void
write_head(struct recorder *r)
{
	struct recording head = { .started = clock_wall() };

	buf_set(&head.dialect, str_from(r->dialect->name));
	buf_set(&head.url, buf_view(&r->name));
	recording_write_head(&head, &r->out);
	recording_done(&head);
}

static void
write_end(struct recorder *r, const char *reason)
{
	recording_write_end(clock_mono() - r->start, reason, &r->out);
}

/* ---- the stream */

static void
on_record(void *ctx, struct str bytes)
{
	struct recorder *r = ctx;

	(void)bytes;
	r->up_to_date = false;
	if (++r->seen > r->at.skip)
		r->at.skip = r->seen;
}

static void
on_commit(void *ctx, struct str cursor, unsigned flags)
{
	struct recorder *r = ctx;

	buf_set(&r->at.cursor, cursor);
	r->at.skip -= r->seen < r->at.skip ? r->seen : r->at.skip;
	r->seen = 0;
	r->closed = (flags & COMMIT_CLOSED) != 0;
	r->up_to_date = r->closed || (flags & COMMIT_UP_TO_DATE) != 0;
}

/* So that it is known where to resume; what the dialect refuses is recorded all the same. */
static enum err
frame(struct recorder *r, const struct http_message *m, struct error *e)
{
	const struct frame_sink sink = { on_record, on_commit, r };

	return r->dialect->frame(r->framer, m, &sink, e);
}

static enum err
ask(struct recorder *r, struct error *e)
{
	struct http_request request = { 0 };
	enum err err = r->dialect->read(access_endpoint(r->access), r->framer, &r->at, READ_LIVE, &request,
	    e);

	if (err == ERR_OK) {
		if (request.silence_timeout == 0)
			request.silence_timeout = r->dialect->silence;
		r->request = http_send(r->http, &request);
	}
	r->due = INT64_MAX;
	r->seen = 0;
	r->status = 0;
	http_request_done(&request);
	return err;
}

/* ---- what is asked besides it */

static void
forget_questions(struct recorder *r)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		if (r->questions[i].request != 0)
			http_cancel(r->http, r->questions[i].request);
		r->questions[i].request = 0;
	}
}

static void
ask_aside(struct recorder *r)
{
	for (size_t i = 0; i < QUESTIONS && r->dialect->ask != NULL && r->request != 0; i++) {
		struct question *q = &r->questions[i];
		struct http_request request = { 0 };

		if (q->request != 0)
			continue;
		if (r->dialect->ask(access_endpoint(r->access), r->framer, &q->what, &request)) {
			q->status = 0;
			buf_clear(&q->headers);
			buf_clear(&q->body);
			q->request = http_send(r->http, &request);
		}
		http_request_done(&request);
		if (q->request == 0)
			return;
	}
}

/* Where the next page is; the other headers are nobody's business. */
static void
keep_header(struct question *q, struct str headers, const char *name)
{
	struct str value = http_header(headers, name);

	if (value.n > 0)
		buf_printf(&q->headers, "%s: %.*s\r\n", name, STR_ARG(value));
}

static void
again(struct recorder *r, int64_t floor)
{
	forget_questions(r);
	int64_t now = clock_mono();

	if (r->opened != 0 && now - r->opened >= HEALTHY_MS)
		backoff_reset(&r->backoff);
	r->opened = 0;
	r->cuts++;
	r->due = backoff_next(&r->backoff, now, floor);
}

static enum err
refused(struct recorder *r, struct error *e)
{
	struct buf advice = { 0 };

	switch (r->status) {
	case 401:
	case 403:
		access_advice(r->access, r->basic, &advice);
		error_set(e, ERR_DENIED, "%s does not let weir in (http %d): %.*s", r->name.p,
		    r->status, STR_ARG(buf_view(&advice)));
		buf_done(&advice);
		return e->code;
	case 404:
	case 410:
		return error_set(e, ERR_GONE, "there is no session at %s", r->name.p);
	default:
		return error_set(e, ERR_CONNECT, "%s is not a session: http %d", r->name.p, r->status);
	}
}

static enum err
on_head(struct recorder *r, const struct http_message *m, struct error *e)
{
	struct str rest, type = str_trim(str_cut(http_header(m->headers, "content-type"), ';', &rest));

	r->status = m->status;
	r->basic = http_wants_basic(m->headers);
	if (m->status != 200)
		return ERR_OK;
	if (!str_eq_nocase(type, STR("text/event-stream")))
		return error_set(e, ERR_CONNECT, "%s does not answer with an event stream but with %.*s",
		    r->name.p, STR_ARG(type));
	if (frame(r, m, e) != ERR_OK)
		return e->code;
	if (!r->ever)
		write_head(r);
	r->ever = true;
	r->opened = clock_mono();
	ask_aside(r);
	return ERR_OK;
}

static enum err
on_end(struct recorder *r, const struct http_message *m, struct error *e)
{
	bool streamed = r->status == 200;

	r->request = 0;
	if (r->status == 204) {
		r->over = true;
		return ERR_OK;
	}
	if (streamed)
		write_end(r, r->closed ? "closed" : http_end_name(m->end));
	if (r->closed) {
		r->over = true;
		return ERR_OK;
	}
	if (r->status / 100 == 4 && r->status != 408 && r->status != 425 && r->status != 429)
		return refused(r, e);
	again(r, m->retry_after);
	if (!r->ever && r->backoff.attempt >= FIRST_TRIES)
		return error_set(e, ERR_CONNECT, "cannot connect to %s: %s; is the server running?",
		    r->name.p, http_end_name(m->end));
	return ERR_OK;
}

/* False: the message is not the answer to a question. */
static bool
take_aside(struct recorder *r, const struct http_message *m)
{
	const struct frame_sink sink = { on_record, on_commit, r };
	struct question *q = r->questions;
	struct error broken;

	while (q < r->questions + QUESTIONS && (q->request == 0 || q->request != m->request))
		q++;
	if (q == r->questions + QUESTIONS)
		return false;
	if (m->kind == HTTP_HEAD) {
		q->status = m->status;
		keep_header(q, m->headers, "Link");
		keep_header(q, m->headers, "X-Next-Cursor");
	} else if (m->kind == HTTP_BODY && q->body.n + m->body.n <= ASIDE_MAX) {
		buf_str(&q->body, m->body);
	} else if (m->kind == HTTP_END) {
		const struct aside a = { q->what, q->status, buf_view(&q->headers), buf_view(&q->body) };

		q->request = 0;
		recording_write_aside(clock_mono() - r->start, a.what, a.status, a.headers, a.body, &r->out);
		if (r->dialect->aside(r->framer, &a, &sink, &broken) == ERR_OK) {
			ask_aside(r);
		} else {
			http_cancel(r->http, r->request);
			r->request = 0;
			write_end(r, "broken answer");
			again(r, 0);
		}
	}
	return true;
}

static enum err
take(struct recorder *r, const struct http_message *m, struct error *e)
{
	struct error broken;

	if (take_aside(r, m))
		return ERR_OK;
	switch (m->kind) {
	case HTTP_HEAD:
		return on_head(r, m, e);
	case HTTP_SSE:
		recording_write_message(clock_mono() - r->start, &m->sse, &r->out);
		r->messages++;
		if (frame(r, m, &broken) == ERR_OK)
			return ERR_OK;
		/* Read on from where it was still understood. */
		http_cancel(r->http, r->request);
		r->request = 0;
		write_end(r, "broken answer");
		again(r, 0);
		return ERR_OK;
	case HTTP_ALIVE:
		frame(r, m, &broken);
		return ERR_OK;
	case HTTP_RETRY:
		backoff_suggest(&r->backoff, m->number);
		return ERR_OK;
	case HTTP_END:
		return on_end(r, m, e);
	default:
		return ERR_OK;
	}
}

static bool
has_enough(const struct recorder *r)
{
	return r->closed || (r->no_follow && r->up_to_date);
}

static enum err
work(struct recorder *r, struct error *e)
{
	struct http_message m;
	enum err err = ERR_OK;

	while (err == ERR_OK && !r->over && !has_enough(r) && http_next(r->http, &m))
		err = take(r, &m, e);
	r->over |= has_enough(r);
	if (err == ERR_OK && !r->over && clock_mono() >= r->due)
		err = ask(r, e);
	return err;
}

/* What came before an error is kept, and that it could not be is the worse error. */
static enum err
keep(struct recorder *r, enum err err, struct error *e)
{
	struct error full;

	if (r->out.n == 0 || write_out(r, &full) == ERR_OK)
		return err;
	*e = full;
	return full.code;
}

static enum err
follow(struct recorder *r, int signals, int64_t until, struct error *e)
{
	enum err err = ERR_OK;

	while (err == ERR_OK && !r->over) {
		struct pollfd fds[] = {
			{ .fd = http_fd(r->http), .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
		};

		loop_wait(fds, 2, r->due < until ? r->due : until);
		err = work(r, e);
		r->over |= clock_mono() >= until;
		if (err == ERR_OK && loop_next_signal(signals) != 0)
			err = error_set(e, ERR_INTERRUPTED, "interrupted; %s has %" PRIu64 " messages", r->path,
			    r->messages);
		if ((r->over || err == ERR_INTERRUPTED) && r->request != 0)
			write_end(r, r->closed ? "closed" : http_end_name(HTTP_CANCELLED));
		err = keep(r, err, e);
	}
	return err;
}

static enum err
record(struct recorder *r, int64_t duration, struct error *e)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	struct link_options pace = { 0 };
	int signals = loop_signals(list, e);
	enum err err;

	if (signals < 0)
		return e->code;
	/* A file that may not grow any more is a full disk, not a death. */
	signal(SIGXFSZ, SIG_IGN);
	err = access_wait(r->access, e);
	if (err == ERR_OK && (r->http = http_new(e)) == NULL)
		err = e->code;
	if (err == ERR_OK) {
		access_link_options(r->access, &pace);
		backoff_init(&r->backoff, pace.backoff_first, pace.backoff_max, pace.backoff_factor, pace.seed);
		r->framer = r->dialect->framer_new();
		r->start = clock_mono();
		err = follow(r, signals, duration > 0 ? r->start + duration : INT64_MAX, e);
		r->dialect->framer_free(r->framer);
	}
	http_free(r->http);
	for (size_t i = 0; i < QUESTIONS; i++) {
		buf_done(&r->questions[i].headers);
		buf_done(&r->questions[i].body);
	}
	close(signals);
	return err;
}

static enum err
choose_dialect(struct recorder *r, struct error *e)
{
	endpoint_name(access_endpoint(r->access), &r->name);
	buf_cstr(&r->name);
	r->dialect = access_dialect(r->access);
	if (r->dialect == NULL)
		r->dialect = dialect_guess(str_from(access_endpoint(r->access)->url));
	if (r->dialect == NULL)
		return error_set(e, ERR_USAGE, "%s does not tell how its server speaks; give --dialect",
		    r->name.p);
	return ERR_OK;
}

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct recorder r = { .file = -1 };
	struct config config;
	double seconds = 0;
	enum err err;
	int first;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc - first != 1 || o.output == NULL)
		return error_set(e, ERR_USAGE, "weir record wants one address and --output FILE; see weir record "
		    "--help");
	if (o.duration != NULL &&
	    subcommand_number("duration", o.duration, 0.01, 1e9, &seconds, e) != ERR_OK)
		return e->code;
	r.no_follow = o.no_follow != NULL;
	err = config_load(&config, e);
	if (err == ERR_OK)
		err = access_open(&r.access, &config, &o.access, argv[first], e);
	if (err == ERR_OK)
		err = choose_dialect(&r, e);
	if (err == ERR_OK)
		err = open_file(&r, o.output, e);
	if (err == ERR_OK)
		err = record(&r, (int64_t)(seconds * 1000), e);
	if (r.file >= 0 && close(r.file) < 0 && err == ERR_OK)
		err = error_set(e, ERR_FAILED, "write %s: %s", r.path, strerror(errno));
	access_close(r.access);
	config_done(&config);
	buf_done(&r.out);
	buf_done(&r.name);
	buf_done(&r.at.cursor);
	return err == ERR_INTERRUPTED && *e->text == '\0' ? ERR_OK : err;
}

static const struct subcommand_option option_table[] = {
	{ "output", 'o', "FILE", "write it here; - is standard output", offsetof(struct options, output) },
	{ "no-follow", 0, NULL, "end when everything that is there was recorded",
	    offsetof(struct options, no_follow) },
	{ "duration", 0, "SECONDS", "end after this time", offsetof(struct options, duration) },
	{ 0 }
};

const struct subcommand subcommand_record = {
	.name = "record",
	.synopsis = "[--no-follow] [--duration SECONDS] -o FILE URL",
	.summary = "Write a session with its timing into a file",
	.options = option_table,
	.connects = true,
	.run = run,
};
