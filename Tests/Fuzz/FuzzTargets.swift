// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import PDFSigning
import PDFSyntax
import PDFVerification

/// Everything that reads outside data, fed with one input; errors are fine, crashes are not.
struct FuzzTargets {
    private static let mostObjects = 200
    private static let mostValues = 8
    /// Raising verifies once more, which takes longest of all: one document in so many, and all that are smaller.
    private static let raisedPart = 4
    private static let smallDocument = 8_192

    private let credentials: FuzzCredentials
    private let page: [UInt8]

    init() throws {
        credentials = try FuzzCredentials()
        page = Self.emptyPage
    }

    /// - Throws: `FuzzFault` when the engine signed what it misreads.
    func feed(_ sample: FuzzSample) async throws {
        switch sample.kind {
        case .document: try await feed(document: sample.bytes, password: sample.password)
        case .message: feed(message: sample.bytes)
        case .picture: try await feed(picture: sample.bytes)
        }
    }

    // MARK: Documents

    private func feed(document bytes: [UInt8], password: String?) async throws {
        let source = ArraySource(bytes)
        let before = try? report(on: bytes, password: password)
        if let repaired = try? DocumentRepair.repair(source: source),
            let document = try? PDFDocument(source: repaired.source)
        {
            walk(document)
        }
        guard let document = try? PDFDocument(source: source, password: password) else { return }
        walk(document)
        try await sign(bytes, document, password: password, before: before)
    }

    private func report(on bytes: [UInt8], password: String?) throws(PDFError) -> VerificationReport {
        try SignatureVerifier(source: ArraySource(bytes), password: password).verify(
            VerificationPolicy(trust: [credentials.root], time: credentials.time))
    }

    /// What intake and `inspect` read.
    private func walk(_ document: PDFDocument) {
        _ = try? document.checkSignable()
        _ = try? DocumentRepair.reason(for: document)
        let history = try? document.revisionHistory()
        for section in history?.revisions.flatMap(\.sections).prefix(64) ?? [] { _ = try? section.entries().count }
        if let fields = try? document.formFields() {
            _ = try? SignatureRestrictions(of: document, fields: fields)
            for field in fields.prefix(Self.mostObjects) where field.type == "Sig" {
                guard let lock = try? document.resolved(field.dictionary["Lock"]).dictionaryValue else { continue }
                _ = try? FieldLock(lock, in: document).covers("a.b")
            }
        }
        _ = try? LevelRaising.expiry(of: document)
        for number in stride(from: 1, to: min(document.objectCount, Self.mostObjects), by: 1) {
            let reference = PDFReference(number: number)
            _ = try? document.range(ofValue: "Contents", in: reference)
            switch try? document.object(reference) {
            case .stream(let stream): _ = try? document.data(of: stream)
            case .string(let bytes): _ = PDFSerializer.text(of: bytes)
            default: continue
            }
        }
    }

    /// Fields prepared, then signed with everything a signer can add, then raised; each time the result is opened.
    private func sign(
        _ bytes: [UInt8], _ document: PDFDocument, password: String?, before: VerificationReport?
    ) async throws {
        var (bytes, document) = (bytes, document)
        let fields = (try? document.formFields()) ?? []
        if let update = try? DocumentPreparation.prepare(document: document, fields: Self.prepared) {
            bytes += update
            guard let opened = try? PDFDocument(source: ArraySource(bytes), password: password) else {
                throw FuzzFault("a prepared document cannot be opened")
            }
            document = opened
        }
        let open = fields.first { $0.type == "Sig" && !$0.isSigned }
        var request = SignatureRequest(
            fieldName: open?.name ?? "FuzzNew",
            missingField: .add(.init(pageIndex: 0, x: 10, y: 10, width: 100, height: 30)), signerName: "Fuzz",
            reason: "Fuzz", signingTime: credentials.time, appearance: SignatureAppearance(lines: ["Fuzz", "Šťastný"]))
        request.values = fields.filter { $0.type == "Tx" || $0.type == "Btn" }.prefix(Self.mostValues).map {
            FieldValue(name: $0.name, content: $0.type == "Tx" ? .text("Fuzz") : .checked(true))
        }
        let signed: [UInt8]
        do {
            signed = try await credentials.signer.sign(bytes, opened: document, request: request)
        } catch {
            request.values = []
            request.missingField = .add(nil)
            request.fieldName = "Fuzz"
            do {
                signed = try await credentials.signer.sign(bytes, opened: document, request: request)
            } catch { return }
        }
        try check(signed, request.fieldName, password: password, before: before, step: "signed")
        // The same for the same bytes, so that a finding is one again.
        guard document.size % Self.raisedPart == 0 || document.size < Self.smallDocument else { return }
        guard let again = try? PDFDocument(source: ArraySource(signed), password: password),
            let raised = try? await credentials.raising.raise(again, to: .longTerm, password: password)
        else { return }
        try check(signed + raised.update, request.fieldName, password: password, before: before, step: "raised")
    }

    private static let prepared = [
        PreparedField(name: "FuzzText", kind: .text, placement: .init(pageIndex: 0, x: 5, y: 5, width: 50, height: 12)),
        PreparedField(
            name: "FuzzBox", kind: .checkbox, placement: .init(pageIndex: 0, x: 60, y: 5, width: 12, height: 12)),
        PreparedField(
            name: "Fuzz", kind: .signature, placement: .init(pageIndex: 0, x: 80, y: 5, width: 90, height: 30)),
    ]

    /// A signature that we made must be one that we read, and it must leave those whole that were: an engine that signs
    /// what it misreads is broken.
    private func check(
        _ bytes: [UInt8], _ field: String, password: String?, before: VerificationReport?, step: String
    ) throws {
        let after: VerificationReport
        do throws(PDFError) {
            after = try report(on: bytes, password: password)
        } catch {
            // What verification gives up on for its size is not misread.
            guard error.code != .tooComplex else { return }
            throw FuzzFault("\(step), and then it cannot be read: \(error)")
        }
        let own = after.signatures.last { $0.field == field }
        guard own?.integrity == .intact else {
            throw FuzzFault("\(step), and our signature is \(own?.integrity.rawValue ?? "not there")")
        }
        guard own?.coverage.isWhole == true else {
            throw FuzzFault("\(step), and our signature covers \(own?.coverage.rawValue ?? "")")
        }
        func intact(_ report: VerificationReport) -> Int { report.signatures.count { $0.integrity == .intact } }
        guard let before, intact(after) < intact(before) + 1 else { return }
        throw FuzzFault("\(step), and another's signature is no longer intact")
    }

    // MARK: Messages and pictures

    private static var emptyPage: [UInt8] {
        var text = "%PDF-1.7\n"
        var table = "xref\n0 4\n0000000000 65535 f\r\n"
        for (index, body) in [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        ].enumerated() {
            let offset = String(text.utf8.count)
            table += String(repeating: "0", count: 10 - offset.count) + "\(offset) 00000 n\r\n"
            text += "\(index + 1) 0 obj\n\(body)\nendobj\n"
        }
        let start = text.utf8.count
        return Array("\(text)\(table)trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n\(start)\n%%EOF\n".utf8)
    }

    private func feed(message bytes: [UInt8]) {
        _ = try? TimestampToken(der: bytes).verifySignature()
        _ = try? TimestampResponse(der: bytes)
        _ = try? credentials.stamps.response(to: bytes)
        _ = try? SignedMessage(der: bytes)
        let certificate = try? Certificate(der: bytes)
        _ = certificate?.isSigned(by: credentials.root.publicKey)
        if let certificate {
            _ = try? CertificatePath.find(
                leaf: certificate, candidates: [certificate], anchors: [credentials.root], at: credentials.time)
        }
        for response in [try? OCSPResponse(der: bytes), try? OCSPResponse(basicResponseDER: bytes)] {
            _ = response?.entry(for: credentials.root, issuer: credentials.root)
        }
        _ = try? RevocationList(der: bytes).status(of: certificate ?? credentials.root, issuer: credentials.root)
        _ = try? PublicKey(subjectPublicKeyInfoDER: bytes)
        _ = try? Certificate.certificates(pem: bytes)
    }

    private func feed(picture bytes: [UInt8]) async throws {
        guard let image = try? SignatureImage(bytes) else { return }
        let document = try PDFDocument(source: ArraySource(page))
        let request = SignatureRequest(
            fieldName: "Fuzz", missingField: .add(.init(pageIndex: 0, x: 10, y: 10, width: 100, height: 30)),
            signerName: nil, reason: nil, signingTime: credentials.time,
            appearance: SignatureAppearance(lines: ["Fuzz"], mark: .image(image)))
        guard let signed = try? await credentials.signer.sign(page, opened: document, request: request) else { return }
        try check(signed, "Fuzz", password: nil, before: nil, step: "signed with a picture")
    }
}
