/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PARAPH_CFRIBIDI_SHIM_H
#define PARAPH_CFRIBIDI_SHIM_H

#include <fribidi/fribidi.h>

/* Embedding levels of one paragraph (UAX #9); base is -1 to take the first strong character's, 0 or 1.
   Returns the base level, or -1 without memory. The two scratch arrays are of the same length as the text. */
static inline int paraph_bidi_levels(
    const uint32_t *text, int length, int base, uint32_t *types, uint32_t *brackets, int8_t *levels) {
    FriBidiParType direction = base < 0 ? FRIBIDI_PAR_ON : base == 0 ? FRIBIDI_PAR_LTR : FRIBIDI_PAR_RTL;
    fribidi_get_bidi_types(text, length, types);
    fribidi_get_bracket_types(text, length, types, brackets);
    if (fribidi_get_par_embedding_levels_ex(types, brackets, length, &direction, levels) == 0) return -1;
    return FRIBIDI_IS_RTL(direction) ? 1 : 0;
}

#endif
