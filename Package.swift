// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Targets stand in layer order; a target imports only what stands above its own heading. `Tests/LayerTests` proves it.

let common: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let pure = common + [.strictMemorySafety()]

func library(_ name: String, _ dependencies: [String] = [], wrapsC: Bool = false, embed: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Shared/\(name)",
        resources: embed.map { .embedInCode($0) }, swiftSettings: wrapsC ? common : pure)
}

func service(_ name: String, _ dependencies: [String] = [], embed: [String] = ["Migrations"]) -> Target {
    .executableTarget(
        name: name, dependencies: (serviceKit + dependencies).map { .init(stringLiteral: $0) },
        path: "Services/\(name)",
        resources: embed.map { .embedInCode($0) }, swiftSettings: pure)
}

func tests(_ name: String, _ dependencies: [String], resources: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Tests/\(name)Tests",
        resources: resources.map { .copy($0) }, swiftSettings: common)
}

func cModule(_ name: String) -> Target { .systemLibrary(name: name, path: "Shared/\(name)") }

/// What every service is built from.
let serviceKit = [
    "ByteCoding", "Clocks", "FileSystem", "Tracing", "Configuration", "Metrics", "Logging", "ServiceKit", "Postgres",
    "Envelopes", "Contracts", "Messaging", "Keys", "Storage", "ServiceAPI", "HTTPServer",
]

let package = Package(
    name: "paraph",
    products: [
        .executable(name: "paraph-intake", targets: ["Intake"]),
        .executable(name: "paraph-orchestrator", targets: ["Orchestrator"]),
        .executable(name: "paraph-signer", targets: ["Signer"]),
        .executable(name: "paraph-notifier", targets: ["Notifier"]),
        .executable(name: "paraph-vault", targets: ["Vault"]),
        .executable(name: "paraph-retention", targets: ["Retention"]),
        .executable(name: "paraph-verifier", targets: ["Verifier"]),
        .executable(name: "paraph", targets: ["CLI"]),
    ],
    targets: [
        // C modules
        cModule("CPostgres"), cModule("CKafka"), cModule("COpenSSL"), cModule("CZlib"), cModule("CMicroHTTPD"),
        cModule("CCurl"), cModule("CPKCS11"), cModule("CHarfBuzz"), cModule("CFriBidi"), cModule("CPNG"),
        // foundation
        library("ByteCoding"),
        library("Clocks"),
        library("FileSystem", ["ByteCoding"], wrapsC: true),
        library("Tracing", ["ByteCoding"]),
        library("Configuration", ["FileSystem"]),
        library("Metrics"),
        library("Logging", ["Clocks", "Tracing", "ByteCoding", "FileSystem"]),
        library("ServiceKit", ["Clocks", "Configuration", "Metrics", "Logging", "Tracing", "FileSystem"]),
        // wrappers
        library(
            "Postgres", ["CPostgres", "Clocks", "Configuration", "Metrics", "Logging", "ServiceKit"], wrapsC: true),
        library("Kafka", ["CKafka", "Configuration", "Logging", "ServiceKit"], wrapsC: true),
        library("Cryptography", ["COpenSSL", "ByteCoding", "Clocks"], wrapsC: true),
        library("PKCS11", ["CPKCS11", "ByteCoding", "Cryptography", "ServiceKit"], wrapsC: true),
        library("Compression", ["CZlib"], wrapsC: true),
        library("Typography", ["CHarfBuzz", "CFriBidi"], wrapsC: true),
        library("Images", ["CPNG"], wrapsC: true),
        library(
            "HTTPServer", ["CMicroHTTPD", "ByteCoding", "Tracing", "Metrics", "Logging", "ServiceKit"], wrapsC: true),
        library("HTTPClient", ["CCurl", "ByteCoding", "Configuration", "Tracing", "ServiceKit"], wrapsC: true),
        // formats
        library("PDFSyntax", ["ByteCoding", "Compression", "Cryptography"]),
        library("Timestamping", ["HTTPClient", "Cryptography", "Clocks"]),
        library("Revocation", ["HTTPClient", "Cryptography", "Clocks"]),
        library(
            "PDFSigning",
            [
                "PDFSyntax", "Timestamping", "Revocation", "ByteCoding", "Clocks", "Cryptography", "Compression",
                "Typography", "Images",
            ]),
        library("PDFVerification", ["PDFSyntax", "ByteCoding", "Clocks", "Cryptography"]),
        // domain
        library("Envelopes", ["Clocks", "ByteCoding"]),
        library("Contracts", ["Envelopes", "Clocks", "ByteCoding"]),
        library("Policy", ["Envelopes"]),
        library("Audit", ["Envelopes", "Clocks", "ByteCoding", "Cryptography"]),
        library("RetentionRules", ["Envelopes", "Clocks"]),
        // patterns
        library(
            "Keys", ["Cryptography", "PKCS11", "FileSystem", "ByteCoding", "Clocks", "Configuration", "ServiceKit"]),
        library("DevelopmentAuthorities", ["Keys", "HTTPServer", "Cryptography", "Clocks"]),
        library(
            "Messaging",
            [
                "Postgres", "Kafka", "Contracts", "Envelopes", "ServiceKit", "Tracing", "Metrics", "Logging", "Clocks",
                "ByteCoding", "Configuration",
            ], embed: ["Migrations"]),
        library("Idempotency", ["Postgres", "Clocks", "ByteCoding", "Cryptography"], embed: ["Migrations"]),
        library(
            "Storage",
            [
                "Keys", "Messaging", "Cryptography", "FileSystem", "ByteCoding", "ServiceKit", "Contracts", "Envelopes",
            ]),
        library(
            "ServiceAPI",
            [
                "HTTPServer", "Idempotency", "Postgres", "Metrics", "Logging", "Tracing", "ServiceKit", "Clocks",
                "ByteCoding", "Configuration", "Keys", "Messaging", "Contracts", "Envelopes",
            ]),
        // services
        service(
            "Intake",
            ["Audit", "Policy", "RetentionRules", "PDFSyntax", "Idempotency", "HTTPClient", "Cryptography"],
            embed: ["Migrations", "OpenAPI", "SigningPages/Assets"]),
        service("Orchestrator", ["Policy", "RetentionRules"]),
        service(
            "Signer",
            [
                "PDFSyntax", "PDFSigning", "Timestamping", "Revocation", "HTTPClient", "Cryptography", "Compression",
            ]),
        service("Notifier", ["HTTPClient", "Cryptography"]),
        service("Vault", ["Audit", "Cryptography", "RetentionRules"]),
        service("Retention", ["RetentionRules"]),
        .executableTarget(
            name: "Verifier",
            dependencies: ["ByteCoding", "Clocks", "FileSystem", "Cryptography", "PDFSyntax", "PDFVerification"],
            path: "Services/Verifier", swiftSettings: pure),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "ByteCoding", "Clocks", "FileSystem", "Configuration", "Logging", "Tracing", "Metrics", "ServiceKit",
                "Postgres", "HTTPClient", "Cryptography", "PDFSyntax", "PDFSigning", "PDFVerification", "Envelopes",
                "Contracts", "Audit", "Keys", "Messaging", "HTTPServer", "DevelopmentAuthorities", "PKCS11",
                "Timestamping", "Revocation",
            ], path: "Services/CLI", swiftSettings: pure),
        // tests
        .target(
            name: "TestSupport", dependencies: ["Postgres", "Logging", "Metrics", "ServiceKit"],
            path: "Shared/TestSupport", resources: [.copy("Fixtures")], swiftSettings: pure),
        tests("Layer", []),
        tests("ByteCoding", ["ByteCoding"]),
        tests("Clocks", ["Clocks"]),
        tests("FileSystem", ["FileSystem", "ByteCoding"]),
        tests("Tracing", ["Tracing", "ByteCoding"]),
        tests("Configuration", ["Configuration", "FileSystem"]),
        tests("Metrics", ["Metrics"]),
        tests("Logging", ["Logging", "Clocks", "Tracing", "ByteCoding"]),
        tests("ServiceKit", ["ServiceKit", "Clocks", "Configuration", "Metrics", "Logging", "FileSystem"]),
        tests(
            "Postgres", ["Postgres", "TestSupport", "Clocks", "Configuration", "Logging", "Metrics", "ServiceKit"]),
        tests("Cryptography", ["Cryptography", "ByteCoding", "Clocks"]),
        tests("PKCS11", ["PKCS11", "CPKCS11", "ByteCoding", "Clocks", "Cryptography", "TestSupport"]),
        tests("Compression", ["Compression"]),
        tests("Keys", ["Keys", "PKCS11", "Cryptography", "FileSystem", "ByteCoding", "Clocks", "TestSupport"]),
        tests(
            "Storage",
            ["Storage", "Keys", "Messaging", "Cryptography", "FileSystem", "ByteCoding", "Clocks", "TestSupport"]),
        tests("PDFSyntax", ["PDFSyntax", "ByteCoding", "Compression", "Cryptography"]),
        tests("Typography", ["Typography"], resources: ["Fixtures"]),
        tests("Images", ["Images"], resources: ["Fixtures"]),
        tests(
            "Timestamping",
            [
                "Timestamping", "Cryptography", "Clocks", "HTTPClient", "HTTPServer", "Logging", "Metrics",
                "ServiceKit",
            ]),
        tests(
            "Revocation",
            [
                "Revocation", "Cryptography", "Clocks", "HTTPClient", "HTTPServer", "Logging", "Metrics", "ServiceKit",
            ]),
        tests("DevelopmentAuthorities", ["DevelopmentAuthorities", "Keys", "HTTPServer", "Cryptography", "Clocks"]),
        tests(
            "PDFSigning",
            [
                "PDFSigning", "PDFVerification", "PDFSyntax", "Timestamping", "Revocation", "DevelopmentAuthorities",
                "Keys", "ByteCoding", "Clocks", "Cryptography", "HTTPClient", "HTTPServer", "Logging", "Metrics",
                "ServiceKit", "Typography", "Images",
            ], resources: ["Fixtures", "References"]),
        tests(
            "PDFVerification",
            ["PDFVerification", "PDFSigning", "PDFSyntax", "ByteCoding", "Clocks", "Cryptography"],
            resources: ["Fixtures"]),
        tests("HTTPServer", ["HTTPServer", "Logging", "Metrics", "ServiceKit", "Tracing"]),
        tests(
            "HTTPClient",
            ["HTTPClient", "HTTPServer", "Configuration", "Logging", "Metrics", "ServiceKit", "TestSupport", "Tracing"]),
        tests("Idempotency", ["Idempotency", "Postgres", "Clocks", "ByteCoding", "TestSupport"]),
        tests(
            "ServiceAPI",
            [
                "ServiceAPI", "HTTPServer", "HTTPClient", "Idempotency", "Postgres", "Clocks", "ByteCoding",
                "Configuration", "Contracts", "Logging", "Messaging", "Metrics", "Tracing", "ServiceKit", "TestSupport",
            ]),
        .executableTarget(
            name: "MessagingMember",
            dependencies: [
                "Messaging", "Postgres", "Kafka", "Contracts", "ServiceKit", "Logging", "Metrics", "Clocks",
            ], path: "Tests/MessagingMember", swiftSettings: pure),
        .target(
            name: "SystemDriver", dependencies: ["ByteCoding", "HTTPClient", "ServiceKit", "TestSupport"],
            path: "Tests/SystemDriver", swiftSettings: common),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "SystemDriver", "ByteCoding", "Clocks", "Cryptography", "FileSystem", "PDFSyntax", "PDFSigning",
                "HTTPClient", "Timestamping", "Revocation", "Audit",
            ], path: "Tests/Bench", swiftSettings: common),
        .executableTarget(
            name: "BenchFloor", path: "Tests/BenchFloor", cSettings: [.define("_GNU_SOURCE")],
            linkerSettings: [.linkedLibrary("crypto")]),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "SystemDriver", "TestSupport", "ByteCoding", "Clocks", "Compression", "Cryptography", "HTTPClient",
                "PDFSyntax", "PDFSigning", "PDFVerification", "Revocation", "Timestamping",
            ], path: "Tests/Fuzz", exclude: ["Seeds"], swiftSettings: common),
        tests("Conformance", ["SystemDriver"]),
        tests("EndToEnd", ["SystemDriver", "ByteCoding", "TestSupport"], resources: ["Fixtures"]),
        tests(
            "Intake",
            [
                "Intake", "ByteCoding", "Clocks", "Configuration", "Contracts", "Cryptography", "Envelopes",
                "HTTPClient", "HTTPServer", "Idempotency", "Keys", "Logging", "Messaging", "Metrics", "Postgres",
                "ServiceAPI", "ServiceKit", "Storage", "TestSupport", "Tracing", "FileSystem", "PDFSyntax",
                "PDFSigning",
            ]),
        tests(
            "Signer",
            [
                "Signer", "ByteCoding", "Clocks", "Contracts", "Cryptography", "Envelopes", "Keys", "Logging",
                "Messaging", "Metrics", "PDFSigning", "PDFSyntax", "PDFVerification", "Postgres", "Storage",
                "TestSupport", "Tracing", "DevelopmentAuthorities", "HTTPClient", "HTTPServer", "Revocation",
                "ServiceKit", "Timestamping",
            ]),
        tests(
            "Notifier",
            [
                "Notifier", "Clocks", "Contracts", "Envelopes", "HTTPClient", "Keys", "Messaging", "Metrics",
                "Postgres",
                "TestSupport", "Tracing",
            ]),
        tests(
            "Vault",
            [
                "Vault", "Audit", "ByteCoding", "Clocks", "Contracts", "Cryptography", "Envelopes", "FileSystem",
                "HTTPServer", "Keys", "Logging", "Messaging", "Metrics", "Postgres", "ServiceKit", "Storage",
                "TestSupport", "Tracing",
            ]),
        tests(
            "Retention",
            ["Retention", "Clocks", "Contracts", "Envelopes", "Messaging", "Postgres", "TestSupport", "Tracing"]),
        tests("CLI", ["CLI", "Audit", "ByteCoding", "Clocks", "Cryptography", "Envelopes", "TestSupport"]),
        tests("Kafka", ["Kafka", "Configuration", "FileSystem", "Logging", "ServiceKit"]),
        tests(
            "Messaging",
            [
                "Messaging", "MessagingMember", "TestSupport", "Postgres", "Kafka", "Contracts", "Envelopes",
                "ServiceKit", "Logging", "Metrics", "Clocks", "ByteCoding", "Tracing",
            ]),
        tests("Envelopes", ["Envelopes", "Clocks", "ByteCoding"]),
        tests("Contracts", ["Contracts", "Envelopes", "Clocks", "ByteCoding"], resources: ["Golden"]),
        tests("Policy", ["Policy", "Envelopes"]),
        tests("RetentionRules", ["RetentionRules", "Envelopes", "Clocks"]),
        tests("Audit", ["Audit", "Envelopes", "Clocks", "ByteCoding", "Cryptography"]),
        tests(
            "Orchestrator",
            [
                "Orchestrator", "Configuration", "Envelopes", "Contracts", "Clocks", "Messaging", "Postgres",
                "TestSupport", "Metrics", "ServiceKit", "Logging", "Tracing", "ByteCoding",
            ]),
    ]
)
