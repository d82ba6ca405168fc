// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// The process's cryptographic random generator.
package enum SecureRandom {
    /// Bytes fit for keys and nonces; a process whose generator cannot be seeded ends here.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let status = RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(status == 1, "the random generator could not be seeded")
            initialized = count
        }
    }
}
