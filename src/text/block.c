#include "text/block.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "text/code.h"
#include "text/inline.h"
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
say_marker(struct page *p, const struct frame *f)
{
	static const char *const bullets[] = { "• ", "◦ ", "- " };
	const struct frame *list = list_of(p, f);

	if (f->op->arg == MD_TASK_OPEN)
		rows_say(&p->prefix, STYLE(ROLE_BULLET), "[ ] ");
	else if (f->op->arg == MD_TASK_DONE)
		rows_say(&p->prefix, STYLE(ROLE_OK), "[x] ");
	else if (list != NULL && list->op->arg & MD_ORDERED)
		rows_printf(&p->prefix, STYLE(ROLE_BULLET), "%u. ", f->number);
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
first_prefix(const struct page *p)
{
	return rows_count(&p->prefix) > 1 ? rows_line(&p->prefix, 1) : (struct line){ 0 };
}

static struct line
next_prefix(const struct page *p)
{
	return rows_count(&p->prefix) > 0 ? rows_line(&p->prefix, 0) : (struct line){ 0 };
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

/* Draws the markers that wait into the prefix of the next leaf. */
static void
make_prefix(struct page *p)
{
	size_t from = first_frame(p);

	if (is_made(p, from)) {
		rows_truncate(&p->prefix, 1);
	} else {
		rows_clear(&p->prefix);
		if (p->n == 0)
			return;
		prefix_row(p, from, false);
		for (size_t i = from; i < p->n; i++)
			p->made[i] = look(&p->frames[i]);
		p->from = from;
		p->to = p->n;
	}
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

	if (f == NULL || f->children++ == 0 || is_tight(p, f))
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

static void
paragraph(struct page *p, struct style style)
{
	struct flow f;

	begin_child(p);
	make_prefix(p);
	flow_init(&f, p->out, p->width, first_prefix(p), next_prefix(p));
	p->i = inline_lay(&f, p->v, p->i, style, NULL);
	flow_end(&f);
}

/* A paragraph at the top level may be giant. */
static void
top_paragraph(struct page *p)
{
	struct block_mark *mark = p->mark;
	struct inline_mark at = { mark->rows, mark->op, mark->at, mark->until, mark->need };
	struct flow f;

	flow_init(&f, p->out, p->width, (struct line){ 0 }, (struct line){ 0 });
	p->i = inline_lay(&f, p->v, p->i, STYLE(ROLE_TEXT), &at);
	flow_end(&f);
	if (at.rows > 0)
		*mark = (struct block_mark){ .rows = at.rows, .op = at.op, .at = at.at, .until = at.until,
			.need = at.need, .src = p->v->op[at.until].src };
}

static void
heading(struct page *p, unsigned depth)
{
	static const uint8_t attrs[] = { ATTR_BOLD | ATTR_UNDERLINE, ATTR_BOLD, ATTR_BOLD | ATTR_ITALIC };

	paragraph(p, STYLE_WITH(ROLE_HEADING, attrs[depth < 3 ? depth - 1 : 2]));
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

/*
 * The text of a code or HTML block, line by line. A line is one slice of one operation unless the
 * parser made its indentation or its end; then it is put together.
 */
struct text_lines {
	const struct md_view *v;
	size_t i, at;		/* operation, and place in its text */
	struct buf joined;
	struct str line;
	uint32_t src, made;	/* source of the line behind `made` bytes of it */
};

static bool
is_text(const struct md_view *v, size_t i)
{
	return i < v->n && (v->op[i].kind == MD_TEXT || v->op[i].kind == MD_HTML);
}

static bool
next_line(struct text_lines *t)
{
	bool ended = false;

	buf_clear(&t->joined);
	t->src = LINE_NO_SRC;
	t->made = 0;
	for (size_t pieces = 0; !ended; pieces++) {
		const struct md_op *op;
		struct str rest;

		while (is_text(t->v, t->i) && t->at == t->v->op[t->i].len) {
			t->i++;
			t->at = 0;
		}
		if (!is_text(t->v, t->i))
			return pieces > 0;
		op = &t->v->op[t->i];
		rest = str_skip(md_text(t->v, op), t->at);
		if (t->src == LINE_NO_SRC && !(op->flags & MD_MADE)) {
			t->src = op->src + (uint32_t)t->at;
			t->made = (uint32_t)t->joined.n;
		}
		t->line = str_head(rest, str_find_byte(rest, '\n'));
		ended = t->line.n < rest.n;
		t->at += t->line.n + ended;
		if (ended && str_ends(t->line, STR("\r")))
			t->line.n--;
		if (pieces > 0 || !ended) {
			buf_str(&t->joined, t->line);
			t->line = buf_view(&t->joined);
		}
	}
	return true;
}

/* Where a part of the line stands in the source. */
static uint32_t
line_src(const struct text_lines *t, size_t at)
{
	return t->src == LINE_NO_SRC || at < t->made ? LINE_NO_SRC : t->src + (uint32_t)at - t->made;
}

struct code_target {
	struct verbatim *out;
	const struct text_lines *lines;
};

static void
put_token(void *user, struct str text, size_t at, enum role role)
{
	const struct code_target *t = user;
	struct style style = STYLE(role == ROLE_TEXT ? ROLE_BLOCK : role);

	verbatim_add(t->out, style, text, line_src(t->lines, at));
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

/* The line before ends in the source, so more lines may follow it and leave it as it is. */
static void
mark_line(struct page *p, const struct text_lines *lines, unsigned state)
{
	const struct md_op *op = &p->v->op[lines->i];

	if (p->n == 0 && !(op->flags & MD_MADE))
		*p->mark = (struct block_mark){ .rows = rows_count(p->out), .op = lines->i,
			.at = lines->at, .until = lines->i, .need = lines->at, .src = op->src, .state = state };
}

static void
code_block(struct page *p, const struct md_op *op)
{
	struct text_lines lines = { .v = p->v, .i = p->i };
	struct str name = md_text(p->v, op);
	const struct code_lang *lang = code_find(name);
	struct code_target target = { .lines = &lines };
	struct verbatim out;
	unsigned state = p->n == 0 ? p->mark->state : 0;

	begin_child(p);
	make_prefix(p);
	indent_prefix(p);
	verbatim_init(&out, p->out, p->width, first_prefix(p), next_prefix(p), STYLE(ROLE_BLOCK),
	    LINE_FILL);
	target.out = &out;
	if (p->n == 0 && p->mark->rows > 0) {
		out.started = true;
		lines.i = p->mark->op;
		lines.at = p->mark->at;
	} else if (name.n > 0) {
		verbatim_add(&out, STYLE_WITH(ROLE_BLOCK, ATTR_DIM | ATTR_ITALIC), name, LINE_NO_SRC);
		verbatim_end(&out);
	}
	while (next_line(&lines)) {
		state = code_line(lang, state, lines.line, put_token, &target);
		verbatim_end(&out);
		mark_line(p, &lines, state);
	}
	if (!out.started)
		verbatim_end(&out);
	p->i = lines.i;
	buf_done(&lines.joined);
	verbatim_done(&out);
}

static void
html_block(struct page *p)
{
	struct text_lines lines = { .v = p->v, .i = p->i };
	struct verbatim out;

	begin_child(p);
	make_prefix(p);
	verbatim_init(&out, p->out, p->width, first_prefix(p), next_prefix(p), STYLE(ROLE_DIM), 0);
	while (next_line(&lines)) {
		verbatim_add(&out, STYLE(ROLE_DIM), lines.line, line_src(&lines, 0));
		verbatim_end(&out);
	}
	p->i = lines.i;
	buf_done(&lines.joined);
	verbatim_done(&out);
}

static void
table(struct page *p)
{
	begin_child(p);
	make_prefix(p);
	p->i = table_lay(p->out, p->v, p->i - 1, p->width, first_prefix(p), next_prefix(p),
	    p->n == 0 ? &p->mark->table : NULL);
	if (p->n == 0) {
		p->mark->rows = p->mark->table.rows;
		p->mark->op = p->mark->until = p->mark->table.op;
	}
}

static void
leaf(struct page *p, const struct md_op *op)
{
	switch (op->kind) {
	case MD_PARAGRAPH:
		if (p->n == 0)
			top_paragraph(p);
		else
			paragraph(p, STYLE(ROLE_TEXT));
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
		html_block(p);
		break;
	case MD_TABLE:
		table(p);
		break;
	default:
		break;
	}
}

/* Before an item of the outermost list. */
static void
mark_item(struct page *p)
{
	if (p->n == 1 && p->frames[0].children > 0)
		*p->mark = (struct block_mark){
			.rows = rows_count(p->out), .op = p->i, .until = p->i, .number = p->frames[0].number
		};
}

static void
go_on(struct page *p)
{
	p->frames[0] = (struct frame){ .op = &p->v->op[0], .number = p->mark->number, .children = 1 };
	p->n = 1;
	p->i = p->mark->op;
}

/* What most blocks need: to grow bit by bit would cost as much as to lay out. */
static void
reserve(struct rows *out, const struct md_view *v)
{
	size_t bytes = 0;

	for (size_t i = 0; i < v->n; i++)
		if (v->op[i].kind >= MD_TEXT)
			bytes += v->op[i].len;
	rows_reserve(out, bytes + bytes / 8 + 16, v->n / 2 + bytes / 32 + 4, bytes / 32 + 4);
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
	if (rows_count(out) == 0)
		reserve(out, v);

	if (mark->rows > 0 && v->op[0].kind == MD_LIST) {
		go_on(&p);
	} else if (mark->rows > 0 && v->op[0].kind == MD_PARAGRAPH) {
		p.i = mark->op;
		top_paragraph(&p);
	}
	while (p.i < v->n) {
		const struct md_op *op = &v->op[p.i];

		if (op->kind > MD_CELL) {
			/* The text of a tight item stands in it without a paragraph. */
			paragraph(&p, STYLE(ROLE_TEXT));
			continue;
		}
		if (op->kind == MD_ITEM && !(op->flags & MD_CLOSE))
			mark_item(&p);
		p.i++;
		if (md_is_container(op) && op->flags & MD_CLOSE)
			pop(&p);
		else if (md_is_container(op))
			push(&p, op);
		else if (!(op->flags & MD_CLOSE))
			leaf(&p, op);
	}
	rows_done(&p.prefix);
}
