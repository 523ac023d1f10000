/*
 * What text means, not how it looks: a role from a closed list plus attributes. ui/screen turns it
 * into terminal attributes by the theme in force.
 */
#ifndef TEXT_STYLE_H
#define TEXT_STYLE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* role_name (text/theme.h) gives the names themes use. */
enum role {
	ROLE_TEXT,
	ROLE_DIM,
	ROLE_MARK,		/* stands for something that must not be drawn: ^[, <9B>, ‹3 hidden› */
	ROLE_HEADING,
	ROLE_CODE,		/* inline code */
	ROLE_BLOCK,		/* code block: has a background */
	ROLE_QUOTE,		/* the bar of a block quote */
	ROLE_BULLET,
	ROLE_RULE,		/* rules, table borders */
	ROLE_LINK,
	ROLE_HOST,		/* the host behind a link */
	ROLE_WARN,
	ROLE_ERROR,
	ROLE_OK,
	ROLE_USER,
	ROLE_AGENT,
	ROLE_REASON,
	ROLE_TOOL,
	ROLE_ASK,
	ROLE_TERMINAL,
	ROLE_NOTE,
	ROLE_ADD,
	ROLE_DEL,
	ROLE_ADD_WORD,
	ROLE_DEL_WORD,
	ROLE_HUNK,
	ROLE_LINENO,
	ROLE_KEYWORD,
	ROLE_STRING,
	ROLE_COMMENT,
	ROLE_NUMBER,
	ROLE_TYPE,
	ROLE_FUNCTION,
	ROLE_STATUS,
	ROLE_STATUS_LIVE,
	ROLE_STATUS_WAIT,
	ROLE_STATUS_BAD,
	ROLE_BORDER,
	ROLE_PROMPT,
	ROLE_INPUT,
	ROLE_PENDING,
	ROLE_SELECTION,
	ROLE_MATCH,
	ROLE_COUNT
};

/* So many bytes of a text in one role; others stand before and behind it. */
struct role_run {
	uint32_t n;
	enum role role;
};

enum {
	ATTR_BOLD = 1,
	ATTR_ITALIC = 2,
	ATTR_UNDERLINE = 4,
	ATTR_STRIKE = 8,
	ATTR_REVERSE = 16,
	ATTR_DIM = 32
};

/*
 * `fg`, `bg`: 0 is the role's own colour, 1 to 256 the terminal's palette + 1 (from SGR only). `none` is 0: it
 * makes a style one word, which is passed and compared as such.
 */
struct style {
	uint8_t role, attr;
	uint16_t fg, bg, none;
};

#define STYLE(r) ((struct style){ .role = (r) })
#define STYLE_WITH(r, a) ((struct style){ .role = (r), .attr = (a) })

/* The same of what is not constant, as one word: what is written byte by byte is slow to be read as a whole. */
static inline struct style
style_make(enum role role, unsigned attr)
{
	struct style s;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t w = (uint64_t)role | (uint64_t)attr << 8;
#else
	uint64_t w = (uint64_t)role << 56 | (uint64_t)attr << 48;
#endif

	memcpy(&s, &w, sizeof s);
	return s;
}

static inline bool
style_eq(struct style a, struct style b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

#endif
