/*
 * Byte strings to pointers, in a hash table keyed with a secret (keys come from servers). The map
 * copies keys and borrows values. Entries are walked in the order in which they were put in.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/str.h"

struct map {
	struct map_entry *entries;	/* in order of insertion; deleted ones have no key */
	uint32_t *slots;		/* index + 1 into entries, 0 is free */
	size_t n, used, cap, nslots;
	uint64_t key[2];
};

void map_init(struct map *m);
/* Calls `each` (may be NULL) on every value. */
void map_done(struct map *m, void (*each)(void *value));

size_t map_count(const struct map *m);
void *map_get(const struct map *m, struct str key);
/* Returns the value that was there before, NULL when there was none. `value` may not be NULL. */
void *map_put(struct map *m, struct str key, void *value);
void *map_del(struct map *m, struct str key);

/* Walks: start with *at = 0; false at the end. Deleting the current entry is allowed. */
bool map_next(const struct map *m, size_t *at, struct str *key, void **value);

#endif
