#include "wire/dialect.h"

const struct dialect *const dialects[] = { &dialect_durable, &dialect_session, &dialect_opencode, &dialect_sse,
	NULL };

const struct dialect *
dialect_by_name(struct str name)
{
	for (const struct dialect *const *d = dialects; *d != NULL; d++)
		if (str_eq(name, str_from((*d)->name)))
			return *d;
	return NULL;
}

/* Something has that name there. */
static bool
is_below(struct str path, struct str folder)
{
	size_t at = str_find(path, folder);

	return at < path.n && at + folder.n < path.n;
}

const struct dialect *
dialect_guess(struct str url)
{
	struct str query, path = str_cut(url, '?', &query);

	if (str_find(path, STR("/v1/stream/")) < path.n)
		return &dialect_durable;
	if (is_below(path, STR("/api/sessions/")) || is_below(path, STR("/api/streams/")))
		return &dialect_session;
	return str_find(path, STR("/session/ses_")) < path.n ? &dialect_opencode : NULL;
}
