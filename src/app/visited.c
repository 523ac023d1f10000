#include "app/visited.h"

#include <stdlib.h>
#include <unistd.h>

#include "app/config.h"
#include "base/mem.h"
#include "model/shelf.h"

struct loading {
	struct store *store;
	struct visited found;
};

void
visited_done(struct visited *v)
{
	for (size_t i = 0; i < v->n; i++) {
		buf_done(&v->v[i].address);
		buf_done(&v->v[i].dialect);
		buf_done(&v->v[i].title);
	}
	free(v->v);
	*v = (struct visited){ 0 };
}

static void
add(void *ctx, const struct store_session_row *row)
{
	struct loading *l = ctx;
	struct visited *v = &l->found;
	struct visited_session *s;
	struct shelf_mark mark;

	v->v = mem_grow(v->v, v->n, &v->cap, sizeof *v->v);
	s = &v->v[v->n++];
	*s = (struct visited_session){ .records = row->records, .unsent = row->unsent,
		.used = row->used, .news = -1 };
	buf_set(&s->address, row->name);
	buf_set(&s->dialect, row->dialect);
	if (shelf_about(l->store, row->id, &s->title, &mark) && mark.folded == row->records)
		s->news = (int64_t)mark.news;
}

enum err
visited_load(struct visited *v, struct error *e)
{
	struct loading l = { .store = NULL };
	struct buf path = { 0 };
	enum err err = config_cache_path(&path, e);

	/* Looking must not make one. */
	if (err == ERR_OK && access(buf_cstr(&path), F_OK) == 0)
		err = store_open(&l.store, buf_cstr(&path), NULL, e);
	if (err == ERR_OK && l.store != NULL)
		err = store_each(l.store, add, &l, e);
	store_close(l.store);
	buf_done(&path);
	if (err != ERR_OK) {
		visited_done(&l.found);
		return err;
	}
	visited_done(v);
	*v = l.found;
	return ERR_OK;
}

const struct visited_session *
visited_find(const struct visited *v, struct str address)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_eq(buf_view(&v->v[i].address), address))
			return &v->v[i];
	return NULL;
}
