// SPDX-License-Identifier: Apache-2.0
import CPNG

/// A decoded PNG: every colour type, depth and interlacing as plain samples of eight bits.
package struct PNGImage: Sendable, Equatable {
    /// Pixels from left to right.
    package let width: Int
    /// Pixels from top to bottom.
    package let height: Int
    /// Red, green and blue when true, else grey alone.
    package let hasColor: Bool
    /// A last sample of each pixel, not multiplied into the others; a transparent colour or palette counts.
    package let hasAlpha: Bool
    /// Rows from the top without padding, samples of a pixel side by side.
    package let samples: [UInt8]

    /// Samples of one pixel: 1 to 4.
    package var channels: Int { (hasColor ? 3 : 1) + (hasAlpha ? 1 : 0) }

    /// Decodes a file; nothing is allocated for its pixels before their number is known to be allowed.
    /// - Throws: `ImageError`.
    package init(_ file: [UInt8], maximumPixels: Int) throws(ImageError) {
        var image = png_image()
        // libpng keeps a pointer into the file until it is done, so all of it happens in one call.
        let samples: Result<[UInt8], ImageError> = file.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, paraph_png_begin(&image, base, bytes.count) != 0 else {
                return .failure(.damaged)
            }
            guard Int(image.width) * Int(image.height) <= maximumPixels
            else {
                png_image_free(&image)
                return .failure(.tooLarge(maximumPixels: maximumPixels))
            }
            paraph_png_plain_format(&image)
            let channels = (paraph_png_has_color(&image) != 0 ? 3 : 1) + (paraph_png_has_alpha(&image) != 0 ? 1 : 0)
            var isRead = false
            let count = Int(image.width) * Int(image.height) * channels
            let samples = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                buffer.initialize(repeating: 0)
                isRead = paraph_png_finish(&image, buffer.baseAddress) != 0
                initialized = count
            }
            return isRead ? .success(samples) : .failure(.damaged)
        }
        self.samples = try samples.get()
        width = Int(image.width)
        height = Int(image.height)
        hasColor = paraph_png_has_color(&image) != 0
        hasAlpha = paraph_png_has_alpha(&image) != 0
    }
}
