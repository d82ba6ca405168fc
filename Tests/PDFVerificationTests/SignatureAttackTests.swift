// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import PDFVerification
import Testing

/// SIG-15: what attackers do to the signature itself; what they do to the document is in `ForbiddenChangesTests`.
struct SignatureAttackTests {
    private let signer: ForgedDocument.Signer

    init() throws { signer = try ForgedDocument.Signer() }

    private func report(
        _ document: ForgedDocument = ForgedDocument(), _ change: (inout ForgedDocument.Faults) -> Void = { _ in }
    ) throws -> SignatureReport {
        var faults = ForgedDocument.Faults()
        change(&faults)
        return try #require(
            try ForgedDocument.verify(document.signed(by: signer, faults), trust: [signer.root]))
    }

    @Test func `a document built byte by byte passes when nothing is wrong with it`() throws {
        let report = try report()
        #expect(report.indication == .passed && report.level == "B-B" && report.coverage == .wholeFile)
        #expect(report.certificateName == "Signer" && report.algorithm == "ecdsa-sha256")
    }

    @Test(arguments: [
        "null", "[]", "[0 10]", "[0 10 20 30 40 50]", "[0 10 20 (x)]", "[(0) 10 20 30]", "[-1 10 20 30]",
        "[0 -10 20 30]", "[0 10 20 -30]", "[0 0 0 0]", "[0 10 20 99999999999999999999]", "[0 10 9223372036854775807 1]",
        "[0 10 5 9223372036854775807]", "[0.5 10 20 30]", "(0 10 20 30)", "/None", "<</A 1>>", "[0 10 20 30",
    ])
    func `SIG-15: USF, a byte range that is none makes no signature valid`(byteRange: String) throws {
        var document = ForgedDocument()
        document.byteRange = byteRange
        let bytes = try document.signed(by: signer)
        let report = try? ForgedDocument.verify(bytes, trust: [signer.root])
        #expect(report?.indication != .passed && report?.integrity != .intact)
    }

    @Test(arguments: [
        "", "/Contents null", "/Contents ()", "/Contents <>", "/Contents <00>", "/Contents 5", "/Contents (30820000)",
        "/Contents []", "/Contents 1 0 R", "/Contents <3080>", "/Contents <30800000><00>",
    ])
    func `SIG-15: USF, missing or empty contents make no signature valid`(contents: String) throws {
        var document = ForgedDocument()
        document.contents = contents
        for range in ["[0 400 401 100]", "[0 0 0 0]", "null"] {
            document.byteRange = range
            let report = try? ForgedDocument.verify(document.prepared().bytes, trust: [signer.root])
            #expect(report?.indication != .passed && report?.integrity != .intact)
        }
    }

    @Test func `SIG-15: a signature dictionary with two contents or two byte ranges is not valid`() throws {
        for more in ["/Contents <3000>", "/ByteRange [0 1 2 3]", "/#43ontents <3000>"] {
            var document = ForgedDocument()
            document.more = more
            let report = try report(document)
            #expect(report.indication == .failed && report.coverage == .invalid, "\(more)")
        }
    }

    @Test func `SIG-15: SWA, a gap that holds more than the signature is invalid`() throws {
        var document = ForgedDocument()
        let (bytes, gap) = document.prepared()
        for (start, end) in [(gap.lowerBound, gap.upperBound + 8), (gap.lowerBound - 8, gap.upperBound)] {
            document.byteRange = "[0 \(start) \(end) \(bytes.count - 38 - end)]"
            let report = try report(document)
            #expect(report.coverage == .invalid && report.subIndication == .formatFailure)
            #expect(report.integrity == .broken)
        }
    }

    @Test func `SIG-15: SWA, two signatures that claim the same bytes are both invalid`() throws {
        var document = ForgedDocument()
        document.isDoubled = true
        let bytes = try document.signed(by: signer)
        let reports = try SignatureVerifier(source: ArraySource(bytes)).verify(
            VerificationPolicy(time: ForgedDocument.time)
        ).signatures
        #expect(reports.map(\.field).sorted() == ["Sig", "Twin"])
        for report in reports {
            #expect(report.coverage == .invalid && report.subIndication == .formatFailure)
        }
    }

    @Test func `SIG-15: a byte range that ends inside the last revision covers only a part`() throws {
        let whole = ForgedDocument().prepared()
        var document = ForgedDocument()
        document.byteRange = String(repeating: " ", count: 60)
        var (bytes, gap) = document.prepared()
        #expect(gap == whole.gap)
        let end = bytes.count - 20
        let place = try #require(bytes.indices.last { bytes[$0...].starts(with: Array("/ByteRange ".utf8)) }) + 11
        let value = Array("[0 \(gap.lowerBound) \(gap.upperBound) \(end - gap.upperBound)]".utf8)
        bytes.replaceSubrange(place..<(place + value.count), with: value)
        let signed = Array(bytes[..<gap.lowerBound]) + Array(bytes[gap.upperBound..<end])
        let cms = Array(Hex.encode(try ForgedDocument.cms(signed, signer, ForgedDocument.Faults())).utf8)
        bytes.replaceSubrange((gap.lowerBound + 1)..<(gap.lowerBound + 1 + cms.count), with: cms)
        let report = try #require(try ForgedDocument.verify(bytes, trust: [signer.root]))
        #expect(report.integrity == .intact && report.coverage == .partial)
        #expect(report.indication == .failed && report.subIndication == .formatFailure)
    }

    @Test func `SIG-15: bytes behind the signed ones that are no revision are noticed`() throws {
        let bytes = try ForgedDocument().signed(by: signer) + Array("%%EOF\n".utf8)
        let report = try #require(try ForgedDocument.verify(bytes, trust: [signer.root]))
        #expect(report.coverage == .wholeRevision && report.changesAfter == .none)
        #expect(report.notes.contains { $0.contains("no revision") })
    }

    /// Where the digits of a rectangle behind a key stand, which can change without breaking the structure.
    private static func place(of key: String, in bytes: [UInt8]) throws -> Int {
        let pattern = Array(key.utf8)
        return try #require(bytes.indices.first { bytes[$0...].starts(with: pattern) }) + pattern.count + 5
    }

    @Test func `SIG-15: content of its own, two signers or no signer in the CMS is a wrong form`() throws {
        for change in [
            { (faults: inout ForgedDocument.Faults) in faults.content = Array("other".utf8) },
            { $0.signers = 2 }, { $0.signers = 0 }, { $0.repeatsDigest = true },
        ] {
            let report = try report(ForgedDocument(), change)
            #expect(report.indication == .failed && report.subIndication == .formatFailure)
            #expect(report.integrity == .broken)
        }
    }

    @Test func `SIG-15: a changed byte breaks the hash, and a changed value the signature`() throws {
        var bytes = try ForgedDocument().signed(by: signer)
        bytes[try Self.place(of: "MediaBox", in: bytes)] ^= 1
        let changed = try #require(try ForgedDocument.verify(bytes, trust: [signer.root]))
        #expect(changed.subIndication == .hashFailure && changed.indication == .failed && changed.integrity == .broken)
        let other = try ForgedDocument.Signer()
        let document = try ForgedDocument().signed { signed in
            var cms = try ForgedDocument.cms(signed, signer, ForgedDocument.Faults())
            cms[cms.count - 1] ^= 1
            return cms
        }
        let wrong = try #require(try ForgedDocument.verify(document, trust: [signer.root, other.root]))
        #expect(wrong.subIndication == .signatureCryptoFailure && wrong.integrity == .broken)
    }

    @Test func `SIG-15: algorithm substitution, two digests in one signature, is no signature`() throws {
        let report = try report(ForgedDocument()) { $0.digestIdentifier = .sha384 }
        #expect(report.indication == .failed && report.integrity == .broken)
    }

    @Test func `SIG-15: certificate substitution is noticed by the attribute that names the certificate`() throws {
        let other = try ForgedDocument.Signer()
        let substituted = try report(ForgedDocument()) { $0.namedCertificate = other.certificate }
        #expect(substituted.indication == .indeterminate && substituted.subIndication == .noSigningCertificateFound)
        let unnamed = try report(ForgedDocument()) { $0.isNaming = false }
        #expect(unnamed.subIndication == .noSigningCertificateFound && unnamed.level == "PAdES")
        let absent = try report(ForgedDocument()) { $0.hasCertificate = false }
        #expect(absent.subIndication == .noSigningCertificateFound && absent.integrity == .unreadable)
    }

    @Test func `a signature without signed attributes is intact, and none of PAdES`() throws {
        let cades = try report(ForgedDocument()) { $0.hasAttributes = false }
        #expect(cades.integrity == .intact && cades.indication == .failed && cades.level == "PAdES")
        var document = ForgedDocument()
        document.subFilter = "adbe.pkcs7.detached"
        let pkcs7 = try report(document) { $0.hasAttributes = false }
        #expect(pkcs7.indication == .passed && pkcs7.level == "PKCS7" && !pkcs7.notes.isEmpty)
    }

    @Test func `signing-time makes a signature less than B-B`() throws {
        let time = DER.sequence(
            ForgedDocument.oid([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05]),
            DER.setOf([DER.element(0x17, Array("260921000000Z".utf8))]))
        let report = try report(ForgedDocument()) { $0.extraAttributes = [time] }
        #expect(report.indication == .passed && report.level == "PAdES")
    }

    @Test func `bytes behind the signature in its placeholder are told, and are no B-B`() throws {
        let document = try ForgedDocument().signed { signed in
            try ForgedDocument.cms(signed, signer, ForgedDocument.Faults()) + [0, 0, 0x41]
        }
        let report = try #require(try ForgedDocument.verify(document, trust: [signer.root]))
        #expect(report.integrity == .intact && report.level == "PAdES")
        #expect(report.notes.contains { $0.contains("other bytes") })
    }

    @Test func `indefinite lengths are read as others write them`() throws {
        let document = try ForgedDocument().signed { signed in
            let cms = try ForgedDocument.cms(signed, signer, ForgedDocument.Faults())
            let reader = DERReader(cms)
            let root = try #require(reader.root)
            return [0x30, 0x80] + reader.content(root) + [0, 0]
        }
        let report = try #require(try ForgedDocument.verify(document, trust: [signer.root]))
        #expect(report.integrity == .intact && report.indication == .passed && report.level == "PAdES")
    }

    @Test func `adbe.pkcs7.sha1 is read by the digest that it contains`() throws {
        var document = ForgedDocument()
        document.subFilter = "adbe.pkcs7.sha1"
        func verify(_ digest: ([UInt8]) -> [UInt8]) throws -> SignatureReport? {
            let bytes = try document.signed { signed in
                var faults = ForgedDocument.Faults()
                faults.content = digest(signed)
                return try ForgedDocument.cms(signed, signer, faults)
            }
            return try ForgedDocument.verify(bytes, trust: [signer.root])
        }
        #expect(try verify { DigestAlgorithm.sha1.digest(of: $0) }?.integrity == .intact)
        let wrong = try verify { _ in DigestAlgorithm.sha1.digest(of: [1]) }
        #expect(wrong?.integrity == .broken && wrong?.subIndication == .hashFailure)
    }

    @Test func `adbe.x509.rsa_sha1 is read with the certificate of its dictionary`() throws {
        let rsa = try ForgedDocument.Signer(.rsa(bits: 2048))
        var document = ForgedDocument()
        document.subFilter = "adbe.x509.rsa_sha1"
        document.more = "/Cert<\(Hex.encode(rsa.certificate.der))>"
        let bytes = try document.signed { signed in
            DER.octetString(try rsa.key.sign(digest: SHA256.digest(of: signed), algorithm: .rsaPKCS1SHA256))
        }
        let report = try #require(try ForgedDocument.verify(bytes, trust: [rsa.root]))
        #expect(report.integrity == .intact && report.level == "X509" && report.indication == .passed)
        var changed = bytes
        changed[try Self.place(of: "MediaBox", in: bytes)] ^= 1
        #expect(try ForgedDocument.verify(changed, trust: [rsa.root])?.integrity == .broken)
    }

    @Test func `changed and cut CMS end in a report`() throws {
        let cms = try ForgedDocument.cms([1], signer, ForgedDocument.Faults())
        var state: UInt64 = 11
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        for _ in 0..<300 {
            var bytes = cms
            for _ in 0...random(3) { bytes[random(bytes.count)] = UInt8(random(256)) }
            if random(2) == 0 { bytes.removeLast(random(bytes.count)) }
            let document = ForgedDocument().signed { _ in bytes }
            #expect(try ForgedDocument.verify(document, trust: [signer.root])?.integrity != .intact)
        }
        for depth in [10, 63, 64, 1_000] {
            let nested = Array(repeating: [0x30, 0x80] as [UInt8], count: depth).flatMap(\.self)
            let document = ForgedDocument().signed { _ in nested }
            #expect(try ForgedDocument.verify(document)?.integrity == .unreadable)
        }
    }
}
