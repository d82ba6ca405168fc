// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FileSystem
import FoundationEssentials
import Keys
import Messaging
import Storage
import Testing

@Suite struct OutsideFailureTests {
    private static let id = UUID(uuid: (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))

    @Test(arguments: [
        (StorageError.full as any Error, "store_full"), (StorageError.notFound(artifact: id), "artifact_missing"),
        (StorageError.keys(.noTenantKey(tenant: id)), "tenant_key_missing"),
        (KeysError.noSeal(tenant: id), "seal_missing"),
        (ByteSourceError.outOfRange(range: 0..<1, size: 0), "store_away"),
    ])
    func `what may come back is waited for`(error: any Error, code: String) {
        #expect(OutsideFailure.judged(error) as? TransientFailure == TransientFailure(code: code))
    }

    @Test(arguments: [
        (StorageError.corrupted(artifact: id, reason: "x") as any Error, "artifact_damaged"),
        (StorageError.conflict(artifact: id), "artifact_conflict"),
        (StorageError.keys(.noDataKey(id: id)), "artifact_disposed"),
        (ByteSourceError.corrupted("x"), "artifact_damaged"),
    ])
    func `what no repetition changes becomes a dead letter`(error: any Error, code: String) {
        #expect((OutsideFailure.judged(error) as? PermanentFailure)?.code == code)
    }

    @Test func `any other error stays what it is`() {
        #expect(OutsideFailure.judged(CancellationError()) is CancellationError)
        #expect(OutsideFailure.judged(StorageError.writerClosed) as? StorageError == .writerClosed)
    }
}
