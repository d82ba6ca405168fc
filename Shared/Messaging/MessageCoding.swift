// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation

/// JSON of message payloads; hashed bytes go through canonical JSON instead.
enum MessageCoding {
    static func encode(_ value: some Encodable) throws -> [UInt8] { try JSONTextEncoder.encode(value) }

    static func decode<T: Decodable>(_ type: T.Type, from payload: [UInt8]) throws -> T {
        try JSONDecoder().decode(type, from: Data(payload))
    }

    /// Where decoding failed; values stay out, because they may be personal.
    static func path(of error: any Error) -> String {
        let context: DecodingError.Context?
        switch error as? DecodingError {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
        case .keyNotFound(let key, let found):
            return "missing " + text(found.codingPath + [key])
        case nil: context = nil
        @unknown default: context = nil
        }
        return "invalid " + text(context?.codingPath ?? [])
    }

    private static func text(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "payload" : path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
