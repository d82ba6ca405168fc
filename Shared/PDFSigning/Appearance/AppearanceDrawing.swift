// SPDX-License-Identifier: Apache-2.0
import PDFSyntax
import Typography

/// The content of one appearance stream, its text still as shaped lines: which codes their glyphs get is known only when
/// the fonts of the whole update are.
struct AppearanceDrawing {
    enum Element {
        /// Content-stream operators.
        case operators([UInt8])
        /// A line with its baseline's left end.
        case text(ShapedLine, x: Double, baseline: Double, size: Double)
    }

    let frame: WidgetFrame
    private(set) var elements: [Element] = []
    private(set) var images: [PDFReference] = []
    /// Set by whoever appends operators that use RGB; images count by themselves.
    var usesRGB = false

    init(frame: WidgetFrame) {
        self.frame = frame
    }

    mutating func append(_ operators: [UInt8]) {
        elements.append(.operators(operators))
    }

    mutating func append(_ text: String) {
        elements.append(.operators(Array(text.utf8)))
    }

    mutating func append(_ line: ShapedLine, x: Double, baseline: Double, size: Double) {
        elements.append(.text(line, x: x, baseline: baseline, size: size))
    }

    /// Paints an image where the unit square is under a matrix.
    mutating func append(image: PDFReference, matrix: [Double]) {
        append("q \(Self.numbers(matrix)) cm /I\(images.count) Do Q\n")
        images.append(image)
    }

    /// Numbers as content-stream text, parted by spaces.
    static func numbers(_ values: [Double]) -> String {
        values.map(PDFNumberText.text).joined(separator: " ")
    }

    /// A tick across the frame.
    mutating func appendTick() {
        let side = min(frame.width, frame.height)
        let left = (frame.width - side) / 2
        let bottom = (frame.height - side) / 2
        func point(_ x: Double, _ y: Double) -> String { Self.numbers([left + side * x, bottom + side * y]) }
        append(
            "q 0 G 1 J 1 j \(PDFNumberText.text(side * 0.1)) w "
                + "\(point(0.2, 0.5)) m \(point(0.42, 0.25)) l \(point(0.8, 0.78)) l S Q\n")
    }

    /// The appearance stream (ISO 32000-2, 12.5.5), with the fonts that its text uses.
    func write(to update: inout IncrementalUpdate, at reference: PDFReference, fonts: EmbeddedFonts) {
        var content: [UInt8] = []
        var used: [Int] = []
        for element in elements {
            switch element {
            case .operators(let bytes): content += bytes
            case .text(let line, let x, let baseline, let size):
                TextContent(fonts: fonts, size: size).append(line, x: x, baseline: baseline, to: &content, &used)
            }
        }
        var dictionary = PDFDictionary([
            ("Type", .name("XObject")), ("Subtype", .name("Form")),
            (
                "BBox",
                .array([
                    .integer(0), .integer(0), PDFNumberText.object(frame.width), PDFNumberText.object(frame.height),
                ])
            ),
        ])
        if let matrix = frame.matrix { dictionary["Matrix"] = matrix }
        dictionary["Resources"] = .dictionary(resources(fonts, used))
        update.write(dictionary, data: content, at: reference)
    }

    private func resources(_ fonts: EmbeddedFonts, _ used: [Int]) -> PDFDictionary {
        var resources = PDFDictionary()
        guard !elements.isEmpty else { return resources }
        var spaces = PDFDictionary([("DefaultGray", Self.gray)])
        if usesRGB || !images.isEmpty { spaces["DefaultRGB"] = Self.rgb }
        resources["ColorSpace"] = .dictionary(spaces)
        if !used.isEmpty {
            resources["Font"] = .dictionary(
                PDFDictionary(used.map { ("F\($0)", PDFObject.reference(fonts.references[$0])) }))
        }
        if !images.isEmpty {
            resources["XObject"] = .dictionary(
                PDFDictionary(images.enumerated().map { ("I\($0)", PDFObject.reference($1)) }))
        }
        return resources
    }

    /// Grey and RGB that mean the same under every output intent, and without one, as PDF/A asks (ISO 19005-1, 6.2.3).
    private static let gray = PDFObject.array([
        .name("CalGray"), .dictionary(PDFDictionary([("WhitePoint", white), ("Gamma", gamma)])),
    ])
    private static let rgb: PDFObject = {
        // The primaries of sRGB.
        let matrix = [0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505]
        let parameters = PDFDictionary([
            ("WhitePoint", white), ("Gamma", .array([gamma, gamma, gamma])),
            ("Matrix", .array(matrix.map(PDFNumberText.object))),
        ])
        return .array([.name("CalRGB"), .dictionary(parameters)])
    }()
    private static let white = PDFObject.array([0.9505, 1, 1.089].map(PDFNumberText.object))
    private static let gamma = PDFNumberText.object(2.2)
}
