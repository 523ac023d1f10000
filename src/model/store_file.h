/*
 * The cache's file as a file: where it may lie, who may read it, and the locks beside it. All of
 * this is settled before SQLite opens it.
 */
#ifndef MODEL_STORE_FILE_H
#define MODEL_STORE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Makes directory and file if need be. `real` becomes the path without links; refused are links,
 * what belongs to somebody else and directories others can write to. */
enum err store_file_prepare(const char *path, struct buf *real, struct error *e);
/* Renames a damaged file with all that SQLite put beside it; says where to in `note`. */
enum err store_file_set_aside(const char *real, struct buf *note, struct error *e);
/* Makes an empty file for a copy of it in place of an older one. */
enum err store_file_copy_begin(const char *path, struct error *e);
/* Opens the lock file beside it. */
enum err store_file_lock_open(const char *real, int *fd, struct error *e);
/* Bytes, 0 when it cannot be said. */
uint64_t store_file_size(const char *real);
/* Writes into the lock file what the file is like now; later: is it the same still? Then it was
 * closed well and nobody has touched it since, or it was found damaged. */
enum store_mark { STORE_UNMARKED, STORE_GOOD, STORE_DAMAGED };
void store_file_mark(const char *real, int fd, enum store_mark mark);
enum store_mark store_file_marked(const char *real, int fd);
/* Takes the lock of this number if it is free; it is held until `fd` is closed. */
bool store_file_lock(int fd, int64_t number);
/* The same together with others who share it; waits for whoever has it alone. */
bool store_file_share(int fd, int64_t number);
void store_file_unlock(int fd, int64_t number);

#endif
