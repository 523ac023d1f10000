/*
 * What the cache's file needs done and nobody may wait for: moving the write-ahead log into the
 * file, with its fsync, and looking for damage. A thread of its own does it on a connection of its
 * own; it shares nothing with the store but the file, which SQLite's locks guard, and one word.
 */
#ifndef MODEL_STORE_SYNC_H
#define MODEL_STORE_SYNC_H

#include "model/store_keep.h"

struct store_sync;

/* `path` outlives it. NULL when there can be no thread: then the store does the work itself. */
struct store_sync *store_sync_start(const char *path);
/* Waits for what is under way. */
void store_sync_stop(struct store_sync *y);

/* The log has grown: moves it. Asking while it does is nothing. */
void store_sync_move(struct store_sync *y);
bool store_sync_moving(struct store_sync *y);
/* Reads the whole file once. */
void store_sync_check(struct store_sync *y);
/* See store_prune. */
void store_sync_prune(struct store_sync *y, const struct store_limits *limits);
/* Something in the file is not as it should be. */
bool store_sync_damaged(struct store_sync *y);

#endif
