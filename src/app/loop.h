/*
 * Waiting: signals as a descriptor, and poll until a time of clock_mono. Signals are blocked before
 * any thread starts, so that only the descriptor sees them.
 */
#ifndef APP_LOOP_H
#define APP_LOOP_H

#include <poll.h>
#include <stdint.h>

#include "base/err.h"

/* Blocks the signals of `list` (ends with 0) and returns a descriptor that reads them; -1 on error. */
int loop_signals(const int *list, struct error *e);
/* The next signal that came, 0 for none. */
int loop_next_signal(int fd);
/* For a child before exec: nothing is blocked or ignored any more. */
void loop_child_signals(void);

/* Waits for a descriptor (fd < 0 is left out) or the time; returns at once when it is past. */
void loop_wait(struct pollfd *fds, nfds_t n, int64_t deadline);

#endif
