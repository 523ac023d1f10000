#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/edit.h"

void
history_done(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		buf_done(&h->entries[i]);
	free(h->entries);
	buf_done(&h->draft);
	*h = (struct history){ 0 };
}

void
history_add(struct history *h, struct str text)
{
	bool new = text.n > 0 && (h->n == 0 || !str_eq(buf_view(&h->entries[h->n - 1]), text));

	if (new && h->n == HISTORY_MAX) {
		buf_done(&h->entries[0]);
		memmove(h->entries, h->entries + 1, --h->n * sizeof *h->entries);
	}
	if (new) {
		h->entries = mem_grow(h->entries, h->n, &h->cap, sizeof *h->entries);
		h->entries[h->n] = (struct buf){ 0 };
		buf_set(&h->entries[h->n++], text);
	}
	h->at = h->n;
	buf_clear(&h->draft);
}

bool
history_prev(struct history *h, struct str current, struct str *out)
{
	if (h->at == 0)
		return false;
	if (h->at == h->n)
		buf_set(&h->draft, current);
	*out = buf_view(&h->entries[--h->at]);
	return true;
}

bool
history_next(struct history *h, struct str *out)
{
	if (h->at == h->n)
		return false;
	h->at++;
	*out = buf_view(h->at == h->n ? &h->draft : &h->entries[h->at]);
	return true;
}
