// SPDX-License-Identifier: Apache-2.0

/// What an object is to the document, by the way that leads to it; one object can have several roles.
enum ObjectRole: Hashable {
    case catalog
    case documentInformation
    case metadata
    case extensions
    case markInformation
    case securityStore
    /// A page or a node of the page tree.
    case page
    /// The `/Kids` of a page tree node.
    case pageList
    /// The `/Annots` of a page.
    case annotationList(page: Int)
    case annotation
    case form
    /// The `/Fields` of the form, or the `/Kids` of a field.
    case fieldList(parent: Int?)
    /// A field, or a widget of one.
    case field
    /// The form's `/DR`.
    case defaultResources
    /// One category in it, such as `/Font`.
    case defaultResourceCategory
    /// The `/AP` of a widget.
    case appearance(field: Int)
    /// A stream that `/AP` names, or the dictionary of states between them.
    case appearanceStream(field: Int)
    /// A value that is an object of its own.
    case value(field: Int)
    /// The value of a signature field.
    case signature
    /// Nothing, named by an entry of the trailer that no standard knows.
    case openReference
    case content(DocumentPart)

    /// Roles of dictionaries whose changes are judged entry by entry, so that other ways to them open nothing.
    var isJudgedByEntry: Bool {
        switch self {
        case .catalog, .page, .annotation, .form, .field, .signature: true
        default: false
        }
    }
}

/// A part of the document that nothing may change after signing; the raw value is how a report calls it.
enum DocumentPart: String {
    case page = "what a page shows"
    case pageTree = "what pages inherit"
    case annotation = "an annotation"
    case form = "the form's definition"
    case field = "a field's definition"
    case appearance = "what a field's appearance is made of"
    case signature = "a signature"
    case resources = "fonts and other resources of the form"
    case actions = "actions or scripts"
    case names = "named destinations, scripts or embedded files"
    case outlines = "the outline"
    case structure = "the structure tree"
    case optionalContent = "optional content, which hides and shows parts of pages"
    case permissions = "the document's permissions"
    case encryption = "the document's encryption"
    case catalog = "the document catalog"
    case trailer = "the trailer"
    case objectStream = "an object stream that holds signed objects"

    /// The part that an entry of the catalog leads to (Table 29).
    init(catalogKey key: String) {
        switch key {
        case "OpenAction", "AA": self = .actions
        case "Names", "Dests", "AF", "Collection": self = .names
        case "Outlines", "Threads": self = .outlines
        case "StructTreeRoot": self = .structure
        case "OCProperties": self = .optionalContent
        case "Perms": self = .permissions
        case "Pages": self = .pageTree
        default: self = .catalog
        }
    }
}
