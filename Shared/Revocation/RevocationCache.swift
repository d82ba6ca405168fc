// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Synchronization

/// Keeps values until they are outdated; what was used longest ago goes first.
final class RevocationCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let until: Instant
        var lastUse: UInt64
    }
    private struct State {
        var entries: [Key: Entry] = [:]
        var uses: UInt64 = 0
    }

    private let maximumEntries: Int
    private let state = Mutex(State())

    init(maximumEntries: Int) {
        self.maximumEntries = max(1, maximumEntries)
    }

    func value(for key: Key, at now: Instant) -> Value? {
        state.withLock { state in
            guard let entry = state.entries[key] else { return nil }
            guard now < entry.until else {
                state.entries[key] = nil
                return nil
            }
            state.uses += 1
            state.entries[key]?.lastUse = state.uses
            return entry.value
        }
    }

    func keep(_ value: Value, for key: Key, until: Instant) {
        state.withLock { state in
            if state.entries[key] == nil, state.entries.count >= maximumEntries {
                // A tenth at once, so that a full cache does not search for each new entry.
                let oldest = state.entries.sorted { $0.value.lastUse < $1.value.lastUse }
                for (key, _) in oldest.prefix(max(1, maximumEntries / 10)) { state.entries[key] = nil }
            }
            state.uses += 1
            state.entries[key] = Entry(value: value, until: until, lastUse: state.uses)
        }
    }
}

/// One certificate of one issuer.
struct CertificateKey: Hashable, Sendable {
    private let issuer: [UInt8]
    private let serial: [UInt8]

    init(_ certificate: Certificate, issuer: Certificate) {
        self.issuer = issuer.sha256
        serial = certificate.serialDER
    }
}
