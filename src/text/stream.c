#include "text/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "text/place.h"
#include "text/series.h"

enum {
	PART = 1 << 20,
	SEAM_LATE = 64 << 10,		/* bytes without a seam */
	SEEK_ALONE = 128 << 10,		/* bytes that are not parsed and searched for one in the same update */
	BLOCK_MIN = 2 << 10,
	MOVE_MIN = 64,			/* bytes behind a seam: so much less to parse is worth to move it */
	HOLD_MAX = 64 << 10		/* a text of which nothing is settled is not held back above that */
};

/* The last seam, NULL when there is none. */
static const struct md_seam *
seam_of(const struct md_stream *m)
{
	return m->nseams > 0 ? &m->seams[m->nseams - 1] : NULL;
}

/* Where the text begins that is parsed again. */
static size_t
parsed_from(const struct md_stream *m)
{
	return m->nseams > 0 ? seam_of(m)->at : m->open;
}

static void
drop_seams(struct md_stream *m, size_t n)
{
	while (m->nseams > n)
		seam_clear(&m->seams[--m->nseams]);
	m->unseamed = 0;
}

void
md_stream_done(struct md_stream *m)
{
	md_doc_done(&m->settled);
	md_doc_done(&m->now);
	past_done(&m->past);
	drop_seams(m, 0);
	free(m->seams);
	*m = (struct md_stream){ 0 };
}

/* The open block has to be parsed from a seam before on, of which there are so many, or as a whole. */
static void
tear(struct md_stream *m, size_t left)
{
	if (m->nseams == 0)
		return;
	drop_seams(m, left);
	past_tear(&m->past, m->nseams > 0 ? seam_of(m)->nops - 1 : 0);
}

/* Everything is open again. */
static void
unsettle(struct md_stream *m)
{
	md_doc_clear(&m->settled);
	m->open = m->seen = m->scanned = m->failed = m->tried = 0;
	m->guard = (struct guard_state){ 0 };
	m->blank = true;
	if (m->nseams > 0)
		past_tear(&m->past, 0);
	drop_seams(m, 0);
}

void
md_stream_clear(struct md_stream *m)
{
	unsettle(m);
	md_doc_clear(&m->now);
	m->n = 0;
	m->definitions = false;
	m->fence.on = false;
	m->begun = (struct hold_begun){ 0 };
}

size_t
md_stream_count(const struct md_stream *m)
{
	return m->settled.n + m->now.n;
}

struct md_view
md_stream_view(const struct md_stream *m, size_t i, struct str source)
{
	size_t at;
	const struct md_doc *d = md_doc_of(&m->settled, &m->now, i, &at);

	return md_view(d, at, source);
}

/* These bytes are parsed for the update. */
static void
count(struct md_stream *m, size_t from, size_t to)
{
	m->parsed += to - from;
	if (from < m->known)
		m->again += (to < m->known ? to : m->known) - from;
}

static void
cut(struct md_stream *m)
{
	if (m->nseams > 0) {
		md_doc_cut(&m->now, seam_of(m));
	} else {
		past_take(&m->past, &m->now);
		md_doc_clear(&m->now);
	}
}

/* What may still change of the text before `to`. */
static struct md_run
part(const struct md_stream *m, struct str source, size_t to, struct str tail)
{
	const struct md_seam *seam = seam_of(m);

	return (struct md_run){ .source = source, .from = parsed_from(m), .to = to, .tail = tail,
		.guard = seam != NULL ? seam->guard : m->guard, .seam = seam };
}

/*
 * Where a list turns loose the seam before may hold; where more is wrong few do, and in a long text each
 * that is tried costs as much as all of it.
 */
static void
parse(struct md_stream *m, struct str source, size_t to, struct str tail)
{
	bool again = false;
	struct md_run run;

	while (to < parsed_from(m) && m->nseams > 0)
		tear(m, m->nseams - 1);
	do {
		cut(m);
		run = part(m, source, to, tail);
		count(m, run.from, to);
		md_doc_parse(&m->now, &run);
		m->after = run.guard;
		m->definitions = m->definitions || run.definitions;
		if (run.torn)
			tear(m, !again ? m->nseams - 1 : to - run.from < SEEK_ALONE ? m->nseams / 4 : 0);
		again = true;
	} while (run.torn);
}

static bool
is_blank(struct str line)
{
	return str_trim(line).n == 0;
}

/* Places where the text before may be settled, the last of each kind (place_start); 0 when there is none. */
struct places {
	size_t plain, marker, fence;
};

static struct places
find_places(struct md_stream *m, struct str source)
{
	struct places found = { 0 };

	for (;;) {
		size_t from = m->scanned > m->seen ? m->scanned : m->seen;
		size_t end = from + str_find_byte(str_skip(source, from), '\n');
		struct str line = str_head(str_skip(source, m->seen), end - m->seen);
		enum place_start start = m->blank && m->seen > m->open ? place_start(line, end < source.n) : PLACE_NONE;

		if (start == PLACE_PLAIN)
			found.plain = m->seen;
		else if (start == PLACE_MARKER)
			found.marker = m->seen;
		else if (start == PLACE_FENCE)
			found.fence = m->seen;
		m->scanned = end;
		if (end == source.n)
			return found;
		m->blank = is_blank(line);
		m->seen += line.n + 1;
	}
}

enum settled { SETTLED, SETTLED_NOT, SETTLED_NOT_IN_CONTAINER };

/* What is parsed behind the text before `at`: if the line there begins a block, this becomes one. */
static void
add_sentinel(struct buf *out, struct str source, size_t at, enum place_start start)
{
	struct str line = str_skip(source, at);

	if (start == PLACE_MARKER)
		buf_str(out, place_prefix(str_head(line, str_find_byte(line, '\n'))));
	buf_str(out, STR("x\n"));
}

/* Settles what stands before `at` if the parser is in no block there; else *block is where it is. */
static enum settled
settle_at(struct md_stream *m, struct str source, size_t at, enum place_start start, size_t *block)
{
	struct buf sentinel = { 0 };
	struct md_doc *d = &m->settled;
	struct md_run run;
	size_t n = d->n;
	const struct md_op *before;
	bool goes_on;

	add_sentinel(&sentinel, source, at, start);
	run = part(m, source, at, buf_view(&sentinel));
	if (run.seam != NULL) {
		md_doc_cut(&m->now, run.seam);
		md_doc_append(d, &m->now, &(struct md_seam){ 0 });
	}
	count(m, run.from, at);
	md_doc_parse(d, &run);
	buf_done(&sentinel);
	m->definitions = run.definitions;
	before = d->n > n + 1 ? &d->ops[d->blocks[d->n - 2].op] : NULL;
	goes_on = before != NULL && (md_is_container(before) ||
	    (before->kind == MD_CODE_BLOCK && before->arg == 0));
	if (run.torn || run.definitions || !run.clean || (start == PLACE_FENCE && goes_on)) {
		*block = d->n > n ? d->blocks[d->n - 1].src : 0;
		md_doc_truncate(d, n);
		return run.clean && !run.definitions ? SETTLED_NOT_IN_CONTAINER : SETTLED_NOT;
	}
	md_doc_truncate(d, d->n - 1);
	drop_seams(m, 0);
	m->open = at;
	m->failed = 0;
	m->guard = (struct guard_state){ .spent = run.spent };
	return SETTLED;
}

/* Does the item that begins at `at` go on with the giant list that is open? */
static bool
continues_list(const struct md_stream *m, struct str source, size_t at)
{
	return m->nseams > 0 && m->now.n == 1 && seam_of(m)->chain.n > 0 &&
	    seam_of(m)->chain.parts[0].mark == place_mark(str_skip(source, at));
}

/* The last place of all first, then those at which less stands against it. */
static enum settled
settle_last(struct md_stream *m, struct str source, struct places at, size_t *block)
{
	if (at.fence > at.marker && at.fence > at.plain &&
	    settle_at(m, source, at.fence, PLACE_FENCE, block) == SETTLED)
		return SETTLED;
	if (at.marker > at.plain && !continues_list(m, source, at.marker) &&
	    settle_at(m, source, at.marker, PLACE_MARKER, block) == SETTLED)
		return SETTLED;
	return at.plain > 0 ? settle_at(m, source, at.plain, PLACE_PLAIN, block) : SETTLED_NOT_IN_CONTAINER;
}

/*
 * Where the last block begins behind a blank line, when it is giant: its first line may be indented, which
 * what stands before it may go on with unless it is a leaf that has ended.
 */
static size_t
last_start(const struct md_stream *m, struct str source)
{
	const struct md_block *b = m->now.n > 1 ? &m->now.blocks[m->now.n - 1] : NULL;
	size_t at, end;

	if (b == NULL || m->nseams > 0 || source.n - b->src < BLOCK_MIN)
		return 0;
	for (at = b->src; at > m->open && source.p[at - 1] != '\n';)
		at--;
	for (end = at; end > m->open && (source.p[end - 1] == ' ' || source.p[end - 1] == '\t' || end == at);)
		end--;
	return end > m->open && source.p[end - 1] == '\n' ? at : 0;
}

/*
 * Where it does not work the text stands in a block that is open, a fence most often: then what is
 * before that block. A text that cannot be settled is tried again when it has grown by a quarter.
 */
static void
settle(struct md_stream *m, struct str source)
{
	struct places at;
	size_t last, block = 0;

	if (m->definitions)
		return;
	if (m->now.n == 0 && m->blank && !m->held)
		m->open = m->seen;
	at = find_places(m, source);
	if (at.plain == 0 && at.marker == 0 && at.fence == 0)
		at.fence = last_start(m, source);
	last = at.plain > at.marker ? at.plain : at.marker;
	last = at.fence > last ? at.fence : last;
	if (last <= m->tried || (last - m->open) * 4 <= m->failed * 5)
		return;
	m->tried = last;
	if (settle_last(m, source, at, &block) != SETTLED_NOT)
		return;
	m->failed = last - m->open;
	if (m->definitions || block <= m->open)
		return;
	m->blank = false;
	m->seen = m->scanned = m->open;
	at = find_places(m, str_head(source, block + 1));
	if (settle_last(m, source, at, &block) == SETTLED)
		m->failed = 0;
}

/* Whether so much has come that parsing all of it again would be felt. */
static bool
needs_seam(const struct md_stream *m, size_t more)
{
	/* In quarters. Where much has gone by without one there may be none for long. */
	size_t again = m->unseamed < SEAM_LATE ? 5 : 8;

	return !m->definitions && (m->now.n == 1 || m->dangling) && seam_fits(&m->now, seam_of(m), more) &&
	    more * 4 > m->unseamed * again;
}

/* Looks for a seam in `d`, which is cut there; `whole` is a copy of it, or NULL. False: none. */
static bool
find_seam(struct md_stream *m, struct str source, struct md_doc *d, const struct md_doc *whole)
{
	size_t more = source.n - parsed_from(m);
	struct md_seam next = { .at = 0 };

	count(m, parsed_from(m), source.n);
	if (!seam_find(&next, seam_of(m), d, whole, source, m->open, &m->guard, m->after.covered)) {
		seam_clear(&next);
		m->unseamed = more;
		return false;
	}
	while (m->nseams > 0 && seam_depth(seam_of(m)) >= seam_depth(&next))
		drop_seams(m, m->nseams - 1);
	m->seams = mem_grow(m->seams, m->nseams, &m->cap_seams, sizeof *m->seams);
	m->seams[m->nseams++] = next;
	m->unseamed = 0;
	return true;
}

/* The seam stands before an item or a row: there may be later ones in what was parsed. */
static void
move_seam(struct md_stream *m, struct str source)
{
	if (m->nseams == 0 || m->definitions || m->now.n != 1 || source.n - seam_of(m)->at < MOVE_MIN)
		return;
	if (series_move(&m->seams[m->nseams - 1], &m->now, source, m->open, &m->after))
		m->unseamed = 0;
}

/*
 * Where nothing of a long text can be settled, or there is no seam in it, to look for that is all that an
 * update does: the blocks stay what they are. After one like that only the seam is looked for.
 */
static bool
seek(struct md_stream *m, struct str source, bool again)
{
	size_t more = source.n - parsed_from(m), open = m->open;
	struct md_doc whole = m->now;

	if (more < SEEK_ALONE)
		return false;
	if (m->nseams == 0 && !again) {
		settle(m, source);
		m->sought = m->open == open && m->parsed > 0;
		if (m->sought || m->open != open)
			return m->sought;
	}
	if (!needs_seam(m, more))
		return false;
	m->now = (struct md_doc){ 0 };
	md_doc_append(&m->now, &whole, &(struct md_seam){ 0 });
	m->sought = !find_seam(m, source, &m->now, &whole);
	if (m->sought) {
		md_doc_done(&m->now);
		m->now = whole;
		return true;
	}
	past_take(&m->past, &whole);
	md_doc_done(&whole);
	return false;
}

/* What was settled is parsed again with the rest, and compared with what it was. */
static void
reopen(struct md_stream *m)
{
	past_join(&m->past, &m->settled);
	unsettle(m);
}

static bool
is_same(const struct md_stream *m, const struct md_stream *whole)
{
	if (md_stream_count(whole) != md_stream_count(m))
		return false;
	for (size_t i = 0; i < md_stream_count(m); i++) {
		size_t at, other;
		const struct md_doc *d = md_doc_of(&m->settled, &m->now, i, &at),
		    *w = md_doc_of(&whole->settled, &whole->now, i, &other);

		if (!md_block_eq(d, at, w, other))
			return false;
	}
	return true;
}

/* A text that is too long for one run comes in parts, so that most of it is settled. */
static void
feed(struct md_stream *m, struct str source)
{
	size_t to = m->scanned > m->open ? m->scanned : m->open;

	while ((to += PART) < source.n && !m->definitions) {
		if (source.n - parsed_from(m) <= MD_PARSE_MAX)
			return;
		settle(m, str_head(source, to));
		parse(m, source, to, STR_NONE);
		if (needs_seam(m, to - parsed_from(m)))
			find_seam(m, str_head(source, to), &m->now, NULL);
	}
}

/* At the end of a text: one parse of all of it has the last word. */
static bool
prove(struct md_stream *m, struct str source)
{
	struct md_stream whole = { 0 };
	bool same;

	md_stream_clear(&whole);
	feed(&whole, source);
	if (whole.definitions)
		unsettle(&whole);
	parse(&whole, source, source.n, STR_NONE);
	same = is_same(m, &whole);
	if (!same) {
		m->mismatches++;
		md_doc_truncate(&m->now, 0);
		md_doc_append(&m->now, &whole.settled, &(struct md_seam){ 0 });
		md_doc_append(&m->now, &whole.now, &(struct md_seam){ 0 });
	}
	md_stream_done(&whole);
	return same;
}

/* Whether all of a text is parsed each time, and more than once would be felt. */
static bool
is_costly(const struct md_stream *m, struct str source)
{
	return m->definitions && source.n > HOLD_MAX;
}

/* Of such a text only the character is held back that is not complete. */
static size_t
end_of(const struct md_stream *m, struct str source, bool hold)
{
	return source.n - (hold && is_costly(m, source) ? utf8_partial_tail(source) : 0);
}

/* Parses the text to its end, and from its start when nothing can be settled any more. */
static size_t
parse_all(struct md_stream *m, struct str source, bool hold, size_t *base)
{
	size_t to = end_of(m, source, hold);
	bool all;

	parse(m, source, to, STR_NONE);
	all = m->definitions && (m->settled.n > 0 || m->nseams > 0);
	if (all) {
		md_doc_truncate(&m->settled, *base);
		reopen(m);
		*base = 0;
	}
	if (all || to != end_of(m, source, hold)) {
		to = end_of(m, source, hold);
		parse(m, source, to, STR_NONE);
	}
	return to;
}

/*
 * Whether but the last line, not complete yet, makes a second block: "- - -" may become an item. A rule has
 * no text: it stands where the text before its line ended.
 */
static bool
is_dangling(const struct md_stream *m, struct str shown)
{
	return m->now.n == 2 && m->now.blocks[1].src + 1 >= str_behind_last(shown, '\n');
}

struct md_kept
md_stream_update(struct md_stream *m, struct str source, bool growing, bool hold)
{
	size_t base = m->settled.n, to, more;
	bool first = m->settled.n + m->now.n == 0, sought = m->sought;
	struct md_kept kept;
	struct hold held;

	m->known = sought ? m->known : m->n;
	m->n = source.n;
	m->parsed = m->again = 0;
	m->sought = false;
	if (growing && fence_grow(&m->fence, &m->now, source, hold)) {
		m->held = hold && utf8_partial_tail(source) > 0;
		return (struct md_kept){ .head = base + m->now.n - 1, .ops = 1 };
	}
	past_begin(&m->past, &m->now, seam_of(m));
	if (growing && seek(m, source, sought))
		return (struct md_kept){ .head = md_stream_count(m) };
	feed(m, source);
	if (growing) {
		settle(m, source);
		more = source.n - parsed_from(m);
		if (more < SEEK_ALONE && needs_seam(m, more)) {
			past_copy(&m->past, &m->now);
			find_seam(m, source, &m->now, NULL);
		}
	}
	to = parse_all(m, source, hold, &base);
	if (growing)
		move_seam(m, str_head(source, to));
	m->dangling = is_dangling(m, str_head(source, to));
	fence_find(&m->fence, &m->now, source);
	m->held = to < source.n;
	if (hold && !is_costly(m, source) && hold_back(&held, &m->now, source, m->open, &m->begun)) {
		m->held = true;
		if (held.row)
			hold_row(&m->now);
		else
			parse(m, source, held.shown, str_of(held.tail, held.ntail));
	}
	/* A text that comes at once was parsed as the proof would. */
	if (!growing && !first && (m->settled.n > 0 || m->nseams > 0) && !prove(m, source)) {
		reopen(m);
		base = 0;
	}
	kept = past_compare(&m->past, &m->settled, base, &m->now);
	if (!growing)
		past_done(&m->past);
	return kept;
}
