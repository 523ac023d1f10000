#include "ui/entry.h"

static bool
is_changed(struct line l)
{
	for (size_t i = 0; i < l.n; i++)
		if (l.spans[i].style.role == ROLE_ADD || l.spans[i].style.role == ROLE_DEL)
			return true;
	return false;
}

void
entry_fold_diff(struct section *s, size_t max)
{
	size_t n = layout_rows(s->layout, 0), first = 0;

	while (first < n && !is_changed(layout_row(s->layout, 0, first)))
		first++;
	if (first == n)
		first = 0;
	/* With a line around it, and as many rows as there may be. */
	first -= first > 0;
	s->whole = false;
	s->from = n < first + max ? (n > max ? n - max : 0) : first;
	s->n = n < max ? n : max;
}

void
entry_count_diff(struct str text, struct rows *out)
{
	size_t added = 0, removed = 0;

	while (text.n > 0) {
		struct str line = str_cut(text, '\n', &text);

		if (str_starts(line, STR("+++ ")) || str_starts(line, STR("--- ")))
			continue;
		added += str_starts(line, STR("+"));
		removed += str_starts(line, STR("-"));
	}
	rows_say(out, STYLE(ROLE_DIM), ", ");
	rows_printf(out, STYLE(ROLE_ADD), "+%zu", added);
	rows_say(out, STYLE(ROLE_DIM), " ");
	rows_printf(out, STYLE(ROLE_DEL), "-%zu", removed);
}
