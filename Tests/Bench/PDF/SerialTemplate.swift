// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver

/// A document with a serial number that can be changed in place.
struct SerialTemplate {
    private(set) var bytes: [UInt8]
    private let place: Int

    private static let marker = Array("serial 0000000000000000".utf8)

    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path), let found = data.range(of: Data(Self.marker))
        else {
            throw SystemError("\(path) has no serial number")
        }
        bytes = Array(data)
        place = found.upperBound - 16
    }

    mutating func renumber(_ number: Int) {
        var rest = number
        for digit in stride(from: place + 15, through: place, by: -1) {
            bytes[digit] = UInt8(48 + rest % 10)
            rest /= 10
        }
    }
}
