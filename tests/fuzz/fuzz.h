/* What every fuzz target includes: the entry point and a check that ends the program. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define CHECK(what) ((what) ? (void)0 : check_failed(#what, __FILE__, __LINE__))

static inline void
check_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/*
 * The first byte is the size of the pieces, the rest what is read: `read` says in a log what it found, and
 * that is the same whole and in pieces.
 */
static inline void
check_pieces(const uint8_t *data, size_t size, void (*read)(struct str bytes, size_t piece, struct buf *log))
{
	struct str bytes = str_skip(str_of((const char *)data, size), 1);
	struct buf whole = { 0 }, pieces = { 0 };

	if (size == 0)
		return;
	read(bytes, bytes.n, &whole);
	read(bytes, 1 + data[0], &pieces);
	CHECK(str_eq(buf_view(&whole), buf_view(&pieces)));
	buf_done(&whole);
	buf_done(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
