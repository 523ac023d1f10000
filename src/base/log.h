/*
 * The log file: one record is one line whatever it holds; controls, bidi marks and invalid bytes
 * are written as \xNN or \u{...}. Nothing is logged until log_open.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"
#include "base/str.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Appends to `path`, made 0600. */
enum err log_open(const char *path, enum log_level level, struct error *e);
void log_to_fd(int fd, enum log_level level);
void log_close(void);
/* Whether a record of this level would be written: for what is costly to gather. */
bool log_wants(enum log_level level);
void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
