#include "text/listing.h"

struct listing {
	struct rows *out;
	const struct code_lang *lang;
	unsigned width;
	struct verbatim verbatim;
	uint32_t src;		/* of the line */
};

static void
lay_plain(struct listing *l, struct str line)
{
	struct flow f;

	flow_init(&f, l->out, l->width, (struct line){ 0 }, (struct line){ 0 });
	flow_add(&f, STYLE(ROLE_TEXT), line, l->src);
	flow_end(&f);
}

/* One line, or a few of a diff; returns its bytes. */
static size_t
lay_unit(struct listing *l, enum layout_kind kind, struct str text, struct listing_mark *next, bool *whole)
{
	size_t n = str_find_byte(text, '\n');

	*whole = n < text.n;
	if (kind == LAYOUT_DIFF)
		return diff_lay(&l->verbatim, &next->diff, text, l->src, whole);
	if (kind == LAYOUT_CODE)
		next->code = verbatim_code(&l->verbatim, l->lang, next->code, str_head(text, n), l->src, 0);
	else
		lay_plain(l, str_head(text, n));
	return n + *whole;
}

void
listing_lay(struct rows *out, enum layout_kind kind, const struct code_lang *lang, struct str text,
    unsigned width, struct listing_mark *mark)
{
	struct listing l = { .out = out, .lang = lang, .width = width };
	struct listing_mark next = *mark;
	enum role role = kind == LAYOUT_CODE ? ROLE_BLOCK : ROLE_TEXT;
	bool whole = true;

	rows_truncate(out, mark->rows);
	verbatim_init(&l.verbatim, out, width, (struct line){ 0 }, (struct line){ 0 }, STYLE(role),
	    kind == LAYOUT_CODE ? LINE_FILL : 0);
	while (next.at < text.n) {
		l.src = (uint32_t)next.at;
		next.at += lay_unit(&l, kind, str_skip(text, next.at), &next, &whole);
		next.rows = rows_count(out);
		if (whole)
			*mark = next;
	}
	verbatim_done(&l.verbatim);
}

static void
drop_runs(void *user, struct role_run *runs, size_t n)
{
	(void)user;
	(void)runs;
	(void)n;
}

size_t
listing_pass(enum layout_kind kind, const struct code_lang *lang, struct str text,
    struct listing_mark *mark, bool *whole)
{
	struct str rest = str_skip(text, mark->at);
	size_t n = str_find_byte(rest, '\n'), lines = 1;

	*whole = n < rest.n;
	if (kind == LAYOUT_DIFF)
		mark->at += diff_pass(&mark->diff, rest, &lines, whole);
	else
		mark->at += n + *whole;
	if (kind == LAYOUT_CODE)
		mark->code = code_line(lang, mark->code, str_head(rest, n), drop_runs, NULL);
	return lines;
}
