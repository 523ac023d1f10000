/*
 * Choosing one of what a server offers: a name a row and what is said about it. What is typed leaves
 * those in which all of its words stand. It keeps rows and the choice; the view draws around it.
 */
#ifndef UI_PICKER_H
#define UI_PICKER_H

#include "text/line.h"

struct picker;

struct picker *picker_new(void);
void picker_free(struct picker *p);

/* Empty again, and waiting for rows until picker_whole. */
void picker_begin(struct picker *p);
/* Both are untrusted. `current` is where the choice begins. */
void picker_add(struct picker *p, struct str name, struct str about, bool current);
void picker_whole(struct picker *p);
bool picker_is_whole(const struct picker *p);

/* ASCII letters compare without case. */
void picker_filter(struct picker *p, struct str words);
/* Chooses what alone has a name that begins so; false when several have or none. */
bool picker_complete(struct picker *p, struct str begins);
void picker_move(struct picker *p, long rows);
/* Empty when there is none; valid until picker_begin. */
struct str picker_chosen(const struct picker *p);

/* One row each for `height` rows into `out`. */
void picker_draw(struct picker *p, unsigned height, unsigned width, bool ascii, struct rows *out);

#endif
