// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The tool against authorities that it runs itself, as another process.
@Suite struct SigningLevelTests {
    private struct Authorities {
        let process: Process
        let timestamp: String

        init(_ stage: CommandStage) throws {
            process = stage.process(["dev", "authorities", "--folder", stage.path("authorities")])
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            var line = Data()
            while !line.contains(0x0A) {
                let piece = output.fileHandleForReading.availableData
                try #require(!piece.isEmpty, "the authorities ended before they said where they are")
                line += piece
            }
            let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            timestamp = try #require(object["timestamp"] as? String)
        }

        func stop() {
            process.terminate()
            process.waitUntilExit()
        }
    }

    @Test func `LTV-01: each level is reached, and the verifier finds it in the file alone`() throws {
        let stage = try CommandStage()
        try stage.write(CommandStage.sample(), "a.pdf")
        let authorities = try Authorities(stage)
        let words = [
            "sign", "a.pdf", "--key", "authorities/p256.key.pem", "--chain", "authorities/p256.chain.pem", "--tsa",
            authorities.timestamp, "--allow-internal", "--strict-level", "--json",
        ]
        for level in ["b-t", "b-lt", "b-lta"] {
            let signed = try stage.run(words + ["--level", level, "-o", "\(level).pdf"])
            #expect(signed.code == 0 && signed.objects.first?["level"] as? String == level, "\(signed.complaints)")
        }
        let internalOnly = try stage.run(
            words.filter { $0 != "--allow-internal" } + ["--level", "b-lt", "-o", "x.pdf"])
        #expect(internalOnly.code == 3 && !stage.exists("x.pdf"))
        authorities.stop()
        for level in ["b-t", "b-lt", "b-lta"] {
            let ended = try stage.paraph("verify", "\(level).pdf", "--trust", "authorities/root.pem", "--json")
            let signature = (ended.objects.first?["signatures"] as? [[String: Any]])?.first
            #expect(ended.code == 0 && signature?["level"] as? String == level.uppercased())
        }
        let inspected = try #require(try stage.paraph("inspect", "b-lta.pdf", "--json").objects.first)
        #expect((inspected["dss"] as? [String: Any])?["certificates"] as? Int ?? 0 > 2)
        #expect(
            (inspected["revisions"] as? [[String: Any]])?.last?["what"] as? String
                == "timestamp in field Timestamp1, validation data")
    }
}
