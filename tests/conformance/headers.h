/* The headers a suite wants on a request, as a JSON object of strings. */
#ifndef TESTS_HEADERS_H
#define TESTS_HEADERS_H

#include "wire/http.h"

void headers_add(struct http_request *r, struct str object);

#endif
