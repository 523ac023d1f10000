#include "ui/picker.h"

#include <stdlib.h>

#include "base/mem.h"

struct pick {
	struct buf name, about;
};

struct picker {
	struct pick *picks;
	size_t n, cap;
	size_t *shown, nshown;		/* indices of those the filter lets through */
	size_t cap_shown;
	size_t chosen;			/* of `picks` */
	size_t top;			/* of `shown` */
	struct buf words;		/* of the filter */
	bool whole;
};

struct picker *
picker_new(void)
{
	return mem_zalloc(sizeof(struct picker));
}

static void
clear(struct picker *p)
{
	for (size_t i = 0; i < p->n; i++) {
		buf_done(&p->picks[i].name);
		buf_done(&p->picks[i].about);
	}
	p->n = p->nshown = p->chosen = p->top = 0;
	buf_clear(&p->words);
	p->whole = false;
}

void
picker_free(struct picker *p)
{
	clear(p);
	free(p->picks);
	free(p->shown);
	buf_done(&p->words);
	free(p);
}

void
picker_begin(struct picker *p)
{
	clear(p);
}

/* ---- which are shown */

static bool
passes(const struct pick *pick, struct str words)
{
	while (words.n > 0) {
		struct str word = str_cut(words, ' ', &words);

		if (!str_has_nocase(buf_view(&pick->name), word) &&
		    !str_has_nocase(buf_view(&pick->about), word))
			return false;
	}
	return true;
}

static void
show(struct picker *p, size_t i)
{
	p->shown = mem_grow(p->shown, p->nshown, &p->cap_shown, sizeof *p->shown);
	p->shown[p->nshown++] = i;
}

/* Where the choice stands among those that are shown, the first when it is none of them. */
static size_t
place(const struct picker *p)
{
	for (size_t i = 0; i < p->nshown; i++)
		if (p->shown[i] == p->chosen)
			return i;
	return 0;
}

void
picker_add(struct picker *p, struct str name, struct str about, bool current)
{
	struct pick *pick;

	p->picks = mem_grow(p->picks, p->n, &p->cap, sizeof *p->picks);
	pick = &p->picks[p->n];
	*pick = (struct pick){ 0 };
	buf_set(&pick->name, name);
	buf_set(&pick->about, about);
	if (passes(pick, buf_view(&p->words)))
		show(p, p->n);
	if (current)
		p->chosen = p->n;
	p->n++;
}

void
picker_whole(struct picker *p)
{
	p->whole = true;
}

bool
picker_is_whole(const struct picker *p)
{
	return p->whole;
}

void
picker_filter(struct picker *p, struct str words)
{
	if (str_eq(buf_view(&p->words), words))
		return;
	buf_set(&p->words, words);
	p->nshown = 0;
	for (size_t i = 0; i < p->n; i++)
		if (passes(&p->picks[i], words))
			show(p, i);
}

bool
picker_complete(struct picker *p, struct str begins)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (str_starts(buf_view(&p->picks[i].name), begins) && n++ == 0)
			p->chosen = i;
	return n == 1;
}

void
picker_move(struct picker *p, long rows)
{
	size_t at = place(p), up = rows < 0 ? (size_t)-rows : 0;

	if (p->nshown == 0)
		return;
	at = up > at ? 0 : at - up + (rows > 0 ? (size_t)rows : 0);
	p->chosen = p->shown[at < p->nshown ? at : p->nshown - 1];
}

struct str
picker_chosen(const struct picker *p)
{
	return p->nshown > 0 ? buf_view(&p->picks[p->shown[place(p)]].name) : STR_NONE;
}

/* ---- drawing */

static void
draw_pick(const struct pick *pick, bool chosen, unsigned width, bool ascii, struct rows *out)
{
	struct rows row = { 0 };

	rows_say(&row, STYLE(ROLE_PROMPT), !chosen ? "  " : ascii ? "> " : "▸ ");
	rows_add(&row, STYLE_WITH(ROLE_TEXT, chosen ? ATTR_BOLD : 0), buf_view(&pick->name), LINE_NO_SRC);
	if (pick->about.n > 0) {
		rows_say(&row, STYLE(ROLE_DIM), "  ");
		rows_add(&row, STYLE(ROLE_DIM), buf_view(&pick->about), LINE_NO_SRC);
	}
	if (rows_open(&row).cols > width && width > 0) {
		rows_add_cols(out, rows_open(&row), 0, width - 1);
		rows_say(out, STYLE(ROLE_DIM), ascii ? "~" : "…");
	} else {
		rows_add_line(out, rows_open(&row));
	}
	rows_done(&row);
}

void
picker_draw(struct picker *p, unsigned height, unsigned width, bool ascii, struct rows *out)
{
	size_t at = place(p);

	if (at < p->top)
		p->top = at;
	if (height > 0 && at >= p->top + height)
		p->top = at - height + 1;
	if (p->top + height > p->nshown)
		p->top = p->nshown > height ? p->nshown - height : 0;
	for (unsigned i = 0; i < height; i++) {
		size_t k = p->top + i;

		if (k < p->nshown)
			draw_pick(&p->picks[p->shown[k]], k == at, width, ascii, out);
		else if (i == 0)
			rows_say(out, STYLE(ROLE_DIM), !p->whole ? "asking the server" : p->n == 0 ?
			    "there is nothing to choose from" : "nothing fits");
		rows_end(out, 0);
	}
}
