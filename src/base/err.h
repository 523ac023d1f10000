/*
 * Errors a user must read. A low floor fills a struct error and returns its code; only app/ shows
 * it. A message says what failed, on what, and what to do. It may hold bytes from outside: it is
 * sanitised where it is shown.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

enum err {
	ERR_OK = 0,
	ERR_FAILED,
	ERR_USAGE,
	ERR_CONNECT,
	ERR_DENIED,
	ERR_GONE,
	ERR_INTERRUPTED,
	ERR_STORE,	/* the cache or the server's log */
	ERR_PROTOCOL,	/* the peer broke its own rules */
	ERR_LIMIT	/* more than weir takes */
};

struct error {
	enum err code;
	char text[512];
};

/* Fills `e` (may be NULL) and returns `code`; a text that is too long is cut. */
enum err error_set(struct error *e, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts "context: " before the text that is there and returns the code; ERR_FAILED when `e` is NULL. */
enum err error_in(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The exit code of the table in weir(1): 0 ok, 1 failed, 2 usage, 3 connect, 4 denied, 5 gone, 6 interrupted. */
int err_exit_code(enum err code);

#endif
