#include "text/markdown.h"

#include <md4c.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "text/entity.h"
#include "text/seam.h"

/* In code and HTML blocks line ends are text, and md4c makes indentations up. */
enum raw {
	RAW_NO,
	RAW_PIECES,		/* as md4c gives it */
	RAW_FIRST,		/* at the top level: nothing from the source came yet */
	RAW_EXACT		/* the text is one piece of the source */
};

struct parse {
	struct md_doc *doc;
	const struct md_run *run;
	struct guard guard;
	unsigned depth;
	enum raw raw;
	size_t blank_lines;	/* RAW_FIRST: that came so far */
	bool noted;
	bool joined;		/* the first block has begun, which goes on with one before it */
	size_t plain;		/* first range of the input behind what was seen */
	uint32_t end;		/* source offset behind the last text of the block, 0 before it */
	uint32_t behind;	/* that of the block before */
	size_t row;		/* ops behind the last cell that is not empty */
};

static struct md_op *
add(struct parse *p, enum md_kind kind, unsigned arg)
{
	struct md_doc *d = p->doc;

	d->ops = mem_grow(d->ops, d->nops, &d->cap_ops, sizeof *d->ops);
	d->ops[d->nops] = (struct md_op){ .kind = (uint8_t)kind, .arg = (uint16_t)arg, .src = p->end };
	return &d->ops[d->nops++];
}

static void
close_op(struct parse *p, enum md_kind kind)
{
	add(p, kind, 0)->flags = MD_CLOSE;
}

static struct md_block *
block(const struct parse *p)
{
	return &p->doc->blocks[p->doc->n - 1];
}

/* Is this slice a part of the input? Then *at is its offset in the source. */
static bool
in_source(const struct parse *p, const char *text, size_t n, uint32_t *at)
{
	uintptr_t base = (uintptr_t)p->guard.input.p, here = (uintptr_t)text;

	if (here < base + p->guard.lead || here + n > base + p->guard.input.n)
		return false;
	*at = (uint32_t)(p->run->from + (here - base) - p->guard.lead);
	return true;
}

/* How much of a slice stands in the source, not in the tail. */
static size_t
without_tail(const struct parse *p, size_t at, size_t n)
{
	if (at + n <= p->run->to)
		return n;
	return at < p->run->to ? p->run->to - at : 0;
}

/* Everything that is appended to the made text between these two is the text of the operation. */
static uint32_t
made_at(struct parse *p)
{
	return (uint32_t)(p->doc->made.n - block(p)->made);
}

static void
made_end(struct parse *p, struct md_op *op, uint32_t at)
{
	op->flags |= MD_MADE;
	op->at = at;
	op->len = made_at(p) - at;
}

static void
add_attribute(struct parse *p, struct md_op *op, const MD_ATTRIBUTE *a)
{
	uint32_t at;

	if (a->size == 0)
		return;
	if (a->substr_types[0] == MD_TEXT_NORMAL && a->substr_offsets[1] == a->size &&
	    in_source(p, a->text, a->size, &op->at)) {
		op->len = (uint32_t)without_tail(p, op->at, a->size);
		return;
	}
	at = made_at(p);
	for (size_t i = 0; a->substr_offsets[i] < a->size; i++) {
		struct str part = str_of(a->text + a->substr_offsets[i],
		    a->substr_offsets[i + 1] - a->substr_offsets[i]);

		if (a->substr_types[i] == MD_TEXT_ENTITY)
			entity_add(&p->doc->made, part);
		else
			buf_str(&p->doc->made, part);
	}
	made_end(p, op, at);
}

/* Says once in a block that a part of it was taken as plain text. */
static void
note_plain(struct parse *p, uint32_t src)
{
	size_t at = src - p->run->from;

	while (p->plain < p->guard.n && p->guard.ranges[p->plain].to <= at)
		p->plain++;
	if (p->noted || p->raw != RAW_NO || p->plain == p->guard.n || at < p->guard.ranges[p->plain].from)
		return;
	p->noted = true;
	add(p, MD_NOTE, 0);
}

/* Text as it stands in the source: grows the operation before when it goes on there. */
static void
add_source(struct parse *p, enum md_kind kind, uint32_t at, size_t n)
{
	struct md_doc *d = p->doc;
	struct md_op *last = &d->ops[d->nops - 1];
	uint32_t len = (uint32_t)without_tail(p, at, n);

	if (len == 0)
		return;
	if (last->kind == kind && last->flags == 0 && last->at + last->len == at) {
		last->len += len;
	} else {
		note_plain(p, at);
		if (p->end == 0)
			block(p)->src = at;
		p->end = at;
		last = add(p, kind, 0);
		last->at = at;
		last->len = len;
	}
	p->end = at + len;
}

static void
add_made(struct parse *p, enum md_kind kind, struct str text, bool entity)
{
	uint32_t at = made_at(p);

	if (entity)
		entity_add(&p->doc->made, text);
	else
		buf_str(&p->doc->made, text);
	made_end(p, add(p, kind, 0), at);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Start of the line in which `at` stands when there are only blanks before; SIZE_MAX otherwise. */
static size_t
blank_start(const struct parse *p, size_t at)
{
	const char *text = p->run->source.p;

	while (at > p->run->from && is_blank(text[at - 1]))
		at--;
	return at == p->run->from || text[at - 1] == '\n' ? at : SIZE_MAX;
}

/*
 * The content of a top-level block whose first text stands at `at`, with the blank lines before it.
 * False unless the content begins at the margin, as it does behind a fence at the margin.
 */
static bool
find_content(const struct parse *p, size_t at, size_t *start)
{
	const struct md_op *opening = &p->doc->ops[block(p)->op];

	*start = blank_start(p, at);
	for (size_t i = 0; i < p->blank_lines && *start != SIZE_MAX; i++)
		*start = *start > p->run->from ? blank_start(p, *start - 1) : SIZE_MAX;
	if (*start == SIZE_MAX || opening->kind == MD_HTML_BLOCK)
		return *start != SIZE_MAX;
	if (opening->arg == 0 || *start == p->run->from)
		return false;
	for (at = *start - 1; at > p->run->from && p->run->source.p[at - 1] != '\n';)
		at--;
	return p->run->source.p[at] == (char)opening->arg;
}

static void
begin_exact(struct parse *p, size_t start)
{
	struct md_doc *d = p->doc;
	const struct md_op *opening = &d->ops[block(p)->op];

	d->nops = block(p)->op + 1;
	d->made.n = block(p)->made + (opening->flags & MD_MADE ? opening->at + opening->len : 0);
	p->end = (uint32_t)start;
	p->raw = RAW_EXACT;
}

/* The end of a line: its blanks and its newline, which may be missing at the end of the source. */
static void
end_exact(struct parse *p, enum md_kind kind)
{
	struct str rest = str_of(p->run->source.p + p->end, p->run->to - p->end);
	size_t n = 0;

	while (n < rest.n && is_blank(rest.p[n]))
		n++;
	if (n + 1 < rest.n && rest.p[n] == '\r' && rest.p[n + 1] == '\n')
		n++;
	if (n < rest.n && rest.p[n] == '\n') {
		add_source(p, kind, p->end, n + 1);
		return;
	}
	add_source(p, kind, p->end, n);
	add_made(p, kind, STR("\n"), false);
	p->end += n < rest.n && rest.p[n] == '\r';
}

static void
add_raw(struct parse *p, enum md_kind kind, struct str s)
{
	bool newline = str_eq(s, STR("\n")), here;
	size_t start;
	uint32_t at;

	here = in_source(p, s.p, s.n, &at);
	if (p->raw == RAW_FIRST && here) {
		if (find_content(p, at, &start))
			begin_exact(p, start);
		else
			p->raw = RAW_PIECES;
	}
	if (p->raw == RAW_FIRST)
		p->blank_lines += newline;
	if (p->raw == RAW_EXACT && here)
		add_source(p, kind, p->end, at + s.n - p->end);
	else if (p->raw == RAW_EXACT && newline)
		end_exact(p, kind);
	else if (here)
		add_source(p, kind, at, s.n);
	else if (p->raw != RAW_EXACT)
		add_made(p, kind, s, false);
}

static int
on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE n, void *user)
{
	struct parse *p = user;
	enum md_kind kind = type == MD_TEXT_HTML ? MD_HTML : MD_TEXT;
	struct str s = str_of(text, n);
	uint32_t at;

	if (p->raw != RAW_NO) {
		add_raw(p, kind, s);
	} else if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
		add(p, type == MD_TEXT_BR ? MD_HARD_BREAK : MD_SOFT_BREAK, 0);
	} else if (!in_source(p, text, n, &at)) {
		/* The ends of lines in code spans and HTML are made by the parser. */
		if (str_eq(s, STR("\n")) || str_eq(s, STR(" ")))
			add(p, MD_SOFT_BREAK, 0);
		else
			add_made(p, kind, s, type == MD_TEXT_ENTITY);
	} else if (type == MD_TEXT_ENTITY) {
		p->end = at;
		add_made(p, kind, s, true);
		p->end = at + n;
	} else {
		add_source(p, kind, at, n);
	}
	return 0;
}

static void
open_block(struct parse *p)
{
	struct md_doc *d = p->doc;

	d->blocks = mem_grow(d->blocks, d->n, &d->cap, sizeof *d->blocks);
	d->blocks[d->n++] = (struct md_block){
		.op = (uint32_t)d->nops, .made = (uint32_t)d->made.n, .src = p->behind
	};
	p->noted = false;
	/* The operations of a block may not depend on what stands before it. */
	p->end = 0;
	if (p->run->seam != NULL && !p->joined) {
		p->joined = true;
		p->noted = p->run->seam->noted;
		p->end = p->run->seam->end;
	}
}

static void
close_block(struct parse *p)
{
	struct md_block *b = block(p);

	b->nops = (uint32_t)p->doc->nops - b->op;
	b->nmade = (uint32_t)p->doc->made.n - b->made;
	if (p->end > 0)
		p->behind = p->end;
}

static void
enter_list(struct parse *p, const MD_BLOCK_UL_DETAIL *ul, const MD_BLOCK_OL_DETAIL *ol)
{
	bool tight = ul != NULL ? ul->is_tight : ol->is_tight;
	struct md_op *op = add(p, MD_LIST, (tight ? 0 : MD_LOOSE) | (ol != NULL ? MD_ORDERED : 0));

	if (ol != NULL)
		op->at = ol->start;
}

static void
enter_item(struct parse *p, const MD_BLOCK_LI_DETAIL *li)
{
	add(p, MD_ITEM, !li->is_task ? MD_NO_TASK : li->task_mark == ' ' ? MD_TASK_OPEN : MD_TASK_DONE);
}

static void
enter_raw(struct parse *p)
{
	p->raw = p->depth == 1 ? RAW_FIRST : RAW_PIECES;
	p->blank_lines = 0;
}

static void
enter_code(struct parse *p, const MD_BLOCK_CODE_DETAIL *code)
{
	add_attribute(p, add(p, MD_CODE_BLOCK, (unsigned char)code->fence_char), &code->lang);
	enter_raw(p);
}

static void
enter_cell(struct parse *p, const MD_BLOCK_TD_DETAIL *td)
{
	add(p, MD_CELL, td->align == MD_ALIGN_RIGHT ? MD_RIGHT
			: td->align == MD_ALIGN_CENTER ? MD_CENTRE : MD_LEFT);
}

static void
enter_row(struct parse *p, bool head)
{
	add(p, MD_ROW, head);
	p->row = p->doc->nops;
}

static int
on_enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	struct parse *p = user;

	if (type == MD_BLOCK_DOC)
		return 0;
	if (p->depth++ == 0)
		open_block(p);
	switch (type) {
	case MD_BLOCK_QUOTE:
		add(p, MD_QUOTE, 0);
		break;
	case MD_BLOCK_UL:
		enter_list(p, detail, NULL);
		break;
	case MD_BLOCK_OL:
		enter_list(p, NULL, detail);
		break;
	case MD_BLOCK_LI:
		enter_item(p, detail);
		break;
	case MD_BLOCK_HR:
		add(p, MD_RULE, 0);
		break;
	case MD_BLOCK_H:
		add(p, MD_HEADING, ((MD_BLOCK_H_DETAIL *)detail)->level);
		break;
	case MD_BLOCK_CODE:
		enter_code(p, detail);
		break;
	case MD_BLOCK_HTML:
		add(p, MD_HTML_BLOCK, 0);
		enter_raw(p);
		break;
	case MD_BLOCK_TABLE:
		add(p, MD_TABLE, ((MD_BLOCK_TABLE_DETAIL *)detail)->col_count);
		break;
	case MD_BLOCK_TR:
		enter_row(p, p->doc->ops[p->doc->nops - 1].kind == MD_TABLE);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		enter_cell(p, detail);
		break;
	case MD_BLOCK_P:
		add(p, MD_PARAGRAPH, 0);
		break;
	default:
		break;
	}
	return 0;
}

/* A row of a wide table may be two bytes long: what is empty at its end is not kept. */
static void
leave_cell(struct parse *p)
{
	struct md_doc *d = p->doc;
	bool empty = d->ops[d->nops - 1].kind == MD_CELL;

	close_op(p, MD_CELL);
	if (!empty)
		p->row = d->nops;
}

static void
leave_row(struct parse *p)
{
	p->doc->nops = p->row;
	close_op(p, MD_ROW);
}

static int
on_leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	static const uint8_t kinds[] = {
		[MD_BLOCK_QUOTE] = MD_QUOTE, [MD_BLOCK_UL] = MD_LIST, [MD_BLOCK_OL] = MD_LIST,
		[MD_BLOCK_LI] = MD_ITEM, [MD_BLOCK_HR] = MD_RULE, [MD_BLOCK_H] = MD_HEADING,
		[MD_BLOCK_CODE] = MD_CODE_BLOCK, [MD_BLOCK_HTML] = MD_HTML_BLOCK,
		[MD_BLOCK_P] = MD_PARAGRAPH, [MD_BLOCK_TABLE] = MD_TABLE,
	};
	struct parse *p = user;

	(void)detail;
	switch (type) {
	case MD_BLOCK_DOC:
		return 0;
	case MD_BLOCK_THEAD:
	case MD_BLOCK_TBODY:
		break;
	case MD_BLOCK_TR:
		leave_row(p);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		leave_cell(p);
		break;
	default:
		close_op(p, kinds[type]);
		p->raw = RAW_NO;
	}
	if (--p->depth == 0)
		close_block(p);
	return 0;
}

/* Spans that are of no use here (none is switched on) are taken as their text. */
static bool
span_kind(MD_SPANTYPE type, enum md_kind *kind)
{
	switch (type) {
	case MD_SPAN_EM:
		*kind = MD_EMPHASIS;
		return true;
	case MD_SPAN_STRONG:
		*kind = MD_STRONG;
		return true;
	case MD_SPAN_DEL:
		*kind = MD_STRIKE;
		return true;
	case MD_SPAN_CODE:
		*kind = MD_CODE;
		return true;
	case MD_SPAN_A:
		*kind = MD_LINK;
		return true;
	case MD_SPAN_IMG:
		*kind = MD_IMAGE;
		return true;
	default:
		return false;
	}
}

static int
on_enter_span(MD_SPANTYPE type, void *detail, void *user)
{
	struct parse *p = user;
	enum md_kind kind;
	struct md_op *op;

	if (!span_kind(type, &kind))
		return 0;
	op = add(p, kind, 0);
	if (kind == MD_LINK)
		add_attribute(p, op, &((MD_SPAN_A_DETAIL *)detail)->href);
	else if (kind == MD_IMAGE)
		add_attribute(p, op, &((MD_SPAN_IMG_DETAIL *)detail)->src);
	return 0;
}

static int
on_leave_span(MD_SPANTYPE type, void *detail, void *user)
{
	enum md_kind kind;

	(void)detail;
	if (span_kind(type, &kind))
		close_op(user, kind);
	return 0;
}

/*
 * A last block with nothing in it but the tail, a paragraph or a container of one: what is open before it
 * has ended.
 */
static bool
is_clean(const struct md_doc *d)
{
	const struct md_block *last = d->n > 0 ? &d->blocks[d->n - 1] : NULL;

	if (last == NULL || last->nops % 2 > 0)
		return false;
	for (uint32_t i = 0; i < last->nops; i++) {
		const struct md_op *op = &d->ops[last->op + i];

		if (!(md_is_container(op) || op->kind == MD_PARAGRAPH) ||
		    (op->flags & MD_CLOSE) != (i < last->nops / 2 ? 0 : MD_CLOSE))
			return false;
	}
	return true;
}

/* The end of the run, or of the last line in it that is not too far from its start. */
static size_t
last_line(const struct md_run *run)
{
	size_t to = run->from + MD_PARSE_MAX;

	if (run->to <= to)
		return run->to;
	while (to > run->from && run->source.p[to - 1] != '\n')
		to--;
	return to > run->from ? to : run->from + MD_PARSE_MAX;
}

void
md_doc_parse(struct md_doc *d, struct md_run *run)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS |
			 MD_FLAG_PERMISSIVEAUTOLINKS,
		.enter_block = on_enter_block,
		.leave_block = on_leave_block,
		.enter_span = on_enter_span,
		.leave_span = on_leave_span,
		.text = on_text,
	};
	struct parse p = { .doc = d, .run = run, .behind = (uint32_t)run->from };
	struct guard_part part = { run->source, run->from, run->to, STR_NONE, run->tail, run->guard };
	size_t n = d->n, to = run->to;

	run->to = part.to = last_line(run);
	if (run->to < to)
		part.tail = STR_NONE;
	if (run->seam != NULL)
		part.stub = buf_view(&run->seam->stub);
	guard_init(&p.guard, &part);
	if (md_parse(p.guard.input.p, (MD_SIZE)p.guard.input.n, &parser, &p) != 0)
		log_write(LOG_ERROR, "markdown: the parser gave up");
	if (p.depth > 0)
		close_block(&p);
	run->guard = p.guard.after;
	run->spent = p.guard.spent;
	run->definitions = p.guard.definitions;
	run->end = p.end;
	run->clean = run->to == to && is_clean(d);
	run->torn = run->seam != NULL && (p.guard.reaches_back || !seam_join(d, n, run->seam));
	guard_done(&p.guard);
	if (run->to < to)
		md_doc_add_plain(d, run->to, to);
	run->to = to;
}
