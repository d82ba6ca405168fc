// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import CLI

@Suite struct ArgumentsTests {
    @Test func `words, flags and options are told apart wherever they stand`() throws {
        let arguments = try Arguments(
            ["a.pdf", "--json", "--days", "90", "--name=Example = GmbH", "b.pdf"], flags: ["json"],
            options: ["days", "name"])
        #expect(arguments.positional == ["a.pdf", "b.pdf"])
        #expect(arguments.has("json") && !arguments.has("audit"))
        #expect(arguments["name"] == "Example = GmbH")
        #expect(try arguments.integer("days", in: 1...365, default: 30) == 90)
        #expect(try arguments.integer("other", in: 1...365, default: 30) == 30)
    }

    @Test func `after two hyphens everything is a word`() throws {
        let arguments = try Arguments(["--", "--json", "-x"], flags: ["json"])
        #expect(arguments.positional == ["--json", "-x"])
        #expect(!arguments.has("json"))
    }

    @Test(
        arguments: [
            (["--nothing"], "unknown option --nothing"), (["--days"], "--days needs a value"),
            (["--days", "1", "--days", "2"], "--days is given twice"), (["--json=yes"], "unknown option --json"),
        ])
    func `a mistake is named`(words: [String], message: String) {
        #expect(throws: UsageError(message: message)) {
            try Arguments(words, flags: ["json"], options: ["days"])
        }
    }

    @Test(arguments: ["0", "366", "ten", "", "1.5"])
    func `a number outside its range is refused with the range`(text: String) throws {
        let arguments = try Arguments(["--days", text], options: ["days"])
        #expect(throws: UsageError(message: "--days takes a number from 1 to 365, not '\(text)'")) {
            try arguments.integer("days", in: 1...365, default: 30)
        }
    }
}
