// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FileSystem
import FoundationEssentials
import Synchronization

/// A tenant's register on disk: each change is a new numbered file, so that none is lost to another made at the same time,
/// and the history stays.
final class SealRegisterFiles: Sendable {
    private struct Known {
        var number = 0
        var register = SealRegister()
    }

    private let folder: KeyFolder
    private let tenant: UUID
    private let known = Mutex(Known())

    init(folder: KeyFolder, tenant: UUID) {
        self.folder = folder
        self.tenant = tenant
    }

    /// The newest register; costs one look for a next file where nothing has changed.
    func current() throws(KeysError) -> SealRegister {
        try known.withLock { known throws(KeysError) in
            try refresh(&known)
            return known.register
        }
    }

    /// Writes the changed register.
    /// - Throws: `KeysError.alreadyExists` when another change came first: look again, and decide again.
    func change<Result>(
        _ body: (inout SealRegister) throws(KeysError) -> Result
    ) throws(KeysError) -> Result {
        try known.withLock { known throws(KeysError) in
            try refresh(&known)
            var register = known.register
            let result = try body(&register)
            try folder.write(Self.encoded(register), to: name(known.number + 1))
            known = Known(number: known.number + 1, register: register)
            return result
        }
    }

    private func refresh(_ known: inout Known) throws(KeysError) {
        var number = known.number
        while folder.contains(name(number + 1)) { number += 1 }
        guard number > known.number else { return }
        let bytes = try folder.read(name(number))
        guard let register = try? JSONDecoder().decode(SealRegister.self, from: Data(bytes)) else {
            throw .damaged(path: "\(folder.path)/\(name(number))")
        }
        known = Known(number: number, register: register)
    }

    private static func encoded(_ register: SealRegister) throws(KeysError) -> [UInt8] {
        guard let bytes = try? CanonicalJSON.bytes(of: register) else { throw .damaged(path: "register") }
        return bytes
    }

    private func name(_ number: Int) -> String { "\(SigningKeyStore.root)/\(tenant.text)/register.\(number).json" }
}
