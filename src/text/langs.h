/*
 * What text/code knows about each language: data only. Words are sorted by their bytes.
 */
#ifndef TEXT_LANGS_H
#define TEXT_LANGS_H

#include <stddef.h>

#include "text/style.h"

struct code_word {
	char text[15];
	uint8_t role;
};

enum {
	QUOTE_ESCAPES = 1,	/* a backslash takes the next byte with it */
	QUOTE_LINES = 2,	/* may go on in the next line */
	QUOTE_NESTS = 4,
	QUOTE_AT_START = 8,	/* opens and closes only at the start of a line */
	QUOTE_CHARACTER = 16	/* one character, else the mark is something else */
};

/* From one mark to another: comments and strings. */
struct code_quote {
	char open[8], close[8];
	uint8_t role, flags;
};

/* What a byte may be in the words of a language. */
enum {
	BYTE_BLANK = 1,
	BYTE_DIGIT = 2,
	BYTE_LETTER = 4,
	BYTE_FIRST = 8,		/* of a name */
	BYTE_NAME = 16,
	BYTE_MARK = 32		/* something else than a name or a number may begin with it */
};

enum code_kind { CODE_WORDS, CODE_TAGS, CODE_DIFF, CODE_MARKDOWN };

enum {
	CODE_NO_CASE = 1,	/* words in any case */
	CODE_HASH = 2,		/* # at the start of a line is a directive */
	CODE_AT = 4,		/* @name */
	CODE_DOLLAR = 8,	/* $name, ${...}, $(...) */
	CODE_CALLS = 16,	/* name( */
	CODE_COLON_KEYS = 32,	/* name: */
	CODE_EQUAL_KEYS = 64,	/* name = */
	CODE_SECTIONS = 128,	/* a line [name] */
	CODE_SPACE_COMMENT = 256, /* a comment begins only behind a blank */
	CODE_NAMED_QUOTES = 512	/* a quote may begin like a name: R"( */
};

enum { CODE_QUOTES = 7 };

struct code_lang {
	char names[48];		/* of fences and file endings, between spaces */
	const struct code_word *words;
	size_t nwords;
	char comment[2][4];	/* to the end of the line */
	struct code_quote quotes[CODE_QUOTES];
	uint16_t flags;
	uint8_t kind;
	uint8_t bytes[256];
};

extern const struct code_lang code_langs[];
extern const size_t code_nlangs;

#endif
