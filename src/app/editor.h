/* The user's own editor on a draft: $VISUAL or $EDITOR on a private file, without a shell. */
#ifndef APP_EDITOR_H
#define APP_EDITOR_H

#include "base/buf.h"
#include "base/err.h"

/* The terminal must have been given back. On an error `text` is as it was. */
enum err editor_run(struct buf *text, struct error *e);

#endif
