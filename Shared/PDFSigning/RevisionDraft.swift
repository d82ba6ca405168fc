// SPDX-License-Identifier: Apache-2.0
package import PDFSyntax

/// One revision in the making: objects of the document that several steps change are written once, at the end.
///
/// New objects go straight into `update`; for those of the document `object(_:)` and `replace(_:with:)` see earlier
/// changes of the same draft, so that form, page and catalog can be edited by one step after the other.
package struct RevisionDraft: Sendable {
    /// What is revised.
    package let document: PDFDocument
    /// For new objects.
    package var update: IncrementalUpdate
    private var changed: [(reference: PDFReference, object: PDFObject)] = []
    private var places: [PDFReference: Int] = [:]

    /// Changes nothing yet.
    package init(of document: PDFDocument) {
        self.document = document
        update = IncrementalUpdate(of: document)
    }

    /// The object as this draft leaves it.
    package func object(_ reference: PDFReference) throws(PDFError) -> PDFObject {
        if let place = places[reference] { return changed[place].object }
        return try document.object(reference)
    }

    /// Follows a reference to what this draft leaves there.
    package func resolved(_ object: PDFObject?) throws(PDFError) -> PDFObject {
        guard let reference = object?.referenceValue, let place = places[reference] else {
            return try document.resolved(object)
        }
        return changed[place].object
    }

    /// Puts another object in the place of one of the document.
    package mutating func replace(_ reference: PDFReference, with object: PDFObject) {
        if let place = places[reference] {
            changed[place].object = object
        } else {
            places[reference] = changed.count
            changed.append((reference, object))
        }
    }

    /// The catalog as this draft leaves it; setting it makes it part of the revision.
    package var catalog: PDFDictionary {
        get {
            places[document.catalogReference].flatMap { changed[$0].object.dictionaryValue } ?? document.catalog
        }
        set { replace(document.catalogReference, with: .dictionary(newValue)) }
    }

    /// Writes what was changed and ends the update.
    package consuming func finish() throws(PDFError) -> [UInt8] {
        for (reference, object) in changed { update.write(object, at: reference) }
        return try update.finish()
    }
}
