/*
 * Styled rows of safe text: the only thing ui/screen draws. Rows are built through rows_add, which
 * runs everything through text/safe; a struct line is a borrowed look at one of them.
 */
#ifndef TEXT_LINE_H
#define TEXT_LINE_H

#include "base/buf.h"
#include "text/style.h"

/*
 * One style, one stretch of text. `src` and `src_len` say which bytes of the source it stands for;
 * where src_len equals len offsets inside it correspond, elsewhere (tabs, marks) it is one thing.
 */
struct span {
	uint32_t off, len;
	uint32_t src, src_len;
	uint16_t cols;
	bool ascii;
	struct style style;
};

enum {
	LINE_SOFT = 1,		/* the logical line goes on in the next row */
	LINE_FILL = 2,		/* the style of the last span fills the row (code blocks) */
	LINE_GLUED = 4		/* with LINE_SOFT: no blank was left out where it was cut */
};

/* Borrowed until the rows change. Span offsets are into `text`. Never made by hand. */
struct line {
	const char *text;
	const struct span *spans;
	size_t n;
	unsigned cols;
	uint8_t flags;
};

#define LINE_NO_SRC UINT32_MAX	/* the text is weir's own, nothing to copy or search */

/* Zero-initialised is empty. The fields belong to text/line.c. At most 4 GiB of text. */
struct rows {
	struct buf text;
	struct span *spans;
	size_t nspans, cap_spans;
	struct row *rows;
	size_t n, cap_rows;
	size_t open_span;	/* first span of the row being built */
	uint32_t open_text;	/* where its text begins */
	unsigned open_cols;
	unsigned tabs;		/* the column of the open row from which tabs are counted */
};

/* A place in the row being built. */
struct rows_place {
	uint32_t span;
	uint32_t len;			/* bytes and columns of that span in front of it */
	uint32_t cols;			/* of the row in front of it */
	uint16_t span_cols;
};

void rows_done(struct rows *r);
/*
 * The bytes that all rows of `r` take, none of them open, and a copy of them in so many at `at`, aligned as
 * for a struct row: nothing can be added to it, and it is not for rows_done.
 */
size_t rows_size(const struct rows *r);
void rows_pack(struct rows *to, void *at, const struct rows *r);
void rows_clear(struct rows *r);
/* Keeps the first `n` rows; an open row is dropped. */
void rows_truncate(struct rows *r, size_t n);
size_t rows_count(const struct rows *r);
struct line rows_line(const struct rows *r, size_t i);
/* The row being built, not yet ended. */
struct line rows_open(const struct rows *r);

/*
 * Adds text to the open row. Line breaks in it become a visible mark, tabs spaces up to the next
 * multiple of 8. `src` is where it stands in the source, LINE_NO_SRC when nowhere.
 */
void rows_add(struct rows *r, struct style style, struct str text, uint32_t src);
/* weir's own words: rows_add with LINE_NO_SRC. */
void rows_say(struct rows *r, struct style style, const char *text);
void rows_printf(struct rows *r, struct style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A horizontal line. */
void rows_rule(struct rows *r, struct style style, unsigned cols);
/* Spaces up to column `col`; nothing when the row is there already. */
void rows_pad(struct rows *r, struct style style, unsigned col);
/* Appends a copy of a line of other rows, or of its columns [from, to). A wide cluster cut in half is a space. */
void rows_add_line(struct rows *r, struct line l);
void rows_add_cols(struct rows *r, struct line l, unsigned from, unsigned to);
/* The same in another style. */
void rows_add_as(struct rows *r, struct style style, struct line l, unsigned from, unsigned to);
/* Adds a line of other rows, cut wherever `width` (>= 1) ends, and ends the last row. */
void rows_wrap(struct rows *r, struct line l, unsigned width, unsigned flags);
void rows_end(struct rows *r, unsigned flags);

/*
 * Wraps text at `width` columns (>= 1) at spaces, inside words that are longer than a row, or
 * anywhere between wide characters. Several flow_add calls make one paragraph; breaks in the text
 * end the row. `first` and `next` (may be empty) stand before the first and every other row; one
 * that leaves no room for text is left out.
 */
struct flow {
	struct rows *out;
	unsigned width;
	struct line first, next;
	/* the rest belongs to text/flow.c */
	struct rows_place end, begin;	/* where to wrap: the row ends there, the next begins there */
	uint32_t fresh;			/* of the text of `out`: plain text that none of this knows of yet */
	unsigned indent;		/* columns of the prefix of the open row */
	unsigned begun;			/* and of what came into it from the row before */
	uint8_t edge;			/* what stands last in the row */
	bool any;			/* there was a row */
	bool open;			/* there is one now */
	bool can_wrap;			/* `end` and `begin` hold */
	bool text;			/* it has more than blanks */
	bool blank;			/* blanks stand last in it */
	bool full;			/* it ends here; softly when more than blanks follows */
};

void flow_init(struct flow *f, struct rows *out, unsigned width, struct line first, struct line next);
void flow_add(struct flow *f, struct style style, struct str text, uint32_t src);
void flow_break(struct flow *f);
/* Ends the last row; a paragraph without text gives one empty row. */
void flow_end(struct flow *f);

/* The text of a row as it is shown, appended to `out`: what --plain prints. */
void line_text(struct line l, struct buf *out);
/* Whether both look the same. */
bool line_eq(struct line a, struct line b);

#endif
