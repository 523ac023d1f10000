#include "wire/dialect.h"

const struct dialect *const dialects[] = { &dialect_durable, &dialect_opencode, &dialect_sse, NULL };

const struct dialect *
dialect_by_name(struct str name)
{
	for (const struct dialect *const *d = dialects; *d != NULL; d++)
		if (str_eq(name, str_from((*d)->name)))
			return *d;
	return NULL;
}

const struct dialect *
dialect_guess(struct str url)
{
	struct str query, path = str_cut(url, '?', &query);

	if (str_find(path, STR("/v1/stream/")) < path.n)
		return &dialect_durable;
	return str_find(path, STR("/session/ses_")) < path.n ? &dialect_opencode : NULL;
}
