// SPDX-License-Identifier: Apache-2.0

/// What a person got wrong on the command line; the process ends with exit code 64 (`EX_USAGE`).
struct UsageError: Error, Equatable {
    let message: String
}

/// The words after a command, split into positional words, `--flag`s and `--option VALUE`s.
struct Arguments {
    private(set) var positional: [String] = []
    private var flags: Set<String> = []
    private var options: [String: [String]] = [:]

    /// - Parameter repeated: Options that may stand more than once; their values keep their order.
    /// - Parameter short: Long names of options by their letter: `-o` for `--output`.
    /// - Throws: `UsageError` on a word that begins with `--` and is not listed, a missing value, or an option of
    ///   `valued` given twice.
    init(
        _ words: [String], flags known: Set<String> = [], options valued: Set<String> = [],
        repeated: Set<String> = [], short: [Character: String] = [:]
    ) throws(UsageError) {
        var index = 0
        var onlyPositional = false
        while index < words.count {
            let word = words[index]
            index += 1
            let alias = word.count == 2 && word.first == "-" ? word.last.flatMap { short[$0] } : nil
            guard word.hasPrefix("--") || alias != nil, !onlyPositional else {
                positional.append(word)
                continue
            }
            if word == "--" {
                onlyPositional = true
                continue
            }
            let long = alias.map { Substring($0) } ?? word.dropFirst(2)
            let parts = long.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if known.contains(name), parts.count == 1 {
                flags.insert(name)
                continue
            }
            guard valued.contains(name) || repeated.contains(name) else {
                throw UsageError(message: "unknown option --\(name)")
            }
            guard options[name] == nil || repeated.contains(name) else {
                throw UsageError(message: "--\(name) is given twice")
            }
            if parts.count == 2 {
                options[name, default: []].append(String(parts[1]))
            } else if index < words.count {
                options[name, default: []].append(words[index])
                index += 1
            } else {
                throw UsageError(message: "--\(name) needs a value")
            }
        }
    }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    subscript(option: String) -> String? { options[option]?.first }

    /// Every value of an option that may be repeated.
    func all(_ option: String) -> [String] { options[option] ?? [] }

    /// - Throws: `UsageError` when the value is not a whole number in `range`.
    func integer(_ option: String, in range: ClosedRange<Int>, default fallback: Int) throws(UsageError) -> Int {
        guard let text = self[option] else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw UsageError(
                message: "--\(option) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return value
    }
}
