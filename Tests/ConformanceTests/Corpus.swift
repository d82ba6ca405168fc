// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver

/// The real documents beside the repository; a stranger's machine has none.
enum Corpus {
    static let folder = ProcessInfo.processInfo.environment["PARAPH_SHARED"]
    static var isHere: Bool {
        folder.map { FileManager.default.fileExists(atPath: "\($0)/corpus/manifest.tsv") } ?? false
    }

    static func path(_ name: String) -> String { "\(folder ?? "")/\(name)" }
}

/// A root, an issuing authority and a signer, made by OpenSSL for one test.
struct TestKeys {
    let folder: String

    var root: String { "\(folder)/root.pem" }

    /// The command that signs with them; files and options follow.
    var signing: [String] {
        let programs = SystemOptions.builtPrograms?.path ?? ""
        return ["\(programs)/paraph", "sign", "--key", "\(folder)/signer.key", "--chain", "\(folder)/chain.pem"]
    }

    static func make() async throws -> TestKeys {
        let keys = TestKeys(folder: try Tool.scratchFolder("conformance").path)
        let script = """
            set -e
            openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 3650 -subj "/CN=Test root" \
              -addext "keyUsage=critical,keyCertSign,cRLSign"
            openssl req -newkey rsa:2048 -nodes -keyout signer.key -out signer.csr -subj "/CN=Test signer/O=Paraph"
            printf 'basicConstraints=critical,CA:false\\nkeyUsage=critical,digitalSignature,nonRepudiation\\n' >signer.ext
            printf 'subjectKeyIdentifier=hash\\nauthorityKeyIdentifier=keyid\\n' >>signer.ext
            openssl x509 -req -in signer.csr -CA root.pem -CAkey root.key -CAcreateserial -days 1000 -out signer.pem \
              -extfile signer.ext
            cat signer.pem root.pem >chain.pem
            """
        let made = try await Tool.run(["sh", "-c", script], folder: URL(fileURLWithPath: keys.folder))
        guard made.status == 0 else { throw SystemError("openssl: \(made.output)") }
        return keys
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
