// SPDX-License-Identifier: Apache-2.0
import ByteCoding

/// Slices of the file for the parser: a small file is read once as a whole, a large one piece by piece.
struct FileWindow: Sendable {
    private static let firstSliceBytes = 2 << 10
    /// What a look at the file costs besides the bytes that it reads, as work.
    private static let parseCost = 64

    let size: Int
    /// What the offsets that the file states are counted from: 0, or where its header stands.
    private(set) var base = 0
    private(set) var account: ReadingAccount
    private let source: any ByteSource
    private let whole: [UInt8]?
    private let limits: PDFLimits

    init(_ source: any ByteSource, limits: PDFLimits) throws(PDFError) {
        self.source = source
        self.limits = limits
        size = source.size
        account = ReadingAccount(limits: limits)
        guard size <= limits.maximumFileBytes else {
            throw .tooComplex("The file has \(size) bytes; \(limits.maximumFileBytes) are allowed.")
        }
        whole = size <= limits.wholeFileBytes ? try Self.read(source, 0..<size) : nil
    }

    /// The same file with other offsets and an account of its own.
    func counting(from base: Int) -> FileWindow {
        var window = self
        window.base = base
        window.account = ReadingAccount(limits: limits)
        return window
    }

    /// The bytes of a range, cut where the file ends.
    func bytes(_ range: Range<Int>) throws(PDFError) -> [UInt8] {
        Array(try slice(range))
    }

    /// The same without a copy where the file is held as a whole.
    func slice(_ range: Range<Int>) throws(PDFError) -> ArraySlice<UInt8> {
        let clamped = range.clamped(to: 0..<size)
        if let whole { return whole[clamped] }
        return try Self.read(source, clamped)[...]
    }

    /// An offset that the file states, counted from the file's first byte; nil outside the file.
    func offset(stated: Int) -> Int? {
        let (offset, overflow) = stated.addingReportingOverflow(base)
        return !overflow && stated >= 0 && offset < size ? offset : nil
    }

    /// Parses from an offset with as long a slice as it takes.
    ///
    /// `body` gets the parser and the file offset of the parser's position 0.
    func parse<Result>(
        at offset: Int, _ body: (inout PDFParser, _ origin: Int) throws(PDFError) -> Result
    ) throws(PDFError) -> Result {
        guard offset >= 0, offset < size else {
            throw .damaged("The file has \(size) bytes, and an offset in it says \(offset).")
        }
        if let whole {
            var parser = PDFParser(whole, at: offset, limits: limits)
            let result = Swift.Result { () throws(PDFError) in try body(&parser, 0) }
            try account.spend(parser.work + Self.parseCost)
            return try result.get()
        }
        var length = Self.firstSliceBytes
        while true {
            let slice = try bytes(offset..<(offset + length))
            let isComplete = offset + slice.count >= size
            var parser = PDFParser(slice, place: .file(offset), limits: limits)
            let result = Swift.Result { () throws(PDFError) in try body(&parser, offset) }
            try account.spend(parser.work + Self.parseCost)
            if isComplete || !parser.ranOut { return try result.get() }
            guard length < limits.maximumObjectBytes else {
                throw .tooComplex("The object at byte \(offset) is larger than \(limits.maximumObjectBytes) bytes.")
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
