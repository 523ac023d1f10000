#include "text/safe.h"

#include <stdio.h>

#include "base/utf8.h"
#include "base/width.h"
#include "text/control.h"

enum {
	MAX_CLUSTER = 32,	/* code points; what follows is a cluster of its own */
	MAX_MARKS = 4,		/* a cell of ncurses holds five characters */
	MAX_JOINED = 4,		/* no emoji of Unicode joins more */
	MAX_RUN = 256,		/* columns of a piece that is not ASCII */
	MAX_HIDDEN = 1024	/* counted in one piece, so that a stream never waits for long */
};

enum {
	ENCLOSING_KEYCAP = 0x20E3,
	DOTTED_CIRCLE = 0x25CC,
	BRAILLE_BLANK = 0x2800,
	NON_JOINER = 0x200C,
	JOINER = 0x200D,
	TEXT_STYLE = 0xFE0E,
	EMOJI_STYLE = 0xFE0F,
	BLACK_FLAG = 0x1F3F4,
	TAG_LAST = 0xE007F
};

/* One cluster of the source; end[i] is the offset behind code point i. */
struct cluster {
	uint32_t cp[MAX_CLUSTER];
	uint8_t class[MAX_CLUSTER];	/* enum width_class */
	uint8_t end[MAX_CLUSTER];
	size_t n;
	uint32_t next;			/* the code point behind it, 0 for none */
};

void
safe_init(struct safe *s, struct str source, bool more)
{
	s->source = source;
	s->at = 0;
	s->more = more;
	s->left_out = 0;
}

static enum width_class
class_of(uint32_t cp)
{
	return cp == BRAILLE_BLANK || cp == ENCLOSING_KEYCAP ? WIDTH_HIDDEN : width_class(cp);
}

static struct str
unread(const struct safe *s)
{
	return str_skip(s->source, s->at);
}

/* Takes `n` more source bytes for the piece. */
static void
take(struct safe *s, struct safe_piece *piece, size_t n)
{
	s->at += n;
	piece->src_len += n;
}

static bool
give_hidden(struct safe *s, struct safe_piece *piece, unsigned hidden)
{
	int n = snprintf(s->made, sizeof s->made, "\u2039%u hidden\u203A", hidden);

	piece->kind = SAFE_HIDDEN;
	piece->hidden = hidden;
	piece->text = str_of(s->made, (size_t)n);
	piece->cols = (unsigned)n - 4;	/* the two quotes have three bytes each */
	return true;
}

/* Whether what stands behind the cluster at the end of `run` bytes may belong to it. */
static bool
may_go_on(struct str rest, size_t run, bool more)
{
	size_t len;
	bool ok;
	uint32_t cp;

	if (run == rest.n)
		return more;
	if ((unsigned char)rest.p[run] < 0x80)
		return false;
	cp = utf8_decode(str_skip(rest, run), &len, &ok);
	return width_plain(cp) == 0 && !width_stands_alone(cp);
}

static size_t
ascii_run(struct str rest, bool more)
{
	size_t run = utf8_ascii_run(rest);

	return run > 0 && may_go_on(rest, run, more) ? run - 1 : run;
}

size_t
safe_copy_ascii(char *to, struct str text, size_t most)
{
	size_t n = utf8_copy_ascii(to, str_head(text, most));

	return n > 0 && may_go_on(text, n, false) ? n - 1 : n;
}

/* Columns of the character at the start of `s` if it is a cluster unless more of it follows, and its bytes. */
static unsigned
alone(struct str s, size_t *len)
{
	bool ok;

	return (unsigned)width_alone(utf8_decode(s, len, &ok));
}

size_t
safe_copy_more(char *to, struct str text, size_t ascii, unsigned most, unsigned *cols)
{
	size_t at = ascii, n;
	unsigned w;

	while (at < text.n && (unsigned char)text.p[at] >= 0x80) {
		w = alone(str_skip(text, at), &n);
		if (w == 0 || *cols + w > most)
			break;
		for (size_t end = at + n; at < end; at++)
			to[at] = text.p[at];
		*cols += w;
		n = utf8_copy_ascii(to + at, str_head(str_skip(text, at), most - *cols));
		at += n;
		*cols += (unsigned)n;
	}
	if (at > 0 && may_go_on(text, at, false)) {
		at -= utf8_prev(text, at);
		*cols -= alone(str_skip(text, at), &n);
	}
	return at;
}

unsigned
safe_begins_plain(struct str text)
{
	size_t n;
	unsigned w = text.n > 0 ? alone(text, &n) : 0;

	return w > 0 && !may_go_on(text, n, false) ? w : 0;
}

static bool
read_ascii(struct safe *s, struct safe_piece *piece)
{
	struct str rest = unread(s);
	size_t run = ascii_run(rest, s->more);

	if (run == 0)
		return false;
	piece->kind = SAFE_TEXT;
	piece->text = str_head(rest, run);
	piece->cols = (unsigned)run;
	piece->ascii = true;
	take(s, piece, run);
	return true;
}

/* A run of letters or ideographs of one width, which need no closer look. */
static bool
read_plain(struct safe *s, struct safe_piece *piece)
{
	struct str rest = unread(s);
	size_t run = 0, last = 0;
	int width = 0;
	unsigned cols = 0;

	while (run < rest.n && (unsigned char)rest.p[run] >= 0x80 && cols < MAX_RUN) {
		size_t len;
		bool ok;
		int w = width_plain(utf8_decode(str_skip(rest, run), &len, &ok));

		if (w == 0 || (run > 0 && w != width))
			break;
		width = w;
		cols += (unsigned)w;
		last = len;
		run += len;
	}
	if (run > 0 && may_go_on(rest, run, s->more)) {
		run -= last;
		cols -= (unsigned)width;
	}
	if (run == 0)
		return false;
	piece->kind = SAFE_TEXT;
	piece->text = str_head(rest, run);
	piece->cols = cols;
	piece->wide = width == 2;
	take(s, piece, run);
	return true;
}

static bool
read_control(struct safe *s, struct safe_piece *piece)
{
	struct str rest = unread(s);
	char c = rest.p[0];

	if (c == '\r' && rest.n == 1 && s->more)
		return false;
	take(s, piece, 1);
	if (c == '\n') {
		piece->kind = SAFE_BREAK;
	} else if (c == '\r' && rest.n > 1 && rest.p[1] == '\n') {
		piece->kind = SAFE_BREAK;
		take(s, piece, 1);
	} else if (c == '\t') {
		piece->kind = SAFE_TAB;
	} else {
		s->made[0] = '^';
		s->made[1] = c ^ 0x40;
		piece->kind = SAFE_MARK;
		piece->text = str_of(s->made, 2);
		piece->cols = 2;
		piece->ascii = true;
	}
	return true;
}

/* The cluster at the start of `rest`; false when later bytes could still belong to it. */
static bool
read_cluster(struct str rest, bool more, struct cluster *c)
{
	int32_t state = 0;
	size_t at = 0;

	c->next = 0;
	for (c->n = 0; at < rest.n && c->n < MAX_CLUSTER; c->n++) {
		struct str tail = str_skip(rest, at);
		size_t len;
		bool ok;
		uint32_t cp = utf8_decode(tail, &len, &ok);

		if (!ok && more && utf8_partial_tail(tail) == tail.n)
			return false;
		if (c->n > 0 && width_break(c->cp[c->n - 1], cp, &state)) {
			c->next = cp;
			return true;
		}
		at += len;
		c->cp[c->n] = cp;
		c->class[c->n] = (uint8_t)class_of(cp);
		c->end[c->n] = (uint8_t)at;
		/* Nothing in ASCII joins an emoji. */
		if (c->class[c->n] == WIDTH_PICTURE && at < rest.n && (unsigned char)rest.p[at] < 0x80) {
			c->next = (unsigned char)rest.p[at];
			c->n++;
			return true;
		}
	}
	return c->n == MAX_CLUSTER || !more;
}

/*
 * A mark for a control outside ASCII. U+2028 and U+2029 are marks and no breaks: to a shell or a
 * compiler they end no line, and a command must not look like two.
 */
static bool
give_control(struct safe *s, struct safe_piece *piece, uint32_t cp)
{
	const char *name = control_name(cp);
	int n;

	if (name != NULL)
		n = snprintf(s->made, sizeof s->made, "\u27EA%s\u27EB", name);
	else if (cp >= 0x80 && cp < 0xA0)
		n = snprintf(s->made, sizeof s->made, "<%02X>", cp);
	else
		return false;
	piece->kind = SAFE_MARK;
	piece->text = str_of(s->made, (size_t)n);
	piece->cols = (unsigned)n - (name != NULL ? 4 : 0);
	piece->ascii = name == NULL;
	return true;
}

/* How many code points at the start of `c` are hidden or marks without a base; *marks of them marks. */
static size_t
baseless(const struct cluster *c, size_t *marks)
{
	size_t i;

	*marks = 0;
	for (i = 0; i < c->n; i++) {
		if (c->class[i] == WIDTH_MARK)
			++*marks;
		else if (c->class[i] != WIDTH_HIDDEN || control_name(c->cp[i]) != NULL)
			break;
	}
	return i;
}

/* Code points at the start of `c` of which nothing is shown: more marks than a base may have are no text. */
static size_t
invisible(const struct cluster *c)
{
	size_t marks, n = baseless(c, &marks);

	return marks == 0 || marks > MAX_MARKS ? n : 0;
}

/* What is drawn for the first code point of a cluster: itself, or U+FFFD where it cannot stand alone. */
static uint32_t
base_of(const struct cluster *c)
{
	enum width_class class = c->class[0];
	bool pair = c->n > 1 && c->class[1] == WIDTH_FLAG;

	if (class == WIDTH_NONE || class == WIDTH_TONE || (class == WIDTH_FLAG && !pair) ||
	    width_codepoint(c->cp[0]) <= 0)
		return UTF8_REPLACEMENT;
	return c->cp[0];
}

/* What becomes of a code point behind the base. */
enum verdict {
	KEEP,
	MERGE,	/* not drawn, and nothing is hidden: the emoji says enough */
	HIDE,
	STOP	/* a piece of its own */
};

static bool
keycap_base(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || cp == '#' || cp == '*';
}

/* The flags of England, Scotland and Wales: a black flag and these tags. */
static bool
is_tagged_flag(const struct cluster *c)
{
	static const char tags[][6] = { "gbeng", "gbsct", "gbwls" };

	if (c->n != 7 || c->cp[0] != BLACK_FLAG || c->cp[6] != TAG_LAST)
		return false;
	for (size_t k = 0; k < sizeof tags / sizeof *tags; k++) {
		size_t i = 0;

		while (i < 5 && c->cp[i + 1] == 0xE0000u + (unsigned char)tags[k][i])
			i++;
		if (i == 5)
			return true;
	}
	return false;
}

/*
 * Scripts whose words need joiners, a number each, for their letters and vowel signs: Arabic and its
 * neighbours, Mongolian, and the scripts of India and South East Asia, a block each.
 */
static uint32_t
joining_script(uint32_t cp)
{
	static const uint32_t ranges[][3] = {
		{ 0x0620, 0x064A, 1 }, { 0x066E, 0x06D3, 1 }, { 0x06D5, 0x06D5, 1 }, { 0x06EE, 0x06EF, 1 },
		{ 0x06FA, 0x06FF, 1 }, { 0x0710, 0x074A, 2 }, { 0x0750, 0x077F, 1 }, { 0x07CA, 0x07EA, 3 },
		{ 0x08A0, 0x08C9, 1 }, { 0x1000, 0x103F, 4 }, { 0x1780, 0x17D2, 5 }, { 0x1820, 0x18AA, 6 },
	};

	if (cp >= 0x0900 && cp < 0x0E00)
		return (cp & 0x7F) < 0x66 || (cp & 0x7F) > 0x6F ? cp >> 7 : 0;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return ranges[i][2];
	return 0;
}

/* A joiner between two letters of such a script is spelling: nothing is hidden by it. */
static bool
is_spelling(const struct cluster *c, size_t i)
{
	uint32_t after = i + 1 < c->n ? c->cp[i + 1] : c->next;
	uint32_t script = joining_script(after);
	size_t base = i;

	while (base > 0 && c->class[base - 1] == WIDTH_MARK && joining_script(c->cp[base - 1]) == 0)
		base--;
	return script != 0 && base > 0 && joining_script(c->cp[base - 1]) == script;
}

static enum verdict
judge_hidden(const struct cluster *c, size_t i)
{
	uint32_t cp = c->cp[i], before = c->cp[i - 1];
	bool picture = c->class[i - 1] == WIDTH_PICTURE;

	switch (cp) {
	case TEXT_STYLE:
	case EMOJI_STYLE:
		return picture || (i == 1 && keycap_base(before)) ? MERGE : HIDE;
	case ENCLOSING_KEYCAP:
		return keycap_base(c->cp[0]) && (i == 1 || (i == 2 && before == EMOJI_STYLE)) ? MERGE : HIDE;
	case NON_JOINER:
		return is_spelling(c, i) ? MERGE : HIDE;
	case JOINER:
		if (is_spelling(c, i))
			return MERGE;
		return c->class[0] == WIDTH_PICTURE && i + 1 < c->n && c->class[i + 1] == WIDTH_PICTURE ?
		    MERGE : HIDE;
	default:
		return is_tagged_flag(c) ? MERGE : HIDE;
	}
}

/* Emoji among the first `n` code points. */
static unsigned
pictures(const struct cluster *c, size_t n)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++)
		count += c->class[i] == WIDTH_PICTURE;
	return count;
}

/* `marks`: how many were kept so far. */
static enum verdict
judge(const struct cluster *c, size_t i, unsigned marks)
{
	enum width_class before = c->class[i - 1];

	switch ((enum width_class)c->class[i]) {
	case WIDTH_HIDDEN:
		return judge_hidden(c, i);
	case WIDTH_MARK:
		return marks < MAX_MARKS ? KEEP : HIDE;
	case WIDTH_TONE:
		return before == WIDTH_PICTURE ? MERGE : STOP;
	case WIDTH_PICTURE:
		if (c->class[0] != WIDTH_PICTURE || c->cp[i - 1] != JOINER)
			return STOP;
		return pictures(c, i) < MAX_JOINED ? MERGE : HIDE;
	case WIDTH_FLAG:
		return i == 1 && before == WIDTH_FLAG ? KEEP : STOP;
	case WIDTH_TEXT:
		/* A Hangul vowel or final shares the cell of its initial. */
		if (width_codepoint(c->cp[i]) > 0 || before == WIDTH_HIDDEN || base_of(c) != c->cp[0])
			return STOP;
		return marks < MAX_MARKS ? KEEP : HIDE;
	case WIDTH_NONE:
		break;
	}
	return STOP;
}

static void
compose(struct safe *s, struct safe_piece *piece, uint32_t cp)
{
	piece->text.n += utf8_encode(cp, s->made + piece->text.n);
	piece->cols += (unsigned)width_codepoint(cp);
}

/* The piece for cluster `c`, which shows something; returns how many code points it took. */
static size_t
give_cluster(struct safe *s, struct safe_piece *piece, const struct cluster *c)
{
	size_t marks, i = baseless(c, &marks);

	piece->kind = SAFE_TEXT;
	piece->text = str_of(s->made, 0);
	if (i > 0) {
		compose(s, piece, DOTTED_CIRCLE);
		for (size_t k = 0; k < i; k++)
			if (c->class[k] == WIDTH_MARK)
				compose(s, piece, c->cp[k]);
		s->left_out = (unsigned)(i - marks);
		return i;
	}
	compose(s, piece, base_of(c));
	if (base_of(c) != c->cp[0])
		piece->kind = SAFE_MARK;
	for (unsigned kept = 0; ++i < c->n;) {
		enum verdict v = judge(c, i, kept);

		if (v == STOP)
			break;
		if (v == HIDE)
			s->left_out++;
		if (v != KEEP)
			continue;
		compose(s, piece, c->cp[i]);
		kept++;
	}
	piece->ascii = piece->text.n == 1;
	piece->wide = piece->cols == 2 && width_codepoint(base_of(c)) == 2;
	return i;
}

/* Counts invisible characters as long as nothing else stands between them. */
static bool
read_invisible(struct safe *s, struct safe_piece *piece, struct cluster *c)
{
	unsigned hidden = 0;
	size_t n;

	while ((n = invisible(c)) > 0 && hidden < MAX_HIDDEN) {
		hidden += (unsigned)n;
		take(s, piece, c->end[n - 1]);
		if (unread(s).n > 0 && (unsigned char)unread(s).p[0] < 0x80)
			break;
		if (!read_cluster(unread(s), s->more, c)) {
			s->at = piece->src;
			return false;
		}
	}
	return give_hidden(s, piece, hidden);
}

/* Bytes that are no UTF-8, in front of ASCII, which joins nothing: all that may be said of them is known. */
static bool
read_malformed(struct safe *s, struct safe_piece *piece)
{
	struct str rest = unread(s);
	size_t len;
	bool ok;

	utf8_decode(rest, &len, &ok);
	if (ok || len == rest.n || (unsigned char)rest.p[len] >= 0x80)
		return false;
	piece->kind = SAFE_TEXT;
	piece->text = STR("\uFFFD");
	piece->cols = 1;
	take(s, piece, len);
	return true;
}

static bool
read_text(struct safe *s, struct safe_piece *piece)
{
	struct cluster c;

	if (!read_cluster(unread(s), s->more, &c))
		return false;
	if (invisible(&c) > 0)
		return read_invisible(s, piece, &c);
	if (give_control(s, piece, c.cp[0]))
		take(s, piece, c.end[0]);
	else
		take(s, piece, c.end[give_cluster(s, piece, &c) - 1]);
	return true;
}

bool
safe_next(struct safe *s, struct safe_piece *piece)
{
	unsigned left_out = s->left_out;
	struct str rest = unread(s);

	*piece = (struct safe_piece){ .src = s->at };
	s->left_out = 0;
	if (left_out > 0)
		return give_hidden(s, piece, left_out);
	if (rest.n == 0)
		return false;
	if ((unsigned char)rest.p[0] < 0x20 || rest.p[0] == 0x7F)
		return read_control(s, piece);
	if ((unsigned char)rest.p[0] < 0x80)
		return read_ascii(s, piece) || read_text(s, piece);
	return read_malformed(s, piece) || read_plain(s, piece) || read_text(s, piece);
}

void
safe_add(struct buf *out, struct str source)
{
	struct safe s;
	struct safe_piece piece;

	safe_init(&s, source, false);
	while (safe_next(&s, &piece)) {
		if (piece.kind == SAFE_BREAK || piece.kind == SAFE_TAB)
			buf_byte(out, ' ');
		else
			buf_str(out, piece.text);
	}
}
