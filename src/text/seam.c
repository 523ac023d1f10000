#include "text/seam.h"

#include <string.h>

/*
 * Behind a paragraph it closes what may be open there: then the operations are others than without it.
 * Links that are begun and HTML it cannot close all; they are seen as the text they still are.
 */
#define CLOSERS STR(" ](x) x* x** x*** x_ x__ x___ x~ x~~ ` x `` x ``` x ```` x ````` x `````` x ```````\n")

enum {
	PARAGRAPH_MIN = 16 << 10,	/* of what is open: text/hold leaves it as it is from there on */
	BLOCK_MIN = 1 << 10,
	STEP = 1 << 10,
	LOOK_BACK = 512			/* for a blank between words */
};

void
seam_clear(struct md_seam *seam)
{
	buf_done(&seam->stub);
	*seam = (struct md_seam){ 0 };
}

/* ---- places */

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_in_name(char c)
{
	return c == '-' || (c >= '0' && c <= '9');
}

/* The lead byte of an ideograph. */
static bool
is_ideograph(char c)
{
	return (unsigned char)c >= 0xE4 && (unsigned char)c <= 0xE9;
}

static bool
is_inner(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* A blank is no part of any mark when this stands before it. */
static bool
ends_word(char c)
{
	return c != '\0' && strchr(" \t\r\n\\|-:>", c) == NULL;
}

static bool
is_bracket(char c)
{
	return c == '[' || c == ']';
}

/*
 * Between two words, or two ideographs, or brackets that are covered: no mark of inline markup can be on
 * both sides.
 */
static size_t
find_in_paragraph(struct str s, size_t start, bool covered)
{
	size_t least = s.n > start + LOOK_BACK ? s.n - LOOK_BACK : start + 4;

	for (size_t i = s.n - 2; i >= least; i--) {
		const char *p = s.p + i;

		if (p[0] == ' ' && ends_word(p[-1]) && strchr(" \t\r\n", p[1]) == NULL && p[1] != '\0')
			return i;
		if (is_ideograph(p[0]) && is_ideograph(p[-3]) && is_inner(p[-2]) && is_inner(p[-1]))
			return i;
		if (covered && is_bracket(p[0]) && is_bracket(p[-1]))
			return i;
	}
	return 0;
}

/* The bytes of a list marker at the margin with something behind it that cannot make it anything else. */
static size_t
marker_length(struct str line)
{
	size_t n = 0;

	while (n < line.n && n < 9 && line.p[n] >= '0' && line.p[n] <= '9')
		n++;
	if (n < line.n && strchr(n > 0 ? ".)" : "-+*", line.p[n]) == NULL)
		return 0;
	n++;
	if (n + 1 >= line.n || line.p[n] != ' ' || strchr(" \t\r\n`~>", line.p[n + 1]) != NULL)
		return 0;
	return line.p[n + 1] != line.p[n - 1] ? n : 0;
}

/* The start of the last line where an item begins, or where a row of a table may begin. */
static size_t
find_line(struct str s, size_t start, uint8_t kind)
{
	for (size_t end = s.n; end > start;) {
		size_t at = end - 1;
		struct str line;

		while (at > start && s.p[at - 1] != '\n')
			at--;
		line = str_of(s.p + at, s.n - at);
		if (at > start && (kind == MD_LIST ? marker_length(line) > 0 : str_trim(line).n > 0))
			return at;
		end = at;
	}
	return 0;
}

/* ---- stubs */

/* The first line may be the head of a table, others may not. */
static void
paragraph_stub(struct md_seam *seam, struct str before)
{
	bool more = str_starts(buf_view(&seam->stub), STR("x"));

	while (before.n > 0 && strchr(" \t\r\n", before.p[0]) != NULL)
		before = str_skip(before, 1);
	more = more || str_find_byte(before, '\n') < before.n;
	buf_set(&seam->stub, more ? STR("x\n`x`") : STR("`x`"));
}

static void
list_stub(struct md_seam *seam, const struct md_op *list, struct str line)
{
	size_t n = marker_length(line);

	buf_clear(&seam->stub);
	buf_printf(&seam->stub, "%s%c x\n%s", n > 1 ? "1" : "", line.p[n - 1],
	    list->arg & MD_LOOSE ? "\n" : "");
}

/* False when the head has fewer cells than the table has columns. */
static bool
table_stub(struct md_seam *seam, const struct md_op *table)
{
	static const char *const lines[] = { "|---", "|:-:", "|--:" };
	size_t cells = 0;

	buf_clear(&seam->stub);
	for (unsigned i = 0; i < table->arg; i++)
		buf_str(&seam->stub, STR("|x"));
	buf_byte(&seam->stub, '\n');
	for (const struct md_op *op = table; !(op->kind == MD_ROW && op->flags & MD_CLOSE); op++) {
		if (op->kind != MD_CELL || op->flags & MD_CLOSE)
			continue;
		buf_str(&seam->stub, str_from(lines[op->arg]));
		cells++;
	}
	buf_byte(&seam->stub, '\n');
	return cells == table->arg;
}

static bool
make_stub(struct md_seam *seam, const struct md_op *op, struct str source, size_t from, size_t at)
{
	if (op->kind == MD_PARAGRAPH)
		paragraph_stub(seam, str_of(source.p + from, at - from));
	else if (op->kind == MD_LIST)
		list_stub(seam, op, str_skip(source, at));
	else
		return table_stub(seam, op);
	return true;
}

/* ---- what the parser says */

/* Whether a tag may begin that is not ended: `text` stands behind its bracket. */
static bool
is_tag(struct str text)
{
	size_t name = 0, next = str_find_byte(text, '<');

	if (text.n > 0 && strchr("/!?", text.p[0]) != NULL)
		return true;
	while (name < text.n && (is_letter(text.p[name]) || (name > 0 && is_in_name(text.p[name]))))
		name++;
	if (name == 0 || (name < text.n && strchr(" \t\r\n/>", text.p[name]) == NULL))
		return false;
	if (next == text.n)
		return true;
	text = str_head(text, next);
	return str_find_byte(text, '"') < next || str_find_byte(text, '\'') < next;
}

/*
 * Whether the text of an operation, from a byte of it on, may be the start of a link, of HTML, or of code
 * between more back-ticks than are tried.
 */
static bool
is_begun(struct str source, const struct md_op *op, size_t from, bool brackets)
{
	struct str text = str_skip(str_head(str_skip(source, op->at), op->len), from);
	size_t end = op->at + op->len;

	if ((brackets && str_find(text, STR("](")) < text.n) || str_find(text, STR("````````")) < text.n)
		return true;
	for (size_t at; (at = str_find_byte(text, '<')) < text.n;) {
		text = str_skip(text, at + 1);
		/* What stands behind it in the source may say that it is none. */
		if (is_tag(str_head(str_skip(source, end - text.n), text.n + LOOK_BACK)))
			return true;
	}
	return false;
}

/* Operations of a paragraph, 0 when it may have the start of something that ends behind it. */
static uint32_t
paragraph_ops(const struct md_op *op, uint32_t n, const struct md_seam *seam, const struct md_run *run)
{
	bool brackets = run->guard.covered == 0;
	uint32_t first = seam->nops > 0 ? seam->nops - 1 : 0;

	for (uint32_t i = first; i < n; i++)
		if (op[i].kind == MD_TEXT && op[i].flags == 0 &&
		    is_begun(run->source, &op[i], i == first ? seam->last : 0, brackets))
			return 0;
	return n - 1;
}

static bool
is_op(const struct md_op *op, enum md_kind kind, unsigned flags)
{
	return op->kind == kind && op->flags == flags;
}

/* Operations in front of an item with nothing in it, which is the last. */
static uint32_t
list_ops(const struct md_op *op, uint32_t n)
{
	uint32_t inner = op->arg & MD_LOOSE ? 2 : 0, item = n - 3 - inner;

	if (n < 6 + inner || !is_op(&op[n - 2], MD_ITEM, MD_CLOSE) || !is_op(&op[item], MD_ITEM, 0))
		return 0;
	if (inner > 0 && (!is_op(&op[item + 1], MD_PARAGRAPH, 0) ||
	    !is_op(&op[item + 2], MD_PARAGRAPH, MD_CLOSE)))
		return 0;
	return item;
}

static uint32_t
table_ops(const struct md_op *op, uint32_t n)
{
	if (n < 6 || !is_op(&op[n - 2], MD_ROW, MD_CLOSE) || !is_op(&op[n - 3], MD_ROW, 0) || op[n - 3].arg > 0)
		return 0;
	return n - 3;
}

/* ---- seams */

static void
set_seam(struct md_seam *seam, const struct md_doc *d, const struct md_run *run, uint32_t nops)
{
	const struct md_op *op = d->ops + d->blocks[0].op;

	for (uint32_t i = seam->nops; i < nops; i++)
		seam->noted = seam->noted || op[i].kind == MD_NOTE;
	seam->at = run->to;
	seam->nops = nops;
	seam->nmade = d->blocks[0].nmade;
	seam->last = op[nops - 1].len;
	seam->end = run->end;
	seam->guard = run->guard;
}

static void
cut(struct md_doc *d, const struct md_seam *seam)
{
	if (seam->at > 0)
		md_doc_cut(d, seam);
	else
		md_doc_clear(d);
}

bool
seam_fits(const struct md_doc *d, bool any, size_t more)
{
	uint8_t kind;

	if (d->n != 1 || more < STEP)
		return false;
	kind = d->ops[d->blocks[0].op].kind;
	if (kind == MD_PARAGRAPH)
		return any || more >= PARAGRAPH_MIN;
	return (kind == MD_LIST || kind == MD_TABLE) && (any || more >= BLOCK_MIN);
}

static uint64_t
hash_behind(const struct md_doc *d, const struct md_seam *seam)
{
	static const uint64_t key[2] = { 1, 2 };
	uint32_t from = seam->nops > 0 ? seam->nops - 1 : 0;
	const struct md_block *b = &d->blocks[0];

	return str_hash(str_of(d->ops + b->op + from, (b->nops - from) * sizeof *d->ops), key) ^
	    str_hash(str_skip(buf_view(&d->made), b->made + seam->nmade), key);
}

/* Parses up to the end of the run; false when the block does not go on there. */
static bool
parse(struct md_doc *d, const struct md_seam *seam, uint8_t kind, struct md_run *run, struct str tail)
{
	struct guard_state guard = run->guard;

	cut(d, seam);
	run->tail = tail;
	md_doc_parse(d, run);
	if (!run->torn && !run->definitions && d->n == 1 && d->ops[d->blocks[0].op].kind == kind)
		return true;
	run->guard = guard;
	return false;
}

/* Nothing is open behind a paragraph that ends in text, nor where closing it makes no difference. */
static uint32_t
parse_paragraph(struct md_doc *d, const struct md_seam *seam, struct md_run *run)
{
	struct guard_state guard = run->guard;
	const struct md_block *b;
	uint64_t closed;

	if (!parse(d, seam, MD_PARAGRAPH, run, CLOSERS) || run->guard.columns > 0)
		return 0;
	b = &d->blocks[0];
	if (b->nops > 2 && (d->ops[b->op + b->nops - 2].kind != MD_TEXT || run->end != run->to)) {
		closed = hash_behind(d, seam);
		run->guard = guard;
		if (!parse(d, seam, MD_PARAGRAPH, run, STR(" x\n")) || hash_behind(d, seam) != closed)
			return 0;
	}
	return paragraph_ops(d->ops + b->op, b->nops, seam, run);
}

/* Operations of the block before the end of the run, when the parser can begin there; 0 when not. */
static uint32_t
parse_before(struct md_doc *d, const struct md_seam *seam, uint8_t kind, struct md_run *run)
{
	struct buf tail = { 0 };
	uint32_t nops = 0;
	const struct md_block *b;

	if (kind == MD_PARAGRAPH)
		return parse_paragraph(d, seam, run);
	if (kind == MD_LIST)
		buf_str(&tail, str_head(str_skip(run->source, run->to),
		    marker_length(str_skip(run->source, run->to))));
	buf_str(&tail, STR(" x\n"));
	if (parse(d, seam, kind, run, buf_view(&tail))) {
		b = &d->blocks[0];
		nops = kind == MD_LIST ? list_ops(d->ops + b->op, b->nops) : table_ops(d->ops + b->op, b->nops);
	}
	buf_done(&tail);
	return nops;
}

bool
seam_move(struct md_seam *seam, struct md_doc *d, struct str source, size_t from,
    const struct guard_state *guard)
{
	uint8_t kind = d->ops[d->blocks[0].op].kind;
	bool any = seam->at > 0;
	struct md_run run = { .source = source, .from = any ? seam->at : from,
		.guard = any ? seam->guard : *guard, .seam = any ? seam : NULL };
	uint32_t nops;

	if (kind == MD_PARAGRAPH)
		run.to = find_in_paragraph(source, run.from, seam->noted || d->ops[1].kind == MD_NOTE);
	else
		run.to = find_line(source, run.from, kind);
	if (run.to == 0)
		return false;
	nops = parse_before(d, seam, kind, &run);
	if (nops > 0 && make_stub(seam, d->ops + d->blocks[0].op, source, run.from, run.to))
		set_seam(seam, d, &run, nops);
	else
		nops = 0;
	cut(d, seam);
	return nops > 0;
}

/* Operations that came from the stub, 0 when it did not become what it should. */
static uint32_t
stub_ops(const struct md_op *op, uint32_t n)
{
	enum md_kind last = op->kind == MD_PARAGRAPH ? MD_CODE : op->kind == MD_LIST ? MD_ITEM : MD_ROW;

	for (uint32_t i = 0; i < n; i++)
		if (is_op(&op[i], last, MD_CLOSE))
			return i + 1;
	return 0;
}

/* Removes the first operations of the n-th block, and their text. */
static void
drop_ops(struct md_doc *d, size_t n, uint32_t nops, uint32_t nmade)
{
	struct md_block *b = &d->blocks[n];

	memmove(d->ops + b->op, d->ops + b->op + nops, (d->nops - b->op - nops) * sizeof *d->ops);
	d->nops -= nops;
	b->nops -= nops;
	if (nmade > 0)
		buf_splice(&d->made, b->made, nmade, STR_NONE);
	b->nmade -= nmade;
	for (size_t i = n + 1; i < d->n; i++) {
		d->blocks[i].op -= nops;
		d->blocks[i].made -= nmade;
	}
}

bool
seam_join(struct md_doc *d, size_t n)
{
	struct md_block *a = &d->blocks[n - 1], *b = a + 1;
	struct md_op *x = d->ops + a->op, *y = x + a->nops, *last = y - 1;
	uint32_t drop, made = 0;

	drop = d->n > n && x->kind == y->kind && x->arg == y->arg ? stub_ops(y, b->nops) : 0;
	if (drop == 0)
		return false;
	for (uint32_t i = 0; i < drop; i++)
		made += y[i].flags & MD_MADE ? y[i].len : 0;
	for (uint32_t i = drop; i < b->nops; i++)
		y[i].at += y[i].flags & MD_MADE ? a->nmade - made : 0;
	if (is_op(last, MD_TEXT, 0) && is_op(&y[drop], MD_TEXT, 0) && last->at + last->len == y[drop].at)
		last->len += y[drop++].len;
	drop_ops(d, n, drop, made);
	a->nops += b->nops;
	a->nmade += b->nmade;
	memmove(b, b + 1, (d->n - n - 1) * sizeof *b);
	d->n--;
	return true;
}
