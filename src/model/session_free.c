/* Giving messages and their parts back. */
#include "model/fold.h"

#include <stdlib.h>

static void
free_part(struct part *p)
{
	buf_done(&p->name);
	free(p->items.v);
	free(p);
}

static void
free_message(void *value)
{
	struct message *m = value;

	for (size_t i = 0; i < m->nparts; i++)
		free_part(m->parts[i]);
	buf_done(&m->id);
	buf_done(&m->agent);
	buf_done(&m->turn);
	free(m->parts);
	free(m->items.v);
	free(m);
}

void
fold_free_message(struct session *s, struct message *m)
{
	struct buf key = { 0 };

	for (size_t i = 0; i < m->nparts; i++) {
		buf_clear(&key);
		fold_part_key(&key, m, m->parts[i]->sort, buf_view(&m->parts[i]->name));
		map_del(&s->parts, buf_view(&key));
	}
	buf_done(&key);
	map_del(&s->messages, buf_view(&m->id));
	s->last_message = NULL;
	s->last_part = NULL;
	free_message(m);
}

void
fold_free_messages(struct session *s)
{
	map_done(&s->speaking, NULL);
	map_done(&s->parts, NULL);
	map_done(&s->messages, free_message);
	s->last_message = NULL;
	s->last_part = NULL;
}
