/*
 * Character references of HTML and markdown. What they give is untrusted text like any other: a
 * reference may spell a control character.
 */
#ifndef TEXT_ENTITY_H
#define TEXT_ENTITY_H

#include "base/buf.h"

/*
 * Appends what "&name;", "&#10;" or "&#xA;" stands for; one that is not known is appended as it is.
 * 0, surrogates and numbers over 10FFFF give U+FFFD.
 */
void entity_add(struct buf *out, struct str entity);

#endif
