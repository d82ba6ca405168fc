// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver
import Testing

extension EndToEndTests {
    /// What the system says about itself, judged by others' programs.
    @Suite struct Interfaces {
        @Test(.enabled(if: Tool.exists("promtool"), "needs promtool"))
        func `SIG-11: alerts fire 30, 14 and 7 days before a signing certificate ends, one at a time`() async throws {
            let result = try await Tool.run(["promtool", "test", "rules", SourceTree.fixture("alerts_test.yml").path])
            #expect(result.status == 0, "\(result.output)")
        }

        @Test(.enabled(if: Tool.exists("promtool"), "needs promtool"), arguments: RunningSystem.services)
        func `OPS-01: promtool finds nothing to say about a service's metrics`(service: String) async throws {
            let system = try await SharedSystem.running()
            let answer = try await system.client().send("GET", system.adminURL(service) + "/metrics")
            #expect(answer.status == 200)
            let result = try await Tool.run(["promtool", "check", "metrics"], input: answer.body)
            #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
        }

        @Test func `OPS-01: the metrics that operators rely on are there, and each is listed in deploy/metrics.md`()
            async throws
        {
            let system = try await SharedSystem.running()
            // One envelope, so that what counts by label has counted.
            let flow = try await SharedSystem.flow()
            let created = try await flow.send(
                EnvelopePlan(title: "Measured", signers: SignerPlan.one), file: OfferDocument(number: 5).bytes)
            try await flow.complete(created)
            var names: Set<String> = []
            for service in RunningSystem.services {
                let answer = try await flow.client.send("GET", system.adminURL(service) + "/metrics")
                for line in String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
                where line.hasPrefix("# TYPE ") {
                    names.insert(String(line.split(separator: " ")[2]))
                }
            }
            let required: Set = [
                "paraph_build_info", "paraph_envelopes_total", "paraph_envelope_completion_seconds",
                "paraph_signatures_total",
                "paraph_signing_queue_depth", "paraph_outbox_oldest_unread_seconds",
                "paraph_outbox_horizon_age_seconds",
                "paraph_audit_append_lag_seconds", "paraph_audit_gaps", "paraph_dead_letters",
                "paraph_notifications_total",
                "paraph_certificate_expiry_seconds", "paraph_disk_free_bytes",
            ]
            #expect(required.subtracting(names) == [])
            let listed = try String(
                contentsOf: SourceTree.root.appendingPathComponent("deploy/metrics.md"), encoding: .utf8)
            #expect(names.filter { !listed.contains("`\($0)`") } == [])
        }

        @Test(.enabled(if: EndToEndTests.isRoot, "only root can start services under users of their own"))
        func `ID-06: a service's keys and passwords cannot be read by another service's user`() async throws {
            let system = try await SharedSystem.running()
            let processes = system.processIDs()
            for service in RunningSystem.services {
                let process = try #require(processes[service])
                let user = try #require(try Self.user(of: process))
                #expect(user != "0", "\(service) runs as root")
                for other in RunningSystem.services where other != service {
                    let secrets = try Self.secretFiles(of: other, in: system.folder)
                    #expect(!secrets.isEmpty)
                    let words = secrets.map { "if [ -r '\($0.path)' ]; then echo '\($0.lastPathComponent)'; fi" }
                    let result = try await Tool.run([
                        "setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--", "sh", "-c",
                        words.joined(separator: "\n"),
                    ])
                    #expect(result.output == "", "\(service) can read secrets of \(other)")
                }
            }
        }

        private static func user(of process: Int32) throws -> String? {
            let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            return text.split(separator: "\n").first { $0.hasPrefix("Uid:") }?.split(separator: "\t").dropFirst().first
                .map(String.init)
        }

        private static func secretFiles(of service: String, in folder: URL) throws -> [URL] {
            var files = [folder.appendingPathComponent("secrets/paraph_\(service).password")]
            let keys = folder.appendingPathComponent("keys/\(service)")
            let all = FileManager.default.enumerator(at: keys, includingPropertiesForKeys: [.isRegularFileKey])
            while let file = all?.nextObject() as? URL {
                let isFile = try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
                // Certificates and what several services share are no secrets of one.
                if isFile, file.pathExtension == "key" { files.append(file) }
            }
            return files
        }

        @Test(.enabled(if: Tool.exists("schemathesis"), "needs schemathesis"))
        func `API-18: schemathesis finds no server error and no answer outside the description`() async throws {
            let system = try await SharedSystem.running()
            let flow = try await SharedSystem.flow()
            let created = try await flow.send(
                EnvelopePlan(title: "Known", signers: SignerPlan.one), file: OfferDocument(number: 6).bytes)
            let token = try await flow.visit(created.signers[0].requestID).link.split(separator: "/").last ?? ""
            let known = [
                "document_id=\(created.documentID)", "envelope_id=\(created.envelopeID)",
                "request_id=\(created.signers[0].requestID)", "token=\(token)",
            ]
            let folder = try Tool.scratchFolder("schemathesis")
            defer { try? FileManager.default.removeItem(at: folder) }
            let checks = [
                "not_a_server_error", "status_code_conformance", "content_type_conformance",
                "response_headers_conformance",
                "response_schema_conformance",
            ]
            let result = try await Tool.run(
                [
                    "schemathesis", "run", system.publicURL + "/v1/openapi.json", "-H",
                    "Authorization: Bearer \(system.token)",
                    "--checks", checks.joined(separator: ","), "--max-examples", "25", "--phases",
                    "examples,coverage,fuzzing",
                    "--max-time", "60", "--suppress-health-check", "all", "--no-color",
                ],
                environment: [
                    "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": SourceTree.fixture("").path,
                    "PARAPH_KNOWN_IDS": known.joined(separator: " "), "PYTHONDONTWRITEBYTECODE": "1",
                ], folder: folder, timeoutSeconds: 180)
            #expect(result.status == 0, "\(result.output.suffix(6000))")
        }

        @Test(.enabled(if: Tool.exists("python3"), "needs python3"))
        func `API-18: the README's Python example sends a document and fetches it signed`() async throws {
            let readme = try String(contentsOf: SourceTree.root.appendingPathComponent("README.md"), encoding: .utf8)
            let opening = try #require(readme.range(of: "```python\n"))
            let rest = readme[opening.upperBound...]
            let closing = try #require(rest.range(of: "```"))
            let code = rest[..<closing.lowerBound]
            let folder = try Tool.scratchFolder("readme")
            defer { try? FileManager.default.removeItem(at: folder) }
            try String(code).write(to: folder.appendingPathComponent("example.py"), atomically: true, encoding: .utf8)
            try Data(OfferDocument(number: 20).bytes).write(to: folder.appendingPathComponent("offer.pdf"))
            let system = try await SharedSystem.running()
            let before = Set(system.mails.names())
            async let example = Tool.run(
                ["python3", "example.py"], environment: ["PARAPH_URL": system.publicURL, "PARAPH_TOKEN": system.token],
                folder: folder, timeoutSeconds: 60)
            async let signing: Void = signWhatComes(system, notIn: before)
            let result = try await example
            #expect(result.status == 0, "\(result.output)")
            try await signing
            let faults = try await PDFJudges.faults(
                of: folder.appendingPathComponent("offer-signed.pdf"), signatures: 1)
            #expect(faults == [])
        }

        private func signWhatComes(_ system: RunningSystem, notIn before: Set<String>) async throws {
            let deadline = ContinuousClock.now + .seconds(40)
            while ContinuousClock.now < deadline {
                let new = system.mails.names().first { $0.hasSuffix(".signing_request") && !before.contains($0) }
                if let request = new?.prefix(while: { $0 != "." }) {
                    let flow = try await SharedSystem.flow()
                    try await flow.visit(String(request)).sign()
                    return
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
