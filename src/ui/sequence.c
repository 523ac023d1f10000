#include "ui/sequence.h"

#include <string.h>

#include "base/utf8.h"

enum {
	ESC = 0x1B,
	MAX_SEQUENCE = 256,	/* longer ones are skipped */
	MAX_PARAMS = 8
};

static struct key
key_of(uint32_t code, unsigned mods)
{
	return (struct key){ .kind = INPUT_KEY, .code = code, .mods = mods };
}

static enum sequence
found_key(struct key *out, uint32_t code, unsigned mods)
{
	if (code == 0)
		return SEQUENCE_DROP;
	*out = key_of(code, mods);
	return SEQUENCE_KEY;
}

/* A byte below 0x20, or DEL. */
static struct key
control_key(unsigned char c)
{
	switch (c) {
	case '\t':
		return key_of(KEYCODE_TAB, 0);
	case '\r':
		return key_of(KEYCODE_ENTER, 0);
	case ESC:
		return key_of(KEYCODE_ESC, 0);
	case 0x7F:
		return key_of(KEYCODE_BACKSPACE, 0);
	case 0:
		return key_of(' ', MOD_CTRL);
	default:
		return key_of(c < 0x1B ? c + 'a' - 1u : c + '@' + 0u, MOD_CTRL);
	}
}

static enum sequence
read_char(struct str s, size_t *len, struct key *out)
{
	uint32_t cp;
	bool ok;

	*len = 1;
	if ((unsigned char)s.p[0] < 0x20 || s.p[0] == 0x7F) {
		*out = control_key((unsigned char)s.p[0]);
		return SEQUENCE_KEY;
	}
	cp = utf8_decode(s, len, &ok);
	if (!ok)
		return utf8_partial_tail(s) == s.n ? SEQUENCE_WAIT : SEQUENCE_DROP;
	return cp >= 0x80 && cp < 0xA0 ? SEQUENCE_DROP : found_key(out, cp, 0);
}

/* A control sequence taken apart; missing parameters are 0, parts behind a colon in `sub`. */
struct csi {
	char private, intermediate, final;
	unsigned n;
	uint32_t param[MAX_PARAMS], sub[MAX_PARAMS];
};

/*
 * False while the final byte is missing. Any byte that cannot be in it ends it as well: final 0.
 * One that is too long is no key, whatever it says.
 */
static bool
read_csi(struct str s, size_t *len, struct csi *c)
{
	uint32_t *number = &c->param[0];

	*c = (struct csi){ .n = 1 };
	for (size_t i = 2; i < s.n; i++) {
		unsigned char b = (unsigned char)s.p[i];

		*len = i + 1;
		if (b >= 0x40 && b < 0x7F) {
			c->final = (char)b;
			if (i >= MAX_SEQUENCE)
				c->private = '?';
			return true;
		}
		if (b < 0x20 || b >= 0x7F) {
			*len = i;
			return true;
		}
		if (b < 0x30)
			c->intermediate = (char)b;
		else if (b >= '<')
			c->private = (char)b;
		else if (b == ':')
			number = &c->sub[c->n - 1];
		else if (b == ';')
			number = &c->param[c->n < MAX_PARAMS ? c->n++ : c->n - 1];
		else if (*number < 0x1000000)
			*number = *number * 10 + (b - '0');
	}
	return false;
}

static unsigned
csi_mods(uint32_t param)
{
	return param > 0 ? (param - 1) & (MOD_SHIFT | MOD_ALT | MOD_CTRL) : 0;
}

/* The keys both CSI and SS3 end with a letter for. */
static uint32_t
letter_key(char final)
{
	switch (final) {
	case 'A':
		return KEYCODE_UP;
	case 'B':
		return KEYCODE_DOWN;
	case 'C':
		return KEYCODE_RIGHT;
	case 'D':
		return KEYCODE_LEFT;
	case 'F':
		return KEYCODE_END;
	case 'H':
		return KEYCODE_HOME;
	case 'P':
		return KEYCODE_F1;
	case 'Q':
		return KEYCODE_F2;
	case 'S':
		return KEYCODE_F4;
	default:
		return 0;
	}
}

static uint32_t
tilde_key(uint32_t param)
{
	static const uint32_t keys[] = {
		[1] = KEYCODE_HOME, [2] = KEYCODE_INSERT, [3] = KEYCODE_DELETE, [4] = KEYCODE_END,
		[5] = KEYCODE_PGUP, [6] = KEYCODE_PGDN, [7] = KEYCODE_HOME, [8] = KEYCODE_END,
		[11] = KEYCODE_F1, [12] = KEYCODE_F2, [13] = KEYCODE_F3, [14] = KEYCODE_F4,
		[15] = KEYCODE_F5, [17] = KEYCODE_F6, [18] = KEYCODE_F7, [19] = KEYCODE_F8,
		[20] = KEYCODE_F9, [21] = KEYCODE_F10, [23] = KEYCODE_F11, [24] = KEYCODE_F12,
	};

	return param < sizeof keys / sizeof keys[0] ? keys[param] : 0;
}

/* A key reported by its code point: CSI-u and modifyOtherKeys. */
static enum sequence
coded_key(uint32_t code, unsigned mods, struct key *out)
{
	if (code == '\t' || code == '\r' || code == ESC || code == 0x7F)
		return found_key(out, control_key((unsigned char)code).code, mods);
	if (code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0xD800 && code < 0xE000) ||
	    (code >= 0xE000 && code < 0xF900) || code > 0x10FFFF)
		return SEQUENCE_DROP;
	if (code >= 'a' && code <= 'z' && (mods & MOD_SHIFT) && !(mods & MOD_CTRL))
		code -= 'a' - 'A';
	if (code >= 'A' && code <= 'Z' && (mods & MOD_CTRL))
		code += 'a' - 'A';
	return found_key(out, code, mods & ~(unsigned)MOD_SHIFT);
}

static enum sequence
mouse_event(const struct csi *c, struct key *out)
{
	uint32_t button = c->param[0];
	uint32_t code = 0;

	if (button & 32)
		return SEQUENCE_DROP;	/* moved */
	if (button & 64)
		code = (button & 3) == 0 ? KEYCODE_WHEEL_UP : (button & 3) == 1 ? KEYCODE_WHEEL_DOWN : 0;
	else if (c->final == 'm')
		code = KEYCODE_MOUSE_UP;
	else if ((button & 3) < 3)
		code = KEYCODE_MOUSE_1 + (button & 3);
	if (code == 0 || c->n < 3 || c->param[1] == 0 || c->param[2] == 0)
		return SEQUENCE_DROP;
	*out = key_of(code, button >> 2 & (MOD_SHIFT | MOD_ALT | MOD_CTRL));
	out->kind = INPUT_MOUSE;
	out->x = c->param[1] - 1;
	out->y = c->param[2] - 1;
	return SEQUENCE_KEY;
}

static enum sequence
reply(struct key *out, enum reply_kind kind, uint32_t a, uint32_t b)
{
	*out = (struct key){ .kind = INPUT_REPLY, .reply = kind, .a = a, .b = b };
	return SEQUENCE_KEY;
}

/* With '?' and the like in front it is never a key. */
static enum sequence
private_csi(const struct csi *c, struct key *out)
{
	if (c->private == '<' && (c->final == 'M' || c->final == 'm'))
		return mouse_event(c, out);
	if (c->private == '?' && c->intermediate == '$' && c->final == 'y')
		return reply(out, REPLY_MODE, c->param[0], c->param[1]);
	if (c->private == '?' && c->intermediate == 0 && c->final == 'c')
		return reply(out, REPLY_DEVICE, 0, 0);
	return SEQUENCE_DROP;
}

/*
 * CSI … R is a cursor position report to weir, not F3 with modifiers: what answers a question
 * nobody asked must not become input.
 */
static enum sequence
public_csi(const struct csi *c, struct key *out)
{
	unsigned mods = csi_mods(c->param[1]);

	if (c->intermediate != 0 || c->sub[1] == 3)
		return SEQUENCE_DROP;
	if (c->final == '~' && c->param[0] == 27)
		return coded_key(c->param[2], mods, out);
	if (c->final == '~')
		return found_key(out, tilde_key(c->param[0]), mods);
	if (c->final == 'u')
		return coded_key(c->param[0], mods, out);
	if (c->final == 'Z')
		return found_key(out, KEYCODE_TAB, MOD_SHIFT);
	if ((c->final == 'I' || c->final == 'O') && c->n == 1 && c->param[0] == 0) {
		*out = (struct key){ .kind = INPUT_FOCUS, .code = c->final == 'I' };
		return SEQUENCE_KEY;
	}
	return found_key(out, letter_key(c->final), mods);
}

static enum sequence
csi_key(struct str s, size_t *len, struct key *out)
{
	struct csi c;

	if (!read_csi(s, len, &c))
		return SEQUENCE_WAIT;
	if (c.final == '[' && *len == 3) {	/* F1 to F5 of the Linux console */
		if (s.n < 4)
			return SEQUENCE_WAIT;
		*len = 4;
		return s.p[3] >= 'A' && s.p[3] <= 'E' ?
		    found_key(out, KEYCODE_F1 + (uint32_t)(s.p[3] - 'A'), 0) : SEQUENCE_DROP;
	}
	if (c.final == 'M' && *len == 3) {	/* the old mouse report: three bytes follow */
		if (s.n < 6)
			return SEQUENCE_WAIT;
		*len = 6;
		return SEQUENCE_DROP;
	}
	if (c.final == '~' && c.private == 0 && c.param[0] == 200)
		return SEQUENCE_PASTE;
	return c.private != 0 ? private_csi(&c, out) : public_csi(&c, out);
}

/* ESC O, perhaps a modifier, a letter: cursor keys and the keypad in application mode. */
static enum sequence
ss3_key(struct str s, size_t *len, struct key *out)
{
	static const char keypad[] = "*+,-./0123456789";
	unsigned mods = 0;
	size_t i = 2;

	if (i < s.n && s.p[i] >= '1' && s.p[i] <= '9')
		mods = csi_mods((uint32_t)(s.p[i++] - '0'));
	if (i >= s.n)
		return SEQUENCE_WAIT;
	*len = i + 1;
	if (s.p[i] >= 'j' && s.p[i] <= 'y')
		return found_key(out, (unsigned char)keypad[s.p[i] - 'j'], mods);
	if (s.p[i] == 'M')
		return found_key(out, KEYCODE_ENTER, mods);
	if (s.p[i] == 'R')
		return found_key(out, KEYCODE_F3, mods);
	if ((unsigned char)s.p[i] < 0x20)
		*len = i;
	return found_key(out, letter_key(s.p[i]), mods);
}

/* One component of "rgb:ffff/ffff/ffff" as 0 to 255. */
static bool
hex_part(struct str s, uint32_t *out)
{
	uint32_t v = 0, max = 0;

	if (s.n == 0 || s.n > 4)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const char *digit = memchr("0123456789abcdef", s.p[i] | 0x20, 16);

		if (digit == NULL)
			return false;
		v = v * 16 + (uint32_t)(strchr("0123456789abcdef", *digit) - "0123456789abcdef");
		max = max * 16 + 15;
	}
	*out = v * 255 / max;
	return true;
}

/* "11;rgb:R/G/B": the background. */
static enum sequence
osc_reply(struct str body, struct key *out)
{
	struct str rest, rgb, part[3];
	uint32_t v[3];

	if (body.n > MAX_SEQUENCE / 2 || !str_eq(str_cut(body, ';', &rest), STR("11")))
		return SEQUENCE_DROP;
	if (!str_starts(str_cut(rest, ':', &rgb), STR("rgb")))
		return SEQUENCE_DROP;
	for (int i = 0; i < 3; i++) {
		part[i] = str_cut(rgb, '/', &rgb);
		if (!hex_part(part[i], &v[i]))
			return SEQUENCE_DROP;
	}
	return reply(out, REPLY_BACKGROUND, v[0] << 16 | v[1] << 8 | v[2], 0);
}

/*
 * The end of OSC, DCS, SOS, PM, APC, which are answers of the terminal: BEL, ST, CAN or SUB, or a
 * new escape sequence. `body` is where it stands, `len` what is over with it.
 */
static bool
string_end(struct str s, size_t from, size_t *body, size_t *len)
{
	for (size_t i = from; i < s.n; i++) {
		unsigned char b = (unsigned char)s.p[i];

		if (b != 0x07 && b != 0x18 && b != 0x1A && b != ESC)
			continue;
		if (b == ESC && i + 1 == s.n)
			return false;
		*body = i;
		*len = b != ESC ? i + 1 : s.p[i + 1] == '\\' ? i + 2 : i;
		return true;
	}
	return false;
}

static enum sequence
string_reply(struct str s, size_t *len, struct key *out)
{
	size_t end;

	if (!string_end(s, 2, &end, len))
		return SEQUENCE_WAIT;
	return s.p[1] == ']' ? osc_reply(str_of(s.p + 2, end - 2), out) : SEQUENCE_DROP;
}

static enum sequence
escape(struct str s, size_t *len, struct key *out)
{
	enum sequence f;

	if (s.n == 1)
		return SEQUENCE_WAIT;
	switch (s.p[1]) {
	case '[':
		return csi_key(s, len, out);
	case 'O':
		return ss3_key(s, len, out);
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		return string_reply(s, len, out);
	case ESC:
		*len = 1;
		return found_key(out, KEYCODE_ESC, 0);
	}
	f = read_char(str_skip(s, 1), len, out);
	*len += 1;
	if (f == SEQUENCE_KEY)
		out->mods |= MOD_ALT;
	return f;
}

enum sequence
sequence_read(struct str s, size_t *len, struct key *out)
{
	enum sequence f = s.p[0] == ESC ? escape(s, len, out) : read_char(s, len, out);

	if (f != SEQUENCE_WAIT || s.n <= MAX_SEQUENCE)
		return f;
	*len = 2;
	return SEQUENCE_LONG;
}

size_t
sequence_skip(char *kind, struct str s)
{
	size_t at, len = 0;

	if (*kind != '[') {
		if (string_end(s, 0, &at, &len))
			*kind = 0;
		else
			len = s.n - (s.p[s.n - 1] == ESC);
		return len;
	}
	while (len < s.n && s.p[len] >= 0x20 && s.p[len] < 0x40)
		len++;
	if (len < s.n) {
		*kind = 0;
		len += s.p[len] >= 0x40 && s.p[len] < 0x7F;
	}
	return len;
}
