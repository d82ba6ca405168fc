// SPDX-License-Identifier: Apache-2.0
import FileSystem

/// Which files are signed, and where each goes.
struct SignFiles: Sendable {
    struct Pair: Sendable {
        let input: String
        let output: String
    }

    private static let maximumDepth = 64

    let pairs: [Pair]

    /// - Throws: `UsageError` where two outputs or an output and an input are one file; `CommandFailure` where a folder
    ///   cannot be read or made.
    init(_ options: SignOptions) throws {
        var inputs: [(path: String, relative: String)] = []
        for path in options.inputs {
            if Folder.isFolder(path) {
                try Self.collect(path, relative: "", depth: 0, into: &inputs)
            } else {
                inputs.append((path, String(Folder.name(of: path))))
            }
        }
        guard !inputs.isEmpty else {
            throw CommandFailure("there is no PDF in what was named", exitCode: CommandFailure.unreadable)
        }
        if case .file = options.destination, inputs.count > 1 {
            throw UsageError(message: "-o names one file; use --out-dir DIR for several")
        }
        let pairs = inputs.map { Pair(input: $0.path, output: Self.output($0, options.destination)) }
        var outputs: Set<String> = []
        let sources = Set(pairs.map(\.input))
        for pair in pairs {
            guard outputs.insert(pair.output).inserted else {
                throw UsageError(message: "two files would be signed to \(pair.output)")
            }
            if case .file = options.destination { continue }
            guard !sources.contains(pair.output), !Folder.isSameFile(pair.input, pair.output) else {
                throw UsageError(
                    message: "\(pair.output) would replace a file to be signed; -o replaces one on purpose")
            }
        }
        self.pairs = pairs
        guard case .folder = options.destination else { return }
        do throws(FileSystemError) {
            for folder in Set(pairs.map { Folder.parent(of: $0.output) }).sorted() {
                try Folder.create(folder, mode: 0o755)
            }
        } catch {
            throw CommandFailure("\(error)", exitCode: CommandFailure.unwritable)
        }
    }

    private static func collect(
        _ folder: String, relative: String, depth: Int, into inputs: inout [(path: String, relative: String)]
    ) throws {
        guard depth < maximumDepth else {
            throw CommandFailure("\(folder): folders lie too deep in one another", exitCode: CommandFailure.unreadable)
        }
        let names: [String]
        do throws(FileSystemError) {
            names = try Folder.names(in: folder)
        } catch {
            throw CommandFailure("\(error)", exitCode: CommandFailure.unreadable)
        }
        for name in names.sorted() where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            if Folder.isFolder(path) {
                try collect(path, relative: "\(relative)\(name)/", depth: depth + 1, into: &inputs)
            } else if isNamedPDF(name) {
                inputs.append((path, relative + name))
            }
        }
    }

    private static func output(_ input: (path: String, relative: String), _ destination: SignOptions.Destination)
        -> String
    {
        switch destination {
        case .file(let output): output
        case .folder(let folder): "\(folder)/\(input.relative)"
        case .beside: (isNamedPDF(input.path) ? String(input.path.dropLast(4)) : input.path) + "-signed.pdf"
        }
    }

    private static func isNamedPDF(_ name: String) -> Bool { name.lowercased().hasSuffix(".pdf") }
}
