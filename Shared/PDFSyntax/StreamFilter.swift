// SPDX-License-Identifier: Apache-2.0
import Compression

/// Decodes the filters that structure streams use: Flate with its predictors, and the two ASCII ones.
enum StreamFilter {
    /// The filters of a stream with their parameters, in decoding order (ISO 32000-2, 7.4.1).
    static func chain(
        _ dictionary: PDFDictionary, limits: PDFLimits
    ) throws(PDFError) -> [(name: String, parameters: PDFDictionary)] {
        let names: [String?]
        switch dictionary["Filter"] {
        case nil, .null: return []
        case .name(let name): names = [name]
        case .array(let filters): names = filters.map(\.nameValue)
        default: throw .unsupported("The filters of a structure stream stand in another object.")
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
        var chain: [(name: String, parameters: PDFDictionary)] = []
        for (index, name) in names.enumerated() {
            guard let name else { throw .damaged("A stream filter is not a name.") }
            chain.append((name, index < parameters.count ? parameters[index] ?? PDFDictionary() : PDFDictionary()))
        }
        return chain
    }

    /// Decodes one step.
    static func decode(
        _ data: [UInt8], filter: String, parameters: PDFDictionary, maximumBytes: Int
    ) throws(PDFError) -> [UInt8] {
        switch filter {
        case "FlateDecode", "Fl":
            return try Predictor.undo(try inflate(data, maximumBytes: maximumBytes), parameters: parameters)
        case "ASCIIHexDecode", "AHx":
            var parser = PDFParser([UInt8(ascii: "<")] + data + [UInt8(ascii: ">")], limits: .default)
            guard case .string(let decoded) = try parser.object() else {
                throw .damaged("A stream is not hexadecimal as it says.")
            }
            return decoded
        default:
            throw .unsupported("A structure stream uses the filter \(filter.prefix(40)), which is not read here.")
        }
    }

    private static func inflate(_ data: [UInt8], maximumBytes: Int) throws(PDFError) -> [UInt8] {
        do throws(CompressionError) {
            return try Inflate.inflate(data, maximumBytes: maximumBytes)
        } catch {
            switch error {
            case .tooLarge: throw .tooComplex("A compressed stream is larger than \(maximumBytes) bytes when opened.")
            default: throw .damaged("A compressed stream cannot be opened.")
            }
        }
    }
}

/// The PNG and TIFF predictors of LZW and Flate streams (ISO 32000-2, 7.4.4.4), for whole bytes.
enum Predictor {
    static func undo(_ data: [UInt8], parameters: PDFDictionary) throws(PDFError) -> [UInt8] {
        let predictor = parameters["Predictor"]?.integerValue ?? 1
        guard predictor > 1 else { return data }
        let colors = parameters["Colors"]?.integerValue ?? 1
        let bits = parameters["BitsPerComponent"]?.integerValue ?? 8
        let columns = parameters["Columns"]?.integerValue ?? 1
        guard predictor >= 10, bits == 8, (1...32).contains(colors), (1...1_000_000).contains(columns) else {
            throw .unsupported("A structure stream uses a predictor that is not read here.")
        }
        return try undoPNG(data, rowBytes: colors * columns, pixelBytes: colors)
    }

    private static func undoPNG(_ data: [UInt8], rowBytes: Int, pixelBytes: Int) throws(PDFError) -> [UInt8] {
        let rows = (data.count + rowBytes) / (rowBytes + 1)
        var output = [UInt8](repeating: 0, count: max(0, data.count - rows))
        for row in 0..<rows {
            let input = row * (rowBytes + 1) + 1
            let start = row * rowBytes
            let end = min(start + rowBytes, output.count)
            switch data[input - 1] {
            case 0:
                for position in start..<end { output[position] = data[input + position - start] }
            // Cross-reference streams use this one nearly always, so it has a loop of its own.
            case 2 where row > 0:
                for position in start..<end {
                    output[position] = data[input + position - start] &+ output[position - rowBytes]
                }
            case let type where type <= 4:
                for position in start..<end {
                    let hasLeft = position - start >= pixelBytes
                    let left = hasLeft ? output[position - pixelBytes] : 0
                    let up = row > 0 ? output[position - rowBytes] : 0
                    let corner = hasLeft && row > 0 ? output[position - rowBytes - pixelBytes] : 0
                    output[position] = data[input + position - start] &+ guess(type, left, up, corner)
                }
            default: throw .damaged("A compressed stream has an unknown row predictor.")
            }
        }
        return output
    }

    private static func guess(_ type: UInt8, _ left: UInt8, _ up: UInt8, _ corner: UInt8) -> UInt8 {
        switch type {
        case 1: left
        case 2: up
        case 3: UInt8((Int(left) + Int(up)) / 2)
        default: paeth(left, up, corner)
        }
    }

    private static func paeth(_ left: UInt8, _ up: UInt8, _ corner: UInt8) -> UInt8 {
        let estimate = Int(left) + Int(up) - Int(corner)
        let distances = (abs(estimate - Int(left)), abs(estimate - Int(up)), abs(estimate - Int(corner)))
        if distances.0 <= distances.1, distances.0 <= distances.2 { return left }
        return distances.1 <= distances.2 ? up : corner
    }
}
