#include "text/seam.h"

#include <string.h>

#include "text/place.h"
#include "text/series.h"
#include "text/stub.h"

/*
 * Behind a paragraph it closes what may be open there: then the operations are others than without it.
 * Links that are begun and HTML it cannot close all; they are seen as the text they still are.
 */
#define CLOSERS STR(" ](x) x* x** x*** x_ x__ x___ x~ x~~ ` x `` x ``` x ```` x ````` x `````` x ```````\n")

enum {
	PARAGRAPH_MIN = 256,		/* of what is open: finding a seam costs as much as some updates */
	STEP = 160,
	SERIES_STEP = 512,		/* where it moves on by itself most often */
	DENSE = 128,			/* or so many, when they make */
	DENSE_OPS = 128,		/* so many operations */
	LAST_OPS = 256,			/* that newer text may have changed */
	LONG = 64 << 10			/* bytes: a seam must leave less than most of so many behind it */
};

/* A seam that is looked for. */
struct search {
	struct md_seam *next;
	const struct md_seam *seam;	/* the one there is, NULL: none */
	struct md_doc *d;
	const struct md_doc *whole;	/* what it was, NULL when that is not kept */
	struct str source;
	size_t from;			/* where the block begins, or the seam is */
	size_t start;			/* where the block begins */
	struct guard_state guard;	/* at `from` */
	unsigned covered;		/* where the text ends */
	struct str tail;		/* that was parsed last */
	uint8_t kind;			/* of the block */
};

void
seam_clear(struct md_seam *seam)
{
	buf_done(&seam->stub);
	*seam = (struct md_seam){ 0 };
}

size_t
seam_depth(const struct md_seam *seam)
{
	return 2 * seam->chain.n + (seam->leaf != MD_BETWEEN);
}

static const struct md_op *
ops(const struct md_doc *d)
{
	return d->ops + d->blocks[0].op;
}

/* ---- leaves */

/* What the text ends in. */
struct leaf {
	enum md_leaf kind;
	uint32_t op;		/* it begins there */
	size_t start;		/* of its text */
	bool again;		/* the seam there is stands in it too */
};

/* The number of operations without those that close containers at the end. */
static uint32_t
without_closers(const struct md_op *op, uint32_t n)
{
	while (n > 0 && md_is_container(&op[n - 1]) && op[n - 1].flags & MD_CLOSE)
		n--;
	return n;
}

/* The first operation of the leaf that ends before the n-th; `least` when it may begin before that. */
static uint32_t
leaf_start(const struct md_op *op, uint32_t n, uint32_t least)
{
	uint32_t i = n - 1;

	if (md_is_inline(&op[i])) {
		while (i > least && md_is_inline(&op[i - 1]))
			i--;
		return i;
	}
	while (i > least && !md_is_op(&op[i], op[n - 1].kind, 0))
		i--;
	return i;
}

static bool
leaf_kind(const struct md_op *last, enum md_leaf *kind)
{
	if (md_is_inline(last) || last->kind == MD_PARAGRAPH)
		*kind = MD_IN_TEXT;
	else if (last->kind == MD_CODE_BLOCK)
		*kind = MD_IN_CODE;
	else if (last->kind == MD_TABLE)
		*kind = MD_IN_TABLE;
	else
		return false;
	return md_is_inline(last) || last->flags & MD_CLOSE;
}

/* Where the first text of the source stands that the operations [i, n) have. */
static bool
find_text(const struct md_op *op, uint32_t i, uint32_t n, size_t *at)
{
	while (i < n && !(op[i].kind == MD_TEXT && op[i].flags == 0))
		i++;
	if (i < n)
		*at = op[i].at;
	return i < n;
}

static struct leaf
find_leaf(const struct search *s)
{
	const struct md_op *op = ops(s->d);
	uint32_t n = without_closers(op, s->d->blocks[0].nops), least = s->seam != NULL ? s->seam->nops : 0;
	struct leaf leaf = { .kind = MD_BETWEEN };

	if (n <= least || !leaf_kind(&op[n - 1], &leaf.kind))
		return (struct leaf){ .kind = MD_BETWEEN };
	leaf.op = leaf_start(op, n, least);
	if (leaf.op == least && s->seam != NULL && s->seam->leaf == leaf.kind) {
		leaf.op = s->seam->leaf_op;
		leaf.start = s->seam->at;
		leaf.again = true;
	} else if (!find_text(op, leaf.op, n, &leaf.start)) {
		leaf.kind = MD_BETWEEN;
	}
	return leaf;
}

/* ---- fences */

/* Lines of a code block before its first that is not blank. */
static size_t
blank_lines(const struct md_doc *d, uint32_t i)
{
	const struct md_op *op = ops(d);
	const char *made = d->made.p + d->blocks[0].made;
	size_t n = 0;

	for (; op[i].flags & MD_MADE; i++)
		n += made[op[i].at] == '\n';
	return n;
}

/* Reads the line that opens the fence in which the text stands. */
static bool
find_fence(const struct search *s, const struct leaf *leaf)
{
	struct md_seam *next = s->next;
	char mark = (char)ops(s->d)[leaf->op].arg;
	size_t line = place_line(s->source, leaf->start);
	struct str text;

	if (leaf->again) {
		next->fence = s->seam->fence;
		next->indent = s->seam->indent;
		return true;
	}
	for (size_t n = blank_lines(s->d, leaf->op + 1) + 1; n > 0; n--) {
		if (line <= s->start)
			return false;
		line = place_line(s->source, line - 1);
	}
	if (!chain_content(&next->chain, s->source, line, &text, &next->indent))
		return false;
	for (next->fence = 0; next->fence < text.n && text.p[next->fence] == mark;)
		next->fence++;
	/* Behind a list see is_misread in text/chain. */
	return next->fence >= 3 && next->indent < (ops(s->d)[leaf->op - 1].kind == MD_LIST ? 2 : 4);
}

/* ---- what the parser says */

/* The operations before the n-th, 0 when in their text something may begin that ends behind it. */
static uint32_t
text_ops(const struct search *s, const struct leaf *leaf, uint32_t n, const struct md_run *run)
{
	const struct md_op *op = ops(s->d);
	bool brackets = (run->guard.covered & GUARD_MARKS) == 0;
	uint32_t first = leaf->again ? s->seam->nops - 1 : leaf->op;

	/* Nothing begins where all is covered. */
	if (run->guard.covered & GUARD_DENSE)
		return n;
	for (uint32_t i = first; i < n; i++) {
		uint32_t from = op[i].at + (leaf->again && i == first ? s->seam->last : 0);

		if (op[i].kind == MD_TEXT && op[i].flags == 0 &&
		    place_is_begun(run->source, from, op[i].at + op[i].len, brackets))
			return 0;
	}
	return n;
}

/* The operations in front of the last line, which is a row with one cell. */
static uint32_t
table_ops(const struct md_op *op, uint32_t n)
{
	n = without_closers(op, n);
	while (n > 1 && !md_is_op(&op[n - 1], MD_ROW, 0))
		n--;
	return n > 1 && op[n - 1].arg == 0 ? n - 1 : 0;
}

/* The end of a line of code, which the parser made. */
static bool
is_line_end(const struct md_doc *d, const struct md_op *op)
{
	return md_is_op(op, MD_TEXT, MD_MADE) && d->made.p[d->blocks[0].made + op->at] == '\n';
}

/* The operations in front of the last line, of which nothing but its end is there. */
static uint32_t
code_ops(const struct md_doc *d)
{
	const struct md_op *op = ops(d);
	uint32_t n = without_closers(op, d->blocks[0].nops);

	return n > 3 && md_is_op(&op[n - 1], MD_CODE_BLOCK, MD_CLOSE) && is_line_end(d, &op[n - 2]) &&
	    is_line_end(d, &op[n - 3]) ? n - 2 : 0;
}

/* The operations in front of the last line, with those that close what it does not stand in. */
static uint32_t
start_ops(const struct md_op *op, uint32_t n)
{
	bool paragraph;
	uint32_t openers = 0;

	n = without_closers(op, n);
	paragraph = n > 4 && md_is_op(&op[n - 1], MD_PARAGRAPH, MD_CLOSE);
	n -= paragraph;
	if (n < 4 || !md_is_op(&op[n - 1], MD_EMPHASIS, MD_CLOSE) || !md_is_op(&op[n - 2], MD_EMPHASIS, 0))
		return 0;
	n -= 2;
	if (paragraph && !md_is_op(&op[--n], MD_PARAGRAPH, 0))
		return 0;
	for (; n > 1 && md_is_container(&op[n - 1]) && op[n - 1].flags == 0; n--)
		openers++;
	return !paragraph && openers == 0 && md_is_inline(&op[n - 1]) ? 0 : n;
}

/* ---- seams */

static void
cut(struct md_doc *d, const struct md_seam *seam)
{
	if (seam != NULL)
		md_doc_cut(d, seam);
	else
		md_doc_clear(d);
}

/* Bytes of the made text before the n-th operation. */
static uint32_t
made_before(const struct md_doc *d, uint32_t n)
{
	const struct md_block *b = &d->blocks[0];
	uint32_t nmade = b->nmade;

	for (uint32_t i = n; i < b->nops; i++)
		nmade -= ops(d)[i].flags & MD_MADE ? ops(d)[i].len : 0;
	return nmade;
}

static void
set_seam(const struct search *s, const struct leaf *leaf, const struct md_run *run, uint32_t nops)
{
	const struct md_op *op = ops(s->d);
	struct md_seam *next = s->next;

	next->noted = s->seam != NULL && s->seam->noted;
	for (uint32_t i = s->seam != NULL ? s->seam->nops : 0; i < nops; i++)
		next->noted = next->noted || op[i].kind == MD_NOTE;
	next->at = run->to;
	next->nops = nops;
	next->nmade = made_before(s->d, nops);
	next->last = op[nops - 1].len;
	next->end = run->end;
	next->guard = run->guard;
	next->leaf = leaf->kind;
	next->leaf_op = leaf->op;
}

bool
seam_fits(const struct md_doc *d, const struct md_seam *seam, size_t more)
{
	const struct md_op *first;

	if (d->n == 0 || more < DENSE || (more < SERIES_STEP && seam != NULL && series_is_at(seam)) ||
	    (more < STEP && d->blocks[0].nops - (seam != NULL ? seam->nops : 0) < DENSE_OPS))
		return false;
	first = ops(d);
	if (first->kind == MD_PARAGRAPH)
		return seam != NULL || more >= PARAGRAPH_MIN;
	return md_is_container(first) || first->kind == MD_TABLE ||
	    (first->kind == MD_CODE_BLOCK && first->arg == 0);
}

static uint64_t
hash_behind(const struct md_doc *d, uint32_t nops)
{
	static const uint64_t key[2] = { 1, 2 };
	const struct md_block *b = &d->blocks[0];

	return str_hash(str_of(ops(d) + nops, (b->nops - nops) * sizeof *d->ops), key) ^
	    str_hash(str_skip(buf_view(&d->made), b->made + made_before(d, nops)), key);
}

/* Parses up to the end of the run; false when the block does not go on there. */
static bool
parse(struct search *s, struct md_run *run, struct str tail)
{
	cut(s->d, s->seam);
	run->tail = s->tail = tail;
	run->guard = s->guard;
	md_doc_parse(s->d, run);
	return !run->torn && !run->definitions && s->d->n == 1 && ops(s->d)->kind == s->kind;
}

/* The end of a span that has marks at both ends. */
static bool
is_closer(const struct md_op *op)
{
	return op->flags & MD_CLOSE && op->kind >= MD_EMPHASIS && op->kind <= MD_CODE;
}

/*
 * Whether the operations behind the first are others than they were without the closers: something that is
 * open has been for long. The last ones, which the text that came since may have changed, do not count.
 */
static bool
is_other(const struct search *s, uint32_t first, uint32_t n)
{
	uint32_t most = without_closers(ops(s->whole), s->whole->blocks[0].nops);
	const struct md_op *a = ops(s->d), *b = ops(s->whole);

	most = most > LAST_OPS ? most - LAST_OPS : 0;
	if (n > most)
		n = most;
	return n > ++first && memcmp(a + first, b + first, (n - first) * sizeof *a) != 0;
}

/* Nothing is open behind a paragraph that ends in text, nor where closing it makes no difference. */
static uint32_t
parse_text(struct search *s, const struct leaf *leaf, struct md_run *run)
{
	uint32_t n, from = leaf->again ? s->seam->nops - 1 : leaf->op;
	uint64_t closed;

	if (!parse(s, run, CLOSERS) || run->guard.columns > 0 || (run->guard.covered & s->covered) != s->covered)
		return 0;
	n = without_closers(ops(s->d), s->d->blocks[0].nops);
	n -= md_is_op(&ops(s->d)[n - 1], MD_PARAGRAPH, MD_CLOSE);
	if (n <= from || !md_is_inline(&ops(s->d)[n - 1]))
		return 0;
	if (s->whole != NULL && is_other(s, from, n - 1))
		return 0;
	/* What is closed where the text ends was closed by what was put behind it. */
	if (is_closer(&ops(s->d)[n - 1]) && run->end == run->to)
		return 0;
	if (ops(s->d)[n - 1].kind != MD_TEXT || run->end != run->to) {
		closed = hash_behind(s->d, from);
		if (!parse(s, run, STR(" x\n")) || hash_behind(s->d, from) != closed)
			return 0;
	}
	return text_ops(s, leaf, n, run);
}

/* Parses up to the end of the run with a line behind it, and says how many operations stand before that. */
static uint32_t
parse_before(struct search *s, const struct leaf *leaf, struct md_run *run, struct str line)
{
	const struct md_op *op;
	uint32_t n;

	if (leaf->kind == MD_IN_TEXT)
		return parse_text(s, leaf, run);
	if (!parse(s, run, line))
		return 0;
	op = ops(s->d);
	n = s->d->blocks[0].nops;
	return leaf->kind == MD_IN_TABLE ? table_ops(op, n) : leaf->kind == MD_IN_CODE ? code_ops(s->d)
										      : start_ops(op, n);
}

/* Whether what is behind the seam is the same when it is parsed behind the stub. */
static bool
holds(struct search *s)
{
	uint64_t hash = hash_behind(s->d, s->next->nops);
	struct md_run run = { .source = s->source, .from = s->next->at, .to = s->next->at, .tail = s->tail,
		.guard = s->next->guard, .seam = s->next };

	cut(s->d, s->next);
	md_doc_parse(s->d, &run);
	return !run.torn && s->d->n == 1 && hash_behind(s->d, s->next->nops) == hash;
}

/* Whether the paragraph has more than one line before the seam. */
static bool
find_lines(const struct search *s, const struct leaf *leaf)
{
	struct str text = str_head(str_skip(s->source, leaf->start), s->next->at - leaf->start);

	return (leaf->again && s->seam->lines) || str_find_byte(text, '\n') < text.n;
}

/* What the leaf was found in is older than the text. */
static bool
is_still(const struct search *s, const struct leaf *leaf)
{
	struct leaf now = find_leaf(s);

	return leaf->kind == MD_BETWEEN || (now.kind == leaf->kind && now.op == leaf->op);
}

/* Behind what ended in the line a container may have lost columns, see text/chain. */
static bool
is_misread(const struct search *s, size_t line, uint32_t nops)
{
	struct chain outer = s->next->chain;
	const struct md_op *before = &ops(s->d)[nops - 1];
	unsigned indent, least = 2;
	struct str text;

	if (outer.n > 0 && outer.parts[outer.n - 1].closed)
		least = outer.parts[--outer.n].indent;
	if (!chain_content(&outer, s->source, line, &text, &indent))
		return true;
	return md_is_container(before) && before->flags & MD_CLOSE && indent >= least;
}

static bool
try(struct search *s, const struct leaf *leaf, size_t at, struct str line)
{
	struct md_run run = { .source = s->source, .from = s->from, .to = at, .seam = s->seam };
	struct md_seam *next = s->next;
	uint32_t nops = at > s->from ? parse_before(s, leaf, &run, line) : 0;

	if (nops == 0 || nops < (s->seam != NULL ? s->seam->nops : 1) || !is_still(s, leaf))
		return false;
	next->chain = s->seam != NULL ? s->seam->chain : (struct chain){ .n = 0 };
	if (!chain_follow(&next->chain, s->d, s->seam != NULL ? s->seam->nops : 0, nops, s->source, s->start) ||
	    (leaf->kind == MD_BETWEEN && is_misread(s, at, nops)))
		return false;
	set_seam(s, leaf, &run, nops);
	if (leaf->kind == MD_IN_CODE && ops(s->d)[leaf->op].arg > 0 && !find_fence(s, leaf))
		return false;
	next->lines = leaf->kind == MD_IN_TEXT && find_lines(s, leaf);
	return stub_make(next, s->d) && holds(s);
}

/* Before a line at which an item or a leaf begins. */
static bool
try_starts(struct search *s, size_t to)
{
	static const struct leaf between = { .kind = MD_BETWEEN };
	struct buf tail = { 0 };
	size_t starts[2];
	bool found = false;

	place_starts(s->source, s->from, to, starts);
	for (size_t i = 0; i < 2 && !found && starts[i] > 0; i++) {
		struct str line = str_skip(s->source, starts[i]);

		if (i > 0 && starts[1] == starts[0])
			break;
		if (to - starts[i] >= LONG && (starts[i] - s->from) * 8 < to - s->from)
			continue;
		buf_set(&tail, place_prefix(str_head(line, str_find_byte(line, '\n'))));
		buf_str(&tail, STR("*x*\n"));
		found = try(s, &between, starts[i], buf_view(&tail));
	}
	buf_done(&tail);
	return found;
}

/* In a leaf that is giant itself. */
static bool
try_leaf(struct search *s, const struct leaf *leaf)
{
	struct str source = s->source;
	const struct md_op *op = ops(s->d);
	struct buf tail = { 0 };
	struct chain chain = s->seam != NULL ? s->seam->chain : (struct chain){ .n = 0 };
	uint32_t n = without_closers(op, s->d->blocks[0].nops);
	size_t at;
	bool found;

	if (leaf->kind == MD_IN_TEXT) {
		at = place_in_text(source, s->from, s->covered);
		return at > leaf->start && try(s, leaf, at, STR_NONE);
	}
	at = place_in_lines(source, leaf->start);
	if (at == 0 || !chain_follow(&chain, s->d, s->seam != NULL ? s->seam->nops : 0, n, source, s->start))
		return false;
	chain_prefix(&chain, &tail);
	if (leaf->kind == MD_IN_CODE && op[leaf->op].arg == 0)
		buf_fill(&tail, ' ', 4);
	buf_str(&tail, STR("*x*\n"));
	found = try(s, leaf, at, buf_view(&tail));
	buf_done(&tail);
	return found;
}

static bool
is_giant(const struct search *s, const struct leaf *leaf)
{
	size_t least = leaf->kind == MD_IN_TEXT && !leaf->again ? PARAGRAPH_MIN : DENSE;

	return leaf->kind != MD_BETWEEN && s->source.n - leaf->start >= least;
}

bool
seam_find(struct md_seam *next, const struct md_seam *seam, struct md_doc *d, const struct md_doc *whole,
    struct str source, size_t from, const struct guard_state *guard, unsigned covered)
{
	struct search s = { .next = next, .seam = seam, .d = d, .whole = whole, .source = source, .start = from,
		.from = seam != NULL ? seam->at : from, .guard = seam != NULL ? seam->guard : *guard, .kind = ops(d)->kind,
		.covered = covered };
	struct leaf leaf = find_leaf(&s);
	bool giant = is_giant(&s, &leaf), container = md_is_container(ops(d)), found;
	size_t to = leaf.kind == MD_BETWEEN || giant ? source.n : leaf.start;

	found = (giant && try_leaf(&s, &leaf)) || (container && try_starts(&s, to));
	cut(d, found ? next : seam);
	return found;
}

/* ---- joining */

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
seam_join(struct md_doc *d, size_t n, const struct md_seam *seam)
{
	struct md_block *a = &d->blocks[n - 1], *b = a + 1;
	struct md_op *x = d->ops + a->op, *y = x + a->nops, *last = y - 1;
	uint32_t drop, made = 0;

	drop = d->n > n ? stub_ops(seam, x, y, b->nops) : 0;
	if (drop == 0)
		return false;
	for (uint32_t i = 0; i < drop; i++)
		made += y[i].flags & MD_MADE ? y[i].len : 0;
	for (uint32_t i = drop; i < b->nops; i++)
		y[i].at += y[i].flags & MD_MADE ? a->nmade - made : 0;
	if (md_is_op(last, MD_TEXT, 0) && drop < b->nops &&
	    md_is_op(&y[drop], MD_TEXT, 0) && last->at + last->len == y[drop].at)
		last->len += y[drop++].len;
	drop_ops(d, n, drop, made);
	a->nops += b->nops;
	a->nmade += b->nmade;
	memmove(b, b + 1, (d->n - n - 1) * sizeof *b);
	d->n--;
	return true;
}
