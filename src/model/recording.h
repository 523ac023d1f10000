/*
 * A session with its timing as a text file: what weir record writes and weir replay reads. The
 * first line says what was recorded; every other line is [ms since start, message], a message being
 * one event of the stream as it came, or the end of a connection. Pure: text in, text out.
 */
#ifndef MODEL_RECORDING_H
#define MODEL_RECORDING_H

#include "base/err.h"
#include "base/mem.h"
#include "wire/sse.h"

/* An aside is the answer to what a dialect asks besides the stream: see wire/dialect.h. */
enum recording_kind { RECORDING_MESSAGE, RECORDING_END, RECORDING_ASIDE };

struct recording_entry {
	enum recording_kind kind;
	int64_t ms;			/* since the start, never less than the entry before it */
	unsigned line;			/* of the file, from 1 */
	struct sse_message message;	/* type and id empty where the line has none */
	struct str reason;		/* RECORDING_END: a name of http_end */
	int64_t what, status;		/* RECORDING_ASIDE; its body is message.data */
	struct str headers;
};

struct recording {
	struct buf dialect, url, title;	/* empty: not said */
	int64_t started;		/* ms since 1970, 0: not said */
	struct recording_entry *entries;
	size_t n, cap;
	bool asides;			/* there are some */
	unsigned torn;			/* a last line that was not written whole, 0: none */
	struct arena texts;
};

/* Zero-initialised is empty. */
void recording_done(struct recording *r);

/* Whether a file that begins so means to be a recording. */
bool recording_claims(struct str text);
/*
 * ERR_FAILED names `name` and the line that does not fit. A last line that does not end is what a
 * kill leaves behind: it is left out and named in `torn`.
 */
enum err recording_parse(struct recording *r, struct str text, const char *name, struct error *e);
/* A raw event stream, as curl -N saves it; `rate` messages a second, 0: all at once. */
enum err recording_parse_sse(struct recording *r, struct str bytes, double rate, const char *name,
    struct error *e);

/* One line each, appended to `out`. */
void recording_write_head(const struct recording *r, struct buf *out);
void recording_write_message(int64_t ms, const struct sse_message *m, struct buf *out);
void recording_write_aside(int64_t ms, int64_t what, int64_t status, struct str headers, struct str body,
    struct buf *out);
void recording_write_end(int64_t ms, const char *reason, struct buf *out);

#endif
