/*
 * Whether what a program drew is its own: every control sequence in its output is one that weir
 * writes itself, and no cell of its screen holds what text/safe never lets through. The lists are
 * written out here and not shared with the code they judge.
 */
#ifndef E2E_SCRUTINY_H
#define E2E_SCRUTINY_H

#include "tests/harness/term.h"

/* The first control sequence that weir has no reason to write, escaped; NULL when there is none.
 * Valid until the next call. */
const char *scrutiny_output(struct str output);
/* The same for what goes to a pipe: no control character but the line feed, none that hides. */
const char *scrutiny_plain(struct str output);
/* The first cell with something that must not be in one, in words; NULL when there is none. */
const char *scrutiny_screen(const struct display *d);

#endif
