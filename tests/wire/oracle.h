/*
 * jansson's opinion. It stands behind functions of its own because both readers have names like
 * json_object.
 */
#ifndef TESTS_WIRE_ORACLE_H
#define TESTS_WIRE_ORACLE_H

#include "base/str.h"

enum oracle {
	ORACLE_REFUSES,
	/*
	 * Refuses what RFC 8259 allows: numbers out of its range, malformed UTF-8, half surrogate pairs,
	 * NUL in a key, deeper than it likes.
	 */
	ORACLE_DECLINES,
	ORACLE_TAKES
};

enum oracle oracle_read(struct str text);
/* Both are taken and mean the same. */
bool oracle_same(struct str a, struct str b);

#endif
