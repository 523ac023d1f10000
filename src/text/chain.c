#include "text/chain.h"

#include "text/markdown.h"

enum {
	CODE_INDENT = 4,	/* columns that make code of a line */
	LIST_COLS = 2,		/* the least that a list takes of a line */
	DIGITS_MAX = 9
};

/* ---- lines, as md4c reads them */

struct place {
	struct str rest;	/* of the line */
	unsigned col;		/* where that stands */
	unsigned indent;	/* columns in front of it that belong to no container */
};

static void
skip_blanks(struct place *p)
{
	unsigned col = p->col;

	while (p->rest.n > 0 && (p->rest.p[0] == ' ' || p->rest.p[0] == '\t')) {
		col = p->rest.p[0] == '\t' ? (col + 4) & ~3u : col + 1;
		p->rest = str_skip(p->rest, 1);
	}
	p->indent = col - p->col;
	p->col = col;
}

static bool
is_at_end(const struct place *p)
{
	return p->rest.n == 0 || p->rest.p[0] == '\r' || p->rest.p[0] == '\n';
}

/* Bytes of the marker the rest begins with, 0 when it does not. */
static unsigned
marker_bytes(const struct place *p)
{
	struct str s = p->rest;
	unsigned n = 0;

	if (p->indent >= CODE_INDENT || s.n == 0)
		return 0;
	if (s.p[0] == '>')
		return 1;
	while (n < s.n && n < DIGITS_MAX && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	if (n + 1 >= s.n || (n > 0 ? s.p[n] != '.' && s.p[n] != ')'
				   : s.p[0] != '-' && s.p[0] != '+' && s.p[0] != '*'))
		return 0;
	return s.p[n + 1] == ' ' || s.p[n + 1] == '\t' || s.p[n + 1] == '\r' || s.p[n + 1] == '\n' ? n + 1 : 0;
}

/* Passes the marker of a container that begins here, and says what is to be known of it. */
static bool
pass_marker(struct place *p, struct chain_part *part)
{
	unsigned n = marker_bytes(p), before = p->indent;

	if (n == 0)
		return false;
	part->mark = p->rest.p[n - 1];
	p->rest = str_skip(p->rest, n);
	p->col += n;
	skip_blanks(p);
	part->indent = (uint8_t)(before + n);
	if (is_at_end(p)) {
		part->indent++;
	} else if (p->indent <= CODE_INDENT) {
		part->indent = (uint8_t)(part->indent + p->indent);
		p->indent = 0;
	} else {
		part->indent++;
		p->indent--;
	}
	return true;
}

/* Passes what a line has in front of it in a container that is open. */
static bool
pass_open(struct place *p, const struct chain_part *part)
{
	if (part->mark != '>') {
		if (p->indent < part->indent)
			return false;
		p->indent -= part->indent;
		return true;
	}
	if (p->indent >= CODE_INDENT || p->rest.n == 0 || p->rest.p[0] != '>')
		return false;
	p->rest = str_skip(p->rest, 1);
	p->col++;
	skip_blanks(p);
	p->indent -= p->indent > 0;
	return true;
}

static bool
pass_parts(struct place *p, const struct chain *c, size_t n, struct str source, size_t line)
{
	struct chain_part again;

	*p = (struct place){ .rest = str_skip(source, line) };
	p->rest = str_head(p->rest, str_find_byte(p->rest, '\n') + 1);
	skip_blanks(p);
	for (size_t i = 0; i < n; i++) {
		const struct chain_part *part = &c->parts[i];

		if (part->line != line ? !pass_open(p, part) : !pass_marker(p, &again) || again.mark != part->mark)
			return false;
	}
	return true;
}

bool
chain_content(const struct chain *c, struct str source, size_t line, struct str *content, unsigned *indent)
{
	struct place p;

	if (!pass_parts(&p, c, c->n, source, line))
		return false;
	*content = p.rest;
	*indent = p.indent;
	return true;
}

/* ---- operations */

static bool
follow_op(struct chain *c, const struct md_op *op, uint32_t i)
{
	bool item = op->kind == MD_ITEM, closes = op->flags & MD_CLOSE;
	struct chain_part *last = c->n > 0 ? &c->parts[c->n - 1] : NULL;

	if (c->deeper > 0 || (c->n == CHAIN_MAX && !item && !closes)) {
		if (!item)
			c->deeper = closes ? c->deeper - 1 : c->deeper + 1;
	} else if (!item && closes) {
		if (last == NULL)
			return false;
		c->n--;
	} else if (!item) {
		c->parts[c->n++] = (struct chain_part){ .op = i };
	} else if (last == NULL) {
		return false;
	} else if (closes) {
		last->closed = true;
	} else {
		*last = (struct chain_part){ .op = last->op, .item = i };
	}
	return true;
}

/* The line in which the first text of the source stands that the operations from the i-th on have. */
static bool
find_line(const struct md_op *op, uint32_t i, uint32_t to, struct str source, size_t *line)
{
	bool lang = false;

	while (i < to && !((op[i].kind == MD_TEXT || op[i].kind == MD_HTML || lang) && op[i].flags == 0)) {
		i++;
		lang = i < to && op[i].kind == MD_CODE_BLOCK && op[i].len > 0;
	}
	if (i == to || op[i].at >= source.n)
		return false;
	for (*line = op[i].at; *line > 0 && source.p[*line - 1] != '\n';)
		--*line;
	return true;
}

/* A quote that begins with lines that are empty in it cannot be told from one that goes on. */
static bool
is_new(struct str source, size_t from, size_t line)
{
	struct str between = str_head(str_skip(source, from), line > from ? line - from : 0);

	return str_find_byte(between, '>') == between.n;
}

/* The item that the i-th operation closes. */
static uint32_t
item_of(const struct md_op *op, uint32_t i)
{
	for (unsigned open = 1; i > 0 && open > 0;)
		if (op[--i].kind == MD_ITEM)
			open += op[i].flags & MD_CLOSE ? 1 : -1u;
	return i;
}

/* The item that ended in front of a part or item of one, 0 when none did. */
static uint32_t
item_before(const struct chain_part *part, const struct md_op *op)
{
	if (part->item > part->op + 1)
		return item_of(op, part->item - 1);
	if (part->op > 1 && op[part->op - 1].kind == MD_LIST && op[part->op - 1].flags & MD_CLOSE)
		return item_of(op, part->op - 2);
	return 0;
}

/*
 * md4c 0.4.8 may take an item for one that begins with two empty lines: the next line in it ends it, but
 * has lost the columns the item took of it. Then what opens there stands further in than that line says.
 */
static bool
is_misread(const struct chain *c, size_t i, const struct md_op *op, unsigned indent, struct str source)
{
	uint32_t before = item_before(&c->parts[i], op);
	struct chain_part item;
	struct place p;
	size_t line;

	if (indent < LIST_COLS || before == 0)
		return false;
	return !find_line(op, before, c->parts[i].item, source, &line) || !pass_parts(&p, c, i, source, line) ||
	    !pass_marker(&p, &item) || indent >= item.indent;
}

static bool
resolve(struct chain *c, size_t i, const struct md_op *op, uint32_t to, struct str source, size_t start)
{
	struct chain_part *part = &c->parts[i];
	struct place p;
	size_t line, from = op[part->op].src > 0 ? op[part->op].src : start;

	if (!find_line(op, part->item > 0 ? part->item : part->op, to, source, &line) || line < start ||
	    !pass_parts(&p, c, i, source, line) || is_misread(c, i, op, p.indent, source) ||
	    !pass_marker(&p, part))
		return false;
	part->line = (uint32_t)line;
	return part->item > 0 ? part->mark != '>' : part->mark == '>' && is_new(source, from, line);
}

bool
chain_follow(struct chain *c, const struct md_doc *d, uint32_t from, uint32_t to, struct str source, size_t start)
{
	const struct md_op *op = d->ops + d->blocks[0].op;

	for (uint32_t i = from; i < to; i++)
		if (md_is_container(&op[i]) && !follow_op(c, &op[i], i))
			return false;
	if (c->deeper > 0)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (c->parts[i].mark == '\0' && !resolve(c, i, op, to, source, start))
			return false;
	return true;
}

/* ---- lines that open it */

static void
add_prefix(const struct chain *c, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (c->parts[i].mark == '>')
			buf_str(out, STR("> "));
		else
			buf_fill(out, ' ', c->parts[i].indent);
	}
}

void
chain_prefix(const struct chain *c, struct buf *out)
{
	add_prefix(c, c->n, out);
}

/* A marker behind which the content stands at the same column: blanks, digits, the mark, blanks. */
static void
add_marker(const struct chain_part *part, struct buf *out)
{
	bool number = part->mark == '.' || part->mark == ')';
	unsigned left = part->indent - 1u, behind, digits = 0;

	if (part->mark == '>') {
		buf_str(out, STR("> "));
		return;
	}
	behind = left - number < CODE_INDENT ? left - number : CODE_INDENT;
	left -= behind;
	if (number)
		digits = left < DIGITS_MAX ? left : DIGITS_MAX;
	buf_fill(out, ' ', left - digits);
	if (number) {
		buf_fill(out, '0', digits - 1);
		buf_byte(out, '1');
	}
	buf_byte(out, part->mark);
	buf_fill(out, ' ', behind);
}

static bool
is_loose(const struct chain_part *part, const struct md_op *op)
{
	return part->mark != '>' && op[part->op].arg & MD_LOOSE;
}

void
chain_lines(const struct chain *c, const struct md_doc *d, struct buf *out)
{
	const struct md_op *op = d->ops + d->blocks[0].op;

	for (size_t i = 0, quotes = 0; i < c->n; i++) {
		add_prefix(c, i, out);
		add_marker(&c->parts[i], out);
		buf_str(out, STR("#\n"));
		if (c->parts[i].mark == '>')
			quotes = i + 1;
		if (!is_loose(&c->parts[i], op))
			continue;
		add_prefix(c, quotes, out);
		buf_byte(out, '\n');
	}
}

bool
chain_opens(const struct chain *c, const struct md_op *x, const struct md_op *y, uint32_t n, uint32_t *used)
{
	uint32_t i = 0;

	for (size_t k = 0; k < c->n; k++) {
		const struct md_op *opener = &x[c->parts[k].op];

		if (n - i < 4 || !md_is_op(&y[i], opener->kind, 0) || y[i].arg != opener->arg)
			return false;
		i++;
		if (opener->kind == MD_LIST && !md_is_op(&y[i++], MD_ITEM, 0))
			return false;
		if (!md_is_op(&y[i], MD_HEADING, 0) || !md_is_op(&y[i + 1], MD_HEADING, MD_CLOSE))
			return false;
		i += 2;
	}
	*used = i;
	return true;
}
