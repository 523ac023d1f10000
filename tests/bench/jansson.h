/* The reference for JSON, apart because it has functions of the same names as weir. */
#ifndef TESTS_BENCH_JANSSON_H
#define TESTS_BENCH_JANSSON_H

#include "base/str.h"

/* Reads an event and returns the length of its text. */
size_t bench_jansson(struct str event);

#endif
