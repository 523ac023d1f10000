#include "wire/websocket.h"

#include "base/base64.h"
#include "base/sha1.h"

enum { FIN = 0x80, RESERVED = 0x70, OPCODE = 0x0F, MASKED = 0x80, LENGTH = 0x7F, CONTROL_MAX = 125 };

void
websocket_done(struct websocket *w)
{
	buf_done(&w->message);
	buf_done(&w->control);
	*w = (struct websocket){ 0 };
}

/* ---- reading */

static unsigned
opcode(const struct websocket *w)
{
	return w->head[0] & OPCODE;
}

static bool
is_control(const struct websocket *w)
{
	return opcode(w) >= WEBSOCKET_CLOSE;
}

/* How long the head is, as far as that is known. */
static size_t
head_size(const struct websocket *w)
{
	unsigned length = w->head[1] & LENGTH;

	return w->nhead < 2 || length < 126 ? 2 : length == 126 ? 4 : 10;
}

/* False for a length that is written longer than it must be. */
static bool
read_length(struct websocket *w)
{
	size_t size = head_size(w);

	w->left = w->head[1] & LENGTH;
	if (size == 2)
		return true;
	w->left = 0;
	for (size_t i = 2; i < size; i++)
		w->left = w->left << 8 | w->head[i];
	return w->left > (size == 4 ? 125 : UINT16_MAX);
}

/* A text or a binary begins a message, what goes on with one is neither. */
static bool
is_in_order(const struct websocket *w)
{
	unsigned op = opcode(w);

	if (is_control(w))
		return op <= WEBSOCKET_PONG && (w->head[0] & FIN) != 0 && w->left <= CONTROL_MAX;
	return op == 0 ? w->kind != 0 : op <= WEBSOCKET_BINARY && w->kind == 0;
}

static bool
begin_payload(struct websocket *w)
{
	/* A server does not mask, and no extension was agreed on. */
	if ((w->head[0] & RESERVED) != 0 || (w->head[1] & MASKED) != 0 || !read_length(w) ||
	    !is_in_order(w) || (!is_control(w) && w->left > w->max - w->message.n))
		return false;
	w->in_payload = true;
	if (opcode(w) != 0 && !is_control(w))
		w->kind = (enum websocket_kind)opcode(w);
	return true;
}

static void
end_payload(struct websocket *w, const struct websocket_sink *sink)
{
	struct buf *b = is_control(w) ? &w->control : &w->message;
	enum websocket_kind kind = is_control(w) ? (enum websocket_kind)opcode(w) : w->kind;

	w->in_payload = false;
	w->nhead = 0;
	if ((w->head[0] & FIN) == 0)
		return;
	if (!is_control(w))
		w->kind = 0;
	w->closed = kind == WEBSOCKET_CLOSE;
	sink->message(sink->ctx, kind, buf_view(b));
	buf_clear(b);
}

static struct str
take_head(struct websocket *w, struct str bytes)
{
	size_t n = head_size(w) - w->nhead;

	n = n < bytes.n ? n : bytes.n;
	memcpy(w->head + w->nhead, bytes.p, n);
	w->nhead += n;
	return str_skip(bytes, n);
}

bool
websocket_feed(struct websocket *w, struct str bytes, const struct websocket_sink *sink)
{
	while (bytes.n > 0 && !w->closed) {
		struct str part;

		if (!w->in_payload) {
			bytes = take_head(w, bytes);
			if (w->nhead < 2 || w->nhead < head_size(w))
				continue;
			if (!begin_payload(w))
				return false;
		}
		part = str_head(bytes, w->left < bytes.n ? (size_t)w->left : bytes.n);
		buf_str(is_control(w) ? &w->control : &w->message, part);
		bytes = str_skip(bytes, part.n);
		w->left -= part.n;
		if (w->left == 0)
			end_payload(w, sink);
	}
	return true;
}

/* ---- writing */

void
websocket_frame(struct buf *out, enum websocket_kind kind, struct str bytes,
    const unsigned char mask[WEBSOCKET_MASK])
{
	size_t extra = bytes.n < 126 ? 0 : bytes.n <= UINT16_MAX ? 2 : 8;

	buf_byte(out, (char)(FIN | kind));
	buf_byte(out, (char)(MASKED | (extra == 0 ? bytes.n : extra == 2 ? 126 : 127)));
	while (extra-- > 0)
		buf_byte(out, (char)((uint64_t)bytes.n >> 8 * extra));
	buf_add(out, mask, WEBSOCKET_MASK);
	for (size_t i = 0; i < bytes.n; i++)
		buf_byte(out, (char)(bytes.p[i] ^ mask[i % WEBSOCKET_MASK]));
}

void
websocket_key(const unsigned char random[WEBSOCKET_KEY], struct buf *out)
{
	base64_encode(str_of((const char *)random, WEBSOCKET_KEY), out);
}

void
websocket_accept(struct str key, struct buf *out)
{
	unsigned char hash[SHA1_LEN];
	struct buf both = { 0 };

	buf_str(&both, key);
	buf_str(&both, STR("258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
	sha1(buf_view(&both), hash);
	base64_encode(str_of((const char *)hash, sizeof hash), out);
	buf_done(&both);
}
