/*
 * One item of the transcript as rows at a width. It keeps what it made and makes it anew only when
 * the item, the width or the look asked for have changed. Column 0 and 1 of every row are weir's
 * own: nothing an agent says can stand there, so nothing it says looks like a question of weir.
 */
#ifndef UI_ENTRY_H
#define UI_ENTRY_H

#include "model/item.h"
#include "text/layout.h"

/* What decides how an item looks besides itself. */
struct entry_look {
	unsigned width;
	bool ascii;
	bool full;		/* not folded */
	bool gap;		/* an empty row in front */
	bool named;		/* says who speaks */
	bool focused, armed;	/* a question that has the keys; that takes answers now */
};

#define ENTRY_NOWHERE UINT64_MAX

enum { ENTRY_SECTIONS = 8, ENTRY_LAYOUTS = 3 };

/* What stands in the first two columns of a section. */
enum gutter { GUTTER_OWN, GUTTER_BLANK, GUTTER_USER, GUTTER_REASON, GUTTER_TOOL, GUTTER_ASK,
	GUTTER_EXACT };

/* Rows from `from` on of a layout, or of `said` when that is NULL. */
struct section {
	struct layout *layout;
	size_t from, n;
	enum gutter gutter;
};

struct entry {
	uint64_t number;
	unsigned version;
	enum item_kind kind;
	struct entry_look look;
	struct rows said;		/* weir's own words and short texts */
	struct layout *layouts[ENTRY_LAYOUTS];
	bool tail[ENTRY_LAYOUTS];	/* holds the end of a text only */
	size_t claimed;			/* of `said`, in sections */
	struct section sections[ENTRY_SECTIONS];
	size_t nsections, count;
};

/* Zero-initialised is empty. */
void entry_done(struct entry *e);
/* True when it was made anew. */
bool entry_update(struct entry *e, const struct item *it, const struct entry_look *look);
/* When it should be asked to update although nothing changed (clock_mono), INT64_MAX for never. */
int64_t entry_due(const struct entry *e);
/* See layout_mismatches. */
unsigned entry_mismatches(const struct entry *e);
/* Adds row i < count to the open row of `out`. */
void entry_line(const struct entry *e, size_t i, struct rows *out);
/* Its LINE_ flags. */
unsigned entry_flags(const struct entry *e, size_t i);
/*
 * Where row i stands in its item, the same at any width and ascending; ENTRY_NOWHERE for weir's own
 * words.
 */
uint64_t entry_place(const struct entry *e, size_t i);

/* Whether it is shorter when folded. */
bool entry_folds(const struct item *it);
/* A single row without distance to others of its sort. */
bool entry_is_small(const struct item *it);

/*
 * Text that is to be judged, character by character: what is no plain printable text is written
 * as \xNN in ROLE_MARK, line breaks too, blanks at the end of a line as well. Rows of at most
 * `width` columns; at most `max` of them, the last then says how many characters are hidden.
 */
void entry_exact(struct rows *out, struct str text, unsigned width, size_t max);

/* For entry_kinds.c: fills the sections. */
void entry_build(struct entry *e, const struct item *it);

#endif
