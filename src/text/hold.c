#include "text/hold.h"

#include <string.h>

#include "base/utf8.h"

enum {
	OPEN_MAX = 8,		/* delimiters that are closed */
	LEAF_MAX = 8 << 10,	/* a longer paragraph is left as it is */
	LEAF_OPS = 1 << 10,	/* and one of so many operations */
	LINE_MAX = 4 << 10,	/* of a longer line only the end is looked at */
	BLOCK_MAX = 256 << 10	/* a larger block costs too much to be parsed once more */
};

/* Where the text ends, in terms of its last leaf. */
struct place {
	const struct md_op *leaf;	/* the block the text ends in, NULL when it ends in none */
	bool content;			/* of a code or HTML block: the last line is text of it */
	size_t start, end;		/* of the text of the leaf */
};

static bool
is_leaf(uint8_t kind)
{
	return kind == MD_PARAGRAPH || kind == MD_HEADING || kind == MD_CODE_BLOCK ||
	    kind == MD_HTML_BLOCK || kind == MD_CELL || kind == MD_ITEM;
}

static bool
is_text(const struct md_op *op)
{
	return op->kind == MD_TEXT || op->kind == MD_HTML;
}

/* A paragraph at the top level may be giant: only its ends are looked at. */
static struct place
find_in_paragraph(const struct md_op *op, uint32_t n, struct str source)
{
	struct place at = { .leaf = op, .start = source.n };
	uint32_t first = 1, last = n - 1;

	while (first < last && !is_text(&op[first]))
		first++;
	while (last > first && !is_text(&op[last]))
		last--;
	if (!is_text(&op[first]))
		return at;
	at.start = op[first].src;
	at.end = op[last].src + (op[last].flags & MD_MADE ? 0 : op[last].len);
	return at;
}

/* Code and HTML, which may be giant: only the end is looked at. */
static bool
find_in_content(const struct md_doc *d, struct str source, struct place *at)
{
	size_t n = d->nops;
	const struct md_op *op;

	while (n > 0 && md_is_container(&d->ops[n - 1]) && d->ops[n - 1].flags & MD_CLOSE)
		n--;
	if (n == 0 || (d->ops[n - 1].kind != MD_CODE_BLOCK && d->ops[n - 1].kind != MD_HTML_BLOCK))
		return false;
	at->leaf = op = &d->ops[n - 1];
	if (!(op->flags & MD_CLOSE) || !is_text(op - 1))
		return true;
	op--;
	at->end = op->src + (op->flags & MD_MADE ? 0 : op->len);
	at->content = at->end >= source.n;
	return true;
}

static struct place
find_place(const struct md_doc *d, struct str source)
{
	const struct md_block *b = d->n > 0 ? &d->blocks[d->n - 1] : NULL;
	struct place at = { .start = source.n };
	const struct md_op *last = NULL;

	if (b != NULL && d->ops[b->op].kind == MD_PARAGRAPH)
		return find_in_paragraph(d->ops + b->op, b->nops, source);
	if (find_in_content(d, source, &at))
		return at;
	for (size_t i = d->nops; i > 0 && d->nops - i < LEAF_OPS; i--) {
		const struct md_op *op = &d->ops[i - 1];

		if (is_text(op)) {
			at.start = op->src;
			if (last == NULL) {
				last = op;
				at.end = op->src + (op->flags & MD_MADE ? 0 : op->len);
			}
		} else if (is_leaf(op->kind) && !(op->flags & MD_CLOSE)) {
			at.leaf = op;
			break;
		}
	}
	return at;
}

/* Does the leaf go on with the next byte? */
static bool
is_open(const struct place *at, struct str source)
{
	struct str rest = str_skip(source, at->end);
	size_t line = str_find_byte(rest, '\n');

	if (at->leaf == NULL || at->leaf->kind == MD_CODE_BLOCK || at->leaf->kind == MD_HTML_BLOCK)
		return false;
	if (at->leaf->kind == MD_HEADING || at->leaf->kind == MD_CELL)
		return line == rest.n;
	return str_find_byte(str_skip(rest, line + 1), '\n') == str_skip(rest, line + 1).n;
}

static size_t
line_start(struct str source, size_t from, size_t end)
{
	if (end > from + LINE_MAX)
		from = end - LINE_MAX - 1;
	while (end > from && source.p[end - 1] != '\n')
		end--;
	return end;
}

/* A line without what containers put in front of it. */
static struct str
bare(struct str line)
{
	while (line.n > 0 && strchr(" \t\r>", line.p[0]) != NULL && line.p[0] != '\0')
		line = str_skip(line, 1);
	return line;
}

static size_t
span_of(struct str s, const char *set)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '\0' && strchr(set, s.p[n]) != NULL)
		n++;
	return n;
}

bool
hold_is_fence(struct str line, bool content)
{
	size_t n;

	line = bare(line);
	n = span_of(line, line.n > 0 && line.p[0] == '`' ? "`" : "~");

	if (n == line.n)
		return n > 0;
	return !content && n >= 3 && str_find_byte(str_skip(line, n), '`') == line.n - n;
}

/* Nothing yet but what may become a marker: "-", "##", "12.", "- [". */
static bool
is_marker(struct str line)
{
	size_t digits = span_of(line, "0123456789"), run = span_of(line, "-=*_+# ");

	if (digits > 0 && digits <= 9)
		return span_of(str_skip(line, digits), ".) ") + digits == line.n;
	if (run > 0 && run < line.n && line.p[0] != '=' && line.p[0] != '#' && line.p[run - 1] == ' ')
		run += span_of(str_skip(line, run), "[ xX]");
	return run > 0 && run == line.n && run <= 80;
}

static bool
is_table_part(struct str source, size_t from, size_t head, size_t line)
{
	struct str first = str_of(source.p + head, line > head ? line - 1 - head : source.n - head);
	struct str second = str_of(source.p + line, source.n - line);

	if (str_find_byte(first, '|') == first.n || bare(first).n == 0)
		return false;
	if (line > head && span_of(second, "|:- ") < second.n)
		return false;
	return head == from || bare(str_of(source.p + line_start(source, from, head - 1),
	    head - 1 - line_start(source, from, head - 1))).n == 0;
}

/* Where a table begins that cannot be told from a paragraph yet; source.n when nowhere. */
static size_t
find_table(struct str source, size_t from, size_t line)
{
	size_t head;

	if (source.n - line > LINE_MAX)
		return source.n;
	if (line < source.n && is_table_part(source, from, line, line))
		return line;
	if (line == from)
		return source.n;
	head = line_start(source, from, line - 1);
	if (source.n - head > LINE_MAX)
		return source.n;
	return is_table_part(source, from, head, line) ? head : source.n;
}

/* Emphasis, code and links that were begun in a leaf. */
struct scan {
	struct str s;
	size_t at;
	struct {
		char c;
		size_t n;
	} open[OPEN_MAX];
	size_t n;
	size_t brackets[OPEN_MAX], nbrackets;
	size_t cut;		/* nothing behind this is shown */
};

static bool
is_space(struct str s, size_t i)
{
	return i >= s.n || s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\t' || s.p[i] == '\r';
}

static bool
is_word(struct str s, size_t i)
{
	unsigned char c = i < s.n ? (unsigned char)s.p[i] : 0;

	return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static void
read_code(struct scan *x)
{
	static const char tick[] = "`";
	size_t n = span_of(str_skip(x->s, x->at), tick), i = x->at + n;

	while (i < x->s.n) {
		size_t run = span_of(str_skip(x->s, i), tick);

		if (run == n) {
			x->at = i + n;
			return;
		}
		i += run > 0 ? run : 1;
	}
	if (x->at + n == x->s.n) {
		x->cut = x->at;
	} else if (x->n < OPEN_MAX) {
		x->open[x->n].c = '`';
		x->open[x->n++].n = n;
	}
	x->at = x->s.n;
}

static void
read_emphasis(struct scan *x)
{
	char c = x->s.p[x->at], set[2] = { c, '\0' };
	size_t start = x->at, n = span_of(str_skip(x->s, start), set), end = start + n;
	bool closes = start > 0 && !is_space(x->s, start - 1) && !(c == '_' && is_word(x->s, end));
	bool opens = !is_space(x->s, end) && !(c == '_' && start > 0 && is_word(x->s, start - 1));

	x->at = end;
	if (closes && x->n > 0 && x->open[x->n - 1].c == c && x->open[x->n - 1].n == n)
		x->n--;
	else if (end == x->s.n)
		x->cut = start;
	else if (opens && x->n < OPEN_MAX && n <= 3 && !(c == '~' && n > 2)) {
		x->open[x->n].c = c;
		x->open[x->n++].n = n;
	}
}

/* A destination that is not complete is not shown, nor a picture without one. */
static void
read_bracket(struct scan *x)
{
	size_t open, end;

	if (x->s.p[x->at++] == '[') {
		if (x->nbrackets < OPEN_MAX)
			x->brackets[x->nbrackets++] = x->at - 1;
		return;
	}
	if (x->nbrackets == 0)
		return;
	open = x->brackets[--x->nbrackets];
	if (x->at >= x->s.n || x->s.p[x->at] != '(')
		return;
	end = x->at + str_find_byte(str_skip(x->s, x->at), ')');
	if (end == x->s.n)
		x->cut = open > 0 && x->s.p[open - 1] == '!' ? open - 1 : x->at;
	x->at = end;
}

static bool
is_special(char c)
{
	static const bool special[256] = {
		['\\'] = true, ['`'] = true, ['*'] = true, ['_'] = true, ['~'] = true, ['['] = true, [']'] = true,
	};

	return special[(unsigned char)c];
}

static void
read_inline(struct scan *x)
{
	while (x->cut == x->s.n) {
		while (x->at < x->s.n && !is_special(x->s.p[x->at]))
			x->at++;
		if (x->at >= x->s.n)
			return;
		switch (x->s.p[x->at]) {
		case '\\':
			x->at += 2;
			break;
		case '`':
			read_code(x);
			break;
		case '*':
		case '_':
		case '~':
			read_emphasis(x);
			break;
		default:
			read_bracket(x);
		}
	}
}

static void
close_inline(struct hold *h, struct str source, size_t start)
{
	struct scan x = { .s = str_of(source.p + start, h->shown - start), .cut = h->shown - start };

	if (x.s.n > LEAF_MAX)
		return;
	read_inline(&x);
	h->shown = start + x.cut;
	if (x.n == 0)
		return;
	while (h->shown > start && is_space(source, h->shown - 1))
		h->shown--;
	while (x.n-- > 0)
		for (size_t i = 0; i < x.open[x.n].n && h->ntail < HOLD_TAIL; i++)
			h->tail[h->ntail++] = x.open[x.n].c;
}

bool
hold_back(struct hold *h, const struct md_doc *d, struct str source, size_t from)
{
	struct place at = find_place(d, source);
	size_t line = line_start(source, from, source.n);
	struct str text = bare(str_skip(source, line));

	*h = (struct hold){ .shown = source.n - utf8_partial_tail(source) };
	if (d->n > 0 && source.n - d->blocks[d->n - 1].src > BLOCK_MAX)
		return false;
	if (hold_is_fence(text, at.content))
		h->shown = line;
	else if (!at.content && is_marker(text))
		h->shown = line;
	else if (!at.content && find_table(source, from, line) < source.n)
		h->shown = find_table(source, from, line);
	else if (is_open(&at, source) && at.leaf->kind == MD_CELL)
		h->shown = line;
	else if (is_open(&at, source) && at.start >= from && at.start < h->shown)
		close_inline(h, source, at.start);
	return h->shown < source.n || h->ntail > 0;
}
