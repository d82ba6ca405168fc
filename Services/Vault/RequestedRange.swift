// SPDX-License-Identifier: Apache-2.0

/// What a `Range` header asks of so many bytes (RFC 9110, 14.1.2 and 14.2).
enum RequestedRange: Equatable {
    /// No range, several, another unit, or one that is malformed: the whole is sent.
    case whole
    case part(Range<Int>)
    /// Nothing of the range exists: 416.
    case unsatisfiable

    init(header: String?, size: Int) {
        guard let header, header.lowercased().hasPrefix("bytes="), !header.contains(",") else {
            self = .whole
            return
        }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }) else {
            self = .whole
            return
        }
        let (first, last) = (Int(parts[0]), Int(parts[1]))
        switch (parts[0].isEmpty, parts[1].isEmpty) {
        case (true, true): self = .whole
        case (true, false):
            // A suffix longer than any size is the whole file.
            let count = last ?? Int.max
            self = count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count)..<size)
        case (false, _):
            guard let first, first < size else {
                self = .unsatisfiable
                return
            }
            let end = parts[1].isEmpty ? size - 1 : last ?? Int.max
            self = end < first ? .whole : .part(first..<(min(end, size - 1) + 1))
        }
    }
}
