/*
 * Output of a program that moves its cursor: an emulator plays it, and what then stands on its
 * screen, and what has left it at the top, become rows. The bytes are hostile: nothing of them goes
 * further than the emulator, whose answers go nowhere and whose cells pass through text/safe.
 */
#ifndef UI_TERMINAL_H
#define UI_TERMINAL_H

#include "text/line.h"

struct terminal;

struct terminal *terminal_new(void);
void terminal_free(struct terminal *t);
/*
 * Reads on: `text` is all output so far and, with the same generation, begins with what it was last
 * time. False as long as text/ansi shows it as well: the cursor stays in its line. The screen is of
 * 24 by 80, or as much larger as the output names places on it.
 */
bool terminal_update(struct terminal *t, struct str text, unsigned generation);
/* A program has the whole screen now, so that its rows should not be wrapped. */
bool terminal_is_picture(const struct terminal *t);
/* Much output is played in several updates, so that none takes long: there is more to play. */
bool terminal_behind(const struct terminal *t);
/* The rows that left the screen (the last TERMINAL_BACK of them) and those on it, without the empty
 * ones at the end. `style` is that of plain text. Only after an update that was true. */
void terminal_rows(const struct terminal *t, struct style style, struct rows *out);

enum { TERMINAL_BACK = 1000 };

#endif
