/*
 * Styled rows of safe text: the only thing ui/screen draws. Rows are built through rows_add, which
 * runs everything through text/safe; a struct line is a borrowed look at one of them.
 */
#ifndef TEXT_LINE_H
#define TEXT_LINE_H

#include "base/buf.h"
#include "text/style.h"

/* One style, one stretch of text. `src` is the offset of its first byte in the source text. */
struct span {
	uint32_t off, len;
	uint32_t src, src_len;
	uint16_t cols;
	bool ascii;
	struct style style;
};

enum {
	LINE_SOFT = 1,		/* the logical line goes on in the next row */
	LINE_FILL = 2		/* the style of the last span fills the row (code blocks) */
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

/* Zero-initialised is empty. The fields belong to text/line.c. */
struct rows {
	struct buf text;
	struct span *spans;
	size_t nspans, cap_spans;
	struct row *rows;
	size_t n, cap_rows;
	size_t open_span;	/* first span of the row being built */
	unsigned open_cols;
};

void rows_done(struct rows *r);
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
/* Spaces up to column `col`; nothing when the row is there already. */
void rows_pad(struct rows *r, struct style style, unsigned col);
/* Appends a copy of a line, or of its columns [from, to). A wide cluster cut in half is a space. */
void rows_add_line(struct rows *r, struct line l);
void rows_add_cols(struct rows *r, struct line l, unsigned from, unsigned to);
void rows_end(struct rows *r, unsigned flags);

/*
 * Wraps text at `width` columns (>= 1) at spaces, inside words that are longer than a row, or
 * anywhere between wide characters. Several flow_add calls make one paragraph; breaks in the text
 * end the row. `first` and `next` (may be empty) stand before the first and every other row.
 */
struct flow {
	struct rows *out;
	unsigned width;
	struct line first, next;
	/* the rest belongs to text/line.c */
	struct rows word;
	bool started, pending_space;
	struct style space_style;
	uint32_t space_src;
};

void flow_init(struct flow *f, struct rows *out, unsigned width, struct line first, struct line next);
void flow_add(struct flow *f, struct style style, struct str text, uint32_t src);
void flow_break(struct flow *f);
/* Ends the last row; a paragraph without text gives one empty row. */
void flow_end(struct flow *f);

/* The text of a row as it is shown, appended to `out`: what --plain prints. */
void line_text(struct line l, struct buf *out);
bool line_eq(struct line a, struct line b);

#endif
