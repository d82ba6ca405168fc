// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography

/// What an answer has to be before a signature relies on it (RFC 3161, 2.2).
struct TokenCheck {
    let request: TimestampRequest
    let now: Instant
    let tolerance: Double

    func token(in body: [UInt8]) throws(TimestampFailure) -> TimestampToken {
        guard let response = try? TimestampResponse(der: body) else { throw .unreadable }
        guard response.isGranted else { throw .refused(failure: response.failure) }
        guard let der = response.tokenDER, let token = try? TimestampToken(der: der) else { throw .unreadable }
        guard token.nonceDER == request.nonceDER else { throw .wrongNonce }
        guard token.imprintAlgorithm == request.algorithm, token.imprint == request.imprint else { throw .wrongImprint }
        if let policy = request.policy, token.policy != policy { throw .wrongPolicy }
        guard let signer = token.signer, token.namesSigner, signer.isTimestampingCertificate else {
            throw .wrongCertificate
        }
        guard token.verifySignature() else { throw .wrongSignature }
        guard abs(token.time.seconds(since: now)) <= tolerance, signer.notBefore <= token.time,
            token.time <= signer.notAfter
        else { throw .wrongTime }
        return token
    }

    /// The span in which the signer's path to an anchor holds.
    static func trust(in token: TimestampToken, anchors: [Certificate]) throws(TimestampFailure) -> Range<Instant> {
        do throws(CryptographyError) {
            guard let signer = token.signer else { throw CryptographyError.unreadableTimestamp }
            let path = try CertificatePath.find(
                leaf: signer, candidates: token.certificates, anchors: anchors, at: token.time
            ).certificates
            let first = path.map(\.notBefore).max() ?? token.time
            let last = path.map(\.notAfter).min() ?? token.time
            return first..<max(first, last)
        } catch {
            throw .untrusted
        }
    }
}
