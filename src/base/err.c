#include "base/err.h"

#include <stdio.h>
#include <string.h>

enum err
error_set(struct error *e, enum err code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return code;
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return code;
}

enum err
error_in(struct error *e, const char *fmt, ...)
{
	char was[sizeof e->text];
	va_list ap;
	int n;

	if (e == NULL)
		return ERR_FAILED;
	memcpy(was, e->text, sizeof was);
	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof e->text)
		snprintf(e->text + n, sizeof e->text - (size_t)n, ": %s", was);
	return e->code;
}

int
err_exit_code(enum err code)
{
	switch (code) {
	case ERR_OK:
	case ERR_FAILED:
	case ERR_USAGE:
	case ERR_CONNECT:
	case ERR_DENIED:
	case ERR_GONE:
	case ERR_INTERRUPTED:
		return (int)code;
	case ERR_STORE:
	case ERR_PROTOCOL:
	case ERR_LIMIT:
		break;
	}
	return ERR_FAILED;
}
