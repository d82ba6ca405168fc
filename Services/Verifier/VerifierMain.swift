// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import FileSystem
import Glibc
import PDFSyntax
import PDFVerification

/// Judges one document from outside, in a process of its own that may run out of its limits: `paraph-verifier [TRUST.pem]`.
///
/// The document is standard input, a file. Prints one JSON object and ends with 0; what cannot be read ends with 65 and an
/// object with `code` and `detail`.
@main
enum VerifierMain {
    private static let unreadable: Int32 = 65

    static func main() {
        let words = CommandLine.arguments.dropFirst()
        do {
            let report = try report(trust: words.first)
            print(String(decoding: try CanonicalJSON.bytes(of: report), as: UTF8.self))
        } catch let error as PDFError {
            let refusal: JSONValue = ["code": .string(error.code.rawValue), "detail": .string(error.detail)]
            print(String(decoding: refusal.canonicalBytes(), as: UTF8.self))
            exit(unreadable)
        } catch {
            _ = StandardStream.error.write(Array("paraph-verifier: \(error)\n".utf8))
            exit(70)
        }
    }

    private static func report(trust: String?) throws -> VerificationReport {
        let anchors = try trust.map { try Certificate.certificates(pem: SmallFile.read($0)) } ?? []
        return try SignatureVerifier(source: try FileSource(path: "/dev/stdin")).verify(
            VerificationPolicy(trust: anchors, time: BusinessClock.system.now()))
    }
}
