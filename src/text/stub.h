/* Text that brings the parser into the state it has at a seam: lines that open what is open there. */
#ifndef TEXT_STUB_H
#define TEXT_STUB_H

#include "text/markdown.h"

/* Makes that of a seam in the first block of `d`. False when there is none. */
bool stub_make(struct md_seam *seam, const struct md_doc *d);
/*
 * Of the `n` operations of `y`, how many at the start came from the stub; 0 when it did not become what is
 * open in the block of `x`.
 */
uint32_t stub_ops(const struct md_seam *seam, const struct md_op *x, const struct md_op *y, uint32_t n);

#endif
