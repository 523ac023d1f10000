#include "model/store_db.h"
#include "model/store_sync.h"

enum {
	MOVE_FRAMES = 1000,	/* of the log after which it is moved */
	MAX_FRAMES = 4000	/* with more nothing is written until it was */
};

enum err
store_begin(struct store *st, struct error *e)
{
	if (st->writing)
		return ERR_OK;
	if (!store_run(store_query(st, Q_BEGIN)))
		return store_fail(st, "begin", e);
	st->writing = true;
	return ERR_OK;
}

void
store_roll_back(struct store *st)
{
	if (st->writing)
		store_run(store_query(st, Q_ROLLBACK));
	st->writing = false;
}

enum err
store_write_rows(struct store *st, struct error *e)
{
	struct error why = { 0 };
	enum err r = ERR_OK;

	for (size_t i = 0; i < st->nrows && r == ERR_OK; i++) {
		if (!st->rows[i]->dirty)
			continue;
		r = store_begin(st, &why);
		if (r == ERR_OK && !store_write_row(st, st->rows[i]))
			r = store_fail(st, "write records", &why);
	}
	return r == ERR_OK ? r : store_break(st, &why, e);
}

/* The thread is made when there is something for it to do. */
static struct store_sync *
sync_of(struct store *st)
{
	if (st->sync == NULL && st->path.n > 0)
		st->sync = store_sync_start(buf_cstr(&st->path));
	return st->sync;
}

/* Starts what was left for later and sees what became of it. */
static void
look_after(struct store *st)
{
	struct error why = { 0 };

	if (st->unchecked && !st->checking && sync_of(st) != NULL) {
		store_sync_check(st->sync);
		st->checking = true;
	}
	if (st->limited && sync_of(st) != NULL) {
		st->limited = false;
		store_sync_prune(st->sync, &st->limits);
	}
	if (st->frames >= st->moved + MOVE_FRAMES) {
		st->moved = st->frames;
		if (sync_of(st) != NULL)
			store_sync_move(st->sync);
		else
			store_move_log(st);
	}
	if (st->sync == NULL || st->damaged || !store_sync_damaged(st->sync))
		return;
	st->damaged = true;
	error_set(&why, ERR_STORE, "cache %s is damaged; with the next start it is set aside and a new "
	    "one begun", buf_cstr(&st->path));
	store_break(st, &why, NULL);
}

bool
store_waits(const struct store *st)
{
	return !st->writing && st->frames >= MAX_FRAMES && st->sync != NULL && store_sync_moving(st->sync);
}

enum err
store_commit(struct store *st, struct error *e)
{
	struct error why = { 0 };

	look_after(st);
	if (st->broken.code != ERR_OK)
		return store_broken(st, e);
	if (store_waits(st))
		return ERR_OK;
	if (store_write_rows(st, e) != ERR_OK)
		return ERR_STORE;
	if (st->writing && !store_run(store_query(st, Q_COMMIT))) {
		store_fail(st, "commit", &why);
		return store_break(st, &why, e);
	}
	st->writing = false;
	return ERR_OK;
}

enum err
store_break(struct store *st, const struct error *why, struct error *e)
{
	st->damaged |= store_found_damage(st);
	store_roll_back(st);
	st->broken = *why;
	return store_broken(st, e);
}

enum err
store_broken(const struct store *st, struct error *e)
{
	if (e != NULL)
		*e = st->broken;
	return st->broken.code;
}

struct stmt *
store_write(struct store *st, enum query q, struct error *e)
{
	struct error why = { 0 };

	if (st->broken.code != ERR_OK)
		store_broken(st, e);
	else if (store_begin(st, &why) != ERR_OK)
		store_break(st, &why, e);
	else
		return store_query(st, q);
	return NULL;
}

enum err
store_write_failed(struct store *st, const char *what, struct error *e)
{
	struct error why = { 0 };

	store_fail(st, what, &why);
	return store_break(st, &why, e);
}

enum err
store_begin_durable(struct store *st, struct error *e)
{
	/* A copy that broke down is no reason to lose what the user writes now. */
	store_commit(st, NULL);
	if (!store_run(store_query(st, Q_FULL)))
		return store_fail(st, "configure", e);
	return store_begin(st, e);
}

enum err
store_commit_durable(struct store *st, bool ok, struct error *e)
{
	enum err r = ERR_OK;

	if (!ok || !store_run(store_query(st, Q_COMMIT))) {
		r = store_fail(st, "write to the outbox", e);
		store_roll_back(st);
	}
	st->writing = false;
	store_run(store_query(st, Q_NORMAL));
	return r;
}
