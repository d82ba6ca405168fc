// SPDX-License-Identifier: Apache-2.0

/// The run-length filter (ISO 32000-2, 7.4.5).
enum RunLengthDecoder {
    static func decode(_ data: ArraySlice<UInt8>, maximumBytes: Int) throws(PDFError) -> [UInt8] {
        var output: [UInt8] = []
        var index = data.startIndex
        while index < data.endIndex, data[index] != 128 {
            let length = Int(data[index])
            index += 1
            if length < 128 {
                let end = min(index + length + 1, data.endIndex)
                output += data[index..<end]
                index = end
            } else if index < data.endIndex {
                output += repeatElement(data[index], count: 257 - length)
                index += 1
            }
            guard output.count <= maximumBytes else {
                throw .tooComplex("Its data is larger than \(maximumBytes) bytes when opened.")
            }
        }
        return output
    }
}
