// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Foundation
import HTTPClient
import ServiceAPI
import Testing

@testable import Intake

struct RepairedUploadTests {
    @Test func `DM-10: a damaged upload that can be repaired is taken under its own hash`() async throws {
        try await IntakeFixture.run { intake in
            let whole = String(decoding: SampleFile.onePage, as: UTF8.self)
            let files = [
                whole.replacing("startxref\n", with: "startxref\n9"), String(whole.dropLast(20)),
                whole.replacing("3 0 obj", with: "junk 3 0 obj"),
            ]
            for file in files.map({ Array($0.utf8) }) {
                let answer = try await intake.create(file: file)
                #expect(answer.status == 201, "\(answer.json)")
                let document = try #require(answer.json["documents"]?.arrayValue?.first)
                #expect(document["original_sha256"] == .string(Hex.encode(SHA256.digest(of: file))))
                #expect(document["pages"] == [["width": 612, "height": 792]])
            }
        }
    }

    @Test func `DM-10: what cannot be repaired is refused with the reason`() async throws {
        try await IntakeFixture.run { intake in
            let whole = String(decoding: SampleFile.onePage, as: UTF8.self)
            let pageless = whole.replacing("startxref\n", with: "startxref\n9").replacing("3 0 R", with: "8 0 R")
            let answer = try await intake.create(file: Array(pageless.utf8))
            #expect(answer.status == 422 && answer.code == "pdf_damaged")
            #expect(answer.json["detail"]?.stringValue?.contains("Page 1") == true, "\(answer.json)")
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/qpdf"), "qpdf is not installed"))
    func `API-03: an encrypted upload is taken when it opens for everybody, and refused with what to do`() async throws
    {
        try await IntakeFixture.run { intake in
            #expect(try await intake.create(file: try Self.encrypted(user: "")).status == 201)
            let refused = try await intake.create(file: try Self.encrypted(user: "secret"))
            #expect(refused.status == 422 && refused.code == "pdf_encrypted")
            #expect(
                refused.json["detail"]?.stringValue?.hasSuffix("Send a copy that opens without a password.") == true,
                "\(refused.json)")
        }
    }

    private static func encrypted(user: String) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("paraph-encrypted-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(SampleFile.onePage).write(to: folder.appendingPathComponent("plain.pdf"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/qpdf")
        process.currentDirectoryURL = folder
        process.arguments = ["--encrypt", user, "owner", "256", "--", "plain.pdf", "encrypted.pdf"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Array(try Data(contentsOf: folder.appendingPathComponent("encrypted.pdf")))
    }
}
