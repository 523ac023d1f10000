#include "ui/entry.h"

#include "base/clock.h"
#include "ui/terminal.h"

static const struct {
	enum role role;
	const char *glyph, *ascii;
} gutters[] = {
	[GUTTER_OWN] = { ROLE_TEXT, "", "" },
	[GUTTER_BLANK] = { ROLE_TEXT, "  ", "  " },
	[GUTTER_USER] = { ROLE_USER, "▌ ", "| " },
	[GUTTER_REASON] = { ROLE_REASON, "┊ ", ": " },
	[GUTTER_TOOL] = { ROLE_TOOL, "│ ", "| " },
	[GUTTER_ASK] = { ROLE_ASK, "┃ ", "! " },
	[GUTTER_EXACT] = { ROLE_ASK, "┃›", "!>" },
};

void
entry_done(struct entry *e)
{
	rows_done(&e->said);
	for (size_t i = 0; i < ENTRY_LAYOUTS; i++)
		layout_free(e->layouts[i]);
	terminal_free(e->terminal);
	*e = (struct entry){ 0 };
}

static bool
look_eq(const struct entry_look *a, const struct entry_look *b)
{
	return a->width == b->width && a->ascii == b->ascii && a->full == b->full && a->gap == b->gap &&
	    a->named == b->named && a->read_only == b->read_only && a->focused == b->focused &&
	    a->armed == b->armed && a->choices == b->choices &&
	    a->choices_version == b->choices_version;
}

int64_t
entry_due(const struct entry *e)
{
	int64_t due = INT64_MAX;

	if (e->terminal != NULL && terminal_behind(e->terminal))
		return 0;
	for (size_t i = 0; i < ENTRY_LAYOUTS; i++) {
		int64_t at = e->layouts[i] != NULL ? layout_due(e->layouts[i]) : -1;

		if (at >= 0 && at < due)
			due = at;
	}
	return due;
}

unsigned
entry_mismatches(const struct entry *e)
{
	unsigned n = 0;

	for (size_t i = 0; i < ENTRY_LAYOUTS; i++)
		if (e->layouts[i] != NULL)
			n += layout_mismatches(e->layouts[i]);
	return n;
}

bool
entry_update(struct entry *e, const struct item *it, const struct entry_look *look)
{
	if (e->number == it->number && e->version == it->version && look_eq(&e->look, look) &&
	    clock_mono() < entry_due(e))
		return false;
	if (e->number != it->number || e->kind != it->kind)
		entry_done(e);
	e->number = it->number;
	e->kind = it->kind;
	e->version = it->version;
	e->look = *look;
	e->nsections = e->blocks = e->claimed = 0;
	rows_clear(&e->said);
	if (look->gap)
		rows_end(&e->said, 0);
	entry_build(e, it);
	for (size_t i = 0; i < e->nsections; i++) {
		struct section *s = &e->sections[i];

		s->first = e->blocks;
		e->blocks += s->whole ? layout_blocks(s->layout) : 1;
	}
	return true;
}

size_t
entry_blocks(const struct entry *e)
{
	return e->blocks;
}

static const struct section *
section_of(const struct entry *e, size_t block)
{
	const struct section *s = e->sections + e->nsections - 1;

	while (s->first > block)
		s--;
	return s;
}

size_t
entry_rows(const struct entry *e, size_t block)
{
	const struct section *s = section_of(e, block);

	return s->whole ? layout_rows(s->layout, block - s->first) : s->n;
}

struct line
entry_content(const struct entry *e, size_t block, size_t row)
{
	const struct section *s = section_of(e, block);

	if (s->whole)
		return layout_row(s->layout, block - s->first, row);
	if (s->layout == NULL)
		return rows_line(&e->said, s->from + row);
	/* The rows of a fold are the first or the last ones of a layout, and only the last ones need all. */
	if (s->from + s->n <= layout_rows(s->layout, 0))
		return layout_row(s->layout, 0, s->from + row);
	return layout_line(s->layout, s->from + row);
}

void
entry_line(const struct entry *e, size_t block, size_t row, struct rows *out)
{
	enum gutter gutter = section_of(e, block)->gutter;

	rows_say(out, STYLE(gutters[gutter].role), e->look.ascii ? gutters[gutter].ascii :
	    gutters[gutter].glyph);
	rows_add_line(out, entry_content(e, block, row));
}

size_t
entry_count(const struct entry *e, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < e->blocks && n <= most; i++)
		n += entry_rows(e, i);
	return n;
}

static uint32_t
source_of(struct line l)
{
	for (size_t i = 0; i < l.n; i++)
		if (l.spans[i].src != LINE_NO_SRC)
			return l.spans[i].src;
	return LINE_NO_SRC;
}

struct entry_spot
entry_spot(const struct entry *e, size_t block, size_t row)
{
	const struct section *s = section_of(e, block);

	return (struct entry_spot){ (size_t)(s - e->sections), block - s->first,
		source_of(entry_content(e, block, row)) };
}

void
entry_find(const struct entry *e, struct entry_spot spot, size_t *block, size_t *row)
{
	const struct section *s = &e->sections[spot.section];
	size_t n;

	if (spot.section >= e->nsections || s->first + spot.block >= e->blocks)
		return;
	*block = s->first + spot.block;
	n = entry_rows(e, *block);
	if (*row >= n)
		*row = n > 0 ? n - 1 : 0;
	for (size_t i = 0; i < n && spot.src != LINE_NO_SRC; i++) {
		uint32_t here = source_of(entry_content(e, *block, i));

		if (here != LINE_NO_SRC && here <= spot.src)
			*row = i;
	}
}

bool
entry_is_markdown(const struct entry *e, size_t block)
{
	const struct section *s = section_of(e, block);

	return s->whole && layout_kind(s->layout) == LAYOUT_MARKDOWN;
}

bool
entry_link(const struct entry *e, size_t block, uint32_t src, struct str *target)
{
	const struct section *s = section_of(e, block);

	return s->whole && layout_link(s->layout, block - s->first, src, target);
}

void
entry_trim(struct entry *e)
{
	for (size_t i = 0; i < ENTRY_LAYOUTS; i++)
		if (e->layouts[i] != NULL)
			layout_trim(e->layouts[i]);
}

size_t
entry_laid(const struct entry *e)
{
	size_t n = 0;

	for (size_t i = 0; i < ENTRY_LAYOUTS; i++)
		n += e->layouts[i] != NULL ? layout_laid(e->layouts[i]) : 0;
	return n;
}
