#include "text/hold.h"

#include <string.h>

#include "base/utf8.h"

enum {
	LEAF_MAX = 8 << 10,	/* a longer paragraph is left as it is */
	LEAF_OPS = 256,		/* and one of so many operations */
	LINE_MAX = 4 << 10,	/* of a longer line only the end is looked at */
	MARKER_MAX = 80,	/* a longer line is no marker */
	BLOCK_MAX = 256 << 10	/* a larger block costs too much to be parsed once more */
};

/* Where the text ends, in terms of its last leaf. */
struct place {
	const struct md_op *leaf;	/* the block the text ends in, NULL when it ends in none */
	bool content;			/* of a code or HTML block: the last line is text of it */
	size_t start, end;		/* of the text of the leaf */
};

static bool
opens_leaf(const struct md_op *op)
{
	uint8_t kind = op->kind;

	return !(op->flags & MD_CLOSE) && (kind == MD_PARAGRAPH || kind == MD_HEADING || kind == MD_CODE_BLOCK ||
	    kind == MD_HTML_BLOCK || kind == MD_CELL || kind == MD_ITEM);
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

/* The last leaf, and the text that stands in it. */
static struct place
find_in_leaf(const struct md_doc *d, struct str source)
{
	const struct md_op *op = d->ops;
	struct place at = { .start = source.n };
	size_t least = d->nops > LEAF_OPS ? d->nops - LEAF_OPS : 0, n = d->nops, i;

	while (n > least && !is_text(&op[n - 1]) && !opens_leaf(&op[n - 1]))
		n--;
	i = n;
	while (i > least && md_is_inline(&op[i - 1]))
		i--;
	if (i > least && opens_leaf(&op[i - 1]))
		at.leaf = &op[i - 1];
	for (; i < n; i++)
		if (is_text(&op[i]))
			break;
	if (i < n) {
		at.start = op[i].src;
		at.end = op[n - 1].src + (op[n - 1].flags & MD_MADE ? 0 : op[n - 1].len);
	}
	return at;
}

static struct place
find_place(const struct md_doc *d, struct str source)
{
	const struct md_block *b = d->n > 0 ? &d->blocks[d->n - 1] : NULL;
	struct place at = { .start = source.n };

	if (b != NULL && d->ops[b->op].kind == MD_PARAGRAPH)
		return find_in_paragraph(d->ops + b->op, b->nops, source);
	return find_in_content(d, source, &at) ? at : find_in_leaf(d, source);
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
	return from + str_behind_last(str_of(source.p + from, end - from), '\n');
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

/* How often `c` stands at `at`. */
static size_t
run_of(struct str s, size_t at, char c)
{
	size_t n = 0;

	while (at + n < s.n && s.p[at + n] == c)
		n++;
	return n;
}

bool
hold_is_fence(struct str line, bool content)
{
	size_t n;

	line = bare(line);
	n = run_of(line, 0, line.n > 0 && line.p[0] == '`' ? '`' : '~');
	if (n == line.n)
		return n > 0;
	return !content && n >= 3 && str_find_byte(str_skip(line, n), '`') == line.n - n;
}

/* Nothing yet but what may become a marker: "-", "##", "12.", "- [". */
static bool
is_marker(struct str line)
{
	size_t digits, run;

	if (line.n > MARKER_MAX)
		return false;
	digits = span_of(line, "0123456789");
	run = span_of(line, "-=*_+# ");
	if (digits > 0 && digits <= 9)
		return span_of(str_skip(line, digits), ".) ") + digits == line.n;
	if (run > 0 && run < line.n && line.p[0] != '=' && line.p[0] != '#' && line.p[run - 1] == ' ')
		run += span_of(str_skip(line, run), "[ xX]");
	return run > 0 && run == line.n;
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

struct scan {
	struct str s;
	struct hold_begun b;
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
	size_t n = run_of(x->s, x->b.at, '`'), i = x->b.at + n;

	for (; i < x->s.n; i += str_find_byte(str_skip(x->s, i), '`')) {
		size_t run = run_of(x->s, i, '`');

		if (run == n) {
			x->b.at = i + n;
			return;
		}
		i += run;
	}
	if (x->b.at + n == x->s.n) {
		x->cut = x->b.at;
	} else if (x->b.n < HOLD_OPEN) {
		x->b.open[x->b.n].c = '`';
		x->b.open[x->b.n++].n = n;
	}
	x->b.at = x->s.n;
}

static void
read_emphasis(struct scan *x)
{
	char c = x->s.p[x->b.at];
	size_t start = x->b.at, n = run_of(x->s, start, c), end = start + n;
	bool closes = start > 0 && !is_space(x->s, start - 1) && !(c == '_' && is_word(x->s, end));
	bool opens = !is_space(x->s, end) && !(c == '_' && start > 0 && is_word(x->s, start - 1));

	x->b.at = end;
	if (closes && x->b.n > 0 && x->b.open[x->b.n - 1].c == c && x->b.open[x->b.n - 1].n == n)
		x->b.n--;
	else if (end == x->s.n)
		x->cut = start;
	else if (opens && x->b.n < HOLD_OPEN && n <= 3 && !(c == '~' && n > 2)) {
		x->b.open[x->b.n].c = c;
		x->b.open[x->b.n++].n = n;
	}
}

/* A destination that is not complete is not shown, nor a picture without one. */
static void
read_bracket(struct scan *x)
{
	size_t open, end;

	if (x->s.p[x->b.at++] == '[') {
		if (x->b.nbrackets < HOLD_OPEN)
			x->b.brackets[x->b.nbrackets++] = x->b.at - 1;
		return;
	}
	if (x->b.nbrackets == 0)
		return;
	open = x->b.brackets[--x->b.nbrackets];
	if (x->b.at >= x->s.n || x->s.p[x->b.at] != '(')
		return;
	end = x->b.at + str_find_byte(str_skip(x->s, x->b.at), ')');
	if (end == x->s.n)
		x->cut = open > 0 && x->s.p[open - 1] == '!' ? open - 1 : x->b.at;
	x->b.at = end;
}

static bool
is_special(char c)
{
	static const bool special[256] = {
		['\\'] = true, ['`'] = true, ['*'] = true, ['_'] = true, ['~'] = true, ['['] = true, [']'] = true,
	};

	return special[(unsigned char)c];
}

/* What is begun in the text; `known` gets what no more text can change. */
static void
read_inline(struct scan *x, struct hold_begun *known)
{
	while (x->cut == x->s.n) {
		size_t from = x->b.at;

		while (x->b.at < x->s.n && !is_special(x->s.p[x->b.at]))
			x->b.at++;
		/* What reaches to the end of the text may be something else in a longer one. */
		if (from < x->s.n)
			*known = x->b;
		if (x->b.at >= x->s.n)
			return;
		switch (x->s.p[x->b.at]) {
		case '\\':
			x->b.at += 2;
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
close_inline(struct hold *h, struct str source, size_t start, struct hold_begun *begun)
{
	struct scan x = { .s = str_of(source.p + start, h->shown - start), .cut = h->shown - start };

	if (x.s.n > LEAF_MAX)
		return;
	if (begun->start == start && begun->at <= x.s.n)
		x.b = *begun;
	x.b.start = start;
	read_inline(&x, begun);
	h->shown = start + x.cut;
	if (x.b.n == 0)
		return;
	while (h->shown > start && is_space(source, h->shown - 1))
		h->shown--;
	while (x.b.n-- > 0)
		for (size_t i = 0; i < x.b.open[x.b.n].n && h->ntail < HOLD_TAIL; i++)
			h->tail[h->ntail++] = x.b.open[x.b.n].c;
}

void
hold_row(struct md_doc *d)
{
	struct md_block *b = &d->blocks[d->n - 1];
	uint32_t from = (uint32_t)d->nops, to, src, made = 0;

	while (!md_is_op(&d->ops[from - 1], MD_ROW, MD_CLOSE))
		from--;
	for (to = from; !md_is_op(&d->ops[from], MD_ROW, 0);) {
		from--;
		made += d->ops[from].flags & MD_MADE ? d->ops[from].len : 0;
	}
	src = d->ops[from].src;
	memmove(d->ops + from, d->ops + to, (d->nops - to) * sizeof *d->ops);
	d->nops -= to - from;
	for (uint32_t i = from; i < d->nops; i++)
		d->ops[i].src = src;
	b->nops -= to - from;
	b->nmade -= made;
	d->made.n -= made;
}

bool
hold_back(struct hold *h, const struct md_doc *d, struct str source, size_t from, struct hold_begun *begun)
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
	else if (is_open(&at, source) && at.leaf->kind == MD_CELL) {
		h->shown = line;
		/* A line with a return in it is more than one to the parser. */
		h->row = str_find_byte(text, '\r') == text.n;
	}
	else if (is_open(&at, source) && at.start >= from && at.start < h->shown)
		close_inline(h, source, at.start, begun);
	return h->shown < source.n || h->ntail > 0;
}
