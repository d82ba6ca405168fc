// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax

/// The two forms in which an inspection is printed.
extension DocumentInspection {
    /// One object; `null` stands for what the document does not have.
    var json: JSONValue {
        .object([
            "file": .string(path), "size": .integer(Int64(size)), "version": .string(version),
            "cross_reference": .string(crossReference), "pages": .integer(Int64(pages)),
            "encryption": encryption.map(Self.json) ?? .null, "pdfa": conformance.map { .string($0) } ?? .null,
            "revisions": .array(revisions.map(Self.json)), "fields": .array(fields.map(Self.json)),
            "signatures": .array(signatures.map(Self.json)), "dss": securityStore.map(Self.json) ?? .null,
            "problems": .array(problems.map(Self.json)),
        ])
    }

    /// For people.
    var lines: [String] {
        var lines = [
            "\(path): PDF \(version), \(size) bytes, \(pages) page\(pages == 1 ? "" : "s"), \(crossReference) cross-references"
        ]
        if let conformance { lines.append("  claims \(conformance)") }
        if let encryption {
            let who = encryption.isOpenedAsOwner ? "owner" : "user"
            lines.append(
                "  encrypted: \(encryption.streamMethod.rawValue), V\(encryption.version) R\(encryption.revision), opened as \(who)"
            )
        }
        lines.append("  revisions:")
        for (index, revision) in revisions.enumerated() {
            let end = revision.end.map(String.init) ?? "?"
            lines.append(
                "    \(index + 1)  bytes \(revision.start)-\(end), \(revision.objects) objects: \(revision.summary)")
        }
        if !fields.isEmpty {
            lines.append("  fields:")
            for field in fields {
                lines.append(
                    "    \(field.type ?? "?")  \(field.name)\(field.isSigned ? ", signed" : field.type == "Sig" ? ", open" : "")"
                )
            }
        }
        if !signatures.isEmpty { lines.append("  signatures (not verified):") }
        for signature in signatures { lines.append("    " + Self.line(signature)) }
        if let store = securityStore {
            lines.append(
                "  validation data: \(store.certificates) certificates, \(store.responses) OCSP responses, \(store.lists) revocation lists"
                    + (store.hasVRI ? ", VRI" : ""))
        }
        lines.append(problems.isEmpty ? "  no structure problems found" : "  structure problems:")
        for problem in problems {
            lines.append("    " + (problem.offset.map { "at byte \($0): " } ?? "") + problem.what)
        }
        return lines
    }

    private static func line(_ signature: SignatureFact) -> String {
        var parts = ["\(signature.field): \(signature.subFilter ?? "no subfilter")"]
        if let signer = signature.signer { parts.append("by \(signer)") }
        if let time = signature.time { parts.append(time) }
        if let level = signature.certification { parts.append("certifies at level \(level)") }
        for lock in signature.locks {
            parts.append("locks \(lock.action.lowercased()) \(lock.names.joined(separator: " "))")
        }
        return parts.joined(separator: ", ")
    }

    private static func json(_ encryption: DocumentEncryption) -> JSONValue {
        .object([
            "version": .integer(Int64(encryption.version)), "revision": .integer(Int64(encryption.revision)),
            "method": .string(encryption.streamMethod.rawValue), "owner": .bool(encryption.isOpenedAsOwner),
            "permissions": .integer(Int64(encryption.permissions)),
        ])
    }

    private static func json(_ revision: RevisionFact) -> JSONValue {
        .object([
            "start": .integer(Int64(revision.start)), "end": revision.end.map { .integer(Int64($0)) } ?? .null,
            "section": .integer(Int64(revision.sectionOffset)), "objects": .integer(Int64(revision.objects)),
            "what": .string(revision.summary),
        ])
    }

    private static func json(_ field: FieldFact) -> JSONValue {
        .object([
            "name": .string(field.name), "type": field.type.map { .string($0) } ?? .null,
            "signed": .bool(field.isSigned),
        ])
    }

    private static func json(_ signature: SignatureFact) -> JSONValue {
        .object([
            "field": .string(signature.field), "sub_filter": signature.subFilter.map { .string($0) } ?? .null,
            "signer": signature.signer.map { .string($0) } ?? .null,
            "time": signature.time.map { .string($0) } ?? .null,
            "byte_range": .array(signature.byteRange.map { .integer(Int64($0)) }),
            "certification": signature.certification.map { .integer(Int64($0)) } ?? .null,
            "locks": .array(
                signature.locks.map { lock in
                    .object([
                        "action": .string(lock.action), "fields": .array(lock.names.map { .string($0) }),
                    ])
                }),
        ])
    }

    private static func json(_ store: SecurityStore) -> JSONValue {
        .object([
            "certificates": .integer(Int64(store.certificates)), "ocsps": .integer(Int64(store.responses)),
            "crls": .integer(Int64(store.lists)), "vri": .bool(store.hasVRI),
        ])
    }

    private static func json(_ problem: StructureProblem) -> JSONValue {
        .object(["offset": problem.offset.map { .integer(Int64($0)) } ?? .null, "what": .string(problem.what)])
    }
}
