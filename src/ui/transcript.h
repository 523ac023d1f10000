/*
 * A session as rows. The viewport is an anchor (item, row) and only what is near it is laid out, so
 * the length of a session costs nothing; what is being read never moves. Call transcript_frame once
 * before taking the rows of a frame.
 */
#ifndef UI_TRANSCRIPT_H
#define UI_TRANSCRIPT_H

#include "model/session.h"
#include "text/line.h"

struct transcript;
struct choices;

/* `ascii`: no character outside ASCII of weir's own; `read_only`: nothing can be answered here. */
struct transcript *transcript_new(bool ascii, bool read_only);
void transcript_free(struct transcript *t);
/* Borrowed; another one begins at its end, followed. */
void transcript_session(struct transcript *t, const struct session *s);

/* Brings the viewport up to date: the rows 0 to height - 1 are what to draw. */
void transcript_frame(struct transcript *t, unsigned width, unsigned height);
/* When the rows change by themselves (clock_mono), INT64_MAX for never. */
int64_t transcript_due(const struct transcript *t);
/* Of all layouts so far, see layout_mismatches. */
unsigned transcript_mismatches(const struct transcript *t);
/* How often a block of an item was laid out so far, see layout_laid. */
size_t transcript_laid(const struct transcript *t);
/* Borrowed until the next transcript_line; empty below the end. */
struct line transcript_line(struct transcript *t, unsigned y);

bool transcript_follows(const struct transcript *t);
/* Items that came or grew since it was left; 0 while following. */
size_t transcript_unseen(const struct transcript *t);
/* 0 to 100, of the items. */
unsigned transcript_percent(const struct transcript *t);

/* All take effect with the next frame. */
void transcript_scroll(struct transcript *t, long rows);
void transcript_top(struct transcript *t);
void transcript_follow(struct transcript *t);
enum transcript_stop { STOP_ITEM, STOP_TURN, STOP_ALERT };
/* To the next (1) or previous (-1) item, message of the user, or error or approval; false: none. */
bool transcript_go(struct transcript *t, enum transcript_stop stop, int direction);
/* So that the whole item can be seen, if it fits, or else its beginning, or its end. */
void transcript_show(struct transcript *t, uint64_t number);
void transcript_show_end(struct transcript *t, uint64_t number);

/* Shows the selected or else the last foldable item on screen in full, or folds it again. */
bool transcript_fold(struct transcript *t);
void transcript_fold_all(struct transcript *t);
void transcript_unfold(struct transcript *t, uint64_t number);

/*
 * Goes to the next row (direction 1: down, -1: up) that holds `needle`; without capitals in it case
 * does not matter. Matches stay marked until an empty search. False: not found.
 */
bool transcript_search(struct transcript *t, struct str needle, int direction);
/* Whether the last row of the item is on the screen. */
bool transcript_ends(const struct transcript *t, uint64_t number);
/* The number of the selected item as long as some of it is on the screen, 0 for none. */
uint64_t transcript_pointed(const struct transcript *t);
/* The ask item with the keys, 0 for none: drawn as such. `armed`: answers count now. `choices` are
 * borrowed, NULL for none. The end is not followed meanwhile, and again afterwards if it was. */
void transcript_focus(struct transcript *t, uint64_t number, bool armed,
    const struct choices *choices);

/* The selected item, or the last on screen, counted from 1; 0: there is none. */
size_t transcript_current(const struct transcript *t);
/* The text of the selected item, or the last on screen, as a copy takes it. */
struct str transcript_selected(const struct transcript *t);
/* The id of the session it began, empty for none; without a selected item of the last on screen that did. */
struct str transcript_began(const struct transcript *t);

/*
 * Choosing rows to copy: a cursor, at first on the match, the selected item or the last row, and a
 * mark from which on rows are chosen. Nothing is followed meanwhile. False: there is nothing.
 */
bool transcript_choose(struct transcript *t);
void transcript_choose_move(struct transcript *t, long rows);
void transcript_choose_edge(struct transcript *t, bool end);
/* Sets the mark, or takes it away again. */
void transcript_choose_mark(struct transcript *t);
void transcript_choose_end(struct transcript *t);
/* Appends the text of the chosen rows as it is shown: wraps joined, no decoration. */
void transcript_chosen(struct transcript *t, struct buf *out);

/* Gives the links on the screen numbers from 1 on; returns how many, at most 99. */
size_t transcript_links(struct transcript *t);
/* As it is handed to a browser, see link_url; empty when no link has the number. */
struct str transcript_link(const struct transcript *t, size_t number);
void transcript_links_end(struct transcript *t);

#endif
