#include "ui/choices.h"

void
choices_done(struct choices *c)
{
	questions_done(&c->questions);
	*c = (struct choices){ .version = c->version + 1 };
}

void
choices_focus(struct choices *c, const struct item *ask)
{
	if (ask != NULL && c->number == ask->number && c->item_version == ask->version)
		return;
	if (ask == NULL && c->number == 0)
		return;
	choices_done(c);
	if (ask == NULL)
		return;
	questions_of(&c->questions, ask);
	c->number = ask->number;
	c->item_version = ask->version;
}

bool
choices_any(const struct choices *c)
{
	return c->questions.n > 1 || (c->questions.n == 1 && c->questions.v[0].n > 0);
}

static void
give_back(struct question *q)
{
	buf_clear(&q->typed);
	for (size_t k = 0; k < q->n; k++)
		q->choices[k].chosen = false;
}

bool
choices_take(struct choices *c, unsigned digit)
{
	struct question *q = c->questions.v + c->active;
	size_t n = c->from + digit;
	bool taken;

	if (c->questions.n == 0 || digit == 0 || n > q->n)
		return false;
	taken = q->choices[n - 1].chosen;
	if (!q->several)
		give_back(q);
	q->choices[n - 1].chosen = !taken;
	c->version++;
	return true;
}

bool
choices_turn(struct choices *c)
{
	if (c->questions.n == 0 || c->questions.v[c->active].n <= CHOICES_DIGITS)
		return false;
	c->from += CHOICES_DIGITS;
	if (c->from >= c->questions.v[c->active].n)
		c->from = 0;
	c->version++;
	return true;
}

void
choices_say(struct choices *c, struct str words)
{
	give_back(&c->questions.v[c->active]);
	buf_set(&c->questions.v[c->active].typed, words);
	c->version++;
}

static bool
has_answer(const struct question *q)
{
	bool any = q->typed.n > 0;

	for (size_t k = 0; k < q->n; k++)
		any |= q->choices[k].chosen;
	return any;
}

bool
choices_next(struct choices *c)
{
	for (size_t k = 0; k < c->questions.n; k++) {
		size_t i = (c->active + k) % c->questions.n;

		if (has_answer(&c->questions.v[i]))
			continue;
		if (i != c->active) {
			c->active = i;
			c->from = 0;
			c->version++;
		}
		return true;
	}
	return false;
}
