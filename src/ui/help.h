/* The keys that work, as text for a page: made from the table of commands and the bindings. */
#ifndef UI_HELP_H
#define UI_HELP_H

#include "ui/command.h"

/* The keys of `mode` first, then those of the others. */
void help_text(const struct bindings *b, unsigned mode, struct buf *out);

#endif
