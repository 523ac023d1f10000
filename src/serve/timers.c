#include "serve/timers.h"

#include <stddef.h>

enum { SLOT_MS = 50 };

void
timers_init(struct timers *w, int64_t now)
{
	*w = (struct timers){ .tick = now / SLOT_MS };
}

void
timer_disarm(struct timers *w, struct timer *t)
{
	if (t->link == NULL)
		return;
	*t->link = t->next;
	if (t->next != NULL)
		t->next->link = t->link;
	t->link = NULL;
	w->armed--;
}

void
timer_arm(struct timers *w, struct timer *t, int64_t due)
{
	int64_t tick = (due + SLOT_MS - 1) / SLOT_MS;
	struct timer **slot;

	timer_disarm(w, t);
	if (tick < w->tick)
		tick = w->tick;
	/* Further than the wheel reaches: it comes by, is not due and goes round again. */
	slot = &w->slots[tick % TIMER_SLOTS];
	t->due = due;
	t->next = *slot;
	t->link = slot;
	if (t->next != NULL)
		t->next->link = &t->next;
	*slot = t;
	w->armed++;
}

int
timers_timeout(const struct timers *w, int64_t now)
{
	int64_t tick = w->tick;

	if (w->armed == 0)
		return -1;
	while (tick < w->tick + TIMER_SLOTS && w->slots[tick % TIMER_SLOTS] == NULL)
		tick++;
	return tick * SLOT_MS > now ? (int)(tick * SLOT_MS - now) : 0;
}

/* Takes the whole slot first: what fires may arm itself again. */
static void
run_slot(struct timers *w, struct timer **slot, int64_t now)
{
	struct timer *list = *slot, *t;

	*slot = NULL;
	if (list != NULL)
		list->link = &list;
	while ((t = list) != NULL) {
		timer_disarm(w, t);
		if (t->due > now)
			timer_arm(w, t, t->due);
		else
			t->fire(t);
	}
}

void
timers_run(struct timers *w, int64_t now)
{
	int64_t last = now / SLOT_MS;

	if (w->armed == 0 || last - w->tick > TIMER_SLOTS)
		w->tick = w->armed == 0 ? last : last - TIMER_SLOTS;
	while (w->tick <= last)
		run_slot(w, &w->slots[w->tick++ % TIMER_SLOTS], now);
}
