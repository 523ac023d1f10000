/* Opening an address in the browser of the person in front of weir, who was asked and saw it. */
#ifndef APP_BROWSER_H
#define APP_BROWSER_H

#include "base/err.h"
#include "base/str.h"

/*
 * Runs `program` with `url`, as text/link makes it, as its only argument; no shell, and nothing of
 * weir's: no descriptors, no signals blocked. Does not wait for it.
 */
enum err browser_open(const char *program, struct str url, struct error *e);

#endif
