/*
 * Styled rows as bytes for a terminal or a file of one: text with SGR sequences, by a theme and not
 * by a terminal type, so that the same rows give the same bytes everywhere. What a program draws on
 * its own terminal goes through ui/screen instead.
 */
#ifndef TEXT_PAINT_H
#define TEXT_PAINT_H

#include "text/line.h"
#include "text/theme.h"

/* Appends the line; it begins and ends with the terminal's default style. */
void paint_line(const struct theme *t, enum depth depth, struct line line, struct buf *out);

#endif
