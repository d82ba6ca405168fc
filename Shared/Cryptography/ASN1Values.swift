// SPDX-License-Identifier: Apache-2.0
import Clocks
import COpenSSL

/// A UTCTime or GeneralizedTime.
/// - Throws: `CryptographyError.unreadableCertificate` for what is no time.
func instant(_ time: UnsafePointer<ASN1_TIME>?) throws(CryptographyError) -> Instant {
    guard let epoch = ASN1_TIME_set(nil, 0) else { throw failure("ASN1_TIME_set") }
    defer { ASN1_STRING_free(epoch) }
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard let time, ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
        ERR_clear_error()
        throw .unreadableCertificate
    }
    return Instant(microseconds: (Int64(days) * 86_400 + Int64(seconds)) * 1_000_000)
}

/// A copy of what a string type of ASN.1 holds.
func octets(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    guard let string else { return [] }
    return [UInt8](
        UnsafeRawBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(max(0, ASN1_STRING_length(string)))))
}
