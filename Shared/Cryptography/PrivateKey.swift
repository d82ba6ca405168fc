// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// A private key; signing with one from several threads at once is safe and shares no lock of ours.
package struct PrivateKey: Sendable {
    private let handle: KeyHandle

    /// Algorithm and size.
    package var kind: KeyKind { handle.kind }

    private init(adopting pointer: OpaquePointer) throws(CryptographyError) {
        handle = try KeyHandle(adopting: pointer, signing: true)
    }

    /// Makes a new key; an RSA key takes some tenths of a second.
    package static func generate(_ kind: KeyKind) throws(CryptographyError) -> PrivateKey {
        let pointer: OpaquePointer?
        switch kind {
        case .rsa(let bits):
            guard (2048...4096).contains(bits) else {
                throw .invalidArgument("RSA keys here have 2048 to 4096 bits, not \(bits)")
            }
            pointer = paraph_generate_rsa(bits)
        case .p256: pointer = paraph_generate_ec("P-256")
        case .p384: pointer = paraph_generate_ec("P-384")
        case .p521: pointer = paraph_generate_ec("P-521")
        case .ed25519: pointer = paraph_generate_ed25519()
        case .other: throw .unsupportedAlgorithm("a key of kind \(kind) only verifies")
        }
        return try PrivateKey(adopting: check(pointer, "EVP_PKEY_Q_keygen"))
    }

    /// Reads the first private key of a PEM text: PKCS#8, encrypted PKCS#8, or the older forms.
    /// - Throws: `CryptographyError.unreadableKey`, also for a missing or wrong pass phrase.
    package init(pem: [UInt8], passphrase: String? = nil) throws(CryptographyError) {
        let bio = try MemoryBIO(pem)
        let pointer: OpaquePointer?
        if let passphrase {
            // Without a callback the last argument is the zero-terminated pass phrase (PEM_read_bio_PrivateKey(3)).
            var text = Array(passphrase.utf8) + [0]
            pointer = PEM_read_bio_PrivateKey(bio.pointer, nil, nil, &text)
        } else {
            pointer = PEM_read_bio_PrivateKey(bio.pointer, nil, paraph_no_passphrase_callback(), nil)
        }
        guard let pointer else {
            ERR_clear_error()
            throw .unreadableKey
        }
        try self.init(adopting: pointer)
    }

    /// Reads an unencrypted PKCS#8 structure (RFC 5958).
    /// - Throws: `CryptographyError.unreadableKey`.
    package init(pkcs8DER der: [UInt8]) throws(CryptographyError) {
        let pointer = decodeDER(der, d2i_AutoPrivateKey)?.pointer
        guard let pointer else {
            ERR_clear_error()
            throw .unreadableKey
        }
        try self.init(adopting: pointer)
    }

    /// The unencrypted PKCS#8 PEM, for sealing; it must not reach a disk as it is.
    package func pem() throws(CryptographyError) -> [UInt8] {
        let bio = try MemoryBIO()
        try check(
            PEM_write_bio_PKCS8PrivateKey(bio.pointer, handle.pointer, nil, nil, 0, nil, nil),
            "PEM_write_bio_PKCS8PrivateKey")
        return bio.bytes
    }

    /// The public half.
    package func publicKey() throws(CryptographyError) -> PublicKey {
        try PublicKey(
            subjectPublicKeyInfoDER: encodeDER("i2d_PUBKEY") { i2d_PUBKEY(handle.pointer, $0) })
    }

    /// Signs a digest that was computed elsewhere.
    /// - Throws: `CryptographyError.invalidArgument` for a digest of another length than the algorithm's,
    ///   `unsupportedAlgorithm` when the key is of another kind.
    package func sign(digest: [UInt8], algorithm: SignatureAlgorithm) throws(CryptographyError) -> [UInt8] {
        guard digest.count == algorithm.digest.byteCount else {
            throw .invalidArgument("a \(algorithm.digest.rawValue) digest has \(algorithm.digest.byteCount) bytes")
        }
        guard algorithm.isAllowedForSigning else { throw .unsupportedAlgorithm("\(algorithm) is only verified") }
        return try handle.withContext(start: EVP_PKEY_sign_init, algorithm: algorithm) {
            context throws(CryptographyError) in
            var length = Int(EVP_PKEY_get_size(handle.pointer))
            var status: Int32 = 0
            let signature = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
                status = EVP_PKEY_sign(context, buffer.baseAddress, &length, digest, digest.count)
                count = status == 1 ? length : 0
            }
            try check(status, "EVP_PKEY_sign")
            return signature
        }
    }

    /// Signs a message with Ed25519 (RFC 8032), which hashes by itself.
    /// - Throws: `CryptographyError.unsupportedAlgorithm` for any other kind of key.
    package func sign(ed25519Message message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard kind == .ed25519 else { throw .unsupportedAlgorithm("a key of kind \(kind) cannot sign Ed25519") }
        let context = try check(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        defer { EVP_MD_CTX_free(context) }
        try check(EVP_DigestSignInit_ex(context, nil, nil, nil, nil, handle.pointer, nil), "EVP_DigestSignInit_ex")
        var length = 64
        var status: Int32 = 0
        let signature = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            status = EVP_DigestSign(context, buffer.baseAddress, &length, message, message.count)
            count = status == 1 ? length : 0
        }
        try check(status, "EVP_DigestSign")
        return signature
    }

    /// Lends the key for signing certificates.
    func withHandle<Result>(
        _ body: (OpaquePointer) throws(CryptographyError) -> Result
    ) throws(CryptographyError) -> Result {
        try body(handle.pointer)
    }
}
