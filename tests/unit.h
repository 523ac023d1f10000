/* What every unit test includes: cmocka with what it needs in front, and comparisons of slices. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"

/* Tests and the programs they start run under a sanitizer, which has its own ways to die. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define assert_str(got, want) assert_str_at((got), (want), __FILE__, __LINE__)

static inline void
assert_str_at(struct str got, struct str want, const char *file, int line)
{
	if (str_eq(got, want))
		return;
	print_error("%s:%d: got  \"%.*s\"\n%s:%d: want \"%.*s\"\n", file, line, STR_ARG(got), file,
	    line, STR_ARG(want));
	_fail(file, line);
}

/* A small deterministic generator: tests that use chance print nothing and repeat exactly. */
static inline uint32_t
unit_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

#endif
