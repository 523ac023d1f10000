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

struct lexer {
	const struct code_lang *lang;
	struct str line;
	size_t at, done;	/* read, and given out as tokens */
	size_t indent;		/* blanks in front */
	unsigned state;
	code_token *token;
	void *user;
};

const struct code_lang *
code_find(struct str name)
{
	char key[24];

	if (name.n == 0 || name.n > sizeof key - 2 || str_find_byte(name, ' ') < name.n)
		return NULL;
	key[0] = ' ';
	for (size_t i = 0; i < name.n; i++)
		key[i + 1] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 0x20 : name.p[i];
	key[name.n + 1] = ' ';
	for (size_t i = 0; i < code_nlangs; i++) {
		struct str names = str_from(code_langs[i].names);

		if (str_find(names, str_of(key, name.n + 2)) < names.n)
			return &code_langs[i];
	}
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

/* Gives out what was read and not yet given. */
static void
give(struct lexer *x, enum role role)
{
	if (x->at > x->done)
		x->token(x->user, str_of(x->line.p + x->done, x->at - x->done), x->done, role);
	x->done = x->at;
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

enum { BLANK = 1, DIGIT = 2, LETTER = 4 };

static const uint8_t classes[256] = {
	[' '] = BLANK, ['\t'] = BLANK, ['0' ... '9'] = DIGIT, ['A' ... 'Z'] = LETTER, ['_'] = LETTER,
	['a' ... 'z'] = LETTER, [0x80 ... 0xFF] = LETTER,
};

static bool
is(char c, unsigned class)
{
	return classes[(unsigned char)c] & class;
}

static bool
is_blank(char c)
{
	return is(c, BLANK);
}

static bool
is_digit(char c)
{
	return is(c, DIGIT);
}

static bool
is_letter(char c)
{
	return is(c, LETTER);
}

static bool
is_extra(const struct lexer *x, char c)
{
	const char *extra = x->lang->extra;

	while (*extra != '\0' && *extra != c)
		extra++;
	return *extra != '\0';
}

static size_t
name_length(const struct lexer *x, size_t from)
{
	const char *p = x->line.p;
	size_t i = x->at + from;

	while (i < x->line.n && (is(p[i], LETTER | DIGIT) || is_extra(x, p[i])))
		i++;
	return i > x->at + from ? i - x->at - from : 0;
}

static size_t
skip_blanks(const struct lexer *x, size_t from)
{
	while (is_blank(peek(x, from)))
		from++;
	return from;
}

static const struct code_quote *
quote_of(const struct lexer *x)
{
	return &x->lang->quotes[x->state % DEPTH - 1];
}

/* Goes to the end of the quote or of the line; the state says which. */
static void
read_quote(struct lexer *x)
{
	const struct code_quote *q = quote_of(x);
	struct str open = str_from(q->open), close = str_from(q->close);

	while (x->at < x->line.n) {
		char c = x->line.p[x->at];

		if (c != close.p[0] && c != open.p[0] && c != '\\' && !(q->flags & QUOTE_AT_START)) {
			x->at++;
		} else if (q->flags & QUOTE_ESCAPES && c == '\\') {
			x->at += x->at + 1 < x->line.n ? 2 : 1;
		} else if (q->flags & QUOTE_AT_START && x->at > 0) {
			x->at = x->line.n;
		} else if (str_starts(rest(x), close)) {
			x->at += close.n;
			x->state = x->state >= 2 * DEPTH ? x->state - DEPTH : 0;
			if (x->state == 0)
				return;
		} else if (q->flags & QUOTE_NESTS && str_starts(rest(x), open)) {
			x->at += open.n;
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

		if (q->open[0] != peek(x, 0) || !str_starts(rest(x), str_from(q->open)) ||
		    (q->flags & QUOTE_AT_START && x->at > 0) ||
		    (q->flags & QUOTE_CHARACTER && !is_character(x)))
			continue;
		give(x, ROLE_TEXT);
		x->at += strlen(q->open);
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
		const char *mark = x->lang->comment[i];

		if (mark[0] == '\0' || mark[0] != peek(x, 0) || !str_starts(rest(x), str_from(mark)))
			continue;
		if (x->lang->flags & CODE_SPACE_COMMENT && x->at > 0 && !is_blank(x->line.p[x->at - 1]))
			continue;
		take_rest(x, ROLE_COMMENT);
		return true;
	}
	return false;
}

static bool
number(struct lexer *x)
{
	size_t n = 1;

	if (!is_digit(peek(x, 0)))
		return false;
	while (is_digit(peek(x, n)) || is_letter(peek(x, n)) || peek(x, n) == '.' ||
	    ((peek(x, n) == '+' || peek(x, n) == '-') && (peek(x, n - 1) | 0x20) == 'e' &&
	    peek(x, 1) != 'x' && is_digit(peek(x, n + 1))))
		n++;
	take(x, n, ROLE_NUMBER);
	return true;
}

/* The first bytes of a word as a number: as one is less than another, so is its number. */
static uint64_t
head_of(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
	       (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
}

/* ROLE_TEXT when the language has no such word. */
static enum role
word_role(const struct code_lang *lang, struct str word)
{
	struct code_word key = { .text = "" };
	size_t low = 0, high = lang->nwords;
	uint64_t head;

	if (word.n >= sizeof key.text)
		return ROLE_TEXT;
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];

		key.text[i] = lang->flags & CODE_NO_CASE && c >= 'A' && c <= 'Z' ? c | 0x20 : c;
	}
	head = head_of(key.text);
	while (low < high) {
		size_t mid = (low + high) / 2;
		const char *text = lang->words[mid].text;
		uint64_t other = head_of(text);
		int order = head < other ? -1 : head > other;

		if (order == 0)
			order = memcmp(key.text + sizeof head, text + sizeof head, sizeof key.text - sizeof head);
		if (order == 0)
			return lang->words[mid].role;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return ROLE_TEXT;
}

/* Is the name of `n` bytes here the key of what follows? */
static bool
names_value(const struct lexer *x, size_t n)
{
	size_t next = skip_blanks(x, n);

	if (x->lang->flags & CODE_COLON_KEYS && peek(x, next) == ':' && peek(x, next + 1) != ':')
		return true;
	return x->lang->flags & CODE_EQUAL_KEYS && (peek(x, next) == '=' ||
	    (peek(x, next + 1) == '=' && strchr(":?+", peek(x, next)) != NULL));
}

static bool
word(struct lexer *x)
{
	char c = peek(x, 0);
	enum role role;
	size_t n;

	if (!is_letter(c) && !(c == '$' && is_extra(x, c)))
		return false;
	n = 1 + name_length(x, 1);
	role = word_role(x->lang, str_head(rest(x), n));
	if (role == ROLE_TEXT && names_value(x, n))
		role = ROLE_TYPE;
	else if (role == ROLE_TEXT && x->lang->flags & CODE_CALLS && peek(x, n) == '(')
		role = ROLE_FUNCTION;
	if (role == ROLE_TEXT)
		x->at += n;
	else
		take(x, n, role);
	return true;
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

	if (c == '@' && flags & CODE_AT && is_letter(peek(x, 1))) {
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
	}
	while (x->at < x->line.n) {
		if (is_blank(peek(x, 0)))
			x->at++;
		else if (!word(x) && !open_quote(x) && !comment(x) && !number(x) && !dollar(x) && !marked(x))
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
	} else if (is_letter(c)) {
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
	} else if (peek(x, 0) == '<' && (is_letter(peek(x, 1)) || strchr("/!?", peek(x, 1)) != NULL)) {
		n += peek(x, 1) != '\0' && !is_letter(peek(x, 1));
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

unsigned
code_line(const struct code_lang *lang, unsigned state, struct str line, code_token *token, void *user)
{
	struct lexer x = { .lang = lang, .line = line, .state = state, .token = token, .user = user };

	x.indent = skip_blanks(&x, 0);
	if (lang != NULL && lang->kind == CODE_WORDS)
		read_words(&x);
	else if (lang != NULL && lang->kind == CODE_TAGS)
		read_tags(&x);
	else if (lang != NULL && lang->kind == CODE_DIFF)
		read_diff(&x);
	else if (lang != NULL)
		read_markdown(&x);
	x.at = line.n;
	give(&x, ROLE_TEXT);
	return x.state;
}
