// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Foundation
import Storage
import Testing

@Suite struct TamperedObjectTests {
    private static let sealedSegment = 65_536 + 16
    private let fixture: StorageFixture
    private let object: StoredObject
    private let file: Data

    init() async throws {
        fixture = try StorageFixture()
        object = try await fixture.put(SecureRandom.bytes(3 * 65_536))
        file = try Data(contentsOf: URL(fileURLWithPath: fixture.path(object.artifact)))
    }

    private func isRefused(_ content: Data, as reference: StoredObject? = nil) async throws -> Bool {
        try content.write(to: URL(fileURLWithPath: fixture.path(object.artifact)))
        do {
            _ = try await fixture.store.read(reference ?? object, in: .working)
            return false
        } catch is StorageError {
            return true
        } catch is ByteSourceError {
            return true
        }
    }

    @Test func `the unchanged file is read`() async throws {
        #expect(try await !isRefused(file))
    }

    @Test func `a flipped bit anywhere is refused`() async throws {
        let segments = [32, 32 + Self.sealedSegment, 32 + 2 * Self.sealedSegment]
        let positions = Array(0..<32) + segments.flatMap { [$0, $0 + 1000, $0 + 65_535, $0 + 65_536, $0 + 65_551] }
        for position in positions {
            var changed = file
            changed[position] ^= 0x80
            #expect(try await isRefused(changed), "byte \(position)")
        }
    }

    @Test func `a cut file is refused, also when the reference is cut to match`() async throws {
        for length in [0, 10, 31, 32, 33, 47, 48, 1000, 32 + Self.sealedSegment, file.count - 17, file.count - 1] {
            #expect(try await isRefused(file.prefix(length)), "length \(length)")
        }
        for segments in 1...2 {
            let shorter = StoredObject(
                tenant: object.tenant, artifact: object.artifact, sha256: object.sha256, size: segments * 65_536,
                dataKeyID: object.dataKeyID)
            #expect(try await isRefused(file.prefix(32 + segments * Self.sealedSegment), as: shorter))
        }
    }

    @Test func `an extended file is refused`() async throws {
        #expect(try await isRefused(file + Data([0])))
        #expect(try await isRefused(file + file.suffix(Self.sealedSegment)))
    }

    @Test func `exchanged and repeated segments are refused`() async throws {
        let header = file.prefix(32)
        let segments = (0..<3).map { file[(32 + $0 * Self.sealedSegment)..<(32 + ($0 + 1) * Self.sealedSegment)] }
        #expect(try await isRefused(header + segments[1] + segments[0] + segments[2]))
        #expect(try await isRefused(header + segments[0] + segments[0] + segments[2]))
        #expect(try await isRefused(header + segments[0] + segments[1] + segments[1]))
    }

    @Test func `an object does not stand in for another of the tenant or of another tenant`() async throws {
        let other = try await fixture.put(SecureRandom.bytes(3 * 65_536))
        try FileManager.default.removeItem(atPath: fixture.path(other.artifact))
        try file.write(to: URL(fileURLWithPath: fixture.path(other.artifact)))
        let swapped = StoredObject(
            tenant: object.tenant, artifact: other.artifact, sha256: object.sha256, size: object.size,
            dataKeyID: object.dataKeyID)
        await #expect(throws: (any Error).self) { try await fixture.store.read(swapped, in: .working) }
        await #expect(throws: StorageError.self) { try await fixture.store.open(other, in: .working) }
        let foreign = StoredObject(
            tenant: fixture.otherTenant, artifact: object.artifact, sha256: object.sha256, size: object.size,
            dataKeyID: object.dataKeyID)
        await #expect(throws: StorageError.notFound(artifact: object.artifact)) {
            try await fixture.store.open(foreign, in: .working)
        }
    }

    @Test func `another data key is refused`() async throws {
        let other = try await fixture.put([1])
        let content = try Data(contentsOf: URL(fileURLWithPath: fixture.path(other.artifact)))
        var changed = file
        changed.replaceSubrange(0..<32, with: content.prefix(32))
        let reference = StoredObject(
            tenant: object.tenant, artifact: object.artifact, sha256: object.sha256, size: object.size,
            dataKeyID: other.dataKeyID)
        #expect(try await isRefused(changed, as: reference))
    }

    @Test func `a damaged evidence file is not taken for the same content`() async throws {
        var changed = file
        changed[5000] ^= 1
        try changed.write(to: URL(fileURLWithPath: fixture.path(object.artifact)))
        await #expect(throws: StorageError.conflict(artifact: object.artifact)) {
            try await fixture.store.put([1, 2, 3], tenant: object.tenant, artifact: object.artifact, area: .working)
        }
    }
}
