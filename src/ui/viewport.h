/*
 * The inside of struct transcript, for viewport, transcript, search, choose and links alone: which
 * items have rows, and where the viewport is anchored. Its law: an entry is made when it is asked for and given
 * back when it has not been on the screen for long.
 */
#ifndef UI_VIEWPORT_H
#define UI_VIEWPORT_H

#include "text/logical.h"
#include "ui/entry.h"
#include "ui/transcript.h"

/* What is kept of one item besides its rows. */
struct slot {
	struct entry *entry;	/* NULL: not laid out */
	uint64_t frame;		/* in which it was asked for last */
	bool flipped;		/* folded or shown against the default */
};

/* A row of a block of an item. */
struct place {
	size_t item, block, row;
};

/* A link that has a number while one is asked for. */
struct link_spot {
	struct place at;
	unsigned col;		/* of its text, the gutter aside */
	struct buf url;
};

static inline bool
place_eq(struct place a, struct place b)
{
	return a.item == b.item && a.block == b.block && a.row == b.row;
}

struct transcript {
	const struct session *session;
	bool ascii, read_only;
	struct slot *slots;	/* one an item */
	size_t nslots, cap_slots;
	size_t live;		/* entries there are */
	unsigned mismatches;	/* of those there were */
	size_t laid;		/* blocks of those there were */
	uint64_t first;		/* number of the first item: another one is another history */
	uint64_t frame;
	unsigned trims;		/* of the session, up to which the entries are good */

	unsigned width, height;
	struct place top;
	bool follow;
	struct place *seen;	/* what each row of the screen shows */
	size_t nseen, cap_seen;

	bool all_full;		/* nothing is folded by default */
	uint64_t selected, focus;
	bool armed;
	const struct choices *choices;	/* of the item in focus; borrowed */
	size_t known;		/* items the reader has come to, and how the last of them was */
	unsigned known_version;

	struct buf needle;	/* in small letters unless it has capitals */
	bool exact_case;
	struct place match;
	bool matched;		/* `match` is one */
	bool choosing, marked;		/* rows are chosen; from `mark` on */
	struct place cursor, mark;
	struct link_spot *links;
	size_t nlinks, cap_links;
	bool held, resume;		/* nothing moves; it followed before */

	struct rows line, work;	/* the line that is made */
	struct logical logical;
};

/* The rows of all items; the view is that of a new session. */
void viewport_forget(struct transcript *t);
/* Forgets what is kept when the session has begun anew; makes slots for new items. */
void viewport_sync(struct transcript *t);
/* The row that holds what the top row held becomes the top row at another width. */
void viewport_width(struct transcript *t, unsigned width);
/* Notes what each row of the screen shows. */
void viewport_list(struct transcript *t);
/* At the end of a frame: gives back what was not looked at for long. */
void viewport_evict(struct transcript *t);
/* The rows of item i as it is now. */
struct entry *viewport_entry(struct transcript *t, size_t i);
/* The place itself, further on where its block has fewer rows, at the latest at the end of its item. */
struct place viewport_row(struct transcript *t, struct place p);
/* Behind the last row. */
struct place viewport_end(const struct transcript *t);
/* The place `rows` rows above one, or the top. */
struct place viewport_above(struct transcript *t, struct place p, size_t rows);
/* The place `rows` rows below one, or the end; *left gets the rows that were missing. */
struct place viewport_below(struct transcript *t, struct place p, size_t rows, size_t *left);
/* Makes the row the first on the screen; what lies below the end is pulled down. */
void viewport_anchor(struct transcript *t, struct place top);
/* Stops following while something on the screen is pointed at; release goes on. */
void viewport_hold(struct transcript *t);
void viewport_release(struct transcript *t);
/* The index of an item by its number, or of the first one after it. */
size_t viewport_find(const struct transcript *t, uint64_t number);
/* Whether the row is on the screen. */
bool viewport_shows(const struct transcript *t, struct place p);

/* Adds `line`, the row `p` of an entry, to the open row of t->line with all matches marked. */
void search_mark(struct transcript *t, const struct entry *e, struct place p, struct line line);

/* Whether a row is chosen, and to mark it as such. */
bool choose_has(const struct transcript *t, struct place p);
void choose_mark(struct transcript *t, struct line line);

/* Whether a link on the row has a number, and to write the numbers over the row. */
bool links_number(const struct transcript *t, struct place p);
void links_mark(struct transcript *t, const struct entry *e, struct place p, struct line line);
void links_done(struct transcript *t);

#endif
