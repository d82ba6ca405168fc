// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What inputs are made from and what each input is.
struct FuzzSample: Sendable {
    enum Kind: String, Sendable {
        case document = "pdf"
        /// A signature, a certificate, an answer of an authority: anything in DER.
        case message = "der"
        /// PNG or JPEG.
        case picture = "image"

        /// Nil for a file of none of the kinds.
        init?(fileName: String) {
            switch fileName.split(separator: ".").last?.lowercased() {
            case "pdf": self = .document
            case "der": self = .message
            case "png", "jpg", "jpeg", "image": self = .picture
            default: return nil
            }
        }
    }

    let kind: Kind
    var bytes: [UInt8]
    /// What a document is opened with.
    var password: String?
}
