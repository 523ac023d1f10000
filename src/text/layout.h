/*
 * A growing text laid out at one width. The owner of the text calls layout_update before it draws;
 * what did not change is not laid out again, and what nobody looks at not at all.
 */
#ifndef TEXT_LAYOUT_H
#define TEXT_LAYOUT_H

#include "text/line.h"

enum layout_kind {
	LAYOUT_MARKDOWN,
	LAYOUT_TERMINAL,	/* tool and terminal output: SGR, CR and BS understood */
	LAYOUT_DIFF,		/* unified diff */
	LAYOUT_CODE,		/* source text; `lang` names the language, may be empty */
	LAYOUT_PLAIN		/* wrapped text, nothing interpreted */
};

struct layout;

struct layout *layout_new(enum layout_kind kind, struct str lang);
void layout_free(struct layout *l);
enum layout_kind layout_kind(const struct layout *l);

/*
 * `text` is the whole text so far, borrowed until the next update. With the same `generation` as
 * last time it begins with what it was then. `open`: more may come (markdown.md, display-only
 * hold-backs).
 */
void layout_update(struct layout *l, struct str text, unsigned generation, bool open, unsigned width);
/*
 * When layout_update should be called again although the text is the same, a time of clock_mono:
 * what was held back is due then, or an update that was put off. -1: no need.
 */
int64_t layout_due(const struct layout *l);
/*
 * Whether the last update took a part of the text only, and the next will go on: so an open text that comes
 * at once takes some frames, and not one that lasts.
 */
bool layout_behind(const struct layout *l);
/* How often the text that was laid out in parts was not that of one parse; it was put right. */
unsigned layout_mismatches(const struct layout *l);

/*
 * The text as blocks, the same at every width. One has rows as soon as they are asked for, so that a
 * long text costs what is looked at. A line is borrowed until the next update or trim.
 */
size_t layout_blocks(const struct layout *l);
size_t layout_rows(struct layout *l, size_t block);
struct line layout_row(struct layout *l, size_t block, size_t row);
/* Where the link goes whose text stands at `src` in the source of a block; false: none, or no markdown. */
bool layout_link(const struct layout *l, size_t block, uint32_t src, struct str *target);
/* Once a frame: where many blocks have rows, those that were not asked for since are given back. */
void layout_trim(struct layout *l);
/* How often a block was laid out. */
size_t layout_laid(const struct layout *l);

/* The rows of all blocks one after the other, which are all laid out for it. */
size_t layout_count(struct layout *l);
struct line layout_line(struct layout *l, size_t i);

#endif
