// SPDX-License-Identifier: Apache-2.0
import Compression

/// Decodes the filters for bytes (ISO 32000-2, 7.4.2 to 7.4.5); those for images are not known.
enum StreamFilter {
    /// A name with its parameters.
    typealias Step = (name: String, parameters: PDFDictionary)

    /// A stream that stays below decodes whatever the ratio.
    private static let freeBytes = 1 << 20

    /// The filters of a stream with their parameters, in decoding order (7.4.1).
    static func chain(_ dictionary: PDFDictionary, limits: PDFLimits) throws(PDFError) -> [Step] {
        let names: [String?]
        switch dictionary["Filter"] {
        case nil, .null: return []
        case .name(let name): names = [name]
        case .array(let filters): names = filters.map(\.nameValue)
        default: throw .damaged("The /Filter of a stream is neither a name nor an array of names.")
        }
        guard names.count <= limits.maximumFilters else {
            throw .tooComplex("A stream has more than \(limits.maximumFilters) filters.")
        }
        let parameters: [PDFDictionary?] =
            switch dictionary["DecodeParms"] {
            case .dictionary(let single): [single]
            case .array(let list): list.map(\.dictionaryValue)
            default: []
            }
        var chain: [Step] = []
        for (index, name) in names.enumerated() {
            guard let name else { throw .damaged("A filter of a stream is not a name.") }
            chain.append((name, index < parameters.count ? parameters[index] ?? PDFDictionary() : PDFDictionary()))
        }
        return chain
    }

    /// Undoes every filter, within the limits for one stream and for all of the document.
    /// - Parameter offset: Where the stream's data stands in the file, for messages.
    static func decode(
        _ raw: ArraySlice<UInt8>, chain: [Step], at offset: Int, account: ReadingAccount, limits: PDFLimits
    ) throws(PDFError) -> [UInt8] {
        guard !chain.isEmpty else { return Array(raw) }
        var data = raw
        for step in chain {
            let ratio = data.count.multipliedReportingOverflow(by: limits.maximumInflationRatio)
            let allowance = min(
                limits.maximumStreamOutput, account.remainingOutput,
                max(freeBytes, ratio.overflow ? Int.max : ratio.partialValue))
            guard allowance > 0 else {
                throw .tooComplex(
                    "The streams of the document are larger than \(limits.maximumTotalOutput) bytes when opened.")
            }
            let decoded: [UInt8]
            do throws(PDFError) {
                decoded = try decode(data, step, maximumBytes: allowance, account: account)
            } catch {
                throw PDFError(error.code, "The stream at byte \(offset) of the file: \(error.detail)")
            }
            try account.spend(output: decoded.count)
            data = decoded[...]
        }
        return Array(data)
    }

    private static func decode(
        _ data: ArraySlice<UInt8>, _ step: Step, maximumBytes: Int, account: ReadingAccount
    ) throws(PDFError) -> [UInt8] {
        switch step.name {
        case "FlateDecode", "Fl":
            let inflated = try inflate(data, maximumBytes: maximumBytes, account: account)
            return try Predictor.undo(inflated, parameters: step.parameters)
        case "LZWDecode", "LZW":
            let early = step.parameters["EarlyChange"]?.integerValue != 0
            let expanded = try LZWDecoder.decode(data, changesEarly: early, maximumBytes: maximumBytes)
            return try Predictor.undo(expanded, parameters: step.parameters)
        case "ASCIIHexDecode", "AHx": return ASCIIDecoder.hexadecimal(data)
        case "ASCII85Decode", "A85": return try ASCIIDecoder.base85(data, maximumBytes: maximumBytes)
        case "RunLengthDecode", "RL": return try RunLengthDecoder.decode(data, maximumBytes: maximumBytes)
        // Decryption comes before all other filters, wherever the list has it.
        case "Crypt": return Array(data)
        default: throw .unsupported("It uses the filter \(step.name.prefix(40)), which is not read here.")
        }
    }

    /// What can be read of compressed data; other readers as well take what stands before its damage.
    private static func inflate(
        _ data: ArraySlice<UInt8>, maximumBytes: Int, account: ReadingAccount
    ) throws(PDFError) -> [UInt8] {
        do throws(CompressionError) {
            let result = try Inflate.inflateAvailable(data, maximumBytes: maximumBytes)
            if !result.isComplete {
                guard !result.bytes.isEmpty || data.isEmpty else {
                    throw CompressionError.damaged
                }
                account.overlook(.compressedData)
            }
            return result.bytes
        } catch {
            switch error {
            case .tooLarge: throw .tooComplex("Its data is larger than \(maximumBytes) bytes when opened.")
            default: throw .damaged("It cannot be decompressed.")
            }
        }
    }
}
