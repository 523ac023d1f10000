/*
 * Select graphic rendition: the part of it that text may ask for. Conceal, blink and what is not
 * named here change nothing. True colours become the nearest of the palette of 256.
 */
#ifndef TEXT_SGR_H
#define TEXT_SGR_H

#include "base/str.h"
#include "text/style.h"

/* Applies the parameters between "ESC [" and "m"; `base` is the style after a reset. */
void sgr_apply(struct style *style, struct style base, struct str params);

#endif
