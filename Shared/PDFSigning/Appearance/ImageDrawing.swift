// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Puts an image into an update (ISO 32000-2, 8.9.5) and onto an appearance.
struct ImageDrawing {
    let image: SignatureImage

    /// Fills a rectangle.
    /// - Throws: `PDFError` with `imageUnusable` where the document claims PDF/A and the image has four inks.
    func draw(
        x: Double, y: Double, width: Double, height: Double, on drawing: inout AppearanceDrawing,
        in update: inout IncrementalUpdate, isArchival: Bool
    ) throws(PDFError) {
        let reference = try update.newReference()
        switch image.content {
        case .samples(let components, let data, let masks):
            var dictionary = dictionary(colorSpace: components == 3 ? "DeviceRGB" : "DeviceGray", filter: "FlateDecode")
            if let masks { try add(masks, to: &dictionary, in: &update, isArchival: isArchival) }
            update.write(dictionary, data: isArchival ? masks?.onWhite ?? data : data, at: reference)
        case .jpeg(let file):
            guard file.components < 4 || !isArchival else {
                throw PDFError(
                    .imageUnusable, "The signature image is a CMYK JPEG, which cannot go into a PDF/A document.")
            }
            let space = file.components == 1 ? "DeviceGray" : file.components == 3 ? "DeviceRGB" : "DeviceCMYK"
            var dictionary = dictionary(colorSpace: space, filter: "DCTDecode")
            if file.isInverted {
                dictionary["Decode"] = .array([1, 0, 1, 0, 1, 0, 1, 0].map(PDFObject.integer))
            }
            update.write(dictionary, data: file.stream, at: reference)
        }
        let turn = turn
        drawing.append(
            image: reference,
            matrix: [
                turn[0] * width, turn[1] * height, turn[2] * width, turn[3] * height, x + turn[4] * width,
                y + turn[5] * height,
            ])
    }

    private func dictionary(colorSpace: String, filter: String) -> PDFDictionary {
        PDFDictionary([
            ("Type", .name("XObject")), ("Subtype", .name("Image")), ("Width", .integer(image.width)),
            ("Height", .integer(image.height)), ("ColorSpace", .name(colorSpace)), ("BitsPerComponent", .integer(8)),
            ("Filter", .name(filter)),
        ])
    }

    /// The unit square after the turn that a camera noted (Exif 2.3, 4.6.4).
    private var turn: [Double] {
        guard case .jpeg(let file) = image.content else { return [1, 0, 0, 1, 0, 0] }
        return switch file.orientation {
        case 2: [-1, 0, 0, 1, 1, 0]
        case 3: [-1, 0, 0, -1, 1, 1]
        case 4: [1, 0, 0, -1, 0, 1]
        case 5: [0, -1, -1, 0, 1, 1]
        case 6: [0, -1, 1, 0, 0, 1]
        case 7: [0, 1, 1, 0, 0, 0]
        case 8: [0, 1, -1, 0, 1, 0]
        default: [1, 0, 0, 1, 0, 0]
        }
    }

    /// Blending where it is free; PDF/A-1 forbids it, and PDF/A-2 and 3 want a blending space that pages seldom name, so
    /// there edges stay mixed with white and only holes are left out.
    private func add(
        _ masks: SignatureImage.Masks, to dictionary: inout PDFDictionary, in update: inout IncrementalUpdate,
        isArchival: Bool
    ) throws(PDFError) {
        let reference = try update.newReference()
        var mask = self.dictionary(colorSpace: "DeviceGray", filter: "FlateDecode")
        if isArchival {
            mask["ColorSpace"] = nil
            mask["BitsPerComponent"] = .integer(1)
            mask["ImageMask"] = .bool(true)
            dictionary["Mask"] = .reference(reference)
            update.write(mask, data: masks.holes, at: reference)
        } else {
            dictionary["SMask"] = .reference(reference)
            update.write(mask, data: masks.opacity, at: reference)
        }
    }
}
