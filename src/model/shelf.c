#include "model/shelf.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/fold.h"
#include "model/pack.h"

enum {
	/* Of what is kept here. Another number: it is folded anew from the records. */
	FORMAT = 9,
	SAVE_BYTES = 256 << 10,	/* of records that may have to be folded again after a crash */
	KEEP_LAST = 16		/* items at the end that always stay in memory */
};

struct shelf {
	struct store *store;
	int64_t row;
	size_t memory;
	struct session *session;
	bool empty;		/* nothing was ever put on it */
	size_t unsaved;		/* bytes of records folded since */
	size_t saved;		/* bytes the last save wrote */
	size_t grown;		/* bytes that came into memory since the last trim */
	struct buf key, bytes;
};

/* ---- reading */

static void
unpack_mark(struct unpack *u, struct shelf_mark *mark)
{
	mark->folded = unpack_u64(u);
	mark->records = unpack_u64(u);
	mark->chain = unpack_u64(u);
	mark->news = unpack_u64(u);
	mark->time = unpack_i64(u);
}

/* What was kept, behind its mark; false when this version of weir did not write it. */
static bool
read_fold(struct store *st, int64_t row, struct buf *bytes, struct shelf_mark *mark,
    struct str *state)
{
	struct unpack u;

	if (!store_get_fold(st, row, bytes))
		return false;
	u = (struct unpack){ .rest = buf_view(bytes) };
	if (unpack_u64(&u) != FORMAT)
		return false;
	unpack_mark(&u, mark);
	*state = u.rest;
	return !u.failed;
}

bool
shelf_about(struct store *st, int64_t row, struct buf *title, struct shelf_mark *mark)
{
	struct buf bytes = { 0 };
	struct str state;
	bool ok = read_fold(st, row, &bytes, mark, &state) && fold_unpack_title(state, title);

	buf_done(&bytes);
	return ok;
}

static bool
load(struct shelf *sh, struct shelf_mark *mark)
{
	uint64_t records = store_records(sh->store, sh->row);
	struct str state;

	if (!read_fold(sh->store, sh->row, &sh->bytes, mark, &state))
		return false;
	sh->session->shelf = sh;
	if (mark->folded <= records && fold_unpack(sh->session, state))
		return true;
	session_free(sh->session);
	sh->session = session_new();
	return false;
}

struct shelf *
shelf_open(struct store *st, int64_t row, size_t memory, struct session **s,
    struct shelf_mark *mark)
{
	struct shelf *sh = mem_zalloc(sizeof *sh);

	sh->store = st;
	sh->row = row;
	sh->memory = memory;
	sh->session = session_new();
	if (!load(sh, mark)) {
		*mark = (struct shelf_mark){ 0 };
		shelf_reset(sh);
	}
	sh->session->shelf = sh;
	*s = sh->session;
	return sh;
}

void
shelf_free(struct shelf *sh)
{
	if (sh == NULL)
		return;
	sh->session->shelf = NULL;
	buf_done(&sh->key);
	buf_done(&sh->bytes);
	free(sh);
}

/* It is not written back: what is on the disk may be readable another day. */
static struct item *
missing(uint64_t number)
{
	struct item *it = item_new(ITEM_NOTE, number);

	it->note.level = NOTE_WARN;
	buf_set(&it->text, STR("This part cannot be read from the cache; weir cache verify says more."));
	it->saved = true;
	it->saved_version = it->version;
	return it;
}

struct item *
shelf_item(struct shelf *sh, uint64_t number)
{
	struct item *it = NULL;
	struct buf bytes = { 0 };

	if (store_get_item(sh->store, sh->row, number, &bytes))
		it = item_unpack(buf_view(&bytes), number);
	buf_done(&bytes);
	if (it == NULL)
		return missing(number);
	it->saved = true;
	it->saved_version = it->version;
	sh->grown += item_weight(it);
	return it;
}

bool
shelf_find(struct shelf *sh, struct str key, struct buf *bytes)
{
	return sh != NULL && !sh->empty && store_get_entity(sh->store, sh->row, key, bytes);
}

/* ---- writing */

bool
shelf_grew(struct shelf *sh, size_t bytes)
{
	sh->unsaved += bytes;
	sh->grown += bytes;
	/* What is open is written as a whole each time, so the more that is the rarer it is. */
	return sh->unsaved >= SAVE_BYTES && sh->unsaved >= sh->saved;
}

static bool
is_dirty(const struct item *it)
{
	return it != NULL && (!it->saved || it->saved_version != it->version);
}

/* The key leads to the last item that took it. */
static enum err
save_key(struct shelf *sh, const struct item *it, struct error *e)
{
	buf_clear(&sh->key);
	fold_key(&sh->key, it->kind, buf_view(&it->id));
	if ((uintptr_t)map_get(&sh->session->by_key, buf_view(&sh->key)) != it->number)
		return ERR_OK;
	buf_clear(&sh->bytes);
	pack_u64(&sh->bytes, it->number);
	return store_put_entity(sh->store, sh->row, buf_view(&sh->key), buf_view(&sh->bytes), e);
}

static enum err
save_item(struct shelf *sh, struct item *it, struct error *e)
{
	buf_clear(&sh->bytes);
	item_pack(it, &sh->bytes);
	sh->saved += sh->bytes.n;
	if (store_put_item(sh->store, sh->row, it->number, buf_view(&sh->bytes), e) != ERR_OK ||
	    (it->id.n > 0 && save_key(sh, it, e) != ERR_OK))
		return ERR_STORE;
	it->saved = true;
	it->saved_version = it->version;
	return ERR_OK;
}

static enum err
save_message(struct shelf *sh, struct message *m, struct error *e)
{
	buf_clear(&sh->key);
	buf_byte(&sh->key, 'm');
	buf_str(&sh->key, buf_view(&m->id));
	buf_clear(&sh->bytes);
	fold_pack_message(m, &sh->bytes);
	sh->saved += sh->bytes.n;
	m->touched = false;
	return store_put_entity(sh->store, sh->row, buf_view(&sh->key), buf_view(&sh->bytes), e);
}

static enum err
save_parts(struct shelf *sh, struct error *e)
{
	struct session *s = sh->session;
	size_t at = 0;
	void *m;

	for (size_t i = s->resident; i < s->nitems; i++)
		if (is_dirty(s->items[i]) && save_item(sh, s->items[i], e) != ERR_OK)
			return ERR_STORE;
	while (map_next(&s->messages, &at, NULL, &m))
		if (((struct message *)m)->touched && save_message(sh, m, e) != ERR_OK)
			return ERR_STORE;
	return ERR_OK;
}

enum err
shelf_save(struct shelf *sh, const struct shelf_mark *mark, struct error *e)
{
	if (!store_writes(sh->store, sh->row))
		return ERR_OK;
	sh->saved = 0;
	if (save_parts(sh, e) != ERR_OK)
		return ERR_STORE;
	buf_clear(&sh->bytes);
	pack_u64(&sh->bytes, FORMAT);
	pack_u64(&sh->bytes, mark->folded);
	pack_u64(&sh->bytes, mark->records);
	pack_u64(&sh->bytes, mark->chain);
	pack_u64(&sh->bytes, mark->news);
	pack_i64(&sh->bytes, mark->time);
	fold_pack(sh->session, &sh->bytes);
	sh->unsaved = 0;
	sh->empty = false;
	sh->session->kept = sh->session->next_number;
	return store_put_fold(sh->store, sh->row, buf_view(&sh->bytes), e);
}

/* What was saved is gone: all that is left is new to the shelf. */
void
shelf_reset(struct shelf *sh)
{
	struct session *s = sh->session;

	store_drop_fold(sh->store, sh->row, NULL);
	sh->empty = true;
	s->kept = 0;
	for (size_t i = 0; i < s->nitems; i++)
		if (s->items[i] != NULL)
			s->items[i]->saved = false;
}

/* ---- putting away */

static bool
can_go(const struct session *s, const struct item *it)
{
	return it != NULL && !is_dirty(it) && !it->open && !item_is_unsent(it) &&
	    it->used != s->trims && it->number + KEEP_LAST < s->next_number;
}

static void
put_away(struct shelf *sh, size_t i)
{
	struct session *s = sh->session;
	struct item *it = s->items[i];

	buf_clear(&sh->key);
	fold_key(&sh->key, it->kind, buf_view(&it->id));
	if ((uintptr_t)map_get(&s->by_key, buf_view(&sh->key)) == it->number)
		map_del(&s->by_key, buf_view(&sh->key));
	item_free(it);
	s->items[i] = NULL;
}

static void
drop_messages(struct session *s)
{
	size_t at = 0;
	void *value;

	while (map_next(&s->messages, &at, NULL, &value)) {
		struct message *m = value;

		if (!m->touched && m->speaks == 0)
			fold_free_message(s, m);
	}
}

void
shelf_trim(struct shelf *sh)
{
	struct session *s = sh->session;
	size_t weight = 0;

	if (sh->empty || sh->grown < sh->memory / 4)
		return;
	sh->grown = 0;
	for (size_t i = s->resident; i < s->nitems; i++)
		weight += s->items[i] != NULL ? item_weight(s->items[i]) : 0;
	if (weight <= sh->memory)
		return;
	for (size_t i = s->resident; i < s->nitems && weight > sh->memory / 2; i++) {
		if (!can_go(s, s->items[i]))
			continue;
		weight -= item_weight(s->items[i]);
		put_away(sh, i);
	}
	while (s->resident < s->nitems && s->items[s->resident] == NULL)
		s->resident++;
	drop_messages(s);
	s->trims++;
}
