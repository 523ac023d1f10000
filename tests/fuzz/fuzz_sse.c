#include "tests/fuzz/fuzz.h"

#include "base/utf8.h"
#include "wire/sse.h"

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
	CHECK(m->type.n > 0);
	CHECK(utf8_valid(m->type) && utf8_valid(m->data) && utf8_valid(m->id));
	CHECK(str_find_byte(m->id, '\0') == m->id.n);
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_pieces(data, size, read_in_pieces);
	return 0;
}
