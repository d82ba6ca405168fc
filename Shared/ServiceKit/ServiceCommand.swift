// SPDX-License-Identifier: Apache-2.0

/// What the command line of a service asks for.
enum ServiceCommand: Equatable {
    case run
    case help
    case version
    case migrate(checkOnly: Bool)
    /// One of the service's own, with the words after its name.
    case own(name: String, words: [String])

    /// Nil for anything that is not in the usage text; `own` names the service's own commands.
    init?(arguments: [String], own: [String] = []) {
        switch arguments {
        case let words where words.first.map(own.contains) == true:
            self = .own(name: words[0], words: Array(words.dropFirst()))
        case []: self = .run
        case ["--help"], ["-h"], ["help"]: self = .help
        case ["--version"]: self = .version
        case ["migrate"]: self = .migrate(checkOnly: false)
        case ["migrate", "--check"]: self = .migrate(checkOnly: true)
        default: return nil
        }
    }
}
