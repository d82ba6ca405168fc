// SPDX-License-Identifier: Apache-2.0
import ByteCoding

/// Slices of the file for the parser: a small file is read once as a whole, a large one piece by piece.
struct FileWindow: Sendable {
    private static let wholeFileBytes = 128 << 10
    private static let firstSliceBytes = 2 << 10

    let size: Int
    private let source: any ByteSource
    private let whole: [UInt8]?
    private let limits: PDFLimits

    init(_ source: any ByteSource, limits: PDFLimits) throws(PDFError) {
        self.source = source
        self.limits = limits
        size = source.size
        guard size <= limits.maximumFileBytes else {
            throw .tooComplex("The file has \(size) bytes; \(limits.maximumFileBytes) are allowed.")
        }
        whole = size <= Self.wholeFileBytes ? try Self.read(source, 0..<size) : nil
    }

    /// The bytes of a range, cut where the file ends.
    func bytes(_ range: Range<Int>) throws(PDFError) -> [UInt8] {
        let clamped = range.clamped(to: 0..<size)
        if let whole { return Array(whole[clamped]) }
        return try Self.read(source, clamped)
    }

    /// Parses from an offset with as long a slice as it takes.
    ///
    /// `body` gets the parser and the file offset of the parser's position 0.
    func parse<Result>(
        at offset: Int, _ body: (inout PDFParser, _ origin: Int) throws(PDFError) -> Result
    ) throws(PDFError) -> Result {
        guard offset >= 0, offset < size else { throw .damaged("Offset \(offset) lies outside the file.") }
        if let whole {
            var parser = PDFParser(whole, at: offset, limits: limits)
            return try body(&parser, 0)
        }
        var length = Self.firstSliceBytes
        while true {
            let slice = try bytes(offset..<(offset + length))
            let isComplete = offset + slice.count >= size
            var parser = PDFParser(slice, limits: limits)
            do throws(PDFError) {
                let result = try body(&parser, offset)
                if isComplete || !parser.ranOut { return result }
            } catch {
                guard !isComplete, parser.ranOut else { throw error }
            }
            guard length < limits.maximumObjectBytes else {
                throw .tooComplex("The object at offset \(offset) is larger than \(limits.maximumObjectBytes) bytes.")
            }
            length = min(length * 8, limits.maximumObjectBytes)
        }
    }

    private static func read(_ source: any ByteSource, _ range: Range<Int>) throws(PDFError) -> [UInt8] {
        do throws(ByteSourceError) {
            return try source.bytes(in: range)
        } catch {
            throw PDFError(.sourceUnreadable, "The document could not be read from where it is stored; try again.")
        }
    }
}
