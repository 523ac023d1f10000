#include "text/series.h"

#include "text/place.h"

/* An item or a row. */
struct member {
	uint32_t op;		/* opens it */
	size_t at;		/* its line */
};

/* The start of the line behind the one at `at`; 0 when that is not complete, or more than one for the parser. */
static size_t
next_line(struct str source, size_t at)
{
	struct str rest = str_skip(source, at);
	size_t n = str_find_byte(rest, '\n');

	return n < rest.n && str_find_byte(str_head(rest, n), '\r') + 1 >= n ? at + n + 1 : 0;
}

/* The last row in a complete line: each row of a table is a line. */
static bool
last_row(const struct md_seam *seam, const struct md_op *op, uint32_t n, struct str source, struct member *last)
{
	size_t at = seam->at, next;

	for (uint32_t i = seam->nops; i < n && op[i].kind != MD_TABLE; i++) {
		if (!md_is_op(&op[i], MD_ROW, 0))
			continue;
		if ((next = next_line(source, at)) == 0)
			break;
		*last = (struct member){ i, at };
		at = next;
	}
	return last->at > seam->at;
}

/* Containers that open in front of the first leaf. */
static uint32_t
openers(const struct md_op *op, uint32_t i, uint32_t n)
{
	uint32_t from = i;

	while (i < n && md_is_container(&op[i]) && !(op[i].flags & MD_CLOSE))
		i++;
	return i - from;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether two lines have the same in front of their text, but for the numbers of items. */
static bool
begin_alike(struct str source, size_t a, size_t b)
{
	struct str x = place_prefix(str_skip(source, a)), y = place_prefix(str_skip(source, b));

	if (x.n != y.n)
		return false;
	for (size_t i = 0; i < x.n; i++)
		if (x.p[i] != y.p[i] && !(is_digit(x.p[i]) && is_digit(y.p[i])))
			return false;
	return true;
}

/* Where the line of an item begins, in which its first text stands; 0 when it is none like that at the seam. */
static size_t
item_line(const struct md_seam *seam, const struct md_op *op, uint32_t i, uint32_t n, struct str source)
{
	uint32_t depth = openers(op, i, n);
	size_t at;

	if (depth != openers(op, seam->nops, n))
		return 0;
	for (i += depth; i < n && !md_is_container(&op[i]); i++) {
		if (op[i].kind != MD_TEXT || op[i].flags != 0)
			continue;
		at = place_line(source, op[i].at);
		return begin_alike(source, seam->at, at) && next_line(source, at) > 0 ? at : 0;
	}
	return 0;
}

/* The last item of the list that begins in a complete line, or the one before it. */
static bool
last_item(const struct md_seam *seam, const struct md_op *op, uint32_t n, struct str source, struct member *last)
{
	uint32_t depth = 0, found[2] = { 0 };

	for (uint32_t i = seam->nops; i < n; i++) {
		if (!md_is_container(&op[i]))
			continue;
		if (op[i].flags & MD_CLOSE) {
			if (depth-- == 0)
				break;
			continue;
		}
		if (depth++ == 0) {
			found[0] = found[1];
			found[1] = i;
		}
	}
	for (size_t k = 2; k-- > 0 && found[k] > seam->nops;) {
		*last = (struct member){ found[k], item_line(seam, op, found[k], n, source) };
		if (last->at > seam->at)
			return true;
	}
	return false;
}

/* Whether the lines that open the containers of the one open those of the other. */
static bool
is_same_chain(const struct chain *a, const struct chain *b)
{
	const struct chain_part *x = &a->parts[a->n - 1], *y = &b->parts[a->n - 1];

	return a->n == b->n && x->op == y->op && x->mark == y->mark && x->indent == y->indent && y->closed;
}

/*
 * The state of the guard in front of the line; false when what stands in it and behind made another of it: it is
 * in a run of lines that goes on to the end, or begins with that line.
 */
static bool
find_guard(const struct md_seam *seam, struct str source, size_t at, const struct guard_state *after,
    struct guard_state *found)
{
	struct guard_part part = { source, seam->at, at, STR_NONE, STR_NONE, seam->guard };
	char first = source.p[at];
	bool at_margin = first != ' ' && first != '\t' && first != '>', reaches_back;
	struct guard guard;

	guard_init(&guard, &part);
	*found = guard.after;
	reaches_back = guard.reaches_back;
	guard_done(&guard);
	if (reaches_back)
		return false;
	if (after->bytes == found->bytes + (source.n - at))
		return after->covered == found->covered;
	/* An item there ends the run of lines before it. */
	return seam->leaf == MD_BETWEEN && at_margin && after->bytes <= source.n - at;
}

static void
move_to(struct md_seam *seam, const struct md_op *op, const struct member *to)
{
	for (uint32_t i = seam->nops; i < to->op; i++) {
		seam->noted = seam->noted || op[i].kind == MD_NOTE;
		seam->nmade += op[i].flags & MD_MADE ? op[i].len : 0;
	}
	seam->at = to->at;
	seam->nops = to->op;
	seam->last = op[to->op - 1].len;
	seam->end = op[to->op].src;
}

bool
series_is_at(const struct md_seam *seam)
{
	return seam->leaf == MD_IN_TABLE || (seam->leaf == MD_BETWEEN && seam->chain.n > 0 &&
	    seam->chain.parts[seam->chain.n - 1].closed);
}

bool
series_move(struct md_seam *seam, const struct md_doc *d, struct str source, size_t start,
    const struct guard_state *after)
{
	const struct md_op *op = d->ops + d->blocks[0].op;
	uint32_t n = d->blocks[0].nops;
	bool table = seam->leaf == MD_IN_TABLE;
	struct chain chain = seam->chain;
	struct guard_state guard;
	struct member to = { .at = 0 };

	if (!series_is_at(seam) || !md_is_op(&op[seam->nops], table ? MD_ROW : MD_ITEM, 0))
		return false;
	if (table ? !last_row(seam, op, n, source, &to) : !last_item(seam, op, n, source, &to))
		return false;
	if (!table && (!chain_follow(&chain, d, seam->nops, to.op, source, start) ||
	    !is_same_chain(&seam->chain, &chain)))
		return false;
	if (!find_guard(seam, source, to.at, after, &guard))
		return false;
	move_to(seam, op, &to);
	seam->guard = guard;
	seam->chain = chain;
	return true;
}
