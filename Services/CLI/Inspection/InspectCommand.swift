// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FileSystem
import PDFSyntax

/// `paraph inspect`: what a PDF is made of, as far as signing is concerned.
enum InspectCommand: Command {
    static let name = "inspect"
    static let summary = "show a PDF's revisions, fields, signatures and structure problems"
    static let usage = """
        usage: paraph inspect FILE... [--password-file FILE] [--json]

        Shows the revisions of a PDF and what each did, its cross-reference form, encryption, pages, fields, signatures
        with certifications and locks, validation data, the PDF/A part it claims, and what is wrong with its structure,
        with offsets. Nothing is verified here: `paraph verify` does that.

        --password-file FILE   opens an encrypted PDF; --password TEXT shows it to the machine's other users
        --json                 one JSON object a file

        Exit code: 0, or 65 when a file cannot be read as a PDF; the reason is on standard error.

        paraph inspect contract.pdf
        paraph inspect contract.pdf --json
        """

    static func run(_ words: [String]) async throws -> Int32 {
        let arguments = try Arguments(words, flags: ["json"], options: DocumentPassword.options)
        guard !arguments.positional.isEmpty else { throw UsageError(message: "name at least one file") }
        let password = try DocumentPassword(arguments).read()
        var worst: Int32 = 0
        for path in arguments.positional {
            do throws(CommandFailure) {
                let inspection = try inspection(of: path, password: password)
                if arguments.has("json") {
                    Terminal.say(String(decoding: inspection.json.canonicalBytes(), as: UTF8.self))
                } else {
                    for line in inspection.lines { Terminal.say(line) }
                }
            } catch {
                // The others are shown all the same.
                Terminal.complain("paraph inspect: \(path): \(error.message)")
                worst = max(worst, error.exitCode)
            }
        }
        return worst
    }

    private static func inspection(of path: String, password: String?) throws(CommandFailure) -> DocumentInspection {
        let file = try DocumentInput.file(path)
        do throws(PDFError) {
            return try DocumentInspection(PDFDocument(source: file, password: password), path: path)
        } catch {
            var message = "\(error)"
            if let repaired = try? DocumentRepair.repair(source: file) {
                message += " `paraph sign` would repair it: \(repaired.notes.joined(separator: " "))"
            }
            throw CommandFailure(message, exitCode: CommandFailure.unreadable)
        }
    }
}
