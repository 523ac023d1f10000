/*
 * The one way from untrusted text to the terminal. It works on code points, last of all: after
 * JSON, entities, markdown and URL decoding. What comes out of it has no control, no bidi control,
 * no invisible and no unassigned character, and every cluster has the width base/width says in
 * every terminal. text/line keeps what it gives; nothing else can make a struct line.
 */
#ifndef TEXT_SAFE_H
#define TEXT_SAFE_H

#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

enum safe_kind {
	SAFE_TEXT,	/* clusters that may be drawn as they are */
	SAFE_MARK,	/* a visible mark for what may not: drawn in ROLE_MARK */
	SAFE_BREAK,	/* LF or CRLF */
	SAFE_TAB,
	SAFE_HIDDEN	/* `hidden` characters that show nothing were left out here; a mark too */
};

enum { SAFE_PLAIN = 3 };	/* bytes a column, at most, of a character that is a cluster */

/* `text` lives until the next call; `src`, `src_len` say which source bytes it stands for. */
struct safe_piece {
	enum safe_kind kind;
	struct str text;
	unsigned cols;		/* of `text` */
	bool ascii;		/* text is 0x20..0x7E only: one column a byte */
	bool wide;		/* clusters of two columns only */
	unsigned hidden;
	size_t src, src_len;
};

/*
 * Reads `source` piece by piece. With `more`, an end that later bytes could still change (partial
 * UTF-8, an open cluster, a CR) is left unread; `at` says how far it came, and feeding the rest
 * behind it gives what one call on the whole would have given.
 */
struct safe {
	struct str source;
	size_t at;
	bool more;
	unsigned left_out;	/* by the last piece, to be told by the next */
	char made[192];		/* a cluster or mark that had to be composed */
};

void safe_init(struct safe *s, struct str source, bool more);
/*
 * The short way for what most text is. Copies the ASCII at the start of a whole text that safe_next would
 * give first, at most `most` bytes of it, and returns how much; `to` has room for 8 bytes more than that.
 */
size_t safe_copy_ascii(char *to, struct str text, size_t most);
/* safe_copy_plain behind the ASCII it begins with. */
size_t safe_copy_more(char *to, struct str text, size_t ascii, unsigned most, unsigned *cols);

/*
 * The same with all other characters that are a cluster each, of one column or two (width_alone), up to `most`
 * columns; *cols gets theirs, and `to` has room for SAFE_PLAIN bytes for each and 8 more.
 */
static inline size_t
safe_copy_plain(char *to, struct str text, unsigned most, unsigned *cols)
{
	size_t n = utf8_copy_ascii(to, str_head(text, most));

	*cols = (unsigned)n;
	return n == text.n || (unsigned char)text.p[n] < 0x80 ? n : safe_copy_more(to, text, n, most, cols);
}

/* The columns of the first character that would copy, 0 when it is none of those. */
unsigned safe_begins_plain(struct str text);
/* False when nothing (more) can be read. */
bool safe_next(struct safe *s, struct safe_piece *piece);

/*
 * Appends the safe text of one line to `out`: breaks and tabs become one space. For plain output
 * and names; free of escape sequences by construction.
 */
void safe_add(struct buf *out, struct str source);

#endif
