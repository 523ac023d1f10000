#include "text/guard.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum {
	COVER = 0x1A,		/* no markup, no space, no punctuation to md4c */
	PADDING = 16,		/* md4c looks behind the end, and so do we */
	NESTING_MAX = 32,
	COLUMNS_MAX = 64,
	CELLS_FREE = 512,	/* a table this small may leave its cells out */
	COSTLY_MIN = 512,	/* a paragraph this short costs nothing */
	DENSE_MIN = 16 << 10,	/* from here on a paragraph is judged by the part of it that is markup */
	DENSE_PART = 4,
	DEFINITION_MAX = 2048,	/* bytes of one, its title included */
	DEFINITIONS_MAX = 1000,
	DEFINITION_BYTES = 64 << 10
};

/*
 * Costs count steps of md4c 0.4.8 of about half a nanosecond. It goes through what follows each bare
 * address, through what stands in each pair of brackets and all lines before it, through tildes at
 * each tilde, and through a definition at each use.
 */
enum {
	BRACKET_STEPS = 6,
	TARGET_STEPS = 760,	/* for each "](" */
	FREE_STEPS = 32,	/* for each byte */
	SPEND_MAX = 20000000	/* steps of one message beyond the free ones */
};

/* A run of lines that are not blank: no paragraph reaches over its ends. */
struct chunk {
	size_t start, line;
	size_t delimiter;		/* first row of dashes */
	struct guard_state before;	/* of the same run, in the part before; grows to its end */
};

struct definition {
	uint32_t from, to;
};

struct scan {
	struct guard *g;
	char *p;
	size_t n;		/* the tail not included */
	size_t lines;		/* that ended so far */
	struct chunk chunk;
	struct definition *definitions;
	size_t ndefinitions, cap_definitions;
};

static void
note_range(struct guard *g, size_t from, size_t to)
{
	if (g->n > 0 && g->ranges[g->n - 1].to == from) {
		g->ranges[g->n - 1].to = (uint32_t)to;
		return;
	}
	g->ranges = mem_grow(g->ranges, g->n, &g->cap, sizeof *g->ranges);
	g->ranges[g->n++] = (struct guard_range){ (uint32_t)from, (uint32_t)to };
}

/* Covers what is not UTF-8, and NUL, which md4c would hand out as text of its own. */
static void
cover_invalid(char *p, size_t n)
{
	struct str left = str_of(p, n);

	if (str_find_byte(left, '\0') == n && utf8_valid(left))
		return;
	while (left.n > 0) {
		size_t at = (size_t)(left.p - p), len;
		bool ok;

		utf8_decode(left, &len, &ok);
		if (!ok || p[at] == '\0')
			memset(p + at, COVER, len);
		left = str_skip(left, len);
	}
}

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* In front of a line: the markers of containers and the blanks between. */
struct prefix {
	size_t len;
	size_t markers;
	size_t too_deep;	/* where the first marker over the limit stands, 0 when none does */
};

/* A list marker with the blank behind it, or 0. */
static size_t
list_marker(struct str s)
{
	size_t n = 0;

	if (s.n == 0)
		return 0;
	if (s.p[0] == '-' || s.p[0] == '+' || s.p[0] == '*')
		return s.n > 1 && is_blank(s.p[1]) ? 1 : 0;
	while (n < s.n && n < 10 && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n > 0 && n + 1 < s.n && (s.p[n] == '.' || s.p[n] == ')') && is_blank(s.p[n + 1]) ? n + 1 : 0;
}

static struct prefix
read_prefix(struct str line)
{
	struct prefix x = { 0 };

	while (x.len < line.n) {
		size_t n = 1;

		if (!is_blank(line.p[x.len])) {
			if (line.p[x.len] != '>')
				n = list_marker(str_skip(line, x.len));
			if (n == 0)
				break;
			if (x.markers++ == NESTING_MAX)
				x.too_deep = x.len;
		}
		x.len += n;
	}
	return x;
}

/* "- - -" and its like are no lists in lists. */
static bool
is_rule(struct str line)
{
	char mark = '\0';

	for (size_t i = 0; i < line.n; i++) {
		if (is_blank(line.p[i]))
			continue;
		if (mark == '\0')
			mark = line.p[i];
		if (line.p[i] != mark || strchr("-*_", mark) == NULL)
			return false;
	}
	return mark != '\0';
}

/* Columns of a row of dashes under the head of a table, 0 when it is none. */
static size_t
delimiter_columns(struct str line)
{
	size_t columns = 0, dashes = 0;
	bool open = false;	/* behind a pipe or at the start: a column may begin */

	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (c != '|' && c != '-' && c != ':' && c != '>' && !is_blank(c))
			return 0;
		columns += c == '-' && !open;
		dashes += c == '-';
		open = c == '-' || (open && c != '|');
	}
	return dashes > 0 ? columns : 0;
}

/* Steps the marks cost when they are all in one paragraph of so many bytes, beyond the free ones. */
static uint64_t
inline_cost(const struct guard_marks *m, size_t bytes)
{
	uint64_t free_steps = (uint64_t)bytes * FREE_STEPS, cost;

	cost = (m->deepest * BRACKET_STEPS + m->addresses) * bytes + m->targets * TARGET_STEPS +
	    m->closing * m->lines + m->tildes * m->tildes / 3;
	return cost > free_steps ? cost - free_steps : 0;
}

static void
cover_marks(struct scan *s, size_t from, size_t to)
{
	guard_marks_cover(s->p + from, to - from, COVER);
	note_range(s->g, from, to);
}

/* Bytes at the start of a line whose markup makes a block of it: a rule, a fence, a tag. */
static size_t
block_markup(struct str line)
{
	size_t from = read_prefix(line).len, to = from;
	char c = from < line.n ? line.p[from] : '\0';

	if (is_rule(str_skip(line, from)))
		return line.n <= GUARD_RULE_MAX ? line.n : from;
	if (c == '<')
		return from + 1 < line.n && (is_letter(line.p[from + 1]) || strchr("/!?", line.p[from + 1])) ?
		    from + 1 : from;
	while (to < line.n && (c == '`' || c == '~') && line.p[to] == c)
		to++;
	return to >= from + 3 && to <= from + GUARD_RULE_MAX ? to : from;
}

static void
cover_dense(struct scan *s, size_t from, size_t to)
{
	for (size_t at = from; at < to;) {
		struct str left = str_of(s->p + at, to - at), line = str_head(left, str_find_byte(left, '\n'));
		bool begins = at > 0 || !s->chunk.before.inside;

		for (size_t i = begins ? block_markup(line) : 0; i < line.n; i++)
			if (guard_marks_is_markup(line.p[i]))
				s->p[at + i] = COVER;
		at += line.n + 1;
	}
	note_range(s->g, from, to);
}

static void
cover_tables(struct scan *s, size_t from, size_t to)
{
	for (size_t at = from; at < to;) {
		struct str left = str_of(s->p + at, to - at), line = str_head(left, str_find_byte(left, '\n'));

		if (delimiter_columns(line) > 0)
			s->p[at + str_find_byte(line, '-')] = COVER;
		at += line.n + 1;
	}
	note_range(s->g, from, to);
}

static bool
is_wasteful_table(const struct guard_state *c)
{
	size_t cells = c->columns * c->lines;

	return c->columns > COLUMNS_MAX || (cells > CELLS_FREE && cells > c->table);
}

static void
end_definition(struct scan *s, size_t end)
{
	if (s->ndefinitions > 0 && s->definitions[s->ndefinitions - 1].to == UINT32_MAX)
		s->definitions[s->ndefinitions - 1].to = (uint32_t)end;
}

/* Counts what the run of lines has had since it was counted last; `ended`: no more is to come. */
static void
count_chunk(struct scan *s, size_t end, bool ended)
{
	struct chunk *c = &s->chunk;
	struct str text = str_of(s->p + c->start, end - c->start);

	if (c->before.columns > 0)
		c->before.table += end - c->delimiter;
	c->before.bytes += end - c->start;
	/* Most paragraphs are so short that nothing in them matters. */
	if (!ended || c->before.bytes >= COSTLY_MIN)
		guard_marks_count(&c->before.marks, text, !ended || c->before.bytes >= DENSE_MIN);
	c->before.marks.lines += s->lines - c->line;
}

/* What is too costly as a whole is covered as a whole. */
static void
judge_chunk(struct scan *s, size_t end)
{
	struct chunk *c = &s->chunk;
	bool began_before = c->before.bytes > end - c->start, wasteful, costly, dense;
	uint64_t cost = 0;
	uint8_t covered;

	if (c->before.bytes >= COSTLY_MIN)
		cost = inline_cost(&c->before.marks, c->before.bytes);
	wasteful = c->before.columns > 0 && is_wasteful_table(&c->before);
	dense = c->before.columns == 0 && c->before.bytes >= DENSE_MIN &&
	    c->before.marks.all * DENSE_PART > c->before.bytes;
	costly = !dense && cost > SPEND_MAX - s->g->spent;
	if (wasteful)
		cover_tables(s, c->start, end);
	if (costly)
		cover_marks(s, c->start, end);
	else if (dense)
		cover_dense(s, c->start, end);
	else
		s->g->spent += cost;
	covered = (uint8_t)((wasteful ? GUARD_TABLES : 0) | (costly ? GUARD_MARKS : 0) |
	    (dense ? GUARD_DENSE : 0));
	s->g->reaches_back |= began_before && covered != c->before.covered;
	c->before.covered = covered;
}

static void
end_chunk(struct scan *s, size_t end)
{
	/* Blank lines come in any number. */
	if (end - s->chunk.start <= 1 && s->chunk.before.bytes == 0 && s->chunk.before.columns == 0 &&
	    !s->chunk.before.label) {
		end_definition(s, end);
		s->chunk.start = end;
		s->chunk.line = s->lines;
		return;
	}
	count_chunk(s, end, true);
	judge_chunk(s, end);
	end_definition(s, end);
	s->chunk = (struct chunk){ .start = end, .line = s->lines };
}

/* The end of the text may not be that of the run of lines. */
static void
end_text(struct scan *s)
{
	uint64_t spent = s->g->spent;

	count_chunk(s, s->n, false);
	judge_chunk(s, s->n);
	end_definition(s, s->n);
	s->g->after = s->chunk.before;
	s->g->after.spent = spent;
	s->g->after.inside = s->n > 0 && s->p[s->n - 1] != '\n';
}

/* Is there a "]:" in the line? */
static bool
defines(struct str line)
{
	for (size_t at; (at = str_find_byte(line, ':')) < line.n; line = str_skip(line, at + 1))
		if (at > 0 && line.p[at - 1] == ']')
			return true;
	return false;
}

static void
read_definition(struct scan *s, size_t at, struct str line, struct str text)
{
	if (text.n > 0 && text.p[0] == '[')
		s->chunk.before.label = true;
	if (!s->chunk.before.label || !defines(line))
		return;
	end_definition(s, at);
	s->definitions = mem_grow(s->definitions, s->ndefinitions, &s->cap_definitions,
	    sizeof *s->definitions);
	s->definitions[s->ndefinitions++] = (struct definition){ (uint32_t)at, UINT32_MAX };
}

/* How lines begin that may be more than words: with a marker, a row of dashes, a definition. */
static const bool is_special[256] = {
	['>'] = true, ['-'] = true, ['+'] = true, ['*'] = true, ['|'] = true, [':'] = true, ['['] = true,
	['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true,
	['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true,
};

static void
read_special(struct scan *s, size_t at, struct str line)
{
	struct prefix x = read_prefix(line);
	struct str text = str_skip(line, x.len);
	size_t columns;

	/* A line of quote markers alone is blank in the quote; an item at the margin ends what is open. */
	if ((text.n == 0 && x.markers < 2) || (x.markers > 0 && list_marker(line) > 0 && text.n > 0))
		end_chunk(s, at);
	if (x.too_deep > 0 && !is_rule(line)) {
		s->p[at + x.too_deep] = COVER;
		note_range(s->g, at + x.too_deep, at + line.n);
	}
	columns = delimiter_columns(line);
	if (columns > 0 && s->chunk.before.columns == 0)
		s->chunk.delimiter = at;
	if (columns > s->chunk.before.columns)
		s->chunk.before.columns = columns;
	s->chunk.before.lines += s->chunk.before.columns > 0;
	read_definition(s, at, line, text);
}

static void
read_line(struct scan *s, size_t at, struct str line)
{
	size_t i = 0;

	while (i < line.n && is_blank(line.p[i]))
		i++;
	if (i == line.n) {
		end_chunk(s, at);
	} else if (is_special[(unsigned char)line.p[i]]) {
		read_special(s, at, line);
	} else {
		s->chunk.before.lines += s->chunk.before.columns > 0;
		if (s->chunk.before.label)
			read_definition(s, at, line, STR_NONE);
	}
}

static void
cover_definition(struct scan *s, const struct definition *d)
{
	size_t to = d->to < s->n ? d->to : s->n;

	for (size_t i = d->from; i + 1 < to; i++)
		if (s->p[i] == ']' && s->p[i + 1] == ':')
			s->p[i] = COVER;
	note_range(s->g, d->from, to);
}

/*
 * Definitions reach over the whole text: how many there are, and how long one is times how often it
 * may be used, are judged at its end.
 */
static void
judge_definitions(struct scan *s)
{
	uint64_t uses = 0;
	size_t bytes = 0;

	if (s->ndefinitions == 0)
		return;
	for (size_t i = 0; i < s->n; i++)
		uses += s->p[i] == '[';
	for (size_t i = 0; i < s->ndefinitions; i++) {
		const struct definition *d = &s->definitions[i];
		size_t len = d->to - d->from;

		bytes += len;
		if (i >= DEFINITIONS_MAX || bytes > DEFINITION_BYTES || len > DEFINITION_MAX ||
		    uses * len > SPEND_MAX)
			cover_definition(s, d);
	}
}

static int
compare_ranges(const void *a, const void *b)
{
	const struct guard_range *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static void
cover_costly(struct guard *g, char *p, size_t n, const struct guard_state *before)
{
	struct scan s = { .g = g, .p = p, .n = n, .chunk.before = *before };

	for (size_t at = 0; at < n;) {
		struct str left = str_of(s.p + at, n - at), line = str_head(left, str_find_byte(left, '\n'));

		if (at == 0 && before->inside)
			read_definition(&s, at, line, STR_NONE);
		else
			read_line(&s, at, line);
		at += line.n + 1;
		s.lines += at <= n;
	}
	end_text(&s);
	judge_definitions(&s);
	g->definitions = s.ndefinitions > 0;
	if (g->n > 1)
		qsort(g->ranges, g->n, sizeof *g->ranges, compare_ranges);
	free(s.definitions);
}

/*
 * md4c 0.4.8 takes the low byte of a line's offset for a type of block when it looks whether a list
 * item is empty: what a list is depends on where it stands. So every part of a text stands where it
 * stands in the whole, as far as that byte goes.
 */
static void
add_lead(struct buf *copy, size_t from, struct str stub)
{
	size_t n = from > 0 ? (from - stub.n - 1) % 256 + 1 : 0;

	if (n > 0) {
		buf_fill(copy, ' ', n - 1);
		buf_byte(copy, '\n');
	}
	buf_str(copy, stub);
}

void
guard_init(struct guard *g, const struct guard_part *part)
{
	size_t n = part->to - part->from;

	*g = (struct guard){ .spent = part->before.spent };
	buf_room(&g->copy, 256 + part->stub.n + n + part->tail.n + 1 + PADDING);
	add_lead(&g->copy, part->from, part->stub);
	g->lead = g->copy.n;
	buf_str(&g->copy, str_head(str_skip(part->source, part->from), n));
	/* It is read sixteen bytes at once. */
	memset(buf_room(&g->copy, PADDING), 0, PADDING);
	cover_invalid(g->copy.p + g->lead, n);
	cover_costly(g, g->copy.p + g->lead, n, &part->before);
	buf_str(&g->copy, part->tail);
	if (!str_ends(buf_view(&g->copy), STR("\n")))
		buf_byte(&g->copy, '\n');
	memset(buf_room(&g->copy, PADDING), 0, PADDING);
	g->input = buf_view(&g->copy);
}

void
guard_done(struct guard *g)
{
	buf_done(&g->copy);
	free(g->ranges);
	*g = (struct guard){ 0 };
}
