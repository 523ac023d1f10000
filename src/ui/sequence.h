/*
 * One thing at the start of the terminal's bytes: a character, a control, an escape sequence. Pure;
 * the caller (ui/keys) keeps the bytes and the time.
 */
#ifndef UI_SEQUENCE_H
#define UI_SEQUENCE_H

#include "ui/keys.h"

enum sequence {
	SEQUENCE_WAIT,		/* incomplete */
	SEQUENCE_DROP,		/* nothing that concerns anybody */
	SEQUENCE_KEY,
	SEQUENCE_PASTE,		/* a paste begins behind it */
	SEQUENCE_LONG		/* too long: give its second byte to sequence_skip */
};

/* s.n > 0; *len gets the bytes it takes unless it is SEQUENCE_WAIT. */
enum sequence sequence_read(struct str s, size_t *len, struct key *out);
/* Bytes that still belong to a sequence that was too long; *kind becomes 0 at its end. */
size_t sequence_skip(char *kind, struct str s);

#endif
