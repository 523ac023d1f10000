/*
 * Where a session's items are while nobody looks at them: in the store, as they were folded, so
 * that opening a session of any length reads only its end, and its memory does not grow with its
 * history. The records remain the truth: what is on the shelf says how many of them it was made
 * of, the rest is folded again, and what another version of weir put there is not read at all.
 * Saved is by shelf_save, in the transaction of the records; put away is by shelf_trim only, so
 * between two calls of it an item's pointer holds.
 */
#ifndef MODEL_SHELF_H
#define MODEL_SHELF_H

#include "model/session.h"
#include "model/store.h"

struct shelf;

/* How far the session was folded when it was saved. */
struct shelf_mark {
	uint64_t folded;	/* records of the store */
	uint64_t records, chain;	/* the owner's proof, kept with it */
	uint64_t news;		/* of these, what says more than who is here */
	int64_t time;		/* of the last of them */
};

/*
 * What was kept of the store's session, or a new one; `mark` says which. Never fails: what cannot
 * be read is folded anew. `memory`: bytes of items that may stay in memory although nobody needs
 * them. The store and the session outlive the shelf.
 */
struct shelf *shelf_open(struct store *st, int64_t row, size_t memory, struct session **s,
    struct shelf_mark *mark);
void shelf_free(struct shelf *sh);
/* The title of a session of the store, which nobody has to have open, and how far it was folded; false:
 * neither was kept. */
bool shelf_about(struct store *st, int64_t row, struct buf *title, struct shelf_mark *mark);

/* Records of so many bytes were folded; true: shelf_save is worth its while. */
bool shelf_grew(struct shelf *sh, size_t bytes);
/* Writes what has changed since; it is on the disk with the next store_commit. Does nothing for a
 * session that another program stores. */
enum err shelf_save(struct shelf *sh, const struct shelf_mark *mark, struct error *e);
/* The store has forgotten the session; its items are what session_reset left. */
void shelf_reset(struct shelf *sh);
/* Puts away what was not used since the last time, when that is more than `memory`. */
void shelf_trim(struct shelf *sh);

/* For session*.c: an item that is not in memory; in place of one that cannot be read a note that
 * says so. */
struct item *shelf_item(struct shelf *sh, uint64_t number);
/* What is kept under a key; false: nothing. `sh` may be NULL. */
bool shelf_find(struct shelf *sh, struct str key, struct buf *bytes);

#endif
