// SPDX-License-Identifier: Apache-2.0

/// The fields that a signature locks, as a `/Lock` dictionary or the parameters of a FieldMDP transform name them
/// (ISO 32000-2, Tables 236 and 259).
package struct FieldLock: Sendable, Equatable {
    /// Which fields are meant.
    package enum Scope: Sendable, Equatable {
        /// Every field.
        case all
        /// The listed ones, and what is below them in the hierarchy.
        case include([String])
        /// All but the listed ones and what is below them.
        case exclude([String])
    }

    /// Which fields are locked.
    package let scope: Scope
    /// What else the lock permits in the document (`/P`); nil where it says nothing.
    package let permission: CertificationLevel?

    /// Reads either dictionary; what cannot be understood locks everything.
    package init(_ dictionary: PDFDictionary, in document: PDFDocument) throws(PDFError) {
        var names: [String] = []
        for element in try document.resolved(dictionary["Fields"]).arrayValue ?? [] {
            if let name = try document.resolved(element).stringValue { names.append(PDFSerializer.text(of: name)) }
        }
        switch try document.resolved(dictionary["Action"]).nameValue {
        case "Include": scope = .include(names)
        case "Exclude": scope = .exclude(names)
        default: scope = .all
        }
        permission = try document.resolved(dictionary["P"]).integerValue.flatMap(CertificationLevel.init)
    }

    /// The value of `/Action`.
    package var action: String {
        switch scope {
        case .all: "All"
        case .include: "Include"
        case .exclude: "Exclude"
        }
    }

    /// Whether the field of this full name may not change.
    package func covers(_ name: String) -> Bool {
        switch scope {
        case .all: true
        case .include(let names): names.contains { Self.contains($0, name) }
        case .exclude(let names): !names.contains { Self.contains($0, name) }
        }
    }

    private static func contains(_ listed: String, _ name: String) -> Bool {
        name == listed || (name.hasPrefix(listed) && name.dropFirst(listed.count).first == ".")
    }
}
