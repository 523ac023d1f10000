/* What entry_kinds.c and entry_ask.c build an entry of; for them alone. */
#ifndef UI_ENTRY_PARTS_H
#define UI_ENTRY_PARTS_H

#include "ui/entry.h"

/* Columns there are behind the gutter. */
unsigned part_width(const struct entry *e);
const char *part_pick(const struct entry *e, const char *glyph, const char *ascii);

/* The rows said since the last section become one. */
void part_end(struct entry *e, enum gutter gutter);
/* All of a text of the item, laid out in layout `i`. */
void part_text(struct entry *e, size_t i, enum layout_kind kind, const struct item *it,
    const struct buf *text, enum gutter gutter);
/* A paragraph of weir's words or of a short text, content wide. */
void part_paragraph(struct entry *e, struct style style, struct str text, enum gutter gutter);
void part_error(struct entry *e, const struct item *it, enum gutter gutter);
/* The first row: what it is on the left, how it stands on the right. */
void part_head(struct entry *e, struct line left, struct line right);
/* A text, if there is one, behind some words. */
void part_with(struct buf *words, const char *before, const struct buf *text);

/* A question or an approval. */
void part_ask(struct entry *e, const struct item *it);

#endif
