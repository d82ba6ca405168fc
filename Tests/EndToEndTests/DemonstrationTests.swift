// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver
import Testing

extension EndToEndTests {
    /// One document, two recipients in order, two signatures that others call good.
    @Suite struct Demonstration {
        /// Tables and streams, rotated pages, existing forms, megabytes; all marked signable.
        private static let files = [
            "pyhanko__minimal.pdf", "pyhanko__minimal-xref.pdf", "pdfcpu__empty.pdf", "pdfbox__rot270.pdf",
            "pdfcpu__testRot.pdf", "pdf20__Simple_PDF_2.0_file.pdf", "qpdf__page_api_1.pdf", "pypdf__form_evince.pdf",
            "pdfjs__tracemonkey.pdf", "pdfcpu__FOSDEM14_HPC_devroom_14_GoCUDA.pdf",
        ]

        @Test func `OPS-01: the demonstration signs the sample twice and verifies it`() async throws {
            try await demonstrate(document: nil, options: [])
        }

        @Test(.enabled(if: EndToEndTests.kafkaHome != nil, "KAFKA_HOME does not name a broker"))
        func `OPS-01: the demonstration runs over Kafka too`() async throws {
            try await demonstrate(document: nil, options: ["--kafka"])
        }

        @Test(.enabled(if: EndToEndTests.corpus != nil, "PARAPH_SHARED does not name the corpus"))
        func `OPS-01: the demonstration takes a document of one's own`() async throws {
            try await demonstrate(
                document: try #require(EndToEndTests.corpus).appendingPathComponent("pdf20__Simple_PDF_2.0_file.pdf"),
                options: [])
        }

        @Test(
            .enabled(if: EndToEndTests.corpus != nil, "PARAPH_SHARED does not name the corpus"),
            .enabled(if: PDFJudges.hasReaders, "needs pdfsig and qpdf"),
            .enabled(if: PDFJudges.hasPyHanko, "needs pyHanko"), arguments: files)
        func `SIG-03: every judge finds both signatures whole in a document of the corpus`(name: String) async throws {
            let source = try #require(EndToEndTests.corpus).appendingPathComponent(name)
            let flow = try await SharedSystem.flow()
            let signed = try await signTwice(Array(Data(contentsOf: source)), title: name, flow: flow)
            let folder = try Tool.scratchFolder("corpus")
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appendingPathComponent(name)
            try Data(signed).write(to: file)
            let hadComplaint = try await PDFJudges.qpdfComplaint(source) != nil
            let faults = try await PDFJudges.faults(of: file, signatures: 2, hadComplaint: hadComplaint)
            #expect(faults == [])
            let oracle = try await oracleFaults(file)
            #expect(oracle == [])
        }

        private func demonstrate(document: URL?, options: [String]) async throws {
            let folder = try Tool.scratchFolder("demo")
            defer { try? FileManager.default.removeItem(at: folder) }
            let output = folder.appendingPathComponent("signed.pdf")
            let programs = try #require(SystemOptions.builtPrograms)
            var words = [programs.appendingPathComponent("paraph").path, "dev", "--demo"]
            words += document.map { [$0.path] } ?? [SourceTree.sample.path]
            words += ["--out", output.path, "--port", String(try PortRange.find())] + options
            let result = try await Tool.run(words, timeoutSeconds: 90)
            try #require(result.status == 0, "\(result.output)")
            #expect(result.output.contains("From start to verified"))
            #expect(result.output.contains("PAdES level: B-LTA"), "\(result.output)")
            // The third is the document timestamp that raising ends with.
            #expect(try await PDFJudges.pdfsig(output).isWhollySigned)
            #expect(try await PDFJudges.qpdfComplaint(output) == nil)
            let oracle = try await oracleFaults(output)
            #expect(oracle == [])
            let root = output.deletingPathExtension().appendingPathExtension("root.pem")
            let verified = try await Tool.run([words[0], "verify", output.path, "--trust", root.path])
            #expect(verified.status == 0, "\(verified.output)")
            let missing = folder.appendingPathComponent("missing.pdf").path
            let both = try await Tool.run([words[0], "verify", missing, output.path])
            #expect(both.status == 65 && both.output.contains("\(output.path): 2 signatures"), "\(both.output)")
            let chain = output.deletingPathExtension().appendingPathExtension("audit.json")
            let replayed = try await Tool.run([words[0], "verify", "--audit", chain.path])
            #expect(replayed.status == 0, "\(replayed.output)")
        }

        @Test(.enabled(if: EndToEndTests.oracleHome != nil, "ORACLE_HOME does not name the oracle"))
        func `LTV-01: a tenant at b-lta gets a document that the oracle calls PAdES-BASELINE-LTA`() async throws {
            var options = try EndToEndTests.options()
            options.level = "b-lta"
            let system = try await RunningSystem.start(options)
            do {
                try await checkArchival(of: system)
            } catch {
                await system.stop()
                throw error
            }
            await system.stop()
        }

        private func checkArchival(of system: RunningSystem) async throws {
            let flow = EnvelopeFlow(client: try system.client(), mails: system.mails)
            let created = try await flow.send(
                EnvelopePlan(title: "Raised", signers: SignerPlan.two), file: Array(Data(contentsOf: SourceTree.sample))
            )
            try await flow.complete(created)
            let types = try await flow.trail(of: created.documentID, until: "document.evidence_extended")
            #expect(types.contains("document.raised"), "\(types)")
            let deadline = ContinuousClock.now + .seconds(20)
            while try await flow.client.document(created.documentID)["artifacts"]?.arrayValue?.count != 2 {
                try #require(ContinuousClock.now < deadline, "the read model has no raised version")
                try await Task.sleep(for: .milliseconds(50))
            }
            let first = try await flow.client.call("GET", "/v1/documents/\(created.documentID)/download?version=1")
            let newest = try await flow.client.download(created.documentID)
            #expect(newest.body.starts(with: first.body) && newest.body.count > first.body.count)
            let folder = try Tool.scratchFolder("archival")
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appendingPathComponent("raised.pdf")
            try Data(newest.body).write(to: file)
            let home = try #require(EndToEndTests.oracleHome)
            let root = system.folder.appendingPathComponent("root.pem").path
            let verdict = try await Tool.run(
                ["\(home)/oracle", "pades", "--json", "--trust", root, file.path], timeoutSeconds: 150)
            #expect(verdict.status == 0, "\(verdict.output)")
            #expect(verdict.output.ranges(of: "PAdES-BASELINE-LTA").count >= 2, "\(verdict.output)")
        }

        /// Both signatures side by side at the foot of the first page, whatever its size.
        private func signTwice(_ document: [UInt8], title: String, flow: EnvelopeFlow) async throws -> [UInt8] {
            let upload = try await flow.client.upload(document)
            try #require(upload.status == 201, "\(upload.summary)")
            let page = upload["pages"]?.arrayValue?.first
            let width = Int(page?["width"]?.doubleValue ?? 200) / 2 - 8
            let height = min(48, Int(page?["height"]?.doubleValue ?? 200) - 8)
            var plan = EnvelopePlan(title: title, signers: SignerPlan.two)
            plan.uploadID = upload["upload_id"]?.stringValue
            for (index, signer) in plan.signers.enumerated() {
                plan.signers[index].fields = [
                    SignerPlan.field(
                        "signature-\(signer.key)", type: "signature", x: 4 + index * (width + 4), y: 4,
                        width: min(width, 180), height: height)
                ]
            }
            let created = try flow.client.accepted(try await flow.client.createFromUpload(plan))
            try await flow.complete(created)
            let signed = try await flow.client.download(created.documentID)
            try #require(signed.status == 200, "\(signed.summary)")
            return signed.body
        }

        /// What the oracle says against a file; nothing where there is no oracle.
        private func oracleFaults(_ file: URL) async throws -> [String] {
            guard let home = EndToEndTests.oracleHome else { return [] }
            let result = try await Tool.run(["\(home)/oracle", "pades", "--json", file.path], timeoutSeconds: 150)
            guard let line = result.output.split(separator: "\n").first(where: { $0.hasPrefix("{") }) else {
                return ["the oracle gave no verdict: \(result.output.suffix(300))"]
            }
            let report = try JSONValue(parsing: Array(line.utf8))
            let signatures = report["signatures"]?.arrayValue ?? []
            guard signatures.count >= 2 else { return ["the oracle sees \(signatures.count) signatures"] }
            return signatures.suffix(2).compactMap { signature in
                let isWhole =
                    signature["dataIntact"]?.boolValue == true && signature["signatureIntact"]?.boolValue == true
                    && signature["byteRangeValid"]?.boolValue == true
                    && signature["coverage"]?.stringValue?.hasPrefix("WHOLE") == true
                return isWhole
                    ? nil : "the oracle: \(String(decoding: signature.canonicalBytes().prefix(600), as: UTF8.self))"
            }
        }
    }
}
