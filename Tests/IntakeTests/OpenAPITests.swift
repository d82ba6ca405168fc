// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import HTTPClient
import ServiceAPI
import Testing

@testable import Intake

struct OpenAPITests {
    @Test func `the description lists every problem code of the API`() async throws {
        try await IntakeFixture.run { intake in
            let description = try await intake.get("/v1/openapi.json", token: "").json
            let problem = description["components"]?["schemas"]?["Problem"]
            let listed = Set((problem?["properties"]?["code"]?["enum"]?.arrayValue ?? []).compactMap(\.stringValue))
            let known = ProblemCode.common + ProblemCode.intake
            #expect(known.map(\.code).filter { !listed.contains($0) } == [])
        }
    }

    @Test func `every described operation is routed, and described operations that change need a key`() async throws {
        try await IntakeFixture.run { intake in
            let description = try await intake.get("/v1/openapi.json", token: "").json
            let paths = try #require(description["paths"]?.objectValue)
            #expect(paths.count >= 15)
            for (path, operations) in paths where path.hasPrefix("/v1/") {
                for (method, operation) in operations.objectValue ?? [:] {
                    let segments = path.split(separator: "/").map { $0.hasPrefix("{") ? "0" : String($0) }
                    let answer = try await intake.send(
                        method.uppercased(), "/" + segments.joined(separator: "/"), token: "",
                        body: method == "post" ? [] : nil)
                    #expect(answer.code != "method_not_allowed" && answer.code != "not_found", "\(method) \(path)")
                    let names = (operation["parameters"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
                    let changes = method == "post" && path != "/v1/verify"
                    #expect(changes == names.contains("Idempotency-Key"), "\(method) \(path)")
                }
            }
        }
    }
}
