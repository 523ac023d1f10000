#include "base/utf8.h"
#include "ui/keys.h"

static const struct {
	uint32_t code;
	const char *name;
} names[] = {
	{ ' ', "Space" },
	{ KEYCODE_ENTER, "Enter" },
	{ KEYCODE_TAB, "Tab" },
	{ KEYCODE_BACKSPACE, "Backspace" },
	{ KEYCODE_ESC, "Esc" },
	{ KEYCODE_UP, "Up" },
	{ KEYCODE_DOWN, "Down" },
	{ KEYCODE_LEFT, "Left" },
	{ KEYCODE_RIGHT, "Right" },
	{ KEYCODE_HOME, "Home" },
	{ KEYCODE_END, "End" },
	{ KEYCODE_PGUP, "PgUp" },
	{ KEYCODE_PGDN, "PgDn" },
	{ KEYCODE_INSERT, "Insert" },
	{ KEYCODE_DELETE, "Delete" },
	{ KEYCODE_F1, "F1" },
	{ KEYCODE_F2, "F2" },
	{ KEYCODE_F3, "F3" },
	{ KEYCODE_F4, "F4" },
	{ KEYCODE_F5, "F5" },
	{ KEYCODE_F6, "F6" },
	{ KEYCODE_F7, "F7" },
	{ KEYCODE_F8, "F8" },
	{ KEYCODE_F9, "F9" },
	{ KEYCODE_F10, "F10" },
	{ KEYCODE_F11, "F11" },
	{ KEYCODE_F12, "F12" },
	{ KEYCODE_MOUSE_1, "Mouse1" },
	{ KEYCODE_MOUSE_2, "Mouse2" },
	{ KEYCODE_MOUSE_3, "Mouse3" },
	{ KEYCODE_MOUSE_UP, "MouseUp" },
	{ KEYCODE_WHEEL_UP, "WheelUp" },
	{ KEYCODE_WHEEL_DOWN, "WheelDown" },
};

enum { NAMES = sizeof names / sizeof names[0] };

bool
key_eq(const struct key *a, const struct key *b)
{
	return a->kind == b->kind && a->code == b->code && a->mods == b->mods;
}

void
key_text(const struct key *k, struct buf *out)
{
	if (k->mods & MOD_CTRL)
		buf_str(out, STR("C-"));
	if (k->mods & MOD_ALT)
		buf_str(out, STR("M-"));
	if (k->mods & MOD_SHIFT)
		buf_str(out, STR("S-"));
	for (size_t i = 0; i < NAMES; i++) {
		if (names[i].code == k->code) {
			buf_str(out, str_from(names[i].name));
			return;
		}
	}
	utf8_add(out, k->code);
}

static unsigned
modifier(char c)
{
	return c == 'C' ? MOD_CTRL : c == 'M' ? MOD_ALT : c == 'S' ? MOD_SHIFT : 0;
}

static uint32_t
named(struct str name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (str_eq_nocase(name, str_from(names[i].name)))
			return names[i].code;
	return 0;
}

bool
key_parse(struct str name, struct key *out)
{
	*out = (struct key){ .kind = INPUT_KEY };
	while (name.n > 2 && name.p[1] == '-' && modifier(name.p[0]) != 0) {
		out->mods |= modifier(name.p[0]);
		name = str_skip(name, 2);
	}
	out->code = named(name);
	if (out->code == 0 && name.n > 0) {
		size_t len;
		bool ok;

		out->code = utf8_decode(name, &len, &ok);
		if (!ok || len != name.n || out->code < 0x20)
			return false;
	}
	if (out->code >= KEYCODE_MOUSE_1)
		out->kind = INPUT_MOUSE;
	return out->code != 0;
}
