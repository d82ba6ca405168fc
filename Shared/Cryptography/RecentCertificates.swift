// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Certificates read lately: the same few come with every signature and timestamp, and reading a key is costly.
enum RecentCertificates {
    private static let maximum = 256
    private static let known = Mutex<[[UInt8]: Certificate]>([:])

    static func certificate(der: [UInt8]) throws(CryptographyError) -> Certificate {
        let key = SHA256.digest(of: der)
        if let found = known.withLock({ $0[key] }) { return found }
        let certificate = try Certificate(der: der)
        known.withLock { known in
            // Starting over is cheaper than keeping account of uses.
            if known.count >= maximum { known.removeAll(keepingCapacity: true) }
            known[key] = certificate
        }
        return certificate
    }
}
