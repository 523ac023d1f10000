/*
 * Markdown as flat operations, one run of them per top-level block. An operation names its text by
 * offset into the source, which only grows: two blocks are the same exactly when their operations
 * are, byte for byte, so a reader keeps what it made of a block until the block differs.
 */
#ifndef TEXT_MARKDOWN_H
#define TEXT_MARKDOWN_H

#include "base/buf.h"
#include "text/chain.h"
#include "text/guard.h"

enum md_kind {
	/* blocks */
	MD_PARAGRAPH,
	MD_HEADING,		/* arg: level */
	MD_QUOTE,
	MD_LIST,		/* arg: enum md_list; at: number of the first item */
	MD_ITEM,		/* arg: enum md_task */
	MD_CODE_BLOCK,		/* text: the language; arg: the character of its fence, or 0 */
	MD_HTML_BLOCK,
	MD_RULE,
	MD_TABLE,		/* arg: columns */
	MD_ROW,			/* arg: 1 in the head */
	MD_CELL,		/* arg: enum md_align */
	/* spans */
	MD_EMPHASIS,
	MD_STRONG,
	MD_STRIKE,
	MD_CODE,
	MD_LINK,		/* text: the destination */
	MD_IMAGE,		/* text: the source of the picture */
	/* leaves; in code and HTML blocks line ends are in the text */
	MD_TEXT,
	MD_HTML,
	MD_SOFT_BREAK,
	MD_HARD_BREAK,
	MD_NOTE			/* weir did not interpret this block: too costly */
};

enum md_list { MD_BULLETS = 0, MD_ORDERED = 1, MD_LOOSE = 2 };
enum md_task { MD_NO_TASK, MD_TASK_OPEN, MD_TASK_DONE };
enum md_align { MD_LEFT, MD_CENTRE, MD_RIGHT };

enum {
	MD_CLOSE = 1,		/* ends what the same kind opened */
	MD_MADE = 2		/* the text is not in the source as it is shown */
};

struct md_op {
	uint8_t kind, flags;
	uint16_t arg;
	uint32_t src;		/* where it stands in the source */
	uint32_t at, len;	/* its text: in the source, or in what was made for the block */
};

struct md_block {
	uint32_t op, nops;	/* its operations; the first opens the block, the last closes it */
	uint32_t made, nmade;	/* its part of the made text */
	uint32_t src;		/* about where it begins in the source */
};

struct md_doc {
	struct md_op *ops;
	struct md_block *blocks;
	size_t n, nops, cap, cap_ops;
	struct buf made;
};

/* What the block is in at a place from which on it can be parsed alone. */
enum md_leaf {
	MD_BETWEEN,		/* leaves: one begins there, or an item */
	MD_IN_TEXT,		/* of a paragraph */
	MD_IN_CODE,		/* in a container */
	MD_IN_TABLE
};

/*
 * A place in a block that is open from which on it can be parsed alone: behind a stub that brings the
 * parser into the state it has there. The operations before it stay what they are.
 */
struct md_seam {
	size_t at;		/* in the source */
	uint32_t nops, nmade;	/* of the block before it */
	uint32_t last;		/* length of the last operation: text that may go on behind it */
	uint32_t end;		/* of the text before it */
	bool noted;		/* there is an MD_NOTE before it */
	bool lines;		/* MD_IN_TEXT: there is more than one */
	enum md_leaf leaf;
	uint32_t leaf_op;	/* where the leaf begins */
	uint32_t fence, indent;	/* MD_IN_CODE: length of its fence, columns in front of that */
	struct chain chain;
	struct guard_state guard;
	struct buf stub;
};

void md_doc_done(struct md_doc *d);
/* Empties it and keeps the memory. */
void md_doc_clear(struct md_doc *d);
/* Appends a block of source[from..to) as it is, with a note. */
void md_doc_add_plain(struct md_doc *d, size_t from, size_t to);
/* Keeps the first `n` blocks. */
void md_doc_truncate(struct md_doc *d, size_t n);
/* Keeps what stands before the seam: the first block, not ended. */
void md_doc_cut(struct md_doc *d, const struct md_seam *seam);
/* Appends copies of all blocks of another; of its first what stands behind the seam, if there is one. */
void md_doc_append(struct md_doc *d, const struct md_doc *from, const struct md_seam *seam);

/* What is parsed, and what came out of it besides blocks. */
struct md_run {
	struct str source;
	size_t from, to;	/* the part to parse */
	struct str tail;	/* parsed behind it and never shown */
	struct guard_state guard; /* in: what was before; out: what is at the end */
	uint64_t spent;		/* out: see text/guard */
	const struct md_seam *seam; /* it goes on with the last block there is, behind that */
	uint32_t end;		/* out: of the text, the tail not included */
	bool definitions;	/* out: there may be link definitions in it */
	bool clean;		/* out: the tail became a paragraph of its own */
	bool torn;		/* out: the seam does not hold, what was appended is of no use */
};

enum { MD_PARSE_MAX = 4 << 20 };	/* bytes of one run; the rest becomes a block of plain text with a note */

/* Appends blocks. Any bytes are fine. */
void md_doc_parse(struct md_doc *d, struct md_run *run);
bool md_block_eq(const struct md_doc *a, size_t i, const struct md_doc *b, size_t j);
/*
 * How many operations are the same in the i-th block of `a` from the `skip`-th on and at the start of the
 * j-th of `b`, which has of the made text what stands behind `made` bytes.
 */
size_t md_block_common(const struct md_doc *a, size_t i, size_t skip, const struct md_doc *b, size_t j,
    size_t made);

static inline bool
md_is_container(const struct md_op *op)
{
	return op->kind == MD_QUOTE || op->kind == MD_LIST || op->kind == MD_ITEM;
}

/* Spans, and what stands in them. */
static inline bool
md_is_inline(const struct md_op *op)
{
	return op->kind > MD_CELL;
}

static inline bool
md_is_op(const struct md_op *op, enum md_kind kind, unsigned flags)
{
	return op->kind == kind && op->flags == flags;
}

/* One block to walk. */
struct md_view {
	const struct md_op *op;
	size_t n;
	struct str made;
	struct str source;
};

/* Which of two documents, one behind the other, has the i-th of all their blocks, and where in it. */
const struct md_doc *md_doc_of(const struct md_doc *first, const struct md_doc *then, size_t i, size_t *at);
struct md_view md_view(const struct md_doc *d, size_t i, struct str source);
static inline struct str
md_text(const struct md_view *v, const struct md_op *op)
{
	return str_head(str_skip(op->flags & MD_MADE ? v->made : v->source, op->at), op->len);
}

/* The destination of the link or picture whose text stands at `src`; false when there is none. */
bool md_link_at(const struct md_view *v, uint32_t src, struct str *target);

#endif
