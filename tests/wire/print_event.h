/* An event as one line of text: its kind and every field that says something. */
#ifndef TESTS_WIRE_PRINT_EVENT_H
#define TESTS_WIRE_PRINT_EVENT_H

#include "base/buf.h"
#include "wire/event.h"

void print_event(struct buf *out, const struct event *e);

#endif
