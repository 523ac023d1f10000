/*
 * A run of text while md4c reads it: where the text stands that it hands over, and how operations are
 * appended. Used by text/markdown.c alone.
 */
#ifndef TEXT_PARSE_H
#define TEXT_PARSE_H

#include "text/markdown.h"

/* In code and HTML blocks line ends are text, and md4c makes indentations up. */
enum raw {
	RAW_NO,
	RAW_PIECES,		/* as md4c gives it */
	RAW_FIRST,		/* at the top level: nothing from the source came yet */
	RAW_EXACT		/* the text is one piece of the source */
};

struct parse {
	struct md_doc *doc;
	const struct md_run *run;
	struct guard guard;
	struct str source, text; /* the source in what the parser is given, and with the tail */
	unsigned depth;
	enum raw raw;
	size_t blank_lines;	/* RAW_FIRST: that came so far */
	bool noted;
	bool joined;		/* the first block has begun, which goes on with one before it */
	size_t plain;		/* first range of the input behind what was seen */
	uint32_t end;		/* source offset behind the last text of the block, 0 before it */
	uint32_t behind;	/* that of the block before */
	size_t row;		/* ops behind the last cell that is not empty */
};

/* The operation is borrowed until the next one is added. */
struct md_op *parse_add(struct parse *p, enum md_kind kind, unsigned arg);
void parse_close(struct parse *p, enum md_kind kind);

static inline struct md_block *
parse_block(const struct parse *p)
{
	return &p->doc->blocks[p->doc->n - 1];
}

/* Is this slice a part of that of the input? Then *at is its offset in the source. */
static inline bool
parse_stands_in(const struct parse *p, struct str whole, struct str s, uint32_t *at)
{
	uintptr_t offset = (uintptr_t)s.p - (uintptr_t)whole.p;

	*at = (uint32_t)(p->run->from + offset);
	return offset <= whole.n && s.n <= whole.n - offset;
}

/* How much of a slice stands in the source, not in the tail. */
size_t parse_shown(const struct parse *p, size_t at, size_t n);

/* Everything that is appended to the made text between these two is the text of the operation. */
uint32_t parse_made_at(const struct parse *p);
void parse_made_end(struct parse *p, struct md_op *op, uint32_t at);
/* Text that is not in the source as it is shown, or an entity. */
void parse_add_made(struct parse *p, enum md_kind kind, struct str text, bool entity);

/* The slow half of parse_add_text: sees to what may have to come first. */
void parse_begin_text(struct parse *p, enum md_kind kind, uint32_t at, uint32_t len);

/* Text as it stands in the source, one byte at least: grows the operation before when it goes on there. */
static inline void
parse_add_text(struct parse *p, enum md_kind kind, uint32_t at, uint32_t len)
{
	struct md_doc *d = p->doc;
	struct md_op *last = &d->ops[d->nops - 1];

	if (last->at + last->len == at && md_is_op(last, kind, 0)) {
		last->len += len;
		p->end = at + len;
	} else if (p->end == 0 || p->plain < p->guard.n || d->nops == d->cap_ops) {
		parse_begin_text(p, kind, at, len);
	} else {
		d->ops[d->nops++] = (struct md_op){ .kind = (uint8_t)kind, .src = at, .at = at, .len = len };
		p->end = at + len;
	}
}

/* The same of what may be empty or reach into the tail. */
void parse_add_source(struct parse *p, enum md_kind kind, uint32_t at, size_t n);

#endif
