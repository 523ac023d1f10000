/*
 * Copying through the terminal (OSC 52): what reaches the clipboard is what could be seen, so that
 * nothing hidden is pasted into a shell later. Never asks for what is in the clipboard.
 */
#ifndef UI_CLIP_H
#define UI_CLIP_H

#include "base/buf.h"

enum { CLIP_MAX = 100 << 10 };	/* bytes of text: more than most terminals take */

/* Appends the sequence that sets the clipboard to `text` as it is shown, without line ends behind
 * it; false, and nothing, when that is longer than CLIP_MAX. */
bool clip_sequence(struct str text, struct buf *out);

#endif
