/* What a result of libcurl, a CURLcode, means to whoever sent the request. */
#ifndef WIRE_HTTP_RESULT_H
#define WIRE_HTTP_RESULT_H

#include "wire/http.h"

/* `easy` is the CURL handle it is of; the last status that came, 0 if none; what libcurl said. */
enum http_end http_result_end(void *easy, int code, int status, struct str detail);
/*
 * What was wrong with the other side's certificate or ours. libcurl's own words in `detail` are lost
 * when closing the connection fails as well, so those of its code are put before them.
 */
void http_result_words(int code, char *detail, size_t size);

#endif
