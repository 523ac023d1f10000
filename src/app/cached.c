#include "app/cached.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/shelf.h"

enum { MEMORY = 12 << 20 };	/* bytes of items nobody looks at */

struct cached {
	struct store *store;
	int64_t row;			/* of the session in the store */
	struct session *session;
	struct shelf *shelf;		/* NULL: nothing is kept on disk */
	const struct dialect *dialect;
	struct event_sink sink;
	bool prove;
	uint64_t proof_at;
	struct shelf_mark at;
	int64_t until;			/* of the slice that is read */
	bool due;			/* the shelf is worth saving */
};

enum err
cached_open(struct cached **out, const struct cached_options *o, struct buf *note, struct error *e)
{
	struct cached *c = mem_zalloc(sizeof *c);
	enum err err = ERR_OK;

	c->dialect = o->dialect;
	c->sink = o->sink;
	c->prove = o->prove;
	c->proof_at = o->proof_at;
	if (o->path != NULL || o->outbox)
		err = store_open(&c->store, o->path, note, e);
	if (err == ERR_OK && c->store != NULL)
		err = store_session(c->store, o->name, str_from(o->dialect->name), &c->row, e);
	if (err != ERR_OK) {
		cached_close(c);
		return err;
	}
	if (o->limits != NULL && o->path != NULL)
		store_limit(c->store, o->limits);
	if (o->path != NULL)
		c->shelf = shelf_open(c->store, c->row, MEMORY, &c->session, &c->at);
	else
		c->session = session_new();
	*out = c;
	return ERR_OK;
}

void
cached_close(struct cached *c)
{
	if (c->shelf != NULL && c->store != NULL) {
		shelf_save(c->shelf, &c->at, NULL);
		store_commit(c->store, NULL);
	}
	shelf_free(c->shelf);
	store_close(c->store);
	if (c->session != NULL)
		session_free(c->session);
	free(c);
}

struct session *
cached_session(const struct cached *c)
{
	return c->session;
}

struct store *
cached_store(const struct cached *c)
{
	return c->store;
}

int64_t
cached_row(const struct cached *c)
{
	return c->row;
}

struct cached_proof
cached_proof(const struct cached *c)
{
	return (struct cached_proof){ c->at.records, c->at.chain };
}

int64_t
cached_time(const struct cached *c)
{
	return c->at.time;
}

uint64_t
cached_news(const struct cached *c)
{
	return c->at.news;
}

uint64_t
cached_records(const struct cached *c)
{
	return c->shelf != NULL ? store_records(c->store, c->row) : 0;
}

void
cached_position(const struct cached *c, struct position *at)
{
	*at = (struct position){ 0 };
	if (c->shelf != NULL)
		store_position(c->store, c->row, at);
}

uint64_t
cached_left(const struct cached *c)
{
	uint64_t stored = cached_records(c);

	return stored > c->at.folded ? stored - c->at.folded : 0;
}

static void
fold(struct cached *c, struct str record, int64_t time)
{
	const struct session *s = c->session;
	uint64_t said = s->events - s->visits, visits = s->visits;

	if (c->proof_at == 0 || c->at.records < c->proof_at) {
		if (c->prove)
			c->at.chain = str_hash(record, (uint64_t[]){ c->at.chain, c->at.records });
		c->at.records++;
	}
	c->dialect->decode(record, &c->sink);
	/* That somebody is still here is no news. */
	if (s->events - s->visits != said || s->visits == visits) {
		c->at.time = time;
		c->at.news++;
	}
	if (c->shelf != NULL)
		c->due |= shelf_grew(c->shelf, record.n);
}

static bool
on_stored(void *ctx, struct str record, int64_t time)
{
	struct cached *c = ctx;

	fold(c, record, time);
	return !c->due && clock_mono() < c->until;
}

enum err
cached_read(struct cached *c, int64_t until, struct error *e)
{
	enum err err = ERR_OK;

	c->until = until;
	while (err == ERR_OK && cached_left(c) > 0 && clock_mono() < until) {
		err = store_replay(c->store, c->row, on_stored, c, &c->at.folded, e);
		if (err == ERR_OK)
			err = cached_commit(c, e);
	}
	return err;
}

enum err
cached_record(struct cached *c, struct str record, int64_t time, struct error *e)
{
	enum err err = ERR_OK;

	if (c->shelf != NULL)
		err = store_append(c->store, c->row, record, time, e);
	if (err == ERR_OK)
		c->at.folded++;
	fold(c, record, time);
	return err;
}

void
cached_moved(struct cached *c, const struct position *at)
{
	if (c->shelf != NULL)
		store_set_position(c->store, c->row, at);
}

enum err
cached_reset(struct cached *c, struct error *e)
{
	enum err err = c->shelf != NULL ? store_forget(c->store, c->row, e) : ERR_OK;

	session_reset(c->session);
	if (c->shelf != NULL)
		shelf_reset(c->shelf);
	c->at = (struct shelf_mark){ 0 };
	return err;
}

enum err
cached_commit(struct cached *c, struct error *e)
{
	enum err err = ERR_OK;

	if (c->shelf == NULL)
		return ERR_OK;
	if (c->due && !store_waits(c->store)) {
		err = shelf_save(c->shelf, &c->at, e);
		c->due = false;
	}
	if (err == ERR_OK)
		err = store_commit(c->store, e);
	shelf_trim(c->shelf);
	return err;
}
