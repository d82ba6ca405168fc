/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PARAPH_CPNG_SHIM_H
#define PARAPH_CPNG_SHIM_H

#include <png.h>

/* The simplified interface keeps libpng's longjmp inside libpng. */

/* Reads the header. What is written on failure stands in image->message. */
static inline int paraph_png_begin(png_image *image, const void *bytes, size_t count) {
    image->version = PNG_IMAGE_VERSION;
    return png_image_begin_read_from_memory(image, bytes, count);
}

/* Eight bits a sample: colour and alpha as the file has them, never a palette. */
static inline void paraph_png_plain_format(png_image *image) {
    image->format &= PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA;
    image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
}

static inline int paraph_png_has_color(const png_image *image) { return (image->format & PNG_FORMAT_FLAG_COLOR) != 0; }
static inline int paraph_png_has_alpha(const png_image *image) { return (image->format & PNG_FORMAT_FLAG_ALPHA) != 0; }

/* Decodes all rows without padding into pixels; frees the reader either way. */
static inline int paraph_png_finish(png_image *image, void *pixels) {
    return png_image_finish_read(image, NULL, pixels, 0, NULL);
}

#endif
