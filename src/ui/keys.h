/*
 * Bytes of the terminal to keys: a pure parser that takes them split anywhere. Late answers of the
 * terminal never become text, a paste never becomes keys. Feed, then take keys until there is none;
 * when keys_deadline has come, take again.
 */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include "base/buf.h"

enum input_kind {
	INPUT_KEY,
	INPUT_PASTE,	/* `text`: LF and TAB are its only controls; long ones come in pieces */
	INPUT_MOUSE,	/* code: KEYCODE_MOUSE_1 … KEYCODE_WHEEL_DOWN, at x, y */
	INPUT_FOCUS,	/* code: 1 got it, 0 lost it */
	INPUT_REPLY	/* `reply` and its numbers: for screen_reply, never text */
};

enum { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CTRL = 4 };

/* Named keys stand above Unicode. */
enum {
	KEYCODE_ENTER = 0x110000, KEYCODE_TAB, KEYCODE_BACKSPACE, KEYCODE_ESC,
	KEYCODE_UP, KEYCODE_DOWN, KEYCODE_LEFT, KEYCODE_RIGHT,
	KEYCODE_HOME, KEYCODE_END, KEYCODE_PGUP, KEYCODE_PGDN, KEYCODE_INSERT, KEYCODE_DELETE,
	KEYCODE_F1, KEYCODE_F2, KEYCODE_F3, KEYCODE_F4, KEYCODE_F5, KEYCODE_F6, KEYCODE_F7,
	KEYCODE_F8, KEYCODE_F9, KEYCODE_F10, KEYCODE_F11, KEYCODE_F12,
	KEYCODE_MOUSE_1, KEYCODE_MOUSE_2, KEYCODE_MOUSE_3, KEYCODE_MOUSE_UP,
	KEYCODE_WHEEL_UP, KEYCODE_WHEEL_DOWN
};

enum reply_kind {
	REPLY_OTHER,
	REPLY_MODE,		/* DECRPM: `a` the mode, `b` 0 unknown, 1 set, 2 reset, 3, 4 permanently */
	REPLY_BACKGROUND,	/* OSC 11: `a` 0xRRGGBB */
	REPLY_DEVICE		/* DA1: everything asked before it has been answered */
};

/*
 * A key is a code point or a KEYCODE with modifiers; what Ctrl makes of a letter is the letter with
 * MOD_CTRL, Shift of a printing key is in the code point alone.
 */
struct key {
	enum input_kind kind;
	uint32_t code;
	unsigned mods;
	unsigned x, y;
	enum reply_kind reply;
	uint32_t a, b;
	struct str text;	/* until the next keys_next or keys_feed */
};

struct keys {
	struct buf held;	/* unread bytes */
	size_t at;		/* of them taken */
	struct buf paste;
	bool pasting, closing, cr;
	char skipping;		/* inside a sequence that is too long: its second byte */
	int64_t fed, closed;	/* when the last bytes came, when the end of a paste */
};

/* Zero-initialised is the start. */
void keys_done(struct keys *k);
void keys_feed(struct keys *k, struct str bytes, int64_t now);
/* False when nothing is complete yet at the time `now`. */
bool keys_next(struct keys *k, int64_t now, struct key *out);
/* When held bytes mean something by themselves (a lone Esc), INT64_MAX when there are none. */
int64_t keys_deadline(const struct keys *k);

bool key_eq(const struct key *a, const struct key *b);
/* "C-x", "M-Enter", "PgUp", "Space", "é": what key_parse reads. */
void key_text(const struct key *k, struct buf *out);
bool key_parse(struct str name, struct key *out);

#endif
