#include "tests/fuzz/fuzz.h"

#include "wire/websocket.h"

enum { MAX = 400 };

static void
note(void *ctx, enum websocket_kind kind, struct str bytes)
{
	CHECK(bytes.n <= (kind >= WEBSOCKET_CLOSE ? 125 : MAX));
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_pieces(data, size, read_in_pieces);
	return 0;
}
