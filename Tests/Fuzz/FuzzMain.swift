// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Feeds mutated documents to everything that reads outside data, in processes of its own that may crash.
@main enum FuzzMain {
    static func main() async {
        do {
            let options = try FuzzOptions(Array(CommandLine.arguments.dropFirst()))
            let corpus = try FuzzCorpus(
                folders: options.folders, replayed: options.replayed, password: options.password)
            if let share = options.share {
                try await FuzzWorker(options: options, corpus: corpus).run(share)
                return
            }
            let findings = try await FuzzSupervisor(options: options, corpus: corpus).run()
            exit(findings == 0 ? 0 : 1)
        } catch let error as FuzzUsageError {
            FileHandle.standardError.write(Data("fuzz: \(error.message)\n\n\(FuzzOptions.usage)\n".utf8))
            exit(64)
        } catch {
            FileHandle.standardError.write(Data("fuzz: \(error)\n".utf8))
            exit(70)
        }
    }
}
