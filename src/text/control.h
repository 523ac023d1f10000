/*
 * Controls outside ASCII that would hide or reorder what stands around them, and the two exotic line ends,
 * which are no breaks here.
 */
#ifndef TEXT_CONTROL_H
#define TEXT_CONTROL_H

#include <stdint.h>

/* Its name as Unicode abbreviates it, "RLO"; NULL when it is none of those. */
const char *control_name(uint32_t cp);

#endif
