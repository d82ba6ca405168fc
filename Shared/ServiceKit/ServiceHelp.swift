// SPDX-License-Identifier: Apache-2.0
import Configuration

/// The text of `--help`.
enum ServiceHelp {
    static func text(name: String, commands: [String] = [], keys: [any ConfigurationKeyDescription]) -> String {
        var text = """
            Usage: \(name)                    run the service until SIGTERM or SIGINT
                   \(name) migrate            bring the database schema up to date
                   \(name) migrate --check    exit 78 when the schema is not up to date
                   \(name) --help | --version
            \(commands.map { "       \(name) \($0)\n" }.joined())
            Exit codes: 0 stopped as asked, 64 wrong command line, 70 failed (see the log), 78 wrong configuration.

            Environment variables:

            """
        for key in keys {
            let unit = key.unit.map { ", \($0)" } ?? ""
            let value = key.defaultText.map { "default \($0)" } ?? (key.isRequired ? "required" : "optional")
            text += "\n  \(key.name)\n      \(key.type)\(unit); \(value)\n      \(key.meaning)\n"
        }
        return text
    }
}
