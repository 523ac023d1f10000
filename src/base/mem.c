#include "base/mem.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Bytes; more than PIECE_MAX glibc does not take for M_MMAP_THRESHOLD. */
enum { PIECE = 1 << 20, PIECE_MAX = 32 << 20 };

static bool keeps;
static void (*on_failure)(const char *message);

void
mem_on_failure(void (*hook)(const char *message))
{
	on_failure = hook;
}

void
mem_keep(void)
{
#ifdef __GLIBC__
	keeps = true;
	mallopt(M_TRIM_THRESHOLD, 2 * PIECE_MAX);
	mem_brief(false);
#endif
}

void
mem_brief(bool brief)
{
#ifdef __GLIBC__
	if (keeps)
		mallopt(M_MMAP_THRESHOLD, brief ? PIECE_MAX : PIECE);
#endif
}

static _Noreturn void
fail(void)
{
	static const char message[] = "weir: out of memory\n";
	void (*hook)(const char *message) = on_failure;

	/* It may run out of memory itself. */
	on_failure = NULL;
	if (hook != NULL)
		hook(message);
	else
		fputs(message, stderr);
	exit(EXIT_FAILURE);
}

void *
mem_realloc(void *p, size_t n)
{
	void *q = realloc(p, n > 0 ? n : 1);

	if (q == NULL)
		fail();
	return q;
}

void *
mem_alloc(size_t n)
{
	return mem_realloc(NULL, n);
}

void *
mem_zalloc(size_t n)
{
	void *p = calloc(1, n > 0 ? n : 1);

	if (p == NULL)
		fail();
	return p;
}

char *
mem_str(struct str s)
{
	char *p = mem_alloc(s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

char *
mem_strdup(const char *s)
{
	return mem_str(str_from(s));
}

size_t
mem_mul(size_t a, size_t b)
{
	size_t r;

	if (__builtin_mul_overflow(a, b, &r))
		fail();
	return r;
}

void *
mem_double(void *array, size_t *cap, size_t size)
{
	*cap = *cap < 8 ? 8 : mem_mul(*cap, 2);
	return mem_realloc(array, mem_mul(*cap, size));
}

enum { ARENA_BLOCK = 8192 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t align = alignof(max_align_t);
	struct arena_block *b = a->head;
	void *p;

	if (n > SIZE_MAX / 2)
		fail();
	n = (n + align - 1) & ~(align - 1);
	if (b == NULL || b->size - b->used < n) {
		size_t size = n > ARENA_BLOCK ? n : ARENA_BLOCK;

		b = mem_alloc(sizeof *b + size);
		*b = (struct arena_block){ a->head, 0, size };
		a->head = b;
	}
	p = b->bytes + b->used;
	b->used += n;
	return p;
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return str_of(p, s.n);
}

static void
free_blocks(struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void
arena_reset(struct arena *a)
{
	if (a->head == NULL)
		return;
	if (a->head->size > ARENA_BLOCK) {
		arena_done(a);
		return;
	}
	free_blocks(a->head->next);
	a->head->next = NULL;
	a->head->used = 0;
}

void
arena_done(struct arena *a)
{
	free_blocks(a->head);
	a->head = NULL;
}
