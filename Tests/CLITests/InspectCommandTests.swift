// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import CLI

@Suite struct InspectCommandTests {
    private let stage: CommandStage

    init() throws {
        stage = try CommandStage()
        try stage.write(CommandStage.sample(), "a.pdf")
    }

    @Test func `revisions, fields, signatures and their certification are shown`() throws {
        let words = ["sign", "a.pdf", "-o", "b.pdf", "--certify", "2", "--add-fields", "A,B"] + stage.keyWords
        #expect(try stage.run(words).code == 0)
        let text = try stage.paraph("inspect", "b.pdf")
        #expect(text.code == 0 && text.output.contains("signature in field A"))
        #expect(text.output.contains("certifies at level 2") && text.output.contains("no structure problems found"))
        let object = try #require(try stage.paraph("inspect", "b.pdf", "--json").objects.first)
        #expect((object["revisions"] as? [[String: Any]])?.count == 3)
        #expect((object["revisions"] as? [[String: Any]])?.last?["end"] as? Int == object["size"] as? Int)
        #expect(object["cross_reference"] as? String == "table" && object["pages"] as? Int == 1)
        let signature = try #require((object["signatures"] as? [[String: Any]])?.first)
        #expect(signature["sub_filter"] as? String == "ETSI.CAdES.detached" && signature["certification"] as? Int == 2)
        #expect(object["encryption"] is NSNull && object["dss"] is NSNull && object["pdfa"] is NSNull)
    }

    @Test func `what follows the end, and objects that are not where they should be, are problems with offsets`() throws
    {
        let whole = CommandStage.sample()
        try stage.write(whole + Array("appended".utf8), "tail.pdf")
        let tail = try #require(try stage.paraph("inspect", "tail.pdf", "--json").objects.first)
        let problem = try #require((tail["problems"] as? [[String: Any]])?.first)
        #expect(problem["offset"] as? Int == whole.count)
    }

    @Test func `what is no PDF ends with 65, and the others are shown all the same`() throws {
        try stage.write(Array("text".utf8), "text.pdf")
        let ended = try stage.paraph("inspect", "text.pdf", "a.pdf", "missing.pdf", "--json")
        #expect(ended.code == 65 && ended.objects.count == 1 && ended.complaints.contains("not_a_pdf"))
        #expect(try stage.paraph("inspect").code == 64)
    }

    @Test func `random cuts and changes end in a table or in 65`() throws {
        var random = FixedRandom(state: 7)
        let whole = CommandStage.sample()
        for number in 0..<40 {
            var bytes = Array(whole.prefix(Int.random(in: 1...whole.count, using: &random)))
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            try stage.write(bytes, "m\(number).pdf")
        }
        let files = (0..<40).map { "m\($0).pdf" }
        let ended = try stage.run(["inspect"] + files)
        #expect([0, 65].contains(ended.code))
    }
}

private struct FixedRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
