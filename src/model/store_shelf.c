#include "model/store_db.h"

/* The only column of the only row. */
static bool
get(struct store *st, struct stmt *s, struct buf *out)
{
	bool found = store_step(s);

	if (found)
		buf_set(out, store_str(s, 0));
	if (store_end(s))
		return found;
	/* The next start looks at the whole file. */
	st->suspect = true;
	return false;
}

static struct stmt *
ask(struct store *st, enum query q, int64_t session)
{
	struct stmt *s = store_query(st, q);

	store_bind_i64(s, 1, session);
	return s;
}

bool
store_get_fold(struct store *st, int64_t session, struct buf *state)
{
	return get(st, ask(st, Q_FOLD, session), state);
}

bool
store_get_item(struct store *st, int64_t session, uint64_t n, struct buf *bytes)
{
	struct stmt *s = ask(st, Q_ITEM, session);

	store_bind_i64(s, 2, (int64_t)n);
	return get(st, s, bytes);
}

bool
store_get_entity(struct store *st, int64_t session, struct str key, struct buf *bytes)
{
	struct stmt *s = ask(st, Q_ENTITY, session);

	store_bind(s, 2, key);
	return get(st, s, bytes);
}

static enum err
run(struct store *st, struct stmt *s, struct error *e)
{
	return store_run(s) ? ERR_OK : store_write_failed(st, "write what was made of the records", e);
}

enum err
store_put_fold(struct store *st, int64_t session, struct str state, struct error *e)
{
	struct stmt *s = store_write(st, Q_FOLD_PUT, e);

	if (s == NULL)
		return ERR_STORE;
	store_bind_i64(s, 1, session);
	store_bind(s, 2, state);
	return run(st, s, e);
}

enum err
store_put_item(struct store *st, int64_t session, uint64_t n, struct str bytes, struct error *e)
{
	struct stmt *s = store_write(st, Q_ITEM_PUT, e);

	if (s == NULL)
		return ERR_STORE;
	store_bind_i64(s, 1, session);
	store_bind_i64(s, 2, (int64_t)n);
	store_bind(s, 3, bytes);
	return run(st, s, e);
}

enum err
store_put_entity(struct store *st, int64_t session, struct str key, struct str bytes, struct error *e)
{
	struct stmt *s = store_write(st, Q_ENTITY_PUT, e);

	if (s == NULL)
		return ERR_STORE;
	store_bind_i64(s, 1, session);
	store_bind(s, 2, key);
	store_bind(s, 3, bytes);
	return run(st, s, e);
}

enum err
store_drop_fold(struct store *st, int64_t session, struct error *e)
{
	static const enum query drops[] = { Q_FOLD_DROP, Q_ITEM_DROP, Q_ENTITY_DROP };

	if (!store_writes(st, session))
		return ERR_OK;
	for (size_t i = 0; i < sizeof drops / sizeof *drops; i++) {
		struct stmt *s = store_write(st, drops[i], e);

		if (s == NULL)
			return ERR_STORE;
		store_bind_i64(s, 1, session);
		if (run(st, s, e) != ERR_OK)
			return ERR_STORE;
	}
	return ERR_OK;
}
