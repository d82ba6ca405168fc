// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// Where a key counts: the same text of another tenant, account, method or route is another key.
package struct IdempotencyScope: Sendable, Hashable {
    package let tenantID: UUID
    /// The account, not its token, so that keys survive token rotation.
    package let serviceAccountID: UUID
    package let method: String
    /// The route's template; path parameters belong to the fingerprint.
    package let route: String
    package let key: IdempotencyKey

    /// Joins caller, route and key.
    package init(tenantID: UUID, serviceAccountID: UUID, method: String, route: String, key: IdempotencyKey) {
        self.tenantID = tenantID
        self.serviceAccountID = serviceAccountID
        self.method = method
        self.route = route
        self.key = key
    }
}

/// An answer as it is kept for replays.
package struct StoredResponse: Sendable, Equatable {
    /// One of the fields that a replay repeats.
    package struct Header: Sendable, Equatable {
        package let name: String
        package let value: String

        /// One field of the answer.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package let status: Int
    /// In the order in which they were sent.
    package let headers: [Header]
    package let body: [UInt8]

    /// Takes what a replay has to repeat.
    package init(status: Int, headers: [Header], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
