/*
 * A session together with its copy on disk: what was stored is folded first, in slices, then what
 * arrives is stored and folded. Everything of one turn of the loop is one transaction: call
 * cached_commit at its end, whatever the turn brought. An error of the disk is told once a call and
 * stops the storing, never the folding.
 */
#ifndef APP_CACHED_H
#define APP_CACHED_H

#include "model/session.h"
#include "model/store_keep.h"

struct cached_options {
	const char *path;		/* NULL: no record is kept */
	bool outbox;			/* the store is needed even then, in memory */
	struct str name;		/* of the session: endpoint_name */
	const struct dialect *dialect;
	struct event_sink sink;		/* applies an event to the session */
	const struct store_limits *limits;	/* of the cache; NULL: nothing is dropped */
	bool prove;			/* else the proof is but the number of records */
	uint64_t proof_at;		/* the proof is of the first so many records; 0: of all */
};

/* Two that folded the same records in the same order have the same proof. */
struct cached_proof {
	uint64_t records, chain;
};

struct cached;

/* `note` gets what the user should know about the file. Folds nothing yet but what was kept
 * folded. */
enum err cached_open(struct cached **out, const struct cached_options *o, struct buf *note,
    struct error *e);
/* Commits. */
void cached_close(struct cached *c);

struct session *cached_session(const struct cached *c);
struct store *cached_store(const struct cached *c);	/* NULL: there is no need for one */
int64_t cached_row(const struct cached *c);
struct cached_proof cached_proof(const struct cached *c);
/* Milliseconds since 1970 of the last record that says more than who is here, 0 for none; and how
 * many such records were folded. */
int64_t cached_time(const struct cached *c);
uint64_t cached_news(const struct cached *c);

/* Of the records that are stored: how many there are, and where reading goes on behind them. `at` is
 * initialised. */
uint64_t cached_records(const struct cached *c);
void cached_position(const struct cached *c, struct position *at);
/* Stored records that are not folded yet: nothing may be appended before they are. */
uint64_t cached_left(const struct cached *c);
/* Folds some of them, until clock_mono is `until`. */
enum err cached_read(struct cached *c, int64_t until, struct error *e);

enum err cached_record(struct cached *c, struct str record, int64_t time, struct error *e);
void cached_moved(struct cached *c, const struct position *at);
/* Forgets records and items; the session keeps what was not sent. */
enum err cached_reset(struct cached *c, struct error *e);
enum err cached_commit(struct cached *c, struct error *e);

#endif
