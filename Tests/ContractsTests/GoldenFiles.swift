// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts
import Foundation

/// Files of the repository that tests compare with; a missing one is written when `PARAPH_RECORD=1` is set.
enum GoldenFiles {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    static let interfaceDescription = tests.appending(path: "../../deploy/asyncapi.json").standardized
    static let isRecording = ProcessInfo.processInfo.environment["PARAPH_RECORD"] == "1"

    static func text(of messageType: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url(of: messageType)))
    }

    /// Adds the golden file of a new message; never touches one that was published.
    static func recordIfMissing(_ message: any VersionedMessage, type: String) throws {
        let url = url(of: type)
        guard isRecording, !FileManager.default.fileExists(atPath: url.path) else { return }
        try write(JSONValue(parsing: try message.payload()), to: url)
    }

    static func write(_ value: JSONValue, to url: URL) throws {
        try Data(pretty(value)).write(to: url)
    }

    static func pretty(_ value: JSONValue) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [10]
    }

    private static func url(of messageType: String) -> URL {
        tests.appending(path: "Golden/\(messageType).json")
    }
}
