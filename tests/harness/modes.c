#include "tests/harness/modes.h"

#include <stdlib.h>
#include <string.h>

#define SEQUENCE_MAX (1u << 20)

static bool
on_by_default(int n)
{
	return n == 7 || n == 25;
}

void
modes_init(struct modes *m)
{
	*m = (struct modes){ .charset = 'B' };
}

void
modes_done(struct modes *m)
{
	buf_done(&m->seq);
	buf_done(&m->title);
}

static void
reset(struct modes *m)
{
	struct buf seq = m->seq;

	buf_done(&m->title);
	modes_init(m);
	m->seq = seq;
}

bool
modes_on(const struct modes *m, int n)
{
	bool changed = n >= 0 && n < MODES_MAX && (m->changed[n / 64] >> n % 64 & 1) != 0;

	return changed != on_by_default(n);
}

static void
set_mode(struct modes *m, int n, bool on)
{
	if (n < 0 || n >= MODES_MAX)
		return;
	m->changed[n / 64] &= ~(UINT64_C(1) << n % 64);
	m->changed[n / 64] |= (uint64_t)(on != on_by_default(n)) << n % 64;
}

/* A number of a parameter list; `otherwise` where it is left out. */
static int
number(struct str s, int otherwise)
{
	int64_t n;

	return str_to_i64(s, &n) && n <= 100000 ? (int)n : otherwise;
}

static int
number_at(struct str params, int index, int otherwise)
{
	struct str rest = params, one = STR_NONE;

	for (int i = 0; i <= index; i++)
		one = str_cut(rest, ';', &rest);
	return number(one, otherwise);
}

/* A CSI sequence in its parts: "[?25$p" is '?', "25", '$', 'p'. */
struct csi {
	char prefix, between, final;
	struct str params;
};

static bool
csi_parse(struct str seq, struct csi *c)
{
	struct str s = str_skip(seq, 1);

	*c = (struct csi){ 0 };
	if (seq.n < 2 || seq.p[0] != '[')
		return false;
	if (memchr("<=>?", s.p[0], 4) != NULL) {
		c->prefix = s.p[0];
		s = str_skip(s, 1);
	}
	if (s.n == 0)
		return false;
	c->final = s.p[--s.n];
	if (s.n > 0 && s.p[s.n - 1] >= ' ' && s.p[s.n - 1] <= '/')
		c->between = s.p[--s.n];
	c->params = s;
	return true;
}

static void
track_private_modes(struct modes *m, struct str params, bool on)
{
	for (struct str rest = params; rest.n > 0;)
		set_mode(m, number(str_cut(rest, ';', &rest), -1), on);
}

static void
track_key_levels(struct modes *m, const struct csi *c)
{
	if (c->prefix == '>')
		m->key_levels++;
	else if (c->prefix == '<')
		m->key_levels -= number_at(c->params, 0, 1);
	if (m->key_levels < 0)
		m->key_levels = 0;
}

static void
track_titles(struct modes *m, const struct csi *c)
{
	int what = number_at(c->params, 0, 0);

	if (what == 22)
		m->titles++;
	else if (what == 23 && m->titles > 0)
		m->titles--;
}

static void
track_csi(struct modes *m, const struct csi *c)
{
	if (c->prefix == '?' && c->between == 0 && (c->final == 'h' || c->final == 'l'))
		track_private_modes(m, c->params, c->final == 'h');
	else if (c->between == '!' && c->final == 'p')
		reset(m);
	else if (c->between == ' ' && c->final == 'q')
		m->cursor_style = number_at(c->params, 0, 0);
	else if (c->prefix == 0 && c->final == 'r')
		m->margins = c->params.n > 0;
	else if (c->prefix == 0 && c->final == 't')
		track_titles(m, c);
	else if (c->prefix == '>' && c->final == 'm' && number_at(c->params, 0, 4) == 4)
		m->other_keys = number_at(c->params, 1, 0);
	else if (c->prefix != 0 && c->final == 'u')
		track_key_levels(m, c);
}

static void
track_string(struct modes *m, struct str s)
{
	if (str_starts(s, STR("]0;")) || str_starts(s, STR("]2;")))
		buf_set(&m->title, str_skip(s, 3));
}

static void
track(struct modes *m)
{
	struct str s = buf_view(&m->seq);
	struct csi c;

	if (csi_parse(s, &c))
		track_csi(m, &c);
	else if (s.p[0] == '=' || s.p[0] == '>')
		m->keypad = s.p[0] == '=';
	else if (s.p[0] == '(')
		m->charset = s.p[1];
	else if (s.p[0] == 'c')
		reset(m);
	else
		track_string(m, s);
}

static void
finish(struct modes *m, enum modes_place next)
{
	m->complete = true;
	m->place = next;
	track(m);
}

static void
begin(struct modes *m)
{
	buf_clear(&m->seq);
	m->place = MODES_ESCAPE;
}

static void
keep(struct modes *m, char c)
{
	if (m->seq.n < SEQUENCE_MAX)
		buf_byte(&m->seq, c);
}

static void
after_escape(struct modes *m, char c)
{
	keep(m, c);
	if (c == '[')
		m->place = MODES_CSI;
	else if (memchr("]PX^_", c, 5) != NULL)
		m->place = MODES_STRING;
	else if (memchr("()*+#% ", c, 7) != NULL)
		m->place = MODES_CHARSET;
	else
		finish(m, MODES_GROUND);
}

static void
in_string(struct modes *m, char c)
{
	if (c == '\a') {
		finish(m, MODES_GROUND);
	} else if (c == '\033') {	/* of "ESC \", which then is a sequence that does nothing */
		finish(m, MODES_ESCAPE);
	} else {
		keep(m, c);
	}
}

static void
feed_byte(struct modes *m, char c)
{
	if (m->complete && m->place == MODES_ESCAPE)
		buf_clear(&m->seq);
	m->complete = false;
	if (m->place == MODES_STRING) {
		in_string(m, c);
	} else if (c == '\033') {
		begin(m);
	} else if (c == 0x18 || c == 0x1a) {
		m->place = MODES_GROUND;
	} else if (m->place == MODES_GROUND) {
		if (c == 0x0e || c == 0x0f)
			m->shifted = c == 0x0e;
	} else if (m->place == MODES_ESCAPE) {
		after_escape(m, c);
	} else {
		keep(m, c);
		if (m->place == MODES_CHARSET || (c >= '@' && c <= '~'))
			finish(m, MODES_GROUND);
	}
}

size_t
modes_feed(struct modes *m, struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		feed_byte(m, s.p[i++]);
		if (m->complete)
			break;
	}
	return i;
}

static bool
knows_mode(int n, const struct modes_screen *screen)
{
	static const int known[] = { 1, 7, 12, 25, 47, 1000, 1002, 1003, 1004, 1005, 1006, 1047,
		1048, 1049, 2004 };

	if (n == 2026)
		return screen->knows_2026;
	if (n == 2027)
		return screen->knows_2027;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i] == n)
			return true;
	return false;
}

static void
answer_mode(const struct modes *m, int n, const struct modes_screen *screen, struct buf *out)
{
	int value = 0;

	if (knows_mode(n, screen))
		value = modes_on(m, n) ? 1 : 2;
	buf_printf(out, "\033[?%d;%d$y", n, value);
}

static void
answer_size(int what, const struct modes_screen *screen, struct buf *out)
{
	if (what == 14)
		buf_printf(out, "\033[4;%d;%dt", screen->rows * 20, screen->cols * 10);
	else if (what == 16)
		buf_printf(out, "\033[6;20;10t");
	else if (what == 18)
		buf_printf(out, "\033[8;%d;%dt", screen->rows, screen->cols);
}

static void
answer_report(const struct csi *c, const struct modes_screen *screen, struct buf *out)
{
	int what = number_at(c->params, 0, 0);

	if (what == 5)
		buf_printf(out, "\033[0n");
	else if (what == 6)
		buf_printf(out, "\033[%s%d;%dR", c->prefix == '?' ? "?" : "", screen->row + 1,
		    screen->col + 1);
}

static void
answer_csi(const struct modes *m, const struct csi *c, const struct modes_screen *screen,
    struct buf *out)
{
	if (c->final == 'c' && number_at(c->params, 0, 0) == 0) {
		if (c->prefix == 0)
			buf_printf(out, "\033[?62;22c");
		else if (c->prefix == '>')
			buf_printf(out, "\033[>41;379;0c");
	} else if (c->final == 'n') {
		answer_report(c, screen, out);
	} else if (c->final == 'p' && c->between == '$' && c->prefix == '?') {
		answer_mode(m, number_at(c->params, 0, 0), screen, out);
	} else if (c->final == 'q' && c->prefix == '>') {
		buf_printf(out, "\033P>|harness(1)\033\\");
	} else if (c->final == 't' && c->prefix == 0) {
		answer_size(number_at(c->params, 0, 0), screen, out);
	}
}

static void
answer_string(struct str s, const struct modes_screen *screen, struct buf *out)
{
	if (str_eq(s, STR("]10;?")))
		buf_printf(out, "\033]10;rgb:cccc/cccc/cccc\033\\");
	else if (str_eq(s, STR("]11;?")))
		buf_printf(out, "\033]11;%s\033\\", screen->background);
	else if (str_starts(s, STR("]4;")) && str_ends(s, STR(";?")))
		buf_printf(out, "\033]4;%.*s;rgb:8080/8080/8080\033\\", (int)(s.n - 5), s.p + 3);
	else if (str_starts(s, STR("P$q")))
		buf_printf(out, "\033P0$r\033\\");
	else if (str_starts(s, STR("P+q")))
		buf_printf(out, "\033P0+r\033\\");
}

void
modes_answer(const struct modes *m, const struct modes_screen *screen, struct buf *out)
{
	struct str s = buf_view(&m->seq);
	struct csi c;

	if (!m->complete)
		return;
	if (csi_parse(s, &c))
		answer_csi(m, &c, screen, out);
	else
		answer_string(s, screen, out);
}

static void
flag_text(struct buf *out, const char *name, int value)
{
	if (value != 0)
		buf_printf(out, " %s=%d", name, value);
}

void
modes_text(const struct modes *m, struct buf *out)
{
	for (int n = 0; n < MODES_MAX; n++)
		if (modes_on(m, n) != on_by_default(n))
			buf_printf(out, " ?%d%c", n, modes_on(m, n) ? 'h' : 'l');
	if (m->charset != 'B')
		buf_printf(out, " charset=%c", m->charset);
	flag_text(out, "shifted", m->shifted);
	flag_text(out, "keypad", m->keypad);
	flag_text(out, "margins", m->margins);
	flag_text(out, "cursor-style", m->cursor_style);
	flag_text(out, "key-levels", m->key_levels);
	flag_text(out, "other-keys", m->other_keys);
	flag_text(out, "titles", m->titles);
}
