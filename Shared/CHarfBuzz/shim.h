/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PARAPH_CHARFBUZZ_SHIM_H
#define PARAPH_CHARFBUZZ_SHIM_H

#include <harfbuzz/hb.h>
#include <harfbuzz/hb-ot.h>
#include <harfbuzz/hb-subset.h>

/* HB_TAG is a macro with arguments. */
static inline hb_tag_t paraph_hb_tag(const char *name) { return HB_TAG(name[0], name[1], name[2], name[3]); }

/* The direction is one of an enum whose cases are macros to Swift. */
static inline void paraph_hb_set_direction(hb_buffer_t *buffer, int right_to_left) {
    hb_buffer_set_direction(buffer, right_to_left ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
}

/* The height of a capital letter in font units; 0 when the font does not say. */
static inline int paraph_hb_cap_height(hb_font_t *font) {
    hb_position_t height = 0;
    hb_ot_metrics_get_position(font, HB_OT_METRICS_TAG_CAP_HEIGHT, &height);
    return height;
}

/* Marks attach to what stands before them. */
static inline int paraph_hb_is_mark(hb_codepoint_t scalar) {
    switch (hb_unicode_general_category(hb_unicode_funcs_get_default(), scalar)) {
    case HB_UNICODE_GENERAL_CATEGORY_NON_SPACING_MARK:
    case HB_UNICODE_GENERAL_CATEGORY_SPACING_MARK:
    case HB_UNICODE_GENERAL_CATEGORY_ENCLOSING_MARK: return 1;
    default: return 0;
    }
}

/* 0 for characters that take the script of their neighbours. */
static inline hb_tag_t paraph_hb_script(hb_codepoint_t scalar) {
    hb_script_t script = hb_unicode_script(hb_unicode_funcs_get_default(), scalar);
    return script == HB_SCRIPT_COMMON || script == HB_SCRIPT_INHERITED || script == HB_SCRIPT_UNKNOWN ? 0 : (hb_tag_t)script;
}

static inline void paraph_hb_set_script(hb_buffer_t *buffer, hb_tag_t script) {
    hb_buffer_set_script(buffer, script ? (hb_script_t)script : HB_SCRIPT_COMMON);
}

#endif
