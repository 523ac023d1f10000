#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"

struct map_entry {
	char *key;		/* NULL: deleted */
	size_t len;
	uint64_t hash;
	void *value;
};

/* A slot whose entry was deleted: a search goes on past it. */
#define TOMB UINT32_MAX

void
map_init(struct map *m)
{
	*m = (struct map){ 0 };
	/* Without entropy this early in boot the keys are merely guessable. */
	if (getrandom(m->key, sizeof m->key, GRND_NONBLOCK) < 0)
		m->key[0] = (uintptr_t)m;
}

void
map_done(struct map *m, void (*each)(void *value))
{
	for (size_t i = 0; i < m->used; i++) {
		if (m->entries[i].key != NULL && each != NULL)
			each(m->entries[i].value);
		free(m->entries[i].key);
	}
	free(m->entries);
	free(m->slots);
	*m = (struct map){ 0 };
}

size_t
map_count(const struct map *m)
{
	return m->n;
}

/* The slot that holds `key`, or the first one free for it; m->nslots > 0. */
static uint32_t *
find(const struct map *m, struct str key, uint64_t hash, bool *found)
{
	uint32_t *free_slot = NULL;

	for (size_t i = hash & (m->nslots - 1);; i = (i + 1) & (m->nslots - 1)) {
		uint32_t *slot = &m->slots[i];

		if (*slot == 0) {
			*found = false;
			return free_slot != NULL ? free_slot : slot;
		}
		if (*slot == TOMB) {
			if (free_slot == NULL)
				free_slot = slot;
			continue;
		}
		const struct map_entry *e = &m->entries[*slot - 1];
		if (e->hash == hash && str_eq(str_of(e->key, e->len), key)) {
			*found = true;
			return slot;
		}
	}
}

/* Packs the entries and lays the slots out anew, at most half of them full. */
static void
rebuild(struct map *m)
{
	size_t k = 0;

	for (size_t i = 0; i < m->used; i++)
		if (m->entries[i].key != NULL)
			m->entries[k++] = m->entries[i];
	m->used = k;
	m->nslots = 16;
	while (m->nslots < 4 * (k + 1))
		m->nslots *= 2;
	free(m->slots);
	m->slots = mem_zalloc(mem_mul(m->nslots, sizeof *m->slots));
	for (size_t i = 0; i < m->used; i++) {
		size_t s = m->entries[i].hash & (m->nslots - 1);

		while (m->slots[s] != 0)
			s = (s + 1) & (m->nslots - 1);
		m->slots[s] = (uint32_t)i + 1;
	}
}

void *
map_get(const struct map *m, struct str key)
{
	bool found;
	uint32_t *slot;

	if (m->n == 0)
		return NULL;
	slot = find(m, key, str_hash(key, m->key), &found);
	return found ? m->entries[*slot - 1].value : NULL;
}

void *
map_put(struct map *m, struct str key, void *value)
{
	uint64_t hash = str_hash(key, m->key);
	bool found;
	uint32_t *slot;

	if (2 * (m->used + 1) > m->nslots)
		rebuild(m);
	slot = find(m, key, hash, &found);
	if (found) {
		void *old = m->entries[*slot - 1].value;

		m->entries[*slot - 1].value = value;
		return old;
	}
	m->entries = mem_grow(m->entries, m->used, &m->cap, sizeof *m->entries);
	m->entries[m->used++] = (struct map_entry){ mem_str(key), key.n, hash, value };
	*slot = (uint32_t)m->used;
	m->n++;
	return NULL;
}

void *
map_del(struct map *m, struct str key)
{
	bool found;
	uint32_t *slot;
	struct map_entry *e;

	if (m->n == 0)
		return NULL;
	slot = find(m, key, str_hash(key, m->key), &found);
	if (!found)
		return NULL;
	e = &m->entries[*slot - 1];
	*slot = TOMB;
	free(e->key);
	e->key = NULL;
	m->n--;
	return e->value;
}

bool
map_next(const struct map *m, size_t *at, struct str *key, void **value)
{
	while (*at < m->used) {
		const struct map_entry *e = &m->entries[(*at)++];

		if (e->key == NULL)
			continue;
		if (key != NULL)
			*key = str_of(e->key, e->len);
		if (value != NULL)
			*value = e->value;
		return true;
	}
	return false;
}
