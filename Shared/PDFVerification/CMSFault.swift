// SPDX-License-Identifier: Apache-2.0

/// Why a CMS signature does not stand.
enum CMSFault: String, Error {
    case unreadable = "The signature is not SignedData."
    case unknownFormat = "The signature has a form that is not known here."
    case notDetached = "The signature carries content of its own."
    case wrongContent = "The content inside the signature is not the digest of the signed bytes."
    case severalSigners = "The signature has not exactly one signer."
    case algorithm = "The signature uses an algorithm that is not read here."
    case algorithmMismatch = "The signature names one digest for the content and another for itself."
    case noCertificate = "The signature does not carry its signer's certificate."
    case attributes = "The signed attributes are missing, repeated or wrong."
    case digest = "The signed bytes were changed."
    case value = "The signature value does not belong to the signed attributes and the certificate."

    /// Whether it can be told that the signature is wrong, or only that it cannot be read.
    var integrity: SignatureReport.Integrity {
        switch self {
        case .unreadable, .unknownFormat, .algorithm, .noCertificate: .unreadable
        default: .broken
        }
    }

    /// The same for the report.
    var shortcoming: Shortcoming {
        switch self {
        case .digest, .wrongContent: Shortcoming(.hashFailure, rawValue)
        case .value, .algorithmMismatch: Shortcoming(.signatureCryptoFailure, rawValue)
        case .noCertificate: Shortcoming(.noSigningCertificateFound, rawValue)
        case .algorithm: Shortcoming(.cryptoConstraintsFailure, rawValue)
        case .unreadable, .unknownFormat, .notDetached, .severalSigners, .attributes:
            Shortcoming(.formatFailure, rawValue)
        }
    }
}
