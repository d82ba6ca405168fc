// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Keys
import Messaging

/// What an error of the store or the key store means for a message: wait for what may come back, bury what cannot.
package enum OutsideFailure {
    /// The error to throw in its place; one that says nothing about stores or keys is answered as it is.
    package static func judged(_ error: any Error) -> any Error {
        switch error {
        case let error as StorageError: judged(error)
        case let error as KeysError: judged(error)
        case ByteSourceError.corrupted: PermanentFailure(code: "artifact_damaged", detail: "restore it, then redrive")
        case is ByteSourceError: TransientFailure(code: "store_away")
        default: error
        }
    }

    private static func judged(_ error: StorageError) -> any Error {
        switch error {
        case .full: TransientFailure(code: "store_full")
        case .file: TransientFailure(code: "store_away")
        // A volume that is not mounted looks like this, and what was named in a message was stored before.
        case .notFound: TransientFailure(code: "artifact_missing")
        case .keys(let error): judged(error)
        case .corrupted(let artifact, _):
            PermanentFailure(code: "artifact_damaged", detail: "restore artifact \(artifact), then redrive")
        case .conflict(let artifact):
            PermanentFailure(code: "artifact_conflict", detail: "artifact \(artifact) is stored with other content")
        case .writerClosed: error
        }
    }

    private static func judged(_ error: KeysError) -> any Error {
        switch error {
        case .noDataKey(let id): PermanentFailure(code: "artifact_disposed", detail: "data key \(id) is destroyed")
        case .noSeal: TransientFailure(code: "seal_missing")
        case .token: TransientFailure(code: "token_away")
        case .noTenantKey: TransientFailure(code: "tenant_key_missing")
        default: TransientFailure(code: "keys_away")
        }
    }
}
