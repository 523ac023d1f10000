#include "ui/entry.h"

#include "base/clock.h"

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
	*e = (struct entry){ 0 };
}

static bool
look_eq(const struct entry_look *a, const struct entry_look *b)
{
	return a->width == b->width && a->ascii == b->ascii && a->full == b->full && a->gap == b->gap &&
	    a->named == b->named && a->focused == b->focused && a->armed == b->armed;
}

int64_t
entry_due(const struct entry *e)
{
	int64_t due = INT64_MAX;

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
	e->nsections = e->count = e->claimed = 0;
	rows_clear(&e->said);
	if (look->gap)
		rows_end(&e->said, 0);
	entry_build(e, it);
	for (size_t i = 0; i < e->nsections; i++)
		e->count += e->sections[i].n;
	return true;
}

/* The section of row *i, which becomes the row in its source. */
static const struct section *
section_of(const struct entry *e, size_t *i)
{
	const struct section *s = e->sections;

	while (*i >= s->n)
		*i -= s++->n;
	*i += s->from;
	return s;
}

static struct line
source_line(const struct entry *e, const struct section *s, size_t i)
{
	return s->layout != NULL ? layout_line(s->layout, i) : rows_line(&e->said, i);
}

void
entry_line(const struct entry *e, size_t i, struct rows *out)
{
	const struct section *s = section_of(e, &i);

	rows_say(out, STYLE(gutters[s->gutter].role), e->look.ascii ? gutters[s->gutter].ascii :
	    gutters[s->gutter].glyph);
	rows_add_line(out, source_line(e, s, i));
}

unsigned
entry_flags(const struct entry *e, size_t i)
{
	const struct section *s = section_of(e, &i);

	return source_line(e, s, i).flags;
}

uint64_t
entry_place(const struct entry *e, size_t i)
{
	const struct section *s = section_of(e, &i);
	struct line l = source_line(e, s, i);

	for (size_t k = 0; k < l.n; k++)
		if (l.spans[k].src != LINE_NO_SRC)
			return (uint64_t)(s - e->sections) << 32 | l.spans[k].src;
	return ENTRY_NOWHERE;
}
