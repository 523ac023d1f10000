/*
 * The streams on disk, in SQLite: WAL and synchronous=FULL, so that what a commit returned for has
 * survived. One struct streams is one connection and belongs to one thread; the commit thread has
 * the one that writes. The first error is sticky and every later call then fails: a writer is done
 * for good, a reader asks streams_ok once at the end and clears it.
 */
#ifndef SERVE_LOG_H
#define SERVE_LOG_H

#include "base/buf.h"
#include "base/err.h"
#include "serve/offset.h"
#include "serve/producer.h"

struct streams;

enum streams_mode { STREAMS_READ, STREAMS_WRITE };

/* Opens or makes the log in `dir`, which exists; only one process may have it for writing. */
enum err streams_open(struct streams **out, const char *dir, enum streams_mode mode,
    struct error *e);
void streams_close(struct streams *l);

bool streams_ok(const struct streams *l);
/* The text of the sticky error. */
const char *streams_error(const struct streams *l);
/* The disk or a quota is full. */
bool streams_full(const struct streams *l);
void streams_clear(struct streams *l);

bool streams_begin(struct streams *l);
bool streams_commit(struct streams *l);
void streams_rollback(struct streams *l);

/* A copy of the log in `dir`, which may be in use, as a new file; it is on disk when this returns. */
enum err streams_backup(const char *dir, const char *file, struct error *e);

/*
 * A stream. A fork has rows of its own from `base` on; what stands before is its parent's. A
 * stream that forks still read is `gone` when it is deleted, and its path stays taken.
 */
struct stream {
	int64_t id;
	struct buf path, type;
	struct offset base, tail;
	struct offset first;		/* of its own rows; those between base and it are trimmed */
	int64_t parent, forks, depth;
	struct buf fork_from;		/* the path it was forked from, as asked for */
	int64_t fork_sub;
	bool closed, gone;
	bool view;			/* its rows say where in other streams its messages are */
	int64_t ttl;			/* seconds, -1 for none */
	int64_t dies;			/* ms since 1970, 0 for never */
	struct buf expires;		/* Stream-Expires-At as it was given */
	struct buf seq;			/* the last Stream-Seq */
};

void stream_done(struct stream *s);
void stream_copy(struct stream *to, const struct stream *from);

/* Fills `s`, whose buffers are reused; false when there is none or on an error. */
bool streams_find(struct streams *l, struct str path, struct stream *s);
bool streams_get(struct streams *l, int64_t id, struct stream *s);
/* The first one whose path stands between these two. */
bool streams_next(struct streams *l, struct str after, struct str before, struct stream *s);
/* Gives s->id; never one that was used before. */
bool streams_insert(struct streams *l, struct stream *s);
/* tail, closed and seq. */
bool streams_update(struct streams *l, const struct stream *s);
bool streams_set_dies(struct streams *l, int64_t id, int64_t dies);
bool streams_set_gone(struct streams *l, int64_t id);
bool streams_set_forks(struct streams *l, int64_t id, int64_t forks);
/* Frees the path; the rows go with streams_purge. */
bool streams_unlink(struct streams *l, int64_t id);
/* Removes some rows of unlinked streams; true while there may be more. */
bool streams_purge(struct streams *l);
/* The stream whose first row is the oldest of all, when that came before `before`; 0 for none. */
int64_t streams_oldest(struct streams *l, int64_t before);
/* Removes some of its first rows, only such that came before `before`; moves s->first. */
bool streams_trim(struct streams *l, struct stream *s, int64_t before);
/* Its first row comes now: it stands at s->first. */
bool streams_set_oldest(struct streams *l, const struct stream *s, int64_t time);
/* The first place that can still be read, also of what it was forked from. */
struct offset streams_first(struct streams *l, const struct stream *s);
/* When the last of its own rows came, ms since 1970; 0 when there is none. */
int64_t streams_time(struct streams *l, const struct stream *s);
/* What is kept of the beginning when that is trimmed; false when there is nothing. */
bool streams_about(struct streams *l, int64_t id, struct buf *out);
bool streams_set_about(struct streams *l, int64_t id, struct str about);
/* Bytes on disk that hold something. */
int64_t streams_size(struct streams *l);
/* Forgets producers that wrote nothing since `before`, looking at some behind those of last time. */
bool streams_forget_producers(struct streams *l, int64_t before);
/* An id whose time is over at `now`, 0 when there is none. */
int64_t streams_expired(struct streams *l, int64_t now);

/* One row: what one append brought, `at` is where it stands. */
bool streams_append(struct streams *l, int64_t id, struct offset at, struct str bytes, int64_t now);
/*
 * One message of a view: the `n` bytes at `from` of what was appended to stream `source` at `row`.
 * Where that is no longer there, an empty object of the same length is read.
 */
bool streams_refer(struct streams *l, int64_t id, struct offset at, int64_t source, int64_t row,
    size_t from, size_t n, int64_t now);
bool streams_producer(struct streams *l, int64_t id, struct str producer,
    struct producer_state *out);
bool streams_set_producer(struct streams *l, int64_t id, struct str producer,
    const struct producer_state *p, int64_t now);

/* True when an append of `s`, or of what it was forked from, ends here, or when it is the start. */
bool streams_is_boundary(struct streams *l, const struct stream *s, struct offset at);
/* The last boundary with at most `n` messages before it. */
struct offset streams_before(struct streams *l, const struct stream *s, int64_t n);
/* The last boundary at most `bytes` behind `from`, or the first one when that is further. */
struct offset streams_page(struct streams *l, const struct stream *s, struct offset from,
    int64_t bytes);
/*
 * Appends whole rows from `from` to `to` to `out` until it holds `bytes` or more; between rows of
 * JSON stands a comma. Returns where it stopped: `from` when nothing is there (deleted meanwhile).
 */
struct offset streams_read(struct streams *l, const struct stream *s, struct offset from,
    struct offset to, size_t bytes, struct buf *out);

#endif
