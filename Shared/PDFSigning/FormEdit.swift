// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Changes to the interactive form (ISO 32000-2, 12.7.3); what need not change is not written again.
struct FormEdit {
    /// SignaturesExist and AppendOnly (Table 225).
    private static let signatureFlags = 3

    private let existing: InteractiveForm?
    private var dictionary: PDFDictionary
    private var added: [PDFReference] = []
    private var isChanged: Bool

    /// - Parameter existing: The document's form; nil makes a new one.
    init(_ existing: InteractiveForm?) {
        self.existing = existing
        dictionary = existing?.dictionary ?? PDFDictionary()
        isChanged = existing == nil
    }

    mutating func add(_ field: PDFReference) { added.append(field) }

    /// Says that there are signatures.
    mutating func markSigned(in draft: RevisionDraft) throws(PDFError) {
        let flags = try draft.resolved(dictionary["SigFlags"]).integerValue ?? 0
        guard flags & Self.signatureFlags != Self.signatureFlags else { return }
        dictionary["SigFlags"] = .integer(flags | Self.signatureFlags)
        isChanged = true
    }

    /// Makes Helvetica a resource of the form, for the default appearance of text fields (12.7.4.3).
    mutating func addFont(to draft: inout RevisionDraft) throws(PDFError) {
        if dictionary["DA"] == nil {
            dictionary["DA"] = .string(Array("/Helv 0 Tf 0 g".utf8))
            isChanged = true
        }
        var resources = try draft.resolved(dictionary["DR"]).dictionaryValue ?? PDFDictionary()
        var fonts = try draft.resolved(resources["Font"]).dictionaryValue ?? PDFDictionary()
        guard fonts["Helv"] == nil else { return }
        let font = try draft.update.newReference()
        draft.update.write(Self.helvetica, at: font)
        fonts["Helv"] = .reference(font)
        resources["Font"] = .dictionary(fonts)
        dictionary["DR"] = .dictionary(resources)
        isChanged = true
    }

    /// One of the fourteen fonts that every reader has (9.6.2.2), for readers that let people type; what is drawn here
    /// embeds its fonts.
    private static let helvetica = PDFDictionary([
        ("Type", .name("Font")), ("Subtype", .name("Type1")), ("BaseFont", .name("Helvetica")),
        ("Encoding", .name("WinAnsiEncoding")),
    ])

    /// Puts the changed parts into the draft.
    consuming func apply(to draft: inout RevisionDraft) throws(PDFError) {
        if !added.isEmpty || existing == nil {
            let fields = PDFObject.array(((existing?.fields ?? []) + added).map(PDFObject.reference))
            if let indirect = existing?.fieldsReference {
                draft.replace(indirect, with: fields)
            } else {
                dictionary["Fields"] = fields
                isChanged = true
            }
        }
        guard isChanged else { return }
        // Seen in the wild: one object as form and as document information, which later readings would mistake.
        let isShared =
            existing?.reference != nil && existing?.reference == draft.document.trailer["Info"]?.referenceValue
        if let reference = existing?.reference, !isShared {
            draft.replace(reference, with: .dictionary(dictionary))
        } else if existing == nil || isShared {
            let reference = try draft.update.newReference()
            draft.update.write(dictionary, at: reference)
            draft.catalog["AcroForm"] = .reference(reference)
        } else {
            draft.catalog["AcroForm"] = .dictionary(dictionary)
        }
    }
}
