/*
 * How the model keeps what it has made of a session: numbers of as few bytes as they need, and
 * strings behind their length, one after the other and without names. Whoever reads gives the same
 * calls in the same order; what was changed on the disk makes the reader fail, never fall over.
 */
#ifndef MODEL_PACK_H
#define MODEL_PACK_H

#include "base/buf.h"

void pack_u64(struct buf *out, uint64_t n);
void pack_i64(struct buf *out, int64_t n);
void pack_double(struct buf *out, double d);
void pack_str(struct buf *out, struct str s);

/* `failed` stays set once something was missing; what is read from then on is 0 and empty. */
struct unpack {
	struct str rest;
	bool failed;
};

uint64_t unpack_u64(struct unpack *u);
int64_t unpack_i64(struct unpack *u);
double unpack_double(struct unpack *u);
/* Borrowed from what is read. */
struct str unpack_str(struct unpack *u);
/* A number of at most `max`, as all enums and lengths are read. */
uint64_t unpack_max(struct unpack *u, uint64_t max);
bool unpack_bool(struct unpack *u);
/* Replaces the whole content. */
void unpack_buf(struct unpack *u, struct buf *out);
/* True when everything was there and nothing is left. */
bool unpack_end(const struct unpack *u);

#endif
