#include <assert.h>

#include "base/utf8.h"
#include "wire/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each field behind its length: what was said can not be told in two ways. */
static void
note(struct buf *log, char what, struct str text)
{
	buf_printf(log, "%c%zu:", what, text.n);
	buf_str(log, text);
}

static void
on_message(void *ctx, const struct sse_message *m)
{
	assert(m->type.n > 0);
	assert(utf8_valid(m->type) && utf8_valid(m->data) && utf8_valid(m->id));
	assert(str_find_byte(m->id, '\0') == m->id.n);
	note(ctx, 't', m->type);
	note(ctx, 'd', m->data);
	note(ctx, 'i', m->id);
}

static void
on_comment(void *ctx, struct str text)
{
	note(ctx, 'c', text);
}

static void
on_retry(void *ctx, uint64_t ms)
{
	buf_printf(ctx, "r%llu", (unsigned long long)ms);
}

static void
read_in_pieces(struct str bytes, size_t piece, struct buf *log)
{
	struct sse_handler h = { on_message, on_comment, on_retry, log };
	struct sse s;

	sse_init(&s, &h, (struct sse_limits){ .line = 200, .event = 400 });
	for (; bytes.n > 0; bytes = str_skip(bytes, piece))
		sse_feed(&s, str_head(bytes, piece));
	buf_printf(log, "=%d", s.result);
	note(log, 'l', sse_last_id(&s));
	sse_done(&s);
}

/* The first byte is the size of the pieces, the rest the stream: whole and in pieces are the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_skip(str_of(data, size), 1);
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
