#include "text/markdown.h"

#include <md4c.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "text/entity.h"
#include "text/parse.h"
#include "text/seam.h"

static bool
in_input(const struct parse *p, struct str s, uint32_t *at)
{
	return parse_stands_in(p, p->text, s, at);
}

static void
add_attribute(struct parse *p, struct md_op *op, const MD_ATTRIBUTE *a)
{
	uint32_t at;

	if (a->size == 0)
		return;
	if (a->substr_types[0] == MD_TEXT_NORMAL && a->substr_offsets[1] == a->size &&
	    in_input(p, str_of(a->text, a->size), &op->at)) {
		op->len = (uint32_t)parse_shown(p, op->at, a->size);
		return;
	}
	at = parse_made_at(p);
	for (size_t i = 0; a->substr_offsets[i] < a->size; i++) {
		struct str part = str_of(a->text + a->substr_offsets[i],
		    a->substr_offsets[i + 1] - a->substr_offsets[i]);

		if (a->substr_types[i] == MD_TEXT_ENTITY)
			entity_add(&p->doc->made, part);
		else
			buf_str(&p->doc->made, part);
	}
	parse_made_end(p, op, at);
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
	const struct md_op *opening = &p->doc->ops[parse_block(p)->op];

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
	const struct md_op *opening = &d->ops[parse_block(p)->op];

	d->nops = parse_block(p)->op + 1;
	d->made.n = parse_block(p)->made + (opening->flags & MD_MADE ? opening->at + opening->len : 0);
	p->end = (uint32_t)start;
	p->raw = RAW_EXACT;
}

/* How much the end of a line takes, its blanks included; the newline may be missing at the end of the source. */
static size_t
line_end(const struct parse *p, bool *newline)
{
	struct str rest = str_of(p->run->source.p + p->end, p->run->to - p->end);
	size_t n = 0;

	while (n < rest.n && is_blank(rest.p[n]))
		n++;
	if (n + 1 < rest.n && rest.p[n] == '\r' && rest.p[n + 1] == '\n')
		n++;
	*newline = n < rest.n && rest.p[n] == '\n';
	return n + *newline;
}

static void
add_line_end(struct parse *p, enum md_kind kind)
{
	bool newline;
	size_t n = line_end(p, &newline);

	parse_add_source(p, kind, p->end, n);
	if (newline)
		return;
	parse_add_made(p, kind, STR("\n"), false);
	p->end += p->end < p->run->to && p->run->source.p[p->end] == '\r';
}

/* Text of a code or HTML block that is not one piece of the source, or not known to be. */
static void __attribute__((noinline))
add_piece(struct parse *p, enum md_kind kind, struct str s)
{
	size_t start;
	uint32_t at;

	if (!in_input(p, s, &at)) {
		p->blank_lines += p->raw == RAW_FIRST && str_eq(s, STR("\n"));
		parse_add_made(p, kind, s, false);
	} else if (p->raw == RAW_FIRST && at < p->run->to && find_content(p, at, &start)) {
		begin_exact(p, start);
		parse_add_source(p, kind, p->end, at + s.n - p->end);
	} else {
		p->raw = RAW_PIECES;
		parse_add_source(p, kind, at, s.n);
	}
}

static void __attribute__((noinline))
add_raw(struct parse *p, enum md_kind kind, struct str s)
{
	uint32_t at;

	if (p->raw != RAW_EXACT)
		add_piece(p, kind, s);
	else if (in_input(p, s, &at))
		parse_add_source(p, kind, p->end, at + s.n - p->end);
	else if (s.n == 1 && s.p[0] == '\n')
		add_line_end(p, kind);
}

/* What does not stand in the source as it is shown. */
static void __attribute__((noinline))
add_changed(struct parse *p, MD_TEXTTYPE type, struct str s)
{
	enum md_kind kind = type == MD_TEXT_HTML ? MD_HTML : MD_TEXT;
	uint32_t at;

	if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
		parse_add(p, type == MD_TEXT_BR ? MD_HARD_BREAK : MD_SOFT_BREAK, 0);
	} else if (!in_input(p, s, &at)) {
		/* The ends of lines in code spans and HTML are made by the parser. */
		if (str_eq(s, STR("\n")) || str_eq(s, STR(" ")))
			parse_add(p, MD_SOFT_BREAK, 0);
		else
			parse_add_made(p, kind, s, type == MD_TEXT_ENTITY);
	} else if (type == MD_TEXT_ENTITY) {
		p->end = at;
		parse_add_made(p, kind, s, true);
		p->end = at + (uint32_t)s.n;
	} else {
		parse_add_source(p, kind, at, s.n);
	}
}

static int
on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE n, void *user)
{
	struct parse *p = user;
	enum md_kind kind = type == MD_TEXT_HTML ? MD_HTML : MD_TEXT;
	uint32_t at;

	if (p->raw != RAW_NO)
		add_raw(p, kind, str_of(text, n));
	else if (n > 0 && type != MD_TEXT_BR && type != MD_TEXT_SOFTBR && type != MD_TEXT_ENTITY &&
	    parse_stands_in(p, p->source, str_of(text, n), &at))
		parse_add_text(p, kind, at, n);
	else
		add_changed(p, type, str_of(text, n));
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
	struct md_block *b = parse_block(p);

	b->nops = (uint32_t)p->doc->nops - b->op;
	b->nmade = (uint32_t)p->doc->made.n - b->made;
	if (p->end > 0)
		p->behind = p->end;
}

static void
enter_list(struct parse *p, const MD_BLOCK_UL_DETAIL *ul, const MD_BLOCK_OL_DETAIL *ol)
{
	bool tight = ul != NULL ? ul->is_tight : ol->is_tight;
	struct md_op *op = parse_add(p, MD_LIST, (tight ? 0 : MD_LOOSE) | (ol != NULL ? MD_ORDERED : 0));

	if (ol != NULL)
		op->at = ol->start;
}

static void
enter_item(struct parse *p, const MD_BLOCK_LI_DETAIL *li)
{
	parse_add(p, MD_ITEM, !li->is_task ? MD_NO_TASK : li->task_mark == ' ' ? MD_TASK_OPEN : MD_TASK_DONE);
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
	add_attribute(p, parse_add(p, MD_CODE_BLOCK, (unsigned char)code->fence_char), &code->lang);
	enter_raw(p);
}

static void
enter_cell(struct parse *p, const MD_BLOCK_TD_DETAIL *td)
{
	parse_add(p, MD_CELL, td->align == MD_ALIGN_RIGHT ? MD_RIGHT
			: td->align == MD_ALIGN_CENTER ? MD_CENTRE : MD_LEFT);
}

static void
enter_row(struct parse *p, bool head)
{
	parse_add(p, MD_ROW, head);
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
		parse_add(p, MD_QUOTE, 0);
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
		parse_add(p, MD_RULE, 0);
		break;
	case MD_BLOCK_H:
		parse_add(p, MD_HEADING, ((MD_BLOCK_H_DETAIL *)detail)->level);
		break;
	case MD_BLOCK_CODE:
		enter_code(p, detail);
		break;
	case MD_BLOCK_HTML:
		parse_add(p, MD_HTML_BLOCK, 0);
		enter_raw(p);
		break;
	case MD_BLOCK_TABLE:
		parse_add(p, MD_TABLE, ((MD_BLOCK_TABLE_DETAIL *)detail)->col_count);
		break;
	case MD_BLOCK_TR:
		enter_row(p, p->doc->ops[p->doc->nops - 1].kind == MD_TABLE);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		enter_cell(p, detail);
		break;
	case MD_BLOCK_P:
		parse_add(p, MD_PARAGRAPH, 0);
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

	parse_close(p, MD_CELL);
	if (!empty)
		p->row = d->nops;
}

static void
leave_row(struct parse *p)
{
	p->doc->nops = p->row;
	parse_close(p, MD_ROW);
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
		parse_close(p, kinds[type]);
		p->raw = RAW_NO;
	}
	if (--p->depth == 0)
		close_block(p);
	return 0;
}

/* Spans that are of no use here (none is switched on) are taken as their text. */
static const uint8_t span_kinds[] = {
	[MD_SPAN_EM] = MD_EMPHASIS, [MD_SPAN_STRONG] = MD_STRONG, [MD_SPAN_A] = MD_LINK,
	[MD_SPAN_IMG] = MD_IMAGE, [MD_SPAN_CODE] = MD_CODE, [MD_SPAN_DEL] = MD_STRIKE,
};

static bool
is_span(MD_SPANTYPE type)
{
	return type < sizeof span_kinds && span_kinds[type] != 0;
}

static int
on_enter_span(MD_SPANTYPE type, void *detail, void *user)
{
	struct parse *p = user;
	struct md_op *op;

	if (!is_span(type))
		return 0;
	op = parse_add(p, span_kinds[type], 0);
	if (type == MD_SPAN_A)
		add_attribute(p, op, &((MD_SPAN_A_DETAIL *)detail)->href);
	else if (type == MD_SPAN_IMG)
		add_attribute(p, op, &((MD_SPAN_IMG_DETAIL *)detail)->src);
	return 0;
}

static int
on_leave_span(MD_SPANTYPE type, void *detail, void *user)
{
	(void)detail;
	if (is_span(type))
		parse_close(user, span_kinds[type]);
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

enum { LARGE = 64 << 10 };	/* bytes, for which the parser takes large pieces of memory */

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
	bool large;

	run->to = part.to = last_line(run);
	if (run->to < to)
		part.tail = STR_NONE;
	if (run->seam != NULL)
		part.stub = buf_view(&run->seam->stub);
	large = part.to - part.from >= LARGE;
	if (large)
		mem_brief(true);
	guard_init(&p.guard, &part);
	p.text = str_skip(p.guard.input, p.guard.lead);
	p.source = str_head(p.text, run->to - run->from);
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
	if (large)
		mem_brief(false);
	if (run->to < to)
		md_doc_add_plain(d, run->to, to);
	run->to = to;
}
