/*
 * Highlighting of source text, a line at a time. All that is remembered between lines is one small
 * number, so a line can be done again alone; any bytes in any language give runs that make up the
 * line.
 */
#ifndef TEXT_CODE_H
#define TEXT_CODE_H

#include "base/str.h"
#include "text/style.h"

struct code_lang;

/* By the name behind a fence or the ending of a file name; NULL when it is not known. */
const struct code_lang *code_find(struct str name);

/*
 * The next runs of the line, one behind the other; none is empty. ROLE_TEXT is what is nothing special. They are
 * borrowed for the call, which may change them.
 */
typedef void code_runs(void *user, struct role_run *runs, size_t n);

/* Reads a line without its end; `state` is 0 or what the line before returned. */
unsigned code_line(const struct code_lang *lang, unsigned state, struct str line, code_runs *put,
    void *user);

#endif
