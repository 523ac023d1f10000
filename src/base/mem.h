/*
 * Memory: allocate or die. Running out ends the program through one hook, so that the terminal is
 * restored first; no caller checks for NULL.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/str.h"

void *mem_alloc(size_t n) __attribute__((malloc, alloc_size(1), returns_nonnull));
void *mem_zalloc(size_t n) __attribute__((malloc, alloc_size(1), returns_nonnull));
void *mem_realloc(void *p, size_t n) __attribute__((alloc_size(2), returns_nonnull));
char *mem_strdup(const char *s) __attribute__((malloc, returns_nonnull));
/* A NUL-terminated copy of a slice. */
char *mem_str(struct str s) __attribute__((malloc, returns_nonnull));
/* a * b, or the end of the program when that overflows. */
size_t mem_mul(size_t a, size_t b);

/*
 * Memory that is given back stays with the process, 64 MB of it at most: what each update of a large text
 * needs again would else be mapped anew each time, which can take longer than the update. Pieces of a
 * megabyte or more are mapped by themselves, so that they grow in place, but not while mem_brief says that
 * what is taken is soon given back. Both are for the main thread.
 */
void mem_keep(void);
void mem_brief(bool brief);

/* Called once with a message before exit(1) when memory is out. */
void mem_on_failure(void (*hook)(const char *message));

/* The slow half of mem_grow: twice as many elements, 8 at least. */
void *mem_double(void *array, size_t *cap, size_t size);

/*
 * Makes room for one more element of `size` bytes in an array of *cap elements, `n` of them in use:
 *	a->v = mem_grow(a->v, a->n, &a->cap, sizeof *a->v);
 *	a->v[a->n++] = x;
 */
static inline void *
mem_grow(void *array, size_t n, size_t *cap, size_t size)
{
	return n < *cap ? array : mem_double(array, cap, size);
}

/* A bag of memory that is given back as a whole. Zero-initialised is empty. */
struct arena {
	struct arena_block *head;
};

void *arena_alloc(struct arena *a, size_t n);
struct str arena_str(struct arena *a, struct str s);
/* Gives back everything but one block of the usual size. */
void arena_reset(struct arena *a);
void arena_done(struct arena *a);

#endif
