// SPDX-License-Identifier: Apache-2.0

/// How the strings or streams of a document are encrypted (ISO 32000-2, Table 25).
package enum CipherMethod: String, Sendable, Equatable {
    /// Not at all.
    case identity
    /// RC4 with a key for each object.
    case rc4
    /// AES-128 in CBC mode with a key for each object.
    case aes128
    /// AES-256 in CBC mode with one key for the document.
    case aes256
}
