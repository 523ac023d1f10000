/*
 * Growable bytes. A struct buf owns what it holds; zero-initialised is empty and valid; buf_done
 * gives the memory back and leaves it empty again.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <string.h>

#include "base/str.h"

struct buf {
	char *p;
	size_t n, cap;
};

void buf_done(struct buf *b);
/* Empties it and keeps the memory. */
static inline void
buf_clear(struct buf *b)
{
	b->n = 0;
}

/* The slow half of buf_room: takes more memory. */
char *buf_grow(struct buf *b, size_t n);

/* Room for at least `n` more bytes at the returned place; `b->n` is the caller's to advance. */
static inline char *
buf_room(struct buf *b, size_t n)
{
	return b->p != NULL && b->cap - b->n >= n ? b->p + b->n : buf_grow(b, n);
}

static inline void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(buf_room(b, n), p, n);
	b->n += n;
}

static inline void
buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

static inline void
buf_byte(struct buf *b, char c)
{
	*buf_room(b, 1) = c;
	b->n++;
}

void buf_fill(struct buf *b, char c, size_t times);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Replaces the whole content. */
void buf_set(struct buf *b, struct str s);
/* Removes the first `n` bytes, at most all. */
void buf_drop(struct buf *b, size_t n);
/* Replaces `len` bytes at `at` by `s`; `s` may not point into `b`. */
void buf_splice(struct buf *b, size_t at, size_t len, struct str s);

/* What it holds, borrowed until the next change. */
static inline struct str
buf_view(const struct buf *b)
{
	return str_of(b->p, b->n);
}

/* The same with a NUL behind it; the NUL is not counted. */
const char *buf_cstr(struct buf *b);

/* Appends all that `fd` gives, at most `max` bytes; false leaves errno (EFBIG: more than max). */
bool buf_read_fd(struct buf *b, int fd, size_t max);

#endif
