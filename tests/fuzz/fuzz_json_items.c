#include <assert.h>

#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_item(void *ctx, struct str item)
{
	assert(json_valid(item) && str_eq(str_trim(item), item));
	buf_printf(ctx, "%zu:", item.n);
	buf_str(ctx, item);
}

static bool
split(struct str bytes, size_t piece, size_t max, struct buf *log)
{
	struct json_items s = { .item = on_item, .ctx = log, .max = max };
	bool good;

	for (; bytes.n > 0; bytes = str_skip(bytes, piece))
		json_items_feed(&s, str_head(bytes, piece));
	good = json_items_end(&s);
	assert(good == (s.error == NULL));
	json_items_done(&s);
	return good;
}

/* What the reader says the items of one text are. */
static void
read_items(struct str text, struct buf *log)
{
	struct json j;
	struct str item;

	json_init(&j, text);
	if (json_peek(&j) != JSON_ARRAY) {
		on_item(log, str_trim(text));
		return;
	}
	json_array(&j);
	while (json_element(&j)) {
		assert(json_value(&j, &item));
		on_item(log, item);
	}
}

/*
 * The first byte is the size of the pieces, the rest the stream. Whole and in pieces are the same,
 * and where the stream is one text the reader agrees.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_skip(str_of(data, size), 1);
	struct buf whole = { 0 }, pieces = { 0 }, read = { 0 };
	bool good;

	if (size == 0)
		return 0;
	good = split(bytes, bytes.n, size, &whole);
	assert(split(bytes, 1 + data[0], size, &pieces) == good);
	assert(str_eq(buf_view(&whole), buf_view(&pieces)));
	if (json_valid(bytes)) {
		read_items(bytes, &read);
		assert(good && str_eq(buf_view(&whole), buf_view(&read)));
	}
	buf_clear(&whole);
	buf_clear(&pieces);
	assert(split(bytes, bytes.n, 20, &whole) == split(bytes, 1 + data[0], 20, &pieces));
	assert(str_eq(buf_view(&whole), buf_view(&pieces)));
	buf_done(&whole);
	buf_done(&pieces);
	buf_done(&read);
	return 0;
}
