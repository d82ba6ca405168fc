// SPDX-License-Identifier: Apache-2.0
import Cryptography
import FileSystem
import PDFSigning
import PKCS11

/// The key of a run, the certificates that go into each signature, and what is to be said about them.
struct SigningKey: Sendable {
    let credential: SigningCredential
    /// What the person should know before anything is signed.
    let warnings: [String]

    /// The common name in the certificate.
    var certificateName: String? { credential.chain.first?.subject.commonName }

    /// - Throws: `CommandFailure` when key or chain cannot be read, do not belong together, or cannot sign documents.
    init?(_ options: SignOptions) async throws(CommandFailure) {
        guard let name = options.keyName else { return nil }
        if name.hasPrefix("pkcs11:") {
            try await self.init(uri: name, options: options)
        } else {
            try self.init(path: name, options: options)
        }
    }

    private init(path: String, options: SignOptions) throws(CommandFailure) {
        var passphrase: [UInt8]?
        if let path = options.passphrasePath { passphrase = try Self.firstLine(of: path) }
        let pem = try Self.read(path)
        let key: PrivateKey
        do throws(CryptographyError) {
            key = try PrivateKey(pem: pem, passphrase: passphrase.map { String(decoding: $0, as: UTF8.self) })
        } catch {
            let hint = passphrase == nil ? "; an encrypted one needs --passphrase-file" : " with that pass phrase"
            throw CommandFailure("\(path) is no private key that can be read\(hint)")
        }
        let chain = try Self.chain(options.chainPath ?? path)
        let algorithm = try Self.algorithm(key.kind, options)
        guard let publicKey = try? key.publicKey(), chain.first?.publicKey == publicKey else {
            throw CommandFailure("the first certificate of the chain is not the one of the key in \(path)")
        }
        credential = try Self.credential(chain, algorithm) { try key.sign(digest: $0, algorithm: algorithm) }
        warnings = Self.warnings(on: chain)
    }

    private init(uri text: String, options: SignOptions) async throws(CommandFailure) {
        let key = try await Self.tokenKey(text, sessions: max(1, options.jobs))
        var chain = key.certificates
        if let path = options.chainPath { chain = try Self.chain(path) }
        guard let leaf = chain.first else {
            throw CommandFailure("the token holds no certificate of the key: give --chain CHAIN.pem")
        }
        let algorithm = try Self.algorithm(key.kind, options)
        // The one signature that is thrown away shows that key and certificate belong together.
        let digest = algorithm.digest.digest(of: Array("paraph sign".utf8))
        do throws(PKCS11Error) {
            let trial = try await key.sign(digest: digest, algorithm: algorithm)
            guard leaf.publicKey.isValid(signature: trial, digest: digest, algorithm: algorithm) else {
                throw .unsupportedKey("the first certificate of the chain is not its own")
            }
        } catch {
            throw CommandFailure("\(error)")
        }
        credential = try Self.credential(chain, algorithm) { try await key.sign(digest: $0, algorithm: algorithm) }
        let uses = key.otherUses.joined(separator: " and ")
        warnings =
            Self.warnings(on: chain)
            + (uses.isEmpty ? [] : ["warning: the token's key may also \(uses); a signing key should only sign"])
    }

    // MARK: Parts

    private static func tokenKey(_ text: String, sessions: Int) async throws(CommandFailure) -> PKCS11Key {
        let uri: PKCS11URI
        do throws(PKCS11Error) {
            uri = try PKCS11URI(text)
        } catch {
            throw CommandFailure("\(error)")
        }
        var pin: [UInt8]?
        if let path = uri.pinFile ?? CommandEnvironment.value("PARAPH_PIN_FILE") { pin = try firstLine(of: path) }
        do throws(PKCS11Error) {
            return try await PKCS11Key(uri: uri, pin: pin, sessions: sessions)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    private static func algorithm(_ kind: KeyKind, _ options: SignOptions) throws(CommandFailure) -> SignatureAlgorithm
    {
        guard let algorithm = kind.defaultSignatureAlgorithm else {
            throw CommandFailure("a key of kind \(kind) cannot sign documents: use RSA, P-256, P-384 or P-521")
        }
        guard options.isPSS else { return algorithm }
        guard case .rsa = kind else { throw CommandFailure("--pss is for RSA keys, and this one is of kind \(kind)") }
        return .rsaPSSSHA256
    }

    private static func chain(_ path: String) throws(CommandFailure) -> [Certificate] {
        let pem = try read(path)
        do throws(CryptographyError) {
            return try Certificate.certificates(pem: pem)
        } catch {
            throw CommandFailure("\(path) holds no certificate that can be read")
        }
    }

    private static func credential(
        _ chain: [Certificate], _ algorithm: SignatureAlgorithm, sign: @escaping SigningCredential.Sign
    ) throws(CommandFailure) -> SigningCredential {
        do throws(CryptographyError) {
            return try SigningCredential(chain: chain, algorithm: algorithm, sign: sign)
        } catch {
            throw CommandFailure("the chain cannot be used: \(error)")
        }
    }

    private static func warnings(on chain: [Certificate]) -> [String] {
        guard let leaf = chain.first else { return [] }
        var warnings: [String] = []
        if let usage = leaf.keyUsage, usage.isDisjoint(with: [.digitalSignature, .nonRepudiation]) {
            warnings.append("warning: the certificate is not meant for signing documents (its keyUsage says so)")
        }
        let now = CommandEnvironment.now()
        if now < leaf.notBefore || now > leaf.notAfter {
            warnings.append(
                "warning: the certificate is not valid at this time; verifiers will not accept the signature")
        }
        return warnings
    }

    private static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        do throws(FileSystemError) {
            return try SmallFile.read(path)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// The first line of a file that nobody else may read.
    static func firstLine(of path: String) throws(CommandFailure) -> [UInt8] {
        do throws(FileSystemError) {
            return Array(try SecretFile.read(path).prefix { $0 != 0x0A && $0 != 0x0D })
        } catch {
            throw CommandFailure("\(error)")
        }
    }
}
