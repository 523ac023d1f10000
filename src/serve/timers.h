/*
 * Many timers, each an embedded struct: a wheel of slots of 50 ms. Arming and disarming cost
 * nothing to speak of, so a timer is simply armed again; none fires early.
 */
#ifndef SERVE_TIMERS_H
#define SERVE_TIMERS_H

#include <stdint.h>

enum { TIMER_SLOTS = 2048 };

struct timer {
	struct timer *next, **link;	/* link is NULL while it is not armed */
	int64_t due;			/* of clock_mono */
	void (*fire)(struct timer *t);	/* disarmed before the call */
};

struct timers {
	struct timer *slots[TIMER_SLOTS];
	int64_t tick;			/* everything before it has fired */
	unsigned armed;
};

void timers_init(struct timers *w, int64_t now);
void timer_arm(struct timers *w, struct timer *t, int64_t due);
void timer_disarm(struct timers *w, struct timer *t);
/* ms until timers_run has something to do, -1 for never. */
int timers_timeout(const struct timers *w, int64_t now);
void timers_run(struct timers *w, int64_t now);

#endif
