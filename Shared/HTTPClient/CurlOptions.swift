// SPDX-License-Identifier: Apache-2.0
import CCurl
import Glibc

/// Sets up one easy handle and remembers the first option that libcurl refused.
///
/// Used on the loop's thread only. It owns the lists that libcurl borrows; `CurlTransfer` frees them after the handle.
struct CurlOptions {
    let easy: UnsafeMutableRawPointer
    private(set) var lists: [UnsafeMutablePointer<curl_slist>] = []
    private(set) var firstError = CURLE_OK

    init(easy: UnsafeMutableRawPointer) { self.easy = easy }

    mutating func set(_ option: CURLoption, _ value: Int) { note(paraph_curl_set_long(easy, option, value)) }

    mutating func set(_ option: CURLoption, _ value: Bool) { set(option, value ? 1 : 0) }

    mutating func set(_ option: CURLoption, _ value: String) { note(paraph_curl_set_text(easy, option, value)) }

    mutating func set(_ option: CURLoption, seconds: Double) {
        set(option, Int((max(seconds, 0.001) * 1_000).rounded(.up)))
    }

    mutating func setSize(_ option: CURLoption, _ value: Int) {
        note(paraph_curl_set_size(easy, option, Int64(value)))
    }

    mutating func set(_ option: CURLoption, list texts: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts {
            guard let longer = curl_slist_append(list, text) else {
                note(CURLE_OUT_OF_MEMORY)
                break
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        note(paraph_curl_set_list(easy, option, list))
    }

    mutating func setBody(_ bytes: [UInt8]) {
        setSize(CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
        note(
            bytes.isEmpty
                ? paraph_curl_set_text(easy, CURLOPT_COPYPOSTFIELDS, "")
                : bytes.withUnsafeBytes {
                    paraph_curl_copy_body(easy, $0.baseAddress)
                })
    }

    /// The check stands between resolving and connecting, so that a name cannot change its address in between.
    mutating func refuseInternalAddresses() {
        note(
            paraph_curl_set_socket_callback(easy) { _, _, address in
                guard let address, PublicAddress.isPublic(address) else { return CURL_SOCKET_BAD }
                return socket(
                    address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
                    address.pointee.protocol)
            })
    }

    mutating func note(_ code: CURLcode) {
        if firstError == CURLE_OK { firstError = code }
    }
}
