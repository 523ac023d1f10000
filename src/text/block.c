#include "text/block.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "text/inline.h"
#include "text/lines.h"
#include "text/table.h"
#include "text/verbatim.h"

enum {
	FRAMES_MAX = 64,	/* containers: deeper ones are laid out flat */
	TEXT_MIN = 10,		/* columns the prefixes of containers leave to a leaf */
	CODE_INDENT = 2,
	CODE_INDENT_WIDTH = 20	/* of a block that is indented */
};

/* An open container and what it puts in front of its rows. */
struct frame {
	const struct md_op *op;
	unsigned cols;
	uint32_t number;	/* list: of the next item; item: its own */
	unsigned children;
	bool pending;		/* its marker is not drawn yet */
};

struct page {
	struct rows *out;
	const struct md_view *v;
	unsigned width;
	size_t i;		/* the operation that comes next */
	size_t n, deeper;
	struct rows prefix;	/* of all rows but the first, and of that; none in no container */
	size_t from, to;	/* the frames it was made for */
	struct block_mark *mark;
	bool again;		/* the leaf began before the mark */
	struct frame frames[FRAMES_MAX];
	uint16_t made[FRAMES_MAX];	/* what they look like behind a first row */
};

static struct frame *
top(struct page *p)
{
	return p->n > 0 ? &p->frames[p->n - 1] : NULL;
}

static const struct frame *
list_of(const struct page *p, const struct frame *item)
{
	return item > p->frames ? item - 1 : NULL;
}

static unsigned
digits(uint32_t n)
{
	return n < 10 ? 1 : 1 + digits(n / 10);
}

static unsigned
marker_cols(const struct page *p, const struct frame *f)
{
	const struct frame *list = list_of(p, f);

	switch (f->op->kind) {
	case MD_QUOTE:
		return 2;
	case MD_ITEM:
		if (f->op->arg != MD_NO_TASK)
			return 4;
		return list != NULL && list->op->arg & MD_ORDERED ? digits(f->number) + 2 : 2;
	default:
		return 0;
	}
}

/* How many lists the item is in: bullets change with the level. */
static size_t
level(const struct page *p, const struct frame *item)
{
	size_t n = 0;

	for (const struct frame *f = p->frames; f < item; f++)
		n += f->op->kind == MD_ITEM;
	return n;
}

static void
say_number(struct page *p, uint32_t n)
{
	char text[16];
	unsigned to = digits(n);

	memcpy(text + to, ". ", 2);
	for (unsigned i = to; i-- > 0; n /= 10)
		text[i] = (char)('0' + n % 10);
	rows_add(&p->prefix, STYLE(ROLE_BULLET), str_of(text, to + 2), LINE_NO_SRC);
}

static void
say_marker(struct page *p, const struct frame *f)
{
	static const char *const bullets[] = { "• ", "◦ ", "- " };
	const struct frame *list = list_of(p, f);

	if (f->op->arg == MD_TASK_OPEN)
		rows_say(&p->prefix, STYLE(ROLE_BULLET), "[ ] ");
	else if (f->op->arg == MD_TASK_DONE)
		rows_say(&p->prefix, STYLE(ROLE_OK), "[x] ");
	else if (list != NULL && list->op->arg & MD_ORDERED)
		say_number(p, f->number);
	else
		rows_say(&p->prefix, STYLE(ROLE_BULLET), bullets[level(p, f) % 3]);
}

/* The innermost containers whose prefixes leave room for text. */
static size_t
first_frame(const struct page *p)
{
	unsigned room = p->width > 2 * TEXT_MIN ? p->width - TEXT_MIN : p->width / 2, cols = 0;
	size_t i = p->n;

	while (i > 0 && cols + p->frames[i - 1].cols <= room)
		cols += p->frames[--i].cols;
	return i;
}

static void
prefix_row(struct page *p, size_t from, bool markers)
{
	unsigned col = 0;

	for (size_t i = from; i < p->n; i++) {
		const struct frame *f = &p->frames[i];
		bool marker = f->op->kind == MD_ITEM && markers && f->pending;

		if (marker || f->op->kind == MD_QUOTE)
			rows_pad(&p->prefix, STYLE(ROLE_TEXT), col);
		if (marker)
			say_marker(p, f);
		else if (f->op->kind == MD_QUOTE)
			rows_say(&p->prefix, STYLE(ROLE_QUOTE), "│ ");
		col += f->cols;
	}
	rows_pad(&p->prefix, STYLE(ROLE_TEXT), col);
	rows_end(&p->prefix, 0);
}

static struct line
next_prefix(const struct page *p)
{
	return rows_count(&p->prefix) > 0 ? rows_line(&p->prefix, 0) : (struct line){ 0 };
}

static struct line
first_prefix(const struct page *p)
{
	return rows_count(&p->prefix) > 1 ? rows_line(&p->prefix, 1) : next_prefix(p);
}

/* What a frame puts in front of all rows but its first. */
static uint16_t
look(const struct frame *f)
{
	return (uint16_t)(f->cols << 1 | (f->op->kind == MD_QUOTE));
}

/* Whether the prefix of all rows but the first was made for frames that look the same: so it is in a list. */
static bool
is_made(const struct page *p, size_t from)
{
	if (rows_count(&p->prefix) == 0 || p->from != from || p->to != p->n)
		return false;
	for (size_t i = from; i < p->n; i++)
		if (p->made[i] != look(&p->frames[i]))
			return false;
	return true;
}

/* The prefix of all rows but the first. */
static void
make_next(struct page *p, size_t from)
{
	if (is_made(p, from)) {
		rows_truncate(&p->prefix, 1);
		return;
	}
	rows_clear(&p->prefix);
	if (p->n == 0)
		return;
	prefix_row(p, from, false);
	for (size_t i = from; i < p->n; i++)
		p->made[i] = look(&p->frames[i]);
	p->from = from;
	p->to = p->n;
}

/* Draws the markers that wait into the prefix of the next leaf. */
static void
make_prefix(struct page *p)
{
	size_t from = first_frame(p);
	bool markers = false;

	make_next(p, from);
	for (size_t i = from; i < p->n; i++)
		markers = markers || (p->frames[i].pending && p->frames[i].op->kind == MD_ITEM);
	if (markers)
		prefix_row(p, from, true);
	for (size_t i = 0; i < p->n; i++)
		p->frames[i].pending = false;
}

static bool
is_tight(const struct page *p, const struct frame *f)
{
	const struct frame *list = f->op->kind == MD_ITEM ? list_of(p, f) : f;

	return list != NULL && list->op->kind == MD_LIST && !(list->op->arg & MD_LOOSE);
}

/* Before each child of a container: a row of distance to the one before. */
static void
begin_child(struct page *p)
{
	struct frame *f = top(p);

	if (p->again || f == NULL || f->children++ == 0 || is_tight(p, f))
		return;
	make_prefix(p);
	rows_add_line(p->out, next_prefix(p));
	rows_end(p->out, 0);
}

static void
push(struct page *p, const struct md_op *op)
{
	struct frame *f;

	if (p->n == FRAMES_MAX) {
		p->deeper++;
		return;
	}
	begin_child(p);
	f = &p->frames[p->n++];
	*f = (struct frame){ .op = op, .number = op->at, .pending = true };
	if (op->kind == MD_ITEM && p->n > 1)
		f->number = f[-1].number++;
	f->cols = marker_cols(p, f);
}

static void
pop(struct page *p)
{
	if (p->deeper > 0) {
		p->deeper--;
		return;
	}
	if (p->n == 0)
		return;
	if (top(p)->pending && top(p)->op->kind != MD_LIST) {
		make_prefix(p);
		rows_add_line(p->out, first_prefix(p));
		rows_end(p->out, 0);
	}
	p->n--;
}

/* Remembers a place in the leaf that is laid out; false when it is too deep for that. */
static bool
mark(struct page *p, struct block_place at)
{
	if (p->mark == NULL || p->n > MARK_DEPTH || p->deeper > 0)
		return false;
	at.depth = p->n;
	p->mark->last = at;
	p->mark->prior.rows = 0;
	for (size_t i = 0; i < p->n; i++)
		p->mark->frames[i] = (struct block_frame){ (uint32_t)(p->frames[i].op - p->v->op),
			p->frames[i].number };
	return true;
}

/* Before a leaf or container that is not the first in the one around it. */
static void
mark_between(struct page *p)
{
	const struct frame *f = top(p);

	if (p->mark == NULL || f == NULL || f->children == 0 || p->n > MARK_DEPTH || p->deeper > 0)
		return;
	for (size_t i = 0; i < p->n; i++)
		if (p->frames[i].pending && p->frames[i].op->kind != MD_LIST)
			return;
	mark(p, (struct block_place){ .rows = rows_count(p->out), .op = p->i, .until = p->i });
	p->mark->between = p->mark->last;
	memcpy(p->mark->frames_between, p->mark->frames, p->n * sizeof *p->mark->frames);
}

/* Its rows may be marked; those of a heading are not. */
static void
lay_text(struct page *p, struct style style, struct inline_marks *at)
{
	struct flow f;

	begin_child(p);
	make_prefix(p);
	flow_init(&f, p->out, p->width, p->again ? next_prefix(p) : first_prefix(p), next_prefix(p));
	p->i = inline_lay(&f, p->v, p->i, style, at);
	flow_end(&f);
}

static struct inline_mark
from_place(const struct block_place *at)
{
	return (struct inline_mark){ at->rows, at->op, at->at, at->until, at->need, at->state };
}

static struct block_place
to_place(const struct page *p, const struct inline_mark *at)
{
	return (struct block_place){ .rows = at->rows, .op = at->op, .at = at->at, .until = at->until,
		.need = at->need, .src = p->v->op[at->until].src, .leaf = MD_IN_TEXT, .state = at->spans,
		.depth = p->n };
}

/* It may be giant. */
static void
paragraph(struct page *p)
{
	struct inline_marks at = { .last = { .rows = 0 } };

	if (p->again)
		at = (struct inline_marks){ from_place(&p->mark->last), from_place(&p->mark->prior) };
	lay_text(p, STYLE(ROLE_TEXT), p->mark != NULL ? &at : NULL);
	if (at.last.rows > 0 && mark(p, to_place(p, &at.last)) && at.prior.rows > 0)
		p->mark->prior = to_place(p, &at.prior);
}

static void
heading(struct page *p, unsigned depth)
{
	static const uint8_t attrs[] = { ATTR_BOLD | ATTR_UNDERLINE, ATTR_BOLD, ATTR_BOLD | ATTR_ITALIC };

	lay_text(p, STYLE_WITH(ROLE_HEADING, attrs[depth < 3 ? depth - 1 : 2]), NULL);
}

static void
rule(struct page *p)
{
	unsigned cols;

	begin_child(p);
	make_prefix(p);
	rows_add_line(p->out, first_prefix(p));
	cols = rows_open(p->out).cols;
	rows_rule(p->out, STYLE(ROLE_RULE), cols < p->width ? p->width - cols : 1);
	rows_end(p->out, 0);
}

static void
indent_prefix(struct page *p)
{
	struct rows wide = { 0 };

	if (p->width < CODE_INDENT_WIDTH)
		return;
	for (size_t i = 0; i < 2; i++) {
		struct line l = i == 0 ? next_prefix(p) : first_prefix(p);

		rows_add_line(&wide, l);
		rows_pad(&wide, STYLE(ROLE_BLOCK), l.cols + CODE_INDENT);
		rows_end(&wide, 0);
	}
	rows_done(&p->prefix);
	p->prefix = wide;
	p->to = 0;
}

/* Before a line of code: the one before ends in the source, or there is one behind it. */
static void
mark_line(struct page *p, const struct lines *lines, size_t opening, unsigned state)
{
	const struct md_op *op = &p->v->op[lines->i];

	if (p->mark == NULL || !lines_is_text(p->v, lines->i))
		return;
	if (op->flags & MD_MADE && (lines->at < op->len || !lines_is_text(p->v, lines->i + 1)))
		return;
	mark(p, (struct block_place){ .rows = rows_count(p->out), .op = lines->i, .at = lines->at,
		.until = lines->i, .need = lines->at, .src = op->src, .leaf = MD_IN_CODE, .opening = opening,
		.state = state });
}

/* Lines of code or HTML go on behind the mark. */
static void
begin_lines(struct page *p, struct lines *lines, struct verbatim *out)
{
	*lines = (struct lines){ .v = p->v, .i = p->i };
	if (!p->again)
		return;
	lines->i = p->mark->last.op;
	lines->at = p->mark->last.at;
	out->started = true;
}

static void
code_block(struct page *p, const struct md_op *op)
{
	struct lines lines;
	struct str name = md_text(p->v, op);
	const struct code_lang *lang = code_find(name);
	struct verbatim out;
	unsigned state = p->again ? p->mark->last.state : 0;

	begin_child(p);
	make_prefix(p);
	indent_prefix(p);
	verbatim_init(&out, p->out, p->width, first_prefix(p), next_prefix(p), STYLE(ROLE_BLOCK),
	    LINE_FILL);
	begin_lines(p, &lines, &out);
	if (!p->again && name.n > 0) {
		verbatim_add(&out, STYLE_WITH(ROLE_BLOCK, ATTR_DIM | ATTR_ITALIC), name, LINE_NO_SRC);
		verbatim_end(&out);
	}
	while (lines_next(&lines)) {
		state = verbatim_code(&out, lang, state, lines.line, lines.src, lines.made);
		mark_line(p, &lines, (size_t)(op - p->v->op), state);
	}
	if (!out.started)
		verbatim_end(&out);
	p->i = lines.i;
	buf_done(&lines.joined);
	verbatim_done(&out);
}

static void
html_block(struct page *p, const struct md_op *op)
{
	struct lines lines;
	struct verbatim out;

	begin_child(p);
	make_prefix(p);
	verbatim_init(&out, p->out, p->width, first_prefix(p), next_prefix(p), STYLE(ROLE_DIM), 0);
	begin_lines(p, &lines, &out);
	while (lines_next(&lines)) {
		verbatim_add(&out, STYLE(ROLE_DIM), lines.line, lines_src(&lines, 0));
		verbatim_end(&out);
		mark_line(p, &lines, (size_t)(op - p->v->op), 0);
	}
	p->i = lines.i;
	buf_done(&lines.joined);
	verbatim_done(&out);
}

/* False when the rows that are there do not fit those that come. */
static bool
table(struct page *p)
{
	struct table_mark *at = p->mark != NULL ? &p->mark->table : NULL;
	size_t opening = p->i - 1;

	if (at != NULL && !p->again)
		*at = (struct table_mark){ .rows = 0 };
	begin_child(p);
	make_prefix(p);
	p->i = table_lay(p->out, p->v, opening, p->width, first_prefix(p), next_prefix(p), at);
	if (at != NULL && at->rows > 0)
		mark(p, (struct block_place){ .rows = at->rows, .op = at->op, .until = at->op,
			.leaf = MD_IN_TABLE, .opening = opening });
	return p->i > 0;
}

/* False when the block has to be laid out from a place further up. */
static bool
leaf(struct page *p, const struct md_op *op)
{
	switch (op->kind) {
	case MD_PARAGRAPH:
		paragraph(p);
		break;
	case MD_HEADING:
		heading(p, op->arg);
		break;
	case MD_RULE:
		rule(p);
		break;
	case MD_CODE_BLOCK:
		code_block(p, op);
		break;
	case MD_HTML_BLOCK:
		html_block(p, op);
		break;
	case MD_TABLE:
		return table(p);
	default:
		break;
	}
	return true;
}

/* Opens what is open at the mark and ends the leaf it stands in. */
static bool
go_on(struct page *p)
{
	const struct block_place *at;
	const struct md_op *op;
	bool fits = true;

	p->n = p->deeper = 0;
	p->i = 0;
	if (p->mark == NULL || p->mark->last.rows == 0)
		return true;
	at = &p->mark->last;
	op = &p->v->op[at->opening];
	p->i = at->op;
	for (size_t i = 0; i < at->depth; i++) {
		struct frame *f = &p->frames[p->n++];

		*f = (struct frame){ .op = &p->v->op[p->mark->frames[i].op],
			.number = p->mark->frames[i].number, .children = 1 };
		f->cols = marker_cols(p, f);
	}
	p->again = true;
	if (at->leaf == MD_IN_TEXT) {
		paragraph(p);
	} else if (at->leaf != MD_BETWEEN) {
		p->i = at->opening + 1;
		fits = leaf(p, op);
	}
	p->again = false;
	return fits;
}

/* False when it has to go on from further up. */
static bool
lay(struct page *p)
{
	if (!go_on(p))
		return false;
	while (p->i < p->v->n) {
		const struct md_op *op = &p->v->op[p->i];

		if (md_is_inline(op)) {
			/* The text of a tight item stands in it without a paragraph. */
			paragraph(p);
			continue;
		}
		if (!(op->flags & MD_CLOSE))
			mark_between(p);
		p->i++;
		if (md_is_container(op) && op->flags & MD_CLOSE)
			pop(p);
		else if (md_is_container(op))
			push(p, op);
		else if (!(op->flags & MD_CLOSE) && !leaf(p, op))
			return false;
	}
	return true;
}

void
block_lay(struct rows *out, const struct md_view *v, unsigned width, struct block_mark *mark)
{
	struct page p;

	/* Its frames are many, and none is open. */
	memset(&p, 0, offsetof(struct page, frames));
	p.out = out;
	p.v = v;
	p.width = width;
	p.mark = mark;

	while (!lay(&p)) {
		mark_back(mark);
		rows_truncate(out, mark->last.rows);
	}
	rows_done(&p.prefix);
}
