#include "text/code.h"

#include <string.h>

#include "text/langs.h"

/*
 * The state between lines: 0 is outside of everything, 1 + i inside the i-th quote of the language,
 * with how deep it is nested above that. The kinds that are not made of words have their own.
 */
enum { DEPTH = 16, DEPTH_MAX = 200 };
enum { TAGS_COMMENT = 1, TAGS_TAG, TAGS_DOUBLE, TAGS_SINGLE };
enum { MARKDOWN_FENCE = 1 };

enum { RUNS = 64 };	/* that are given out at once */

struct lexer {
	const struct code_lang *lang;
	struct str line;
	size_t at, done;	/* read, and in runs */
	size_t indent;		/* blanks in front */
	unsigned state;
	struct role_run *runs;
	size_t n;		/* that are not given out yet */
	code_runs *put;
	void *user;
};

const struct code_lang *
code_find(struct str name)
{
	char key[24] = " ";

	if (name.n == 0 || name.n > sizeof key - 3)
		return NULL;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == ' ' || name.p[i] == '\0')
			return NULL;
		key[i + 1] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 0x20 : name.p[i];
	}
	key[name.n + 1] = ' ';
	for (size_t i = 0; i < code_nlangs; i++)
		if (strstr(code_langs[i].names, key) != NULL)
			return &code_langs[i];
	return NULL;
}

static struct str
rest(const struct lexer *x)
{
	return str_skip(x->line, x->at);
}

/* The byte `ahead` of the next, 0 behind the end. */
static char
peek(const struct lexer *x, size_t ahead)
{
	return x->at + ahead < x->line.n ? x->line.p[x->at + ahead] : '\0';
}

static void
give_out(struct lexer *x)
{
	if (x->n > 0)
		x->put(x->user, x->runs, x->n);
	x->n = 0;
}

/* What was read and is in no run yet is one. */
static inline void
give(struct lexer *x, enum role role)
{
	if (x->at == x->done)
		return;
	x->runs[x->n++] = (struct role_run){ (uint32_t)(x->at - x->done), role };
	x->done = x->at;
	if (x->n == RUNS)
		give_out(x);
}

/* What was skipped up to here is plain; then `n` bytes of a role. */
static void
take(struct lexer *x, size_t n, enum role role)
{
	give(x, ROLE_TEXT);
	x->at += n;
	give(x, role);
}

static void
take_rest(struct lexer *x, enum role role)
{
	take(x, x->line.n - x->at, role);
}

static bool
is(const struct lexer *x, char c, unsigned what)
{
	return x->lang->bytes[(unsigned char)c] & what;
}

/* Where the bytes of the line from `at` on that are something of this end. */
static size_t
skip(const struct lexer *x, size_t at, unsigned what)
{
	const uint8_t *bytes = x->lang->bytes;

	while (at < x->line.n && bytes[(unsigned char)x->line.p[at]] & what)
		at++;
	return at;
}

/* Where those that are nothing of it end. */
static size_t
skip_other(const struct lexer *x, size_t at, unsigned what)
{
	const uint8_t *bytes = x->lang->bytes;

	while (at < x->line.n && !(bytes[(unsigned char)x->line.p[at]] & what))
		at++;
	return at;
}

/* Bytes of a name that begins `from` bytes ahead. */
static size_t
name_length(const struct lexer *x, size_t from)
{
	size_t at = x->at + from;

	return skip(x, at, BYTE_NAME) - at;
}

/* How far ahead what is not blank is, `from` bytes at least. */
static size_t
skip_blanks(const struct lexer *x, size_t from)
{
	return skip(x, x->at + from, BYTE_BLANK) - x->at;
}

/* The length of a mark that stands here, else 0. */
static size_t
stands(const struct lexer *x, const char *mark)
{
	size_t n = 0;

	while (mark[n] != '\0' && mark[n] == peek(x, n))
		n++;
	return mark[n] == '\0' ? n : 0;
}

/* Eight bytes as a number: as one is less than another, so is its number. */
static inline uint64_t
eight(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
	       (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
}

/* The high bit of each byte that is zero; there may be more bits, but only in front of one of these. */
static uint64_t
zeros(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u;

	return (w - ones) & ~w & ones * 0x80;
}

/* Where the bytes from `at` on that are none of these three end. */
static size_t
skip_to(struct str s, size_t at, char a, char b, char c)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t as = ones * (unsigned char)a, bs = ones * (unsigned char)b, cs = ones * (unsigned char)c;

	for (; at + 8 <= s.n; at += 8) {
		uint64_t w = eight(s.p + at), marks = zeros(w ^ as) | zeros(w ^ bs) | zeros(w ^ cs);

		if (marks != 0) {
			at += (size_t)__builtin_clzll(marks) / 8;
			break;
		}
	}
	while (at < s.n && s.p[at] != a && s.p[at] != b && s.p[at] != c)
		at++;
	return at;
}

static const struct code_quote *
quote_of(const struct lexer *x)
{
	return &x->lang->quotes[x->state % DEPTH - 1];
}

/* A quote that opens and closes only at the start of a line. */
static void
read_quoted_lines(struct lexer *x, const struct code_quote *q)
{
	if (x->at == 0 && stands(x, q->close) > 0) {
		x->at = strlen(q->close);
		x->state = 0;
	} else {
		x->at = x->line.n;
	}
}

/* Goes to the end of the quote or of the line; the state says which. */
static void
read_quote(struct lexer *x)
{
	const struct code_quote *q = quote_of(x);
	char open = q->flags & QUOTE_NESTS ? q->open[0] : q->close[0];
	char escape = q->flags & QUOTE_ESCAPES ? '\\' : q->close[0];
	size_t n;

	if (q->flags & QUOTE_AT_START) {
		read_quoted_lines(x, q);
		return;
	}
	while ((x->at = skip_to(x->line, x->at, q->close[0], open, escape)) < x->line.n) {
		if (x->line.p[x->at] == '\\' && q->flags & QUOTE_ESCAPES) {
			x->at += x->at + 1 < x->line.n ? 2 : 1;
		} else if ((n = stands(x, q->close)) > 0) {
			x->at += n;
			x->state = x->state >= 2 * DEPTH ? x->state - DEPTH : 0;
			if (x->state == 0)
				return;
		} else if (q->flags & QUOTE_NESTS && (n = stands(x, q->open)) > 0) {
			x->at += n;
			x->state += x->state < DEPTH_MAX * DEPTH ? DEPTH : 0;
		} else {
			x->at++;
		}
	}
	if (!(q->flags & QUOTE_LINES))
		x->state = 0;
}

/* "name": is the key of an object. */
static bool
is_key(const struct lexer *x, const struct code_quote *q)
{
	return x->lang->flags & CODE_COLON_KEYS && q->role == ROLE_STRING &&
	    peek(x, skip_blanks(x, 0)) == ':';
}

static bool
is_character(const struct lexer *x)
{
	return peek(x, 1) == '\\' || ((unsigned char)peek(x, 1) < 0x80 ? peek(x, 2) == '\''
	    : str_find_byte(str_head(str_skip(rest(x), 1), 5), '\'') < 5);
}

static bool
open_quote(struct lexer *x)
{
	for (unsigned i = 0; i < CODE_QUOTES && x->lang->quotes[i].open[0] != '\0'; i++) {
		const struct code_quote *q = &x->lang->quotes[i];
		size_t n = stands(x, q->open);

		if (n == 0 || (q->flags & QUOTE_AT_START && x->at > 0) ||
		    (q->flags & QUOTE_CHARACTER && !is_character(x)))
			continue;
		give(x, ROLE_TEXT);
		x->at += n;
		x->state = DEPTH + 1 + i;
		read_quote(x);
		give(x, is_key(x, q) ? ROLE_TYPE : q->role);
		return true;
	}
	return false;
}

static bool
comment(struct lexer *x)
{
	for (size_t i = 0; i < 2; i++) {
		if (stands(x, x->lang->comment[i]) == 0)
			continue;
		if (x->lang->flags & CODE_SPACE_COMMENT && x->at > 0 &&
		    !is(x, x->line.p[x->at - 1], BYTE_BLANK))
			continue;
		take_rest(x, ROLE_COMMENT);
		return true;
	}
	return false;
}

static void
number(struct lexer *x)
{
	size_t n = 1;

	while (is(x, peek(x, n), BYTE_DIGIT | BYTE_LETTER) || peek(x, n) == '.' ||
	    ((peek(x, n) == '+' || peek(x, n) == '-') && (peek(x, n - 1) | 0x20) == 'e' &&
	    peek(x, 1) != 'x' && is(x, peek(x, n + 1), BYTE_DIGIT)))
		n++;
	take(x, n, ROLE_NUMBER);
}

/* The first `n` bytes of a text as such a number, zeros for what is missing of eight. */
static uint64_t
up_to_eight(struct str s, size_t n)
{
	uint64_t w = 0;

	if (s.n >= sizeof w)
		return n >= sizeof w ? eight(s.p) : n > 0 ? eight(s.p) & ~(UINT64_MAX >> 8 * n) : 0;
	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)(unsigned char)s.p[i] << (56 - 8 * i);
	return w;
}

/* A to Z in eight bytes as a to z. */
static uint64_t
lower(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t ascii = w & ones * 0x7F;

	return w | ((ascii + ones * (0x80 - 'A')) & ~(ascii + ones * (0x7F - 'Z')) & ~w & ones * 0x80) >> 2;
}

/* The role of the word that begins a text; ROLE_TEXT when the language has no such word. */
static enum role
word_role(const struct code_lang *lang, struct str text, size_t n)
{
	const struct code_word *w = lang->words, *first = w;
	uint64_t head, tail;

	if (n == 1 || n >= sizeof w->text)
		return ROLE_TEXT;
	head = up_to_eight(text, n);
	tail = n > sizeof head ? up_to_eight(str_skip(text, sizeof head), n - sizeof head) : 0;
	if (lang->flags & CODE_NO_CASE) {
		head = lower(head);
		tail = lower(tail);
	}
	/* The last word that does not begin with more. */
	for (size_t left = lang->nwords, half; left > 1; left -= half) {
		half = left / 2;
		w += eight(w[half].text) <= head ? half : 0;
	}
	for (; eight(w->text) == head; w--) {
		/* The role stands behind the text. */
		uint64_t end = eight((const char *)w + sizeof head);

		if (end >> 8 == tail >> 8)
			return w->role;
		if (w == first)
			break;
	}
	return ROLE_TEXT;
}

/* Is the name of `n` bytes here the key of what follows? */
static bool
names_value(const struct lexer *x, size_t n)
{
	unsigned flags = x->lang->flags;
	size_t next;

	if (!(flags & (CODE_COLON_KEYS | CODE_EQUAL_KEYS)))
		return false;
	next = skip_blanks(x, n);
	if (flags & CODE_COLON_KEYS && peek(x, next) == ':' && peek(x, next + 1) != ':')
		return true;
	return flags & CODE_EQUAL_KEYS && (peek(x, next) == '=' ||
	    (peek(x, next + 1) == '=' && strchr(":?+", peek(x, next)) != NULL));
}

static void
word(struct lexer *x)
{
	size_t n = 1 + name_length(x, 1);
	enum role role = word_role(x->lang, rest(x), n);

	if (role == ROLE_TEXT && names_value(x, n))
		role = ROLE_TYPE;
	else if (role == ROLE_TEXT && x->lang->flags & CODE_CALLS && peek(x, n) == '(')
		role = ROLE_FUNCTION;
	if (role == ROLE_TEXT)
		x->at += n;
	else
		take(x, n, role);
}

/* $name, ${name}, $(name), $1 */
static bool
dollar(struct lexer *x)
{
	char open = peek(x, 1);
	size_t n;

	if (peek(x, 0) != '$' || !(x->lang->flags & CODE_DOLLAR))
		return false;
	if (open == '{' || open == '(') {
		n = str_find_byte(rest(x), open == '{' ? '}' : ')');
		if (n < rest(x).n)
			n++;
	} else {
		n = 1 + name_length(x, 1);
		n += n == 1 && open != '\0' && strchr("@*#?$!<^+", open) != NULL;
	}
	take(x, n, ROLE_TYPE);
	return true;
}

/* Directives, decorators and section heads. */
static bool
marked(struct lexer *x)
{
	unsigned flags = x->lang->flags;
	char c = peek(x, 0);

	if (c == '@' && flags & CODE_AT && is(x, peek(x, 1), BYTE_LETTER)) {
		take(x, 1 + name_length(x, 1), ROLE_KEYWORD);
		return true;
	}
	if (c == '#' && flags & CODE_HASH && x->at == x->indent) {
		size_t from = skip_blanks(x, 1);

		take(x, from + name_length(x, from), ROLE_KEYWORD);
		return true;
	}
	if (c == '[' && flags & CODE_SECTIONS && x->at == x->indent) {
		take_rest(x, ROLE_KEYWORD);
		return true;
	}
	return false;
}

static void
read_words(struct lexer *x)
{
	if (x->state != 0 && x->at < x->line.n) {
		enum role role = quote_of(x)->role;

		read_quote(x);
		give(x, role);
	} else {
		x->at = x->indent;
	}
	while ((x->at = skip_other(x, x->at, BYTE_FIRST | BYTE_DIGIT | BYTE_MARK)) < x->line.n) {
		char c = peek(x, 0);

		if ((x->lang->flags & CODE_NAMED_QUOTES || is(x, c, BYTE_MARK)) && open_quote(x))
			continue;
		if (is(x, c, BYTE_FIRST))
			word(x);
		else if (is(x, c, BYTE_DIGIT))
			number(x);
		else if (!comment(x) && !dollar(x) && !marked(x))
			x->at++;
	}
}

/* Up to and with `close`; when it is not in the line the state stays. */
static void
read_until(struct lexer *x, const char *close, enum role role, unsigned next)
{
	struct str mark = str_from(close), left = rest(x);
	size_t n = str_find(left, mark);

	if (n < left.n)
		x->state = next;
	x->at += n < left.n ? n + mark.n : left.n;
	give(x, role);
}

static void
read_tag(struct lexer *x)
{
	char c = peek(x, 0);

	if (c == '>') {
		x->state = 0;
		take(x, 1, ROLE_KEYWORD);
	} else if (c == '"' || c == '\'') {
		give(x, ROLE_TEXT);
		x->state = c == '"' ? TAGS_DOUBLE : TAGS_SINGLE;
		x->at++;
	} else if (is(x, c, BYTE_LETTER)) {
		take(x, 1 + name_length(x, 1), ROLE_TYPE);
	} else {
		x->at++;
	}
}

static void
read_markup(struct lexer *x)
{
	size_t n = 1;

	if (str_starts(rest(x), STR("<!--"))) {
		give(x, ROLE_TEXT);
		x->state = TAGS_COMMENT;
	} else if (peek(x, 0) == '<' && (is(x, peek(x, 1), BYTE_LETTER) || strchr("/!?", peek(x, 1)) != NULL)) {
		n += peek(x, 1) != '\0' && !is(x, peek(x, 1), BYTE_LETTER);
		x->state = TAGS_TAG;
		take(x, n + name_length(x, n), ROLE_KEYWORD);
	} else {
		x->at++;
	}
}

static void
read_tags(struct lexer *x)
{
	while (x->at < x->line.n) {
		switch (x->state) {
		case TAGS_COMMENT:
			read_until(x, "-->", ROLE_COMMENT, 0);
			break;
		case TAGS_TAG:
			read_tag(x);
			break;
		case TAGS_DOUBLE:
			read_until(x, "\"", ROLE_STRING, TAGS_TAG);
			break;
		case TAGS_SINGLE:
			read_until(x, "'", ROLE_STRING, TAGS_TAG);
			break;
		default:
			read_markup(x);
		}
	}
}

static void
read_diff(struct lexer *x)
{
	char c = peek(x, 0);

	if (str_starts(x->line, STR("diff ")) || str_starts(x->line, STR("index ")) ||
	    str_starts(x->line, STR("+++ ")) || str_starts(x->line, STR("--- ")))
		take_rest(x, ROLE_KEYWORD);
	else if (c == '+' || c == '-')
		take_rest(x, c == '+' ? ROLE_ADD : ROLE_DEL);
	else if (str_starts(x->line, STR("@@")))
		take_rest(x, ROLE_HUNK);
}

/* Code spans and what stands between. */
static void
read_prose(struct lexer *x)
{
	while (x->at < x->line.n) {
		size_t n = peek(x, 0) == '`' ? str_find_byte(str_skip(rest(x), 1), '`') + 2 : 0;

		if (n > 0 && x->at + n <= x->line.n)
			take(x, n, ROLE_STRING);
		else if (n > 0)
			x->at = x->line.n;
		else
			x->at++;
	}
}

static void
read_markdown(struct lexer *x)
{
	struct str text = str_skip(x->line, x->indent);

	if (str_starts(text, STR("```")) || str_starts(text, STR("~~~"))) {
		x->state = x->state == 0 ? MARKDOWN_FENCE : 0;
		take_rest(x, ROLE_COMMENT);
	} else if (x->state == MARKDOWN_FENCE) {
		take_rest(x, ROLE_STRING);
	} else if (str_starts(text, STR("#"))) {
		take_rest(x, ROLE_KEYWORD);
	} else if (str_starts(text, STR(">"))) {
		take_rest(x, ROLE_COMMENT);
	} else if (text.n > 1 && strchr("-*+", text.p[0]) != NULL && text.p[1] == ' ') {
		take(x, x->indent + 1, ROLE_KEYWORD);
	}
	read_prose(x);
}

static void (*const readers[])(struct lexer *) = {
	[CODE_WORDS] = read_words, [CODE_TAGS] = read_tags, [CODE_DIFF] = read_diff,
	[CODE_MARKDOWN] = read_markdown
};

unsigned
code_line(const struct code_lang *lang, unsigned state, struct str line, code_runs *put, void *user)
{
	struct role_run runs[RUNS];
	struct lexer x = { .lang = lang, .line = line, .state = state, .runs = runs, .put = put, .user = user };

	if (lang != NULL) {
		x.indent = skip_blanks(&x, 0);
		readers[lang->kind](&x);
	}
	x.at = line.n;
	give(&x, ROLE_TEXT);
	give_out(&x);
	return x.state;
}
