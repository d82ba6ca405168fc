// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// A change as the comparison of two states found it, before any signature's permissions are asked.
struct ChangeFinding: Sendable {
    let object: String
    let what: String
    let kind: ChangeKind

    init(_ reference: Int?, _ what: String, _ kind: ChangeKind) {
        object = reference.map { "\($0) 0 R" } ?? "trailer"
        self.what = what
        self.kind = kind
    }

    init(object: String, _ what: String, _ kind: ChangeKind) {
        self.object = object
        self.what = what
        self.kind = kind
    }
}

/// What a change amounts to; who may make it depends on the signature.
enum ChangeKind: Sendable, Hashable {
    /// Nothing that a reader uses differs.
    case neutral(why: String)
    /// Validation data, document timestamps, metadata: allowed after every signature.
    case upkeep(why: String)
    /// A signature field that was not there.
    case newField(name: String, isVisible: Bool)
    /// A signature in a field.
    case signing(field: String)
    /// A value in a form field, with its appearance.
    case filling(field: String)
    /// A comment or other annotation that imitates no page content.
    case comment(why: String)
    /// What was recorded of the validation of a signature, by its key in `/VRI`; it may change where it was not signed.
    case record(key: String)
    /// An object where only an entry of the trailer that no standard knows had named nothing.
    case opening(number: Int)
    /// No signature allows it.
    case forbidden(why: String)
    /// It cannot be told what it is.
    case unreadable(why: String)
}
