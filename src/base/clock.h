/*
 * Time, in milliseconds unless the name says otherwise. Tests and replay set it; everything that
 * waits or measures asks here.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Never jumps, stands still while the machine sleeps. */
int64_t clock_mono(void);
int64_t clock_mono_ns(void);
/* Like clock_mono, and goes on while the machine sleeps. */
int64_t clock_boot(void);
/* Since 1970, for people and wire formats; never for order. */
int64_t clock_wall(void);

/* From here on all three clocks stand at these values until set again. */
void clock_set(int64_t mono, int64_t wall);
void clock_advance(int64_t ms);
/* The machine sleeps that long: clock_mono stands still. */
void clock_sleep(int64_t ms);
/* Back to the machine's clocks. */
void clock_unset(void);

/* Broken-down local time "HH:MM:SS" into `out`, for a time of clock_wall. */
void clock_hms(int64_t wall, char out[9]);

#endif
