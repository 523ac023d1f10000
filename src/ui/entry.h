/*
 * One item of the transcript as rows at a width, in blocks that have rows when they are asked for, so
 * that only what is looked at is laid out. It keeps what it made and makes it anew only when
 * the item, the width or the look asked for have changed. Column 0 and 1 of every row are weir's
 * own: nothing an agent says can stand there, so nothing it says looks like a question of weir.
 */
#ifndef UI_ENTRY_H
#define UI_ENTRY_H

#include "model/item.h"
#include "text/layout.h"

struct choices;

/* What decides how an item looks besides itself. */
struct entry_look {
	unsigned width;
	bool ascii;
	bool full;		/* not folded */
	bool gap;		/* an empty row in front */
	bool named;		/* says who speaks */
	bool read_only;		/* nobody answers here */
	bool focused, armed;	/* a question that has the keys; that takes answers now */
	const struct choices *choices;	/* what is taken of its choices; NULL unless focused */
	unsigned choices_version;
};

enum { ENTRY_SECTIONS = 10, ENTRY_LAYOUTS = 3 };

/* What stands in the first two columns of a section. */
enum gutter { GUTTER_OWN, GUTTER_BLANK, GUTTER_USER, GUTTER_REASON, GUTTER_TOOL, GUTTER_ASK,
	GUTTER_EXACT };

/*
 * Blocks of an entry: those of a layout, or one of `n` rows from `from` on, of a layout or, when that
 * is NULL, of `said`.
 */
struct section {
	struct layout *layout;
	bool whole;
	size_t from, n;
	enum gutter gutter;
	size_t first;			/* its first block in the entry */
};

/* A place in an item that is there at every width: a block, and where in its text. */
struct entry_spot {
	size_t section, block;
	uint32_t src;
};

struct entry {
	uint64_t number;
	unsigned version;
	enum item_kind kind;
	struct entry_look look;
	struct rows said;		/* weir's own words and short texts */
	struct layout *layouts[ENTRY_LAYOUTS];
	bool tail[ENTRY_LAYOUTS];	/* holds the end of a text only */
	struct terminal *terminal;	/* reads along output, draws it if the cursor moves */
	size_t claimed;			/* of `said`, in sections */
	struct section sections[ENTRY_SECTIONS];
	size_t nsections, blocks;
};

/* Zero-initialised is empty. */
void entry_done(struct entry *e);
/* True when it was made anew. */
bool entry_update(struct entry *e, const struct item *it, const struct entry_look *look);
/* When it should be asked to update although nothing changed (clock_mono), INT64_MAX for never. */
int64_t entry_due(const struct entry *e);
/* See layout_mismatches. */
unsigned entry_mismatches(const struct entry *e);
size_t entry_blocks(const struct entry *e);
/* Lays the block out when it must be. */
size_t entry_rows(const struct entry *e, size_t block);
/* As they are, without a gutter; borrowed. */
struct line entry_content(const struct entry *e, size_t block, size_t row);
/* Adds a row to the open row of `out`. */
void entry_line(const struct entry *e, size_t block, size_t row, struct rows *out);
/* How many rows it has, or some number above `most`. */
size_t entry_count(const struct entry *e, size_t most);
/* Where a row stands, and the row that holds what stood there, at another width. */
struct entry_spot entry_spot(const struct entry *e, size_t block, size_t row);
void entry_find(const struct entry *e, struct entry_spot spot, size_t *block, size_t *row);
/* See layout_link. */
bool entry_is_markdown(const struct entry *e, size_t block);
bool entry_link(const struct entry *e, size_t block, uint32_t src, struct str *target);
/* See layout_trim. */
void entry_trim(struct entry *e);
/* Blocks laid out so far. */
size_t entry_laid(const struct entry *e);

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

/*
 * A diff: what is shown of it folded, `max` rows about its first change (a block of a listing has
 * more than a fold shows), and its numbers of lines.
 */
void entry_fold_diff(struct section *s, size_t max);
void entry_count_diff(struct str text, struct rows *out);

/* For entry_kinds.c: fills the sections. */
void entry_build(struct entry *e, const struct item *it);

#endif
