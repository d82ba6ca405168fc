// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography

/// The revocation data inside a CMS signature; what cannot be read is left out.
struct CarriedRevocationData {
    private static let maximumCount = 256

    private(set) var responses: [OCSPResponse] = []
    private(set) var lists: [RevocationList] = []

    /// Looks into SignedData.crls (RFC 5652, 10.2.1), Adobe's archival attribute and CAdES revocation-values.
    init(lists elements: [DERElement], _ reader: DERReader, signed: CMSAttributes, unsigned: CMSAttributes) {
        for element in elements.prefix(Self.maximumCount) {
            if element.tag == 0x30 { append(list: reader.whole(element)) }
            if element.tag == 0xA1, let parts = reader.children(of: element), parts.count == 2,
                reader.identifier(parts[0]) == CMSIdentifier.ocspInRevocations
            {
                append(response: reader.whole(parts[1]))
            }
        }
        let archival =
            signed.values(CMSIdentifier.revocationArchival) + unsigned.values(CMSIdentifier.revocationArchival)
        for value in archival { read(value, basic: false) }
        for value in unsigned.values(CMSIdentifier.revocationValues) { read(value, basic: true) }
    }

    /// Both structures are SEQUENCE { [0] CRLs, [1] OCSP responses, … }.
    private mutating func read(_ value: [UInt8], basic: Bool) {
        let reader = DERReader(value)
        guard let root = reader.root, let groups = reader.children(of: root) else { return }
        for group in groups {
            guard let sequence = reader.children(of: group)?.first, let members = reader.children(of: sequence) else {
                continue
            }
            for member in members.prefix(Self.maximumCount) {
                switch group.tag {
                case 0xA0: append(list: reader.whole(member))
                case 0xA1 where basic:
                    if let response = try? OCSPResponse(basicResponseDER: reader.whole(member)) {
                        responses.append(response)
                    }
                case 0xA1: append(response: reader.whole(member))
                default: break
                }
            }
        }
    }

    private mutating func append(list der: [UInt8]) {
        if let list = try? RevocationList(der: der) { lists.append(list) }
    }

    private mutating func append(response der: [UInt8]) {
        if let response = try? OCSPResponse(der: der) { responses.append(response) }
    }
}
