// SPDX-License-Identifier: Apache-2.0

/// The outcome for one signature (EN 319 102-1, 5.1.3).
package enum Indication: String, Sendable, Codable {
    /// Everything that was asked for holds.
    case passed = "TOTAL-PASSED"
    /// What is there neither proves nor disproves the signature.
    case indeterminate = "INDETERMINATE"
    /// The signature does not stand, whatever else may come to light.
    case failed = "TOTAL-FAILED"
}

/// Why a signature or a timestamp did not pass (EN 319 102-1, Tables 5 and 6); the raw values are the standard's words.
package enum SubIndication: String, Sendable, Codable {
    /// It is not in the form that its standard asks for; here also a document that was changed against ISO 32000-2,
    /// 12.8.2: a signed PDF has its form only while later revisions keep to what they may change.
    case formatFailure = "FORMAT_FAILURE"
    /// What was signed was changed.
    case hashFailure = "HASH_FAILURE"
    /// The signature value is not the certificate's.
    case signatureCryptoFailure = "SIG_CRYPTO_FAILURE"
    /// The signature was proven to be made before its certificate was valid.
    case notYetValid = "NOT_YET_VALID"
    /// The signature's own constraints are not met; here also later changes that could not be judged.
    case signatureConstraintsFailure = "SIG_CONSTRAINTS_FAILURE"
    /// The chain breaks a rule other than time and trust.
    case chainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE"
    /// A certificate of the chain is not signed by its issuer.
    case chainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    /// An algorithm was too weak when the signature is proven to have existed, or always was.
    case cryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE"
    /// An algorithm is too weak today, and nothing proves that the signature is older than that.
    case cryptoConstraintsFailureNoPOE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    /// Timestamps contradict the order in which they must have been made.
    case timestampOrderFailure = "TIMESTAMP_ORDER_FAILURE"
    /// The signing certificate is not there, or is not the one that the signature names.
    case noSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND"
    /// No chain leads to a trust anchor.
    case noCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND"
    /// The signing certificate is revoked, and nothing proves that the signature is older.
    case revokedNoPOE = "REVOKED_NO_POE"
    /// An issuer's certificate is revoked, and nothing proves that the signature is older.
    case revokedAuthorityNoPOE = "REVOKED_CA_NO_POE"
    /// A certificate is outside its validity, and nothing proves that the signature was made within it.
    case outOfBoundsNoPOE = "OUT_OF_BOUNDS_NO_POE"
    /// Revocation data are missing, or too old.
    case tryLater = "TRY_LATER"
}

/// Why something did not pass: the standard's word, and a sentence for people.
struct Shortcoming: Error, Equatable {
    let subIndication: SubIndication
    let sentence: String

    init(_ subIndication: SubIndication, _ sentence: String) {
        self.subIndication = subIndication
        self.sentence = sentence
    }

    /// Which of the two outcomes the sub-indication goes with (EN 319 102-1, Table 5).
    var indication: Indication {
        switch subIndication {
        case .formatFailure, .hashFailure, .signatureCryptoFailure, .notYetValid: .failed
        default: .indeterminate
        }
    }
}
