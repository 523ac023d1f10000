#include "serve/hub.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/map.h"

/* A frame holds whole rows up to this; a topic keeps some for whoever is a bit behind. */
enum { FRAME_BYTES = 64 << 10, KEPT_BYTES = 256 << 10, KEPT_FRAMES = 32 };

struct topic {
	struct stream stream;
	struct subscriber *subscribers;
	struct frame *frames;		/* newest first */
};

struct hub {
	struct streams *reader;
	struct map topics;
	size_t subscribers;
	struct buf rows;
};

void
frame_release(struct frame *f)
{
	if (f == NULL || --f->refs > 0)
		return;
	buf_done(&f->bytes);
	free(f);
}

static struct str
key_of(const int64_t *id)
{
	return str_of(id, sizeof *id);
}

static struct topic *
topic_of(const struct hub *h, int64_t id)
{
	return map_get(&h->topics, key_of(&id));
}

static void
topic_free(void *value)
{
	struct topic *t = value;

	for (struct frame *f = t->frames, *next; f != NULL; f = next) {
		next = f->next;
		frame_release(f);
	}
	stream_done(&t->stream);
	free(t);
}

struct hub *
hub_new(struct streams *reader)
{
	struct hub *h = mem_zalloc(sizeof *h);

	h->reader = reader;
	map_init(&h->topics);
	return h;
}

void
hub_free(struct hub *h)
{
	if (h == NULL)
		return;
	map_done(&h->topics, topic_free);
	buf_done(&h->rows);
	free(h);
}

static struct topic *
topic_new(struct hub *h, const struct stream *s)
{
	struct topic *t = mem_zalloc(sizeof *t);

	stream_copy(&t->stream, s);
	map_put(&h->topics, key_of(&s->id), t);
	return t;
}

void
hub_join(struct hub *h, struct subscriber *sub, const struct stream *s)
{
	struct topic *t = topic_of(h, s->id);

	if (t == NULL)
		t = topic_new(h, s);
	sub->topic = t;
	sub->next = t->subscribers;
	sub->link = &t->subscribers;
	if (sub->next != NULL)
		sub->next->link = &sub->next;
	t->subscribers = sub;
	h->subscribers++;
}

void
hub_leave(struct hub *h, struct subscriber *sub)
{
	struct topic *t = sub->topic;

	if (t == NULL)
		return;
	*sub->link = sub->next;
	if (sub->next != NULL)
		sub->next->link = sub->link;
	sub->topic = NULL;
	h->subscribers--;
	if (t->subscribers == NULL)
		topic_free(map_del(&h->topics, key_of(&t->stream.id)));
}

const struct stream *
hub_stream(const struct subscriber *sub)
{
	return &sub->topic->stream;
}

bool
hub_at_tail(const struct subscriber *sub)
{
	return offset_cmp(sub->at, sub->topic->stream.tail) >= 0;
}

/* Newest first, as many as may be kept; what is in use lives on with its users. */
static void
keep_frame(struct topic *t, struct frame *f)
{
	size_t bytes = 0, n = 0;
	struct frame **at, *old;

	f->refs++;
	f->next = t->frames;
	t->frames = f;
	for (at = &t->frames; *at != NULL; n++) {
		if (n > 0 && (bytes >= KEPT_BYTES || n >= KEPT_FRAMES))
			break;
		bytes += (*at)->bytes.n;
		at = &(*at)->next;
	}
	while ((old = *at) != NULL) {
		*at = old->next;
		frame_release(old);
	}
}

static struct frame *
make_frame(struct hub *h, struct topic *t, struct offset from, const struct frame_kind *kind)
{
	struct frame *f;
	struct offset to;

	buf_clear(&h->rows);
	to = streams_read(h->reader, &t->stream, from, t->stream.tail, FRAME_BYTES, &h->rows);
	streams_clear(h->reader);
	if (offset_cmp(to, from) == 0)
		return NULL;
	f = mem_zalloc(sizeof *f);
	f->kind = kind;
	f->from = from;
	f->to = to;
	kind->encode(&f->bytes, &t->stream, from, buf_view(&h->rows));
	keep_frame(t, f);
	return f;
}

struct frame *
hub_next(struct hub *h, struct subscriber *sub, const struct frame_kind *kind)
{
	struct topic *t = sub->topic;
	struct frame *f;

	if (hub_at_tail(sub))
		return NULL;
	for (f = t->frames; f != NULL; f = f->next)
		if (f->kind == kind && offset_cmp(f->from, sub->at) == 0)
			break;
	if (f == NULL && (f = make_frame(h, t, sub->at, kind)) == NULL)
		return NULL;
	f->refs++;
	sub->at = f->to;
	return f;
}

static void
wake_topic(struct topic *t)
{
	for (struct subscriber *sub = t->subscribers, *next; sub != NULL; sub = next) {
		next = sub->next;
		sub->wake(sub);
	}
}

void
hub_changed(struct hub *h, int64_t id, struct offset tail, bool closed)
{
	struct topic *t = topic_of(h, id);

	if (t == NULL)
		return;
	t->stream.tail = tail;
	t->stream.closed = closed;
	wake_topic(t);
}

void
hub_ended(struct hub *h, int64_t id)
{
	struct topic *t = topic_of(h, id);

	if (t == NULL)
		return;
	for (struct subscriber *sub = t->subscribers; sub != NULL; sub = sub->next)
		sub->ended = true;
	wake_topic(t);
}

void
hub_touched(struct hub *h, int64_t id, int64_t dies)
{
	struct topic *t = topic_of(h, id);

	if (t != NULL)
		t->stream.dies = dies;
}

void
hub_wake_all(struct hub *h)
{
	size_t at = 0;
	struct str key;
	void *topic;

	while (map_next(&h->topics, &at, &key, &topic))
		wake_topic(topic);
}

void
hub_each(struct hub *h, void (*each)(void *ctx, const struct stream *s), void *ctx)
{
	size_t at = 0;
	struct str key;
	void *topic;

	while (map_next(&h->topics, &at, &key, &topic))
		each(ctx, &((struct topic *)topic)->stream);
}

size_t
hub_subscribers(const struct hub *h)
{
	return h->subscribers;
}
