// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Envelopes
import Foundation
import Keys

/// Seals the personal part of an event: key id (16 bytes), nonce (12), ciphertext and tag, bound to the event's id.
struct PersonalDataSeal: Sendable {
    private static let headerBytes = 16 + AESGCM.nonceByteCount

    let keys: DataKeyStore

    /// Keys for chains that have none yet, one for each of the tenants.
    func newKeys(tenants: [TenantID]) throws -> [UUID] {
        try keys.create(tenants: tenants.map(\.uuid)).map(\.id)
    }

    func seal(_ personal: PersonalData, tenant: TenantID, key: UUID, event: UUID) throws -> [UInt8] {
        let dataKey = try keys.open(tenant: tenant.uuid, id: key)
        let nonce = SecureRandom.bytes(AESGCM.nonceByteCount)
        return key.bytes + nonce
            + (try AESGCM.seal(
                Self.text(of: personal), key: dataKey.bytes, nonce: nonce, aad: Self.binding(event)))
    }

    /// The personal data, or nil when its key was destroyed.
    func open(_ sealed: [UInt8], tenant: TenantID, event: UUID) throws -> JSONValue? {
        guard sealed.count > Self.headerBytes, let key = UUID(bytes: sealed[..<16]) else { return nil }
        let dataKey: DataKey
        do {
            dataKey = try keys.open(tenant: tenant.uuid, id: key)
        } catch KeysError.noDataKey {
            return nil
        }
        let nonce = Array(sealed[16..<Self.headerBytes])
        let plaintext = try AESGCM.open(
            Array(sealed[Self.headerBytes...]), key: dataKey.bytes, nonce: nonce, aad: Self.binding(event))
        return try JSONValue(parsing: plaintext)
    }

    private static func text(of personal: PersonalData) -> [UInt8] {
        var members: [String: JSONValue] = [:]
        members["name"] = personal.name.map(JSONValue.string)
        members["email"] = personal.email.map(JSONValue.string)
        members["ip_address"] = personal.ipAddress.map(JSONValue.string)
        members["user_agent"] = personal.userAgent.map(JSONValue.string)
        members["text"] = personal.text.map(JSONValue.string)
        return JSONValue.object(members).canonicalBytes()
    }

    private static func binding(_ event: UUID) -> [UInt8] { Array("paraph/audit/personal/v1".utf8) + event.bytes }
}
