/* Input of a terminal: any bytes, cut anywhere, give clean keys and the same keys. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "ui/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Pieces of a paste are one. */
static void
note(const struct key *k, struct buf *out, bool *in_paste)
{
	if (k->kind == INPUT_PASTE) {
		for (size_t i = 0; i < k->text.n; i++) {
			unsigned char c = (unsigned char)k->text.p[i];

			if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
				abort();
		}
		if (!utf8_valid(k->text))
			abort();
		if (!*in_paste)
			buf_str(out, STR("paste "));
		buf_str(out, k->text);
	} else {
		buf_printf(out, " %d %x %u %u %u %d %u %u", (int)k->kind, (unsigned)k->code, k->mods, k->x,
		    k->y, (int)k->reply, (unsigned)k->a, (unsigned)k->b);
	}
	*in_paste = k->kind == INPUT_PASTE;
}

static void
read_all(const uint8_t *data, size_t size, size_t step, struct buf *out)
{
	struct keys k = { 0 };
	struct key key;
	bool in_paste = false;

	for (size_t at = 0; at < size; at += step) {
		keys_feed(&k, str_head(str_of(data + at, size - at), step), 0);
		while (keys_next(&k, 0, &key))
			note(&key, out, &in_paste);
	}
	while (keys_next(&k, 5000, &key))
		note(&key, out, &in_paste);
	if (keys_deadline(&k) != INT64_MAX)
		abort();
	keys_done(&k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = { 0 }, split = { 0 };

	read_all(data, size, size > 0 ? size : 1, &whole);
	for (size_t step = 1; step < 8; step += 2) {
		buf_clear(&split);
		read_all(data, size, step, &split);
		if (!str_eq(buf_view(&whole), buf_view(&split)))
			abort();
	}
	buf_done(&whole);
	buf_done(&split);
	return 0;
}
