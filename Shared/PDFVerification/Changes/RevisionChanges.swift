// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import PDFSyntax

/// Judges what the revisions after each signature of a file did to what it covers (ISO 32000-2, 12.8.2).
///
/// Every later revision is compared with the one before it, once for all signatures. The document is walked once; all
/// other work grows with what the revisions define.
package struct RevisionChanges {
    /// Opens a state of the document; a caller that knows a password uses it here.
    package typealias Opener = @Sendable (any ByteSource) throws(PDFError) -> PDFDocument

    private let document: PDFDocument
    private let source: any ByteSource
    private let open: Opener
    private let history: RevisionHistory
    private let signedEnds: [Int]
    private var steps: [Step] = []

    /// A state of the document, by the offset of its newest section, and what was changed to come to it.
    private struct Step {
        let section: Int
        let findings: StepFindings
    }

    /// - Parameters:
    ///   - source: The bytes that `document` was opened from.
    ///   - signedEnds: Where the byte ranges of all signatures end; the comparison begins behind the first.
    /// - Throws: `PDFError` where the revisions cannot be listed.
    package init(
        document: PDFDocument, source: any ByteSource, signedEnds: [Int],
        open: @escaping Opener = { source throws(PDFError) in try PDFDocument(source: source) }
    ) throws(PDFError) {
        self.document = document
        self.source = source
        self.open = open
        self.signedEnds = signedEnds.sorted()
        history = try document.revisionHistory()
    }

    /// Judges one signature, for a caller that has no other.
    /// - Parameter signedEnd: Where its byte range ends.
    package static func judge(
        document: PDFDocument, source: any ByteSource, signedEnd: Int
    ) throws(PDFError) -> ChangeReport {
        var changes = try RevisionChanges(document: document, source: source, signedEnds: [signedEnd])
        return try changes.judge(signedEnd: signedEnd)
    }

    /// Judges everything behind a signature.
    /// - Parameter signedEnd: Where its byte range ends.
    /// - Throws: `PDFError` with `sourceUnreadable` only; what cannot be compared is `unknown`.
    package mutating func judge(signedEnd: Int) throws(PDFError) -> ChangeReport {
        guard signedEnd < source.size else { return ChangeReport(verdict: .none, changes: []) }
        do throws(PDFError) {
            let signed = try open(PrefixSource(source, size: signedEnd))
            let section = signed.crossReferenceOffset
            guard let place = history.revisions.firstIndex(where: { $0.sections.contains { $0.offset == section } })
            else {
                let what = "the file no longer builds on the signed revision"
                let why = "Readers find another document than the one that was signed."
                return ChangeReport(
                    verdict: .notPermitted,
                    changes: [DocumentChange(object: "file", what: what, permitted: false, why: why)])
            }
            let policy = try ChangePolicy(signed, fields: FieldTable(signed), signedEnd: signedEnd)
            if steps.isEmpty { try compareFromOldest(before: signedEnd) }
            try compareStates(from: signed, section: section, newer: place)
            let start = steps.firstIndex { $0.section == section } ?? steps.startIndex
            return report(steps[start...].dropFirst().map(\.findings), policy)
        } catch {
            guard error.code != .sourceUnreadable else { throw error }
            let change = DocumentChange(
                object: "file", what: "the signed revision could not be compared with the file", permitted: false,
                why: error.detail)
            return ChangeReport(verdict: .unknown, changes: [change])
        }
    }

    private func report(_ steps: [StepFindings], _ policy: ChangePolicy) -> ChangeReport {
        let kinds = steps.reduce(into: Set<ChangeKind>()) { $0.formUnion($1.kinds) }
        let denied = kinds.filter { !policy.judge($0).isPermitted }
        var changes: [DocumentChange] = []
        var omitted = steps.reduce(0) { $0 + $1.omitted }
        for isPermitted in [false, true] {
            for finding in steps.lazy.flatMap(\.listed) {
                let decision = policy.judge(finding.kind)
                guard decision.isPermitted == isPermitted else { continue }
                let change = DocumentChange(
                    object: finding.object, what: finding.what, permitted: decision.isPermitted, why: decision.why)
                guard changes.last != change else { continue }
                if changes.count < ChangeReport.maximumListed { changes.append(change) } else { omitted += 1 }
            }
        }
        if omitted > 0 {
            changes.append(
                DocumentChange(
                    object: "file", what: "\(omitted) further changes are not listed", permitted: denied.isEmpty,
                    why: "The verdict counts them all."))
        }
        let verdict: ChangeVerdict =
            kinds.isEmpty
            ? .none
            : denied.isEmpty ? .permitted : denied.allSatisfy { $0.family == .unreadable } ? .unknown : .notPermitted
        return ChangeReport(verdict: verdict, changes: changes)
    }

    // MARK: States

    /// Begins with the first signature of all that has a revision of its own, so that nothing is compared twice.
    private mutating func compareFromOldest(before signedEnd: Int) throws(PDFError) {
        for end in signedEnds where end > 0 && end < signedEnd {
            do throws(PDFError) {
                let signed = try open(PrefixSource(source, size: end))
                let section = signed.crossReferenceOffset
                guard let place = history.revisions.firstIndex(where: { $0.sections.contains { $0.offset == section } })
                else { continue }
                return try compareStates(from: signed, section: section, newer: place)
            } catch {
                guard error.code != .sourceUnreadable else { throw error }
            }
        }
    }

    /// Fills `steps` from a signed state to the end of the file, unless they reach back to it already.
    private mutating func compareStates(
        from signed: PDFDocument, section: Int, newer place: Int
    ) throws(PDFError) {
        guard !steps.contains(where: { $0.section == section }) else { return }
        let later = Array(history.revisions[..<place].reversed())
        var appended = try AppendedRevisions(document: document, base: signed, revisions: later)
        var compared = [Step(section: section, findings: StepFindings())]
        var old = (document: signed, fields: try FieldTable(signed))
        var roles = try RoleMap(signed, fields: old.fields, interest: appended.numbersOfInterest(fields: old.fields))
        for (index, revision) in later.enumerated() {
            let isLast = index == later.count - 1
            // A revision without an end of its own was never a file; it is judged together with the next one.
            guard isLast || revision.end != nil, let newest = revision.sections.first else { continue }
            let opened = isLast ? document : try open(PrefixSource(source, size: revision.end ?? source.size))
            guard opened.crossReferenceOffset == newest.offset else { continue }
            let new = (document: opened, fields: try FieldTable(opened))
            let changed = try appended.changes(upTo: index, from: old.document, to: opened)
            var comparison = RevisionComparison(old: old, new: new, roles: roles.roles, changed: changed)
            for finding in appended.takeFindings(upTo: index) + roles.lostObjects { comparison.add(finding) }
            try comparison.run()
            if isLast { for finding in appended.tailFindings { comparison.add(finding) } }
            compared.append(Step(section: newest.offset, findings: comparison.findings))
            if !isLast { try roles.refresh(changed, in: opened, fields: new.fields) }
            old = new
        }
        if later.isEmpty, !appended.tailFindings.isEmpty {
            var tail = StepFindings()
            for finding in appended.tailFindings { tail.add(finding) }
            compared.append(Step(section: source.size, findings: tail))
        }
        steps = compared
    }
}
