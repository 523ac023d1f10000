#include "text/ascii.h"

#include <stddef.h>

/* Ascending. */
static const struct {
	uint16_t cp;
	char like;
} table[] = {
	{ 0x00A0, ' ' }, { 0x00AB, '<' }, { 0x00B7, '.' }, { 0x00BB, '>' }, { 0x00D7, 'x' },
	{ 0x2010, '-' }, { 0x2011, '-' }, { 0x2012, '-' }, { 0x2013, '-' }, { 0x2014, '-' },
	{ 0x2018, '\'' }, { 0x2019, '\'' }, { 0x201C, '"' }, { 0x201D, '"' }, { 0x2022, '*' },
	{ 0x2026, '~' }, { 0x2039, '<' }, { 0x203A, '>' }, { 0x2190, '<' }, { 0x2192, '>' },
	{ 0x21B3, '>' }, { 0x2212, '-' }, { 0x2500, '-' }, { 0x2501, '-' }, { 0x2502, '|' },
	{ 0x2503, '|' }, { 0x250A, ':' }, { 0x250C, '+' }, { 0x2510, '+' }, { 0x2514, '+' },
	{ 0x2518, '+' }, { 0x251C, '+' }, { 0x2524, '+' }, { 0x252C, '+' }, { 0x2534, '+' },
	{ 0x253C, '+' }, { 0x258C, '|' }, { 0x25B8, '+' }, { 0x25BC, 'v' }, { 0x25BE, '-' },
	{ 0x25C6, '#' }, { 0x25CC, 'o' }, { 0x25CF, '*' }, { 0x25E6, 'o' }, { 0x2713, 'v' },
	{ 0x2717, 'x' }, { 0x27EA, '<' }, { 0x27EB, '>' },
};

char
ascii_like(uint32_t cp)
{
	size_t low = 0, high = sizeof table / sizeof *table;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (table[mid].cp == cp)
			return table[mid].like;
		if (table[mid].cp < cp)
			low = mid + 1;
		else
			high = mid;
	}
	return cp >= 0x20 && cp < 0x7F ? (char)cp : '?';
}
