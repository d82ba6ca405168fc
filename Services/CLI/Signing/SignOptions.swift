// SPDX-License-Identifier: Apache-2.0
import PDFSigning
import PDFSyntax

/// The words of `paraph sign`, checked as far as words alone allow.
struct SignOptions: Sendable {
    /// Where signed files go.
    enum Destination: Sendable {
        case beside
        case file(String)
        case folder(String)
    }

    let inputs: [String]
    let destination: Destination
    /// Nil only prepares fields.
    let keyName: String?
    let chainPath: String?
    let passphrasePath: String?
    let isPSS: Bool
    let field: String?
    let placement: PreparedField.Placement?
    let addedFields: [String]
    let password: DocumentPassword
    let signerName: String?
    let reason: String?
    let imagePath: String?
    let certification: CertificationLevel?
    let level: SignatureLevel
    let isLevelStrict: Bool
    let authorities: [String]
    let trustPaths: [String]
    let allowsInternalAddresses: Bool
    let jobs: Int
    let isJSON: Bool

    init(_ words: [String]) throws(UsageError) {
        let arguments = try Arguments(
            words, flags: ["json", "pss", "strict-level", "allow-internal"],
            options: DocumentPassword.options.union([
                "key", "chain", "passphrase-file", "field", "page", "at", "add-fields", "name", "reason",
                "image", "certify", "level", "output", "out-dir", "jobs",
            ]), repeated: ["tsa", "trust"], short: ["o": "output"])
        inputs = arguments.positional
        guard !inputs.isEmpty else { throw UsageError(message: "name at least one file") }
        destination = try Self.destination(arguments)
        keyName = arguments["key"]
        chainPath = arguments["chain"]
        passphrasePath = arguments["passphrase-file"]
        isPSS = arguments.has("pss")
        field = arguments["field"]
        placement = try Self.placement(arguments)
        addedFields = try Self.addedFields(arguments)
        password = try DocumentPassword(arguments)
        signerName = arguments["name"]
        reason = arguments["reason"]
        imagePath = arguments["image"]
        certification = try Self.certification(arguments)
        authorities = arguments.all("tsa")
        level = try Self.level(arguments)
        trustPaths = arguments.all("trust")
        allowsInternalAddresses = arguments.has("allow-internal")
        isLevelStrict = arguments.has("strict-level")
        jobs = try arguments.integer("jobs", in: 1...256, default: 0)
        isJSON = arguments.has("json")
        try checkTogether()
    }

    private func checkTogether() throws(UsageError) {
        guard let keyName else {
            guard !addedFields.isEmpty else { throw UsageError(message: "--key KEY is missing") }
            return
        }
        guard chainPath != nil || keyName.hasPrefix("pkcs11:") else {
            throw UsageError(message: "--chain CHAIN.pem is missing")
        }
        guard passphrasePath == nil || !keyName.hasPrefix("pkcs11:") else {
            throw UsageError(message: "--passphrase-file is for PEM keys: a token's PIN is in the file of pin-source=")
        }
        for url in authorities where !url.hasPrefix("http://") && !url.hasPrefix("https://") {
            throw UsageError(message: "--tsa takes an http or https URL, not '\(url)'")
        }
    }

    private static func destination(_ arguments: Arguments) throws(UsageError) -> Destination {
        switch (arguments["output"], arguments["out-dir"]) {
        case (nil, nil): return .beside
        case (let file?, nil): return .file(file)
        case (nil, let folder?): return .folder(folder)
        case (.some, .some): throw UsageError(message: "give -o FILE or --out-dir DIR, not both")
        }
    }

    private static func placement(_ arguments: Arguments) throws(UsageError) -> PreparedField.Placement? {
        let page = try arguments.integer("page", in: 1...1_000_000, default: 1)
        guard let text = arguments["at"] else {
            guard arguments["page"] == nil else { throw UsageError(message: "--page needs --at X,Y,W,H beside it") }
            return nil
        }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Double($0) }
        guard numbers.count == 4, text.count(where: { $0 == "," }) == 3, numbers.allSatisfy(\.isFinite), numbers[2] > 0,
            numbers[3] > 0
        else {
            throw UsageError(message: "--at takes four numbers X,Y,W,H in points, W and H above 0, not '\(text)'")
        }
        return PreparedField.Placement(
            pageIndex: page - 1, x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    }

    private static func addedFields(_ arguments: Arguments) throws(UsageError) -> [String] {
        guard let text = arguments["add-fields"] else { return [] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy({ !$0.isEmpty }), Set(names).count == names.count else {
            throw UsageError(message: "--add-fields takes different names with commas between, not '\(text)'")
        }
        return names
    }

    private static func certification(_ arguments: Arguments) throws(UsageError) -> CertificationLevel? {
        guard let text = arguments["certify"] else { return nil }
        guard let level = Int(text).flatMap(CertificationLevel.init) else {
            throw UsageError(message: "--certify takes 1, 2 or 3, not '\(text)'")
        }
        return level
    }

    private static func level(_ arguments: Arguments) throws(UsageError) -> SignatureLevel {
        let hasAuthority = !arguments.all("tsa").isEmpty
        guard let text = arguments["level"] else { return hasAuthority ? .timestamped : .basic }
        guard let level = SignatureLevel(rawValue: text.uppercased()) else {
            let known = SignatureLevel.allCases.map { $0.rawValue.lowercased() }.joined(separator: ", ")
            throw UsageError(message: "--level takes one of \(known), not '\(text)'")
        }
        guard hasAuthority == (level != .basic) else {
            throw UsageError(
                message: hasAuthority
                    ? "--level b-b has no timestamp, so --tsa is of no use" : "--level \(text) needs --tsa URL")
        }
        return level
    }
}
