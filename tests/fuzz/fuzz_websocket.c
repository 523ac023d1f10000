#include <assert.h>
#include <stdint.h>

#include "wire/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 400 };

static void
note(void *ctx, enum websocket_kind kind, struct str bytes)
{
	assert(bytes.n <= (kind >= WEBSOCKET_CLOSE ? 125 : MAX));
	buf_printf(ctx, "%d:%zu:", (int)kind, bytes.n);
	buf_str(ctx, bytes);
}

static void
read_in_pieces(struct str bytes, size_t piece, struct buf *log)
{
	struct websocket w = { .max = MAX };
	const struct websocket_sink sink = { note, log };
	bool ok = true;

	for (; ok && bytes.n > 0; bytes = str_skip(bytes, piece))
		ok = websocket_feed(&w, str_head(bytes, piece), &sink);
	buf_printf(log, "=%d%d", ok, w.closed);
	websocket_done(&w);
}

/* The first byte is the size of the pieces, the rest the frames: whole and in pieces are the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_skip(str_of((const char *)data, size), 1);
	struct buf whole = { 0 }, pieces = { 0 };

	if (size == 0)
		return 0;
	read_in_pieces(bytes, bytes.n, &whole);
	read_in_pieces(bytes, 1 + data[0], &pieces);
	assert(str_eq(buf_view(&whole), buf_view(&pieces)));
	buf_done(&whole);
	buf_done(&pieces);
	return 0;
}
