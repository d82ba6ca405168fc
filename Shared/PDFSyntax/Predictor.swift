// SPDX-License-Identifier: Apache-2.0

/// The PNG and TIFF predictors of LZW and Flate streams (ISO 32000-2, 7.4.4.4).
enum Predictor {
    static func undo(_ data: [UInt8], parameters: PDFDictionary) throws(PDFError) -> [UInt8] {
        let predictor = parameters["Predictor"]?.integerValue ?? 1
        guard predictor > 1 else { return data }
        let colors = parameters["Colors"]?.integerValue ?? 1
        let bits = parameters["BitsPerComponent"]?.integerValue ?? 8
        let columns = parameters["Columns"]?.integerValue ?? 1
        guard (1...32).contains(colors), [1, 2, 4, 8, 16].contains(bits), (1...1_000_000).contains(columns) else {
            throw .damaged("Its predictor has parameters out of bounds.")
        }
        let rowBytes = (colors * bits * columns + 7) / 8
        switch predictor {
        case 2: return undoTIFF(data, colors: colors, bits: bits, columns: columns, rowBytes: rowBytes)
        case 10...15: return try undoPNG(data, rowBytes: rowBytes, pixelBytes: max(1, colors * bits / 8))
        default: throw .damaged("It names the predictor \(predictor), which does not exist.")
        }
    }

    // MARK: PNG

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
            default: throw .damaged("A row names a predictor that does not exist.")
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

    // MARK: TIFF

    private static func undoTIFF(_ data: [UInt8], colors: Int, bits: Int, columns: Int, rowBytes: Int) -> [UInt8] {
        var output = data
        for start in stride(from: 0, to: data.count, by: rowBytes) {
            let end = min(start + rowBytes, data.count)
            switch bits {
            case 8:
                for position in (start + colors)..<max(start + colors, end) {
                    output[position] &+= output[position - colors]
                }
            case 16:
                for position in stride(from: start + 2 * colors, to: end - 1, by: 2) {
                    let left = UInt16(output[position - 2 * colors]) << 8 | UInt16(output[position - 2 * colors + 1])
                    let sum = (UInt16(output[position]) << 8 | UInt16(output[position + 1])) &+ left
                    output[position] = UInt8(sum >> 8)
                    output[position + 1] = UInt8(sum & 0xFF)
                }
            default: undoTIFF(&output, row: start..<end, colors: colors, bits: bits, columns: columns)
            }
        }
        return output
    }

    /// Components of less than a byte, packed from the highest bit.
    private static func undoTIFF(_ output: inout [UInt8], row: Range<Int>, colors: Int, bits: Int, columns: Int) {
        var left = [UInt8](repeating: 0, count: colors)
        let mask = UInt8(1 << bits - 1)
        for sample in 0..<(columns * colors) {
            let position = row.lowerBound + sample * bits / 8
            guard position < row.upperBound else { return }
            let shift = UInt8(8 - bits - sample * bits % 8)
            let value = (output[position] >> shift &+ left[sample % colors]) & mask
            output[position] = output[position] & ~(mask << shift) | value << shift
            left[sample % colors] = value
        }
    }
}
