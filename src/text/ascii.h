/*
 * What stands for a character where a terminal takes ASCII only: something like it of the same width,
 * a question mark where there is nothing.
 */
#ifndef TEXT_ASCII_H
#define TEXT_ASCII_H

#include <stdint.h>

char ascii_like(uint32_t cp);

#endif
