/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PARAPH_CZLIB_SHIM_H
#define PARAPH_CZLIB_SHIM_H

#include <zlib.h>

/* deflateInit is a macro. */
static inline int paraph_deflate_init(z_stream *stream, int level) { return deflateInit(stream, level); }

/* inflateInit is a macro; the format is zlib (RFC 1950). */
static inline int paraph_inflate_init(z_stream *stream) { return inflateInit(stream); }

#endif
