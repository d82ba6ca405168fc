// SPDX-License-Identifier: Apache-2.0
package import PDFSyntax
import Compression
import Images

/// A picture of a signature: PNG of any kind, or JPEG, ready to be put into a PDF.
package struct SignatureImage: Sendable {
    /// Bytes of the file.
    package static let maximumBytes = 2 << 20
    /// Width times height, looked at before anything is decoded.
    package static let maximumPixels = 4 << 20

    enum Content: Sendable {
        /// Deflated samples of one or three components, and how they show what is behind them.
        case samples(components: Int, data: [UInt8], masks: Masks?)
        /// A JPEG stream as it is.
        case jpeg(JPEGFile)
    }

    /// Deflated: opacity for readers that blend; for PDF/A, which does without, samples on white and what to leave out.
    struct Masks: Sendable {
        let opacity: [UInt8]
        let onWhite: [UInt8]
        let holes: [UInt8]
    }

    let content: Content
    /// In pixels, as stored.
    let width: Int
    let height: Int

    /// Reads and checks the file, so that a signing job cannot fail for it.
    /// - Throws: `PDFError` with `imageUnusable` for what is neither PNG nor JPEG, is damaged, or is larger than
    ///   `maximumBytes` or `maximumPixels`.
    package init(_ file: [UInt8]) throws(PDFError) {
        guard file.count <= Self.maximumBytes else {
            throw Self.unusable("has more than \(Self.maximumBytes) bytes")
        }
        if file.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            let image = try Self.decode(file)
            content = try Self.samples(of: image)
            (width, height) = (image.width, image.height)
        } else if file.starts(with: [0xFF, 0xD8]) {
            guard let jpeg = JPEGFile(file) else {
                throw Self.unusable("is not a whole baseline or progressive JPEG of eight bits")
            }
            guard jpeg.width * jpeg.height <= Self.maximumPixels else { throw Self.tooLarge }
            content = .jpeg(jpeg)
            (width, height) = (jpeg.width, jpeg.height)
        } else {
            throw Self.unusable("is neither PNG nor JPEG")
        }
    }

    /// Width by height as seen, after the turn that a camera noted.
    var aspect: Double {
        let ratio = Double(width) / Double(height)
        if case .jpeg(let file) = content, file.orientation >= 5 { return 1 / ratio }
        return ratio
    }

    private static func unusable(_ what: String) -> PDFError {
        PDFError(.imageUnusable, "The signature image \(what).")
    }

    private static var tooLarge: PDFError { unusable("has more than \(maximumPixels) pixels") }

    private static func decode(_ file: [UInt8]) throws(PDFError) -> PNGImage {
        do throws(ImageError) {
            return try PNGImage(file, maximumPixels: maximumPixels)
        } catch {
            switch error {
            case .damaged: throw unusable("is a damaged PNG")
            case .tooLarge: throw tooLarge
            }
        }
    }

    private static func samples(of image: PNGImage) throws(PDFError) -> Content {
        let components = image.hasColor ? 3 : 1
        guard image.hasAlpha else {
            return .samples(components: components, data: try deflate(image.samples), masks: nil)
        }
        let layers = AlphaLayers(image)
        guard layers.isTransparent else {
            return .samples(components: components, data: try deflate(layers.colors), masks: nil)
        }
        let masks = Masks(
            opacity: try deflate(layers.opacity), onWhite: try deflate(layers.onWhite),
            holes: try deflate(layers.holes))
        return .samples(components: components, data: try deflate(layers.colors), masks: masks)
    }

    private static func deflate(_ bytes: [UInt8]) throws(PDFError) -> [UInt8] {
        do throws(CompressionError) {
            return try Deflate.deflate(bytes)
        } catch {
            throw unusable("could not be compressed")
        }
    }
}
