#include "ui/keys.h"

#include <string.h>

#include "base/utf8.h"
#include "ui/sequence.h"

enum {
	ESC = 0x1B,
	ESC_MS = 50,		/* a lone Esc is a key after this */
	SEQUENCE_MS = 1000,	/* a sequence that stays incomplete is forgotten after this */
	CLOSE_MS = 25,		/* a second end of a paste so soon behind the first is the true one */
	STUCK_MS = 1000,	/* after this silence a single C-c ends a paste without an end */
	MAX_PIECE = 65536	/* of a paste */
};

#define PASTE_BEGIN STR("\033[200~")
#define PASTE_END STR("\033[201~")

void
keys_done(struct keys *k)
{
	buf_done(&k->held);
	buf_done(&k->paste);
	*k = (struct keys){ 0 };
}

/* Held bytes that stayed incomplete for so long that they mean something else, or nothing. */
static enum sequence
give_up(struct str s, size_t *len, struct key *out)
{
	*len = s.n;
	if (s.p[0] == ESC && s.n == 1)
		*out = (struct key){ .kind = INPUT_KEY, .code = KEYCODE_ESC };
	else if (s.p[0] == ESC && s.n == 2 && s.p[1] > 0x20 && s.p[1] < 0x7F)
		*out = (struct key){ .kind = INPUT_KEY, .code = (unsigned char)s.p[1], .mods = MOD_ALT };
	else
		return SEQUENCE_DROP;
	return SEQUENCE_KEY;
}

static struct str
unread(const struct keys *k)
{
	return str_skip(buf_view(&k->held), k->at);
}

int64_t
keys_deadline(const struct keys *k)
{
	struct str s = unread(k);

	if (s.n == 0 || (k->pasting && !k->closing))
		return INT64_MAX;
	if (k->closing)
		return k->closed + CLOSE_MS;
	return k->fed + (s.n == 1 && s.p[0] == ESC ? ESC_MS : SEQUENCE_MS);
}

void
keys_feed(struct keys *k, struct str bytes, int64_t now)
{
	int64_t silence = now - k->fed;

	k->fed = now;
	if (k->closing && now >= k->closed + CLOSE_MS)
		k->pasting = k->closing = false;
	if (silence >= SEQUENCE_MS)
		k->skipping = 0;
	if (k->pasting && silence >= STUCK_MS && str_eq(bytes, STR("\x03"))) {
		k->pasting = k->closing = false;
		buf_clear(&k->held);
		k->at = 0;
		return;
	}
	buf_drop(&k->held, k->at);
	k->at = 0;
	buf_str(&k->held, bytes);
}

/*
 * Pasted text: no control but LF and TAB, CR and CRLF are LF, no broken UTF-8. Returns the bytes
 * read, 0 when more must come.
 */
static size_t
paste_char(struct keys *k, struct str s)
{
	unsigned char b = (unsigned char)s.p[0];
	bool after_cr = k->cr;
	size_t len;
	uint32_t cp;
	bool ok;

	k->cr = b == '\r';
	if (b < 0x20 || b == 0x7F) {
		if (b == '\r' || (b == '\n' && !after_cr))
			buf_byte(&k->paste, '\n');
		else if (b == '\t')
			buf_byte(&k->paste, '\t');
		return 1;
	}
	cp = utf8_decode(s, &len, &ok);
	if (!ok && utf8_partial_tail(s) == s.n)
		return 0;
	if (cp < 0x80 || cp >= 0xA0)
		utf8_add(&k->paste, cp);
	return len;
}

/* Reads the markers and text of a paste; 0: the rest is incomplete. */
static size_t
paste_step(struct keys *k, struct str s)
{
	size_t n = PASTE_END.n;

	if (s.p[0] == ESC) {
		if (str_starts(s, PASTE_BEGIN))
			return n;
		if (str_starts(s, PASTE_END)) {
			k->closing = true;
			k->closed = k->fed;
			return n;
		}
		if (s.n < n && (str_starts(PASTE_END, s) || str_starts(PASTE_BEGIN, s)))
			return 0;
	}
	return paste_char(k, s);
}

/*
 * What stands behind the end of a paste are keys, unless another end follows: then the paste
 * brought the first one along to have the rest of it typed. False while that cannot be told.
 */
static bool
settle_paste(struct keys *k, int64_t now)
{
	struct str s = unread(k);

	if (!k->closing)
		return false;
	if (str_find(s, PASTE_END) < s.n)
		k->closing = false;
	else if (now >= k->closed + CLOSE_MS)
		k->pasting = k->closing = false;
	else
		return false;
	return true;
}

/* False when no text has come. */
static bool
next_paste(struct keys *k, struct key *out)
{
	buf_clear(&k->paste);
	while (!k->closing && k->paste.n < MAX_PIECE) {
		struct str s = unread(k);
		size_t n = s.n > 0 ? paste_step(k, s) : 0;

		if (n == 0)
			break;
		k->at += n;
	}
	*out = (struct key){ .kind = INPUT_PASTE, .text = buf_view(&k->paste) };
	return k->paste.n > 0;
}

bool
keys_next(struct keys *k, int64_t now, struct key *out)
{
	for (;;) {
		struct str s = unread(k);
		size_t len = 1;
		enum sequence f;

		if (k->pasting) {
			if (next_paste(k, out))
				return true;
			if (!settle_paste(k, now))
				return false;
			continue;
		}
		if (s.n == 0)
			return false;
		if (k->skipping != 0) {
			size_t n = sequence_skip(&k->skipping, s);

			k->at += n;
			if (n == 0 && k->skipping != 0)
				return false;
			continue;
		}
		f = sequence_read(s, &len, out);
		if (f == SEQUENCE_WAIT && now >= keys_deadline(k))
			f = give_up(s, &len, out);
		if (f == SEQUENCE_WAIT)
			return false;
		k->at += len;
		if (f == SEQUENCE_KEY)
			return true;
		if (f == SEQUENCE_LONG)
			k->skipping = s.p[1];
		if (f == SEQUENCE_PASTE) {
			k->pasting = true;
			k->closing = k->cr = false;
		}
	}
}
