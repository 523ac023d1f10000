#include "text/words.h"

#include <string.h>

enum {
	LINE_MAX_BYTES = 2000,
	MIDDLE_MAX = 64,	/* tokens between the common ends that are compared with each other */
	COMMON_MIN = 3		/* of this many parts one must be the same */
};

struct tokens {
	struct str line;
	uint32_t start[WORDS_MAX + 1];
	size_t n;
};

static bool
is_word(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	    (unsigned char)c >= 0x80;
}

/* Words, runs of blanks, and single marks. False when there are too many. */
static bool
split(struct tokens *t, struct str line)
{
	t->line = line;
	t->n = 0;
	for (size_t i = 0; i < line.n;) {
		char c = line.p[i];

		if (t->n == WORDS_MAX)
			return false;
		t->start[t->n++] = (uint32_t)i++;
		while (i < line.n && ((is_word(c) && is_word(line.p[i])) || (c == ' ' && line.p[i] == ' ')))
			i++;
	}
	t->start[t->n] = (uint32_t)line.n;
	return line.n <= LINE_MAX_BYTES;
}

static struct str
token(const struct tokens *t, size_t i)
{
	return str_of(t->line.p + t->start[i], t->start[i + 1] - t->start[i]);
}

/* The longest common subsequence of what is between the common ends. */
struct table {
	const struct tokens *a, *b;
	size_t head, na, nb;
	uint8_t length[MIDDLE_MAX + 1][MIDDLE_MAX + 1];	/* of the tokens from i and j on */
};

static bool
is_same(const struct table *t, size_t i, size_t j)
{
	return str_eq(token(t->a, t->head + i), token(t->b, t->head + j));
}

static void
fill(struct table *t)
{
	for (size_t i = t->na + 1; i-- > 0;) {
		for (size_t j = t->nb + 1; j-- > 0;) {
			uint8_t *l = &t->length[i][j];

			if (i == t->na || j == t->nb)
				*l = 0;
			else if (is_same(t, i, j))
				*l = t->length[i + 1][j + 1] + 1;
			else
				*l = t->length[i + 1][j] > t->length[i][j + 1] ? t->length[i + 1][j]
									      : t->length[i][j + 1];
		}
	}
}

static void
add(struct words_range *ranges, size_t *n, const struct tokens *t, size_t i)
{
	if (*n > 0 && ranges[*n - 1].to == t->start[i])
		ranges[*n - 1].to = t->start[i + 1];
	else
		ranges[(*n)++] = (struct words_range){ t->start[i], t->start[i + 1] };
}

static void
walk(const struct table *t, struct words *w)
{
	size_t i = 0, j = 0;

	while (i < t->na || j < t->nb) {
		if (i < t->na && j < t->nb && is_same(t, i, j)) {
			i++;
			j++;
		} else if (j == t->nb || (i < t->na && t->length[i + 1][j] >= t->length[i][j + 1])) {
			add(w->old_range, &w->nold, t->a, t->head + i++);
		} else {
			add(w->new_range, &w->nnew, t->b, t->head + j++);
		}
	}
}

bool
words_compare(struct words *w, struct str old_line, struct str new_line)
{
	struct tokens a, b;
	struct table t;
	size_t tail = 0, least, same;

	w->nold = w->nnew = 0;
	t.a = &a;
	t.b = &b;
	t.head = 0;
	if (!split(&a, old_line) || !split(&b, new_line))
		return false;
	least = a.n < b.n ? a.n : b.n;
	while (t.head < least && str_eq(token(&a, t.head), token(&b, t.head)))
		t.head++;
	while (tail < least - t.head && str_eq(token(&a, a.n - 1 - tail), token(&b, b.n - 1 - tail)))
		tail++;
	t.na = a.n - t.head - tail;
	t.nb = b.n - t.head - tail;
	if (t.na > MIDDLE_MAX || t.nb > MIDDLE_MAX)
		return false;
	fill(&t);
	same = t.head + tail + t.length[0][0];
	if (same * COMMON_MIN < (a.n > b.n ? a.n : b.n))
		return false;
	walk(&t, w);
	return true;
}
