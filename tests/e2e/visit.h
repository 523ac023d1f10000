/*
 * A reader who pages through a session full of hostile text: every screen is judged, the frame must
 * stand where it is, and behind each sample number N the word "SAFE-N." must be seen. "THE END" is
 * the last that is said. What is wrong fails the test.
 */
#ifndef E2E_VISIT_H
#define E2E_VISIT_H

#include "tests/harness/term.h"

struct visit;

/* Borrows the terminal; `samples` are numbered from 0. */
struct visit *visit_new(struct term *t, unsigned samples);
void visit_free(struct visit *v);
/* Judges the screen as it is now, and now and then all that was written to it. */
void visit_look(struct visit *v);
/* Types, waits until what stands between title and composer is another, and judges that. */
void visit_type(struct visit *v, const char *keys);
/* From the top to THE END, with everything unfolded. */
void visit_all(struct visit *v);

#endif
