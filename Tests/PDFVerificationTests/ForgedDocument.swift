// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import PDFVerification

/// One-page documents with a signature built byte by byte, so that each rule can be broken by itself.
struct ForgedDocument {
    static let time = Instant(microseconds: 1_790_000_000_000_000)

    /// A root, a signer and the signer's key.
    struct Signer {
        let key: PrivateKey
        let certificate: Certificate
        let root: Certificate

        init(_ kind: KeyKind = .p256) throws {
            let rootKey = try PrivateKey.generate(.p256)
            root = try CertificateBuilder(
                subject: DistinguishedName(commonName: "Root"), profile: .root,
                notBefore: time.advanced(bySeconds: -1_000), notAfter: time.advanced(bySeconds: 4_000)
            ).selfSigned(by: rootKey)
            key = try PrivateKey.generate(kind)
            certificate = try CertificateBuilder(
                subject: DistinguishedName(commonName: "Signer"), profile: .documentSigning,
                notBefore: time.advanced(bySeconds: -1_000), notAfter: time.advanced(bySeconds: 4_000)
            ).issued(for: key.publicKey(), by: root, key: rootKey)
        }
    }

    /// How the CMS departs from what EN 319 142-1 asks.
    struct Faults {
        var content: [UInt8]?
        var signers = 1
        var hasAttributes = true
        var hasCertificate = true
        var namedCertificate: Certificate?
        var isNaming = true
        var repeatsDigest = false
        var digestIdentifier = DigestAlgorithm.sha256
        var extraAttributes: [[UInt8]] = []
    }

    var subFilter = "ETSI.CAdES.detached"
    var more = ""
    var holeBytes = 3_000
    /// The value of `/ByteRange` when it is not the right one.
    var byteRange: String?
    /// Stands in place of `/Contents <…>`, which is looked for when nil.
    var contents: String?

    /// Adds a second field, whose signature stands in the very bytes of the first one's.
    var isDoubled = false

    /// The document and where the string of `/Contents` begins and ends.
    func prepared() -> (bytes: [UInt8], gap: Range<Int>) {
        var output = Array("%PDF-1.7\n".utf8)
        var offsets: [Int] = []
        var gap = 0..<0
        var rangePlace = 0
        func add(_ text: String) { output += Array(text.utf8) }
        let objects = [
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R\(isDoubled ? " 6 0 R" : "")]/SigFlags 3>>>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Annots[4 0 R]>>",
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig)/Rect[0 0 0 0]/P 3 0 R/V 5 0 R>>",
        ]
        for (index, object) in objects.enumerated() {
            offsets.append(output.count)
            add("\(index + 1) 0 obj\n\(object)\nendobj\n")
        }
        offsets.append(output.count)
        add("5 0 obj\n")
        if isDoubled { add("%") }
        let alias = output.count
        if isDoubled { add("7 0 obj\n") }
        add("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/\(subFilter)/M(D:20260921000000Z)\(more)")
        if let contents {
            add(contents)
        } else {
            add("/Contents ")
            let start = output.count
            add("<" + String(repeating: "0", count: 2 * holeBytes) + ">")
            gap = start..<output.count
        }
        add("/ByteRange ")
        rangePlace = output.count
        add((byteRange ?? String(repeating: " ", count: 60)) + ">>\nendobj\n")
        if isDoubled {
            offsets += [output.count, alias]
            add("6 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/T(Twin)/Rect[0 0 0 0]/P 3 0 R/V 7 0 R>>\nendobj\n")
        }
        let table = output.count
        add("xref\n0 \(offsets.count + 1)\n0000000000 65535 f \n")
        for offset in offsets {
            let digits = String(offset)
            add(String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n")
        }
        add("trailer\n<</Size \(offsets.count + 1)/Root 1 0 R>>\nstartxref\n\(table)\n%%EOF\n")
        if byteRange == nil {
            let value = Array("[0 \(gap.lowerBound) \(gap.upperBound) \(output.count - gap.upperBound)]".utf8)
            output.replaceSubrange(rangePlace..<(rangePlace + value.count), with: value)
        }
        return (output, gap)
    }

    /// The document with the bytes that `make` gives for the signed bytes.
    func signed(_ make: (_ signed: [UInt8]) throws -> [UInt8]) rethrows -> [UInt8] {
        var (bytes, gap) = prepared()
        let value = Hex.encode(try make(Array(bytes[..<gap.lowerBound]) + Array(bytes[gap.upperBound...])))
        bytes.replaceSubrange((gap.lowerBound + 1)..<(gap.lowerBound + 1 + value.utf8.count), with: Array(value.utf8))
        return bytes
    }

    /// The same with a CMS of one's own.
    func signed(by signer: Signer, _ faults: Faults = Faults()) throws -> [UInt8] {
        try signed { try Self.cms($0, signer, faults) }
    }

    static func cms(_ signed: [UInt8], _ signer: Signer, _ faults: Faults) throws -> [UInt8] {
        let contentDigest = SHA256.digest(of: faults.content ?? signed)
        let digest = faults.digestIdentifier.algorithmIdentifierDER
        let data = oid([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01])
        func attribute(_ type: [UInt8], _ value: [UInt8]) -> [UInt8] { DER.sequence(type, DER.setOf([value])) }
        let pkcs9: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09]
        let named = (faults.namedCertificate ?? signer.certificate).sha256
        var attributes = [
            attribute(oid(pkcs9 + [3]), data), attribute(oid(pkcs9 + [4]), DER.octetString(contentDigest)),
        ]
        if faults.repeatsDigest { attributes.append(attributes[1]) }
        if faults.isNaming {
            let identifier = DER.sequence(DER.sequence(DER.sequence(DER.octetString(named))))
            attributes.append(attribute(oid(pkcs9 + [16, 2, 47]), identifier))
        }
        var set = DER.setOf(attributes + faults.extraAttributes)
        let algorithm = signer.key.kind.defaultSignatureAlgorithm ?? .ecdsaSHA256
        let value = try signer.key.sign(
            digest: faults.hasAttributes ? SHA256.digest(of: set) : contentDigest, algorithm: algorithm)
        set[0] = 0xA0
        let head = [0x02, 0x01, 0x01] + DER.sequence(signer.certificate.issuerDER, signer.certificate.serialDER)
        let tail = algorithm.algorithmIdentifierDER + DER.octetString(value)
        let info = DER.sequence(head + digest, faults.hasAttributes ? set : [], tail)
        let wrapped = faults.content.map { DER.element(0xA0, DER.octetString($0)) } ?? []
        let certificates = faults.hasCertificate ? DER.element(0xA0, signer.certificate.der) : []
        let infos = DER.element(0x31, parts: Array(repeating: info, count: faults.signers))
        let signedData = DER.sequence(
            [0x02, 0x01, 0x01], DER.setOf([digest]), DER.sequence(data, wrapped), certificates, infos)
        return DER.sequence(
            oid([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]), DER.element(0xA0, signedData))
    }

    static func oid(_ content: [UInt8]) -> [UInt8] { DER.element(0x06, content) }

    /// The one signature of a document, with the root as anchor.
    static func verify(_ bytes: [UInt8], trust: [Certificate] = []) throws -> SignatureReport? {
        try SignatureVerifier(source: ArraySource(bytes)).verify(VerificationPolicy(trust: trust, time: time))
            .signatures.first
    }
}
