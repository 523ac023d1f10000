/* Bytes that are ready for a file or a pipe, with the errors a user reads. */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Writes all of it and empties it. ERR_FAILED names `what`; whoever reads a pipe and has had enough
 * is no error but ERR_INTERRUPTED without a text.
 */
enum err output_write(int fd, struct buf *out, const char *what, struct error *e);

#endif
