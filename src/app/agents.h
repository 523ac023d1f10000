/* Who works in a session, each below the one that began it, as a page of text. */
#ifndef APP_AGENTS_H
#define APP_AGENTS_H

#include "model/session.h"

/* Agents, and sessions that agents began. Untrusted bytes, as they came. */
void agents_page(const struct session *s, struct buf *out);

#endif
