#include <jansson.h>

#include "tests/bench/jansson.h"

size_t
bench_jansson(struct str event)
{
	json_t *top = json_loadb(event.p, event.n, 0, NULL), *in = json_object_get(top, "data");
	size_t n;

	if (in == NULL)
		in = json_object_get(json_object_get(top, "properties"), "part");
	n = json_string_length(json_object_get(in, "text"));
	json_decref(top);
	return n;
}
