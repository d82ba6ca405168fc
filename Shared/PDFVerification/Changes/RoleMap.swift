// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// The roles that the objects have which later revisions touch, found by a walk of the signed document.
///
/// The walk is made once, for the oldest signature; each later revision only adds what its own objects lead to. Roles
/// are never taken away: what once was page content is judged as page content.
struct RoleMap {
    private struct Visit: Hashable {
        let number: Int
        let role: ObjectRole
    }

    /// Steps from one object to another that a walk may take.
    private static let maximumSteps = 20_000_000
    /// What an object counts for that cannot be parsed: up to four megabytes were read to find out.
    private static let stepsOfFailure = 100_000

    /// The roles of the objects asked about.
    private(set) var roles: [Int: Set<ObjectRole>] = [:]
    /// Objects that could not be parsed, so where they lead is not known.
    private var unreadable: Set<Int> = []
    private let interest: Set<Int>
    private var visited: Set<Visit> = []
    private var visitedContent = NumberSet()
    private var visitedComments = NumberSet()
    private var barrier: Set<Int> = []
    private var structure: [Visit] = []
    private var content: [Visit] = []
    private var comments: [Visit] = []
    private var steps = 0
    private let largest: Int

    /// - Parameter interest: The numbers that roles are recorded of.
    /// - Throws: `PDFError` with `tooComplex` when the document has more references than a walk may follow.
    init(_ document: PDFDocument, fields: FieldTable, interest: Set<Int>) throws(PDFError) {
        self.interest = interest
        largest = document.limits.maximumObjects
        try addTrailer(document, fields)
        try drain(document, fields)
    }

    /// Walks on from the objects that a revision defined, with what they are now.
    mutating func refresh(_ changed: [Int], in document: PDFDocument, fields: FieldTable) throws(PDFError) {
        for number in changed {
            for role in roles[number] ?? [] {
                schedule(Visit(number: number, role: role))
            }
        }
        try addTrailer(document, fields)
        try drain(document, fields)
    }

    private mutating func addTrailer(_ document: PDFDocument, _ fields: FieldTable) throws(PDFError) {
        let open = try document.openTrailerReferences()
        for number in open { enqueue(number, .openReference) }
        for entry in document.trailer.entries {
            switch entry.key {
            case "Root": follow(entry.value, .catalog, fields)
            case "Info": follow(entry.value, .documentInformation, fields)
            case "Encrypt": follow(entry.value, .content(.encryption), fields)
            case "Length", "DecodeParms", "Filter": break
            default:
                for reference in ObjectComparison.references(in: entry.value) where !open.contains(reference.number) {
                    enqueue(reference.number, .content(.trailer))
                }
            }
        }
    }

    /// A finding where the walk is incomplete: what an unreadable object leads to is not known.
    var lostObjects: [ChangeFinding] {
        guard let number = unreadable.min() else { return [] }
        let why = "It cannot be read in the signed document, so what it leads to is not known."
        return [ChangeFinding(number, "may be affected by later changes", .unreadable(why: why))]
    }

    private mutating func schedule(_ visit: Visit) {
        switch visit.role {
        case .content(.annotation): comments.append(visit)
        case .content: content.append(visit)
        default: structure.append(visit)
        }
    }

    /// Walks structure first, then content, then what annotations lead to.
    ///
    /// Content stops where it leads back to a page, a field or another object judged by entry. What annotations lead to
    /// may be allowed to change; what is page content as well stays that.
    private mutating func drain(_ document: PDFDocument, _ fields: FieldTable) throws(PDFError) {
        while let next = structure.popLast() ?? content.popLast() ?? comments.popLast() {
            guard isReached(next) else { continue }
            do throws(PDFError) {
                try noteContainer(of: next.number, document)
                let object = try document.currentObject(next.number)
                // Objects can be made to overlap, so that reading each costs as much as reading all.
                steps += ObjectComparison.weight(of: object) / 64
                expand(object, next.number, next.role, fields)
            } catch {
                guard error.code != .sourceUnreadable else { throw error }
                try expandLoosely(next.number, document)
            }
            guard steps <= Self.maximumSteps else {
                throw PDFError(.tooComplex, "The document has too many references to compare its revisions.")
            }
        }
    }

    /// What cannot be parsed is taken as content with all that it seems to name.
    private mutating func expandLoosely(_ number: Int, _ document: PDFDocument) throws(PDFError) {
        steps += Self.stepsOfFailure
        guard case .atOffset(let offset, _)? = try? document.entry(of: number),
            let found = try LooseReferences.numbers(from: offset, in: document)
        else {
            unreadable.insert(number)
            return
        }
        for number in found { enqueue(number, .content(.catalog)) }
    }

    /// Records a role of content when the way to it is not barred.
    private mutating func isReached(_ visit: Visit) -> Bool {
        guard case .content(let part) = visit.role else { return true }
        guard !barrier.contains(visit.number) else { return false }
        if part == .annotation, visitedContent.contains(visit.number) { return false }
        if interest.contains(visit.number) { roles[visit.number, default: []].insert(visit.role) }
        return true
    }

    /// An object stream is as untouchable as what it holds.
    private mutating func noteContainer(of number: Int, _ document: PDFDocument) throws(PDFError) {
        guard case .inStream(let container, _) = try document.entry(of: number), interest.contains(container) else {
            return
        }
        roles[container, default: []].insert(.content(.objectStream))
    }

    // MARK: Ways from an object

    /// Goes on to every address in a value, under a role.
    private mutating func follow(_ object: PDFObject?, _ role: ObjectRole, _ fields: FieldTable, owner: Int = 0) {
        switch object {
        case .reference(let reference): enqueue(reference.number, role)
        case .array, .dictionary, .stream:
            if case .content = role {
                for reference in ObjectComparison.references(in: object) { enqueue(reference.number, role) }
            } else if let object {
                expand(object, owner, role, fields)
            }
        default: break
        }
    }

    private mutating func enqueue(_ number: Int, _ role: ObjectRole) {
        steps += 1
        if case .content(let part) = role {
            let isFirst =
                part == .annotation
                ? visitedComments.insert(number, maximum: largest) : visitedContent.insert(number, maximum: largest)
            if isFirst { schedule(Visit(number: number, role: role)) }
            return
        }
        let visit = Visit(number: number, role: role)
        guard visited.insert(visit).inserted else { return }
        if role.isJudgedByEntry { barrier.insert(number) }
        if interest.contains(number) { roles[number, default: []].insert(role) }
        schedule(visit)
    }

    private mutating func expand(_ object: PDFObject, _ number: Int, _ role: ObjectRole, _ fields: FieldTable) {
        switch role {
        case .pageList, .annotationList, .fieldList:
            for element in object.arrayValue ?? [] { expandElement(element, role, fields) }
        case .catalog, .page, .annotation, .form, .field:
            for entry in object.dictionaryValue?.entries ?? [] {
                let next = Self.role(of: entry.key, in: role, number, object, fields)
                if let next { follow(entry.value, next, fields, owner: number) }
            }
        case .defaultResources:
            for entry in object.dictionaryValue?.entries ?? [] {
                follow(entry.value, .defaultResourceCategory, fields, owner: number)
            }
        case .defaultResourceCategory: followAll(object, .content(.resources))
        case .appearance(let field), .appearanceStream(let field):
            if case .dictionary(let dictionary) = object {
                for entry in dictionary.entries {
                    follow(entry.value, .appearanceStream(field: field), fields, owner: number)
                }
            } else {
                followAll(object, .content(.appearance))
            }
        case .signature: followAll(object, .content(.signature))
        case .metadata, .extensions, .markInformation: followAll(object, .content(.catalog))
        case .documentInformation, .securityStore, .value, .content: followAll(object, role)
        case .openReference: break
        }
    }

    private mutating func expandElement(_ element: PDFObject, _ role: ObjectRole, _ fields: FieldTable) {
        let next: ObjectRole
        switch role {
        case .pageList: next = .page
        case .fieldList: next = .field
        default:
            guard let number = element.referenceValue?.number else { return followAll(element, .content(.annotation)) }
            next = fields.nodes[number] == nil ? .annotation : .field
        }
        if case .reference(let reference) = element {
            enqueue(reference.number, next)
        } else {
            followAll(element, .content(role == .pageList ? .page : .field))
        }
    }

    private mutating func followAll(_ object: PDFObject, _ role: ObjectRole) {
        for reference in ObjectComparison.references(in: object) { enqueue(reference.number, role) }
    }

    /// The role that an entry leads to; nil for the ones that lead back.
    private static func role(
        of key: String, in role: ObjectRole, _ number: Int, _ object: PDFObject, _ fields: FieldTable
    ) -> ObjectRole? {
        switch (role, key) {
        case (.catalog, "Pages"): return .page
        case (.catalog, "AcroForm"): return .form
        case (.catalog, "DSS"): return .securityStore
        case (.catalog, "Metadata"): return .metadata
        case (.catalog, "Extensions"): return .extensions
        case (.catalog, "MarkInfo"): return .markInformation
        case (.catalog, _): return .content(DocumentPart(catalogKey: key))
        case (.page, "Parent"), (.annotation, "Parent"), (.field, "Parent"): return nil
        case (.annotation, "P"), (.field, "P"), (.annotation, "IRT"): return nil
        case (.page, "Kids"): return .pageList
        case (.page, "Annots"): return .annotationList(page: number)
        case (.page, _): return .content(object.dictionaryValue?["Kids"] == nil ? .page : .pageTree)
        case (.annotation, "Popup"): return .annotation
        case (.annotation, _): return .content(.annotation)
        case (.form, "Fields"): return .fieldList(parent: nil)
        case (.form, "DR"): return .defaultResources
        case (.form, _): return .content(.form)
        case (.field, "Kids"): return .fieldList(parent: number)
        case (.field, "AP"): return .appearance(field: number)
        case (.field, "V"):
            return fields.nodes[number]?.isSignature == true ? .signature : .value(field: number)
        default: return .content(.field)
        }
    }
}

extension PDFDocument {
    /// What entries of the trailer that no standard knows name, where nothing is.
    func openTrailerReferences() throws(PDFError) -> Set<Int> {
        var open: Set<Int> = []
        for entry in trailer.entries
        where !["Root", "Info", "Encrypt", "ID", "Length", "DecodeParms", "Filter"].contains(entry.key) {
            for reference in ObjectComparison.references(in: entry.value) {
                let place = try self.entry(of: reference.number)
                if place == nil || place == .free { open.insert(reference.number) }
            }
        }
        return open
    }
}
