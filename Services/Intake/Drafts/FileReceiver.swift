// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Envelopes
import Foundation
import HTTPServer
import Keys
import PDFSyntax
import ServiceAPI
import Storage

/// A file that arrived as a whole.
struct ReceivedFile: Sendable {
    let sha256: [UInt8]
    let size: Int
    /// Nil for a file that was only hashed, because its outcome exists.
    let object: StoredObject?
}

/// Takes a PDF as it arrives: encrypted, hashed and written piece by piece, never whole in memory.
struct FileReceiver: Sendable {
    let objects: any ObjectStore
    /// Parsing reads from disk and may take a while.
    let parsers: BlockingPool

    /// - Parameter isStored: False to hash only.
    /// - Throws: `HTTPServerError.bodyTooLarge`, `StorageError`, or what the body throws.
    func receive(
        tenant: TenantID, artifact: UUID, isStored: Bool, keepAlive: () async throws -> Void,
        next: () async throws -> [UInt8]?
    ) async throws -> ReceivedFile {
        guard isStored else { return try await hash(keepAlive, next) }
        let writer = try await objects.writer(tenant: tenant.uuid, artifact: artifact, area: .working)
        do {
            var size = 0
            while let chunk = try await next() {
                size += chunk.count
                guard size <= Limits.documentBytes else {
                    throw HTTPServerError.bodyTooLarge(maximumBytes: Limits.documentBytes)
                }
                try await writer.append(chunk)
                try await keepAlive()
            }
            let object = try await writer.finish()
            return ReceivedFile(sha256: object.sha256, size: object.size, object: object)
        } catch {
            await writer.cancel()
            throw error
        }
    }

    /// The pages of a stored file as signers will see them; a damaged one is repaired when it is prepared.
    /// - Throws: `PDFError` with the reason that the file can be neither signed nor repaired.
    func pages(of object: StoredObject) async throws -> [PageSize] {
        let source = try await objects.open(object, in: .working)
        return try await parsers.run {
            try SignableDocument(source).document.checkSignable().map {
                PageSize(width: Self.rounded($0.geometry.width), height: Self.rounded($0.geometry.height))
            }
        }
    }

    /// Leaves nothing of a file that was refused; what cannot be removed now is garbage without a reference.
    func discard(_ object: StoredObject) async {
        _ = try? await objects.delete(object, in: .working)
    }

    private func hash(
        _ keepAlive: () async throws -> Void, _ next: () async throws -> [UInt8]?
    ) async throws -> ReceivedFile {
        var hasher = DigestHasher(.sha256)
        var size = 0
        while let chunk = try await next() {
            size += chunk.count
            guard size <= Limits.documentBytes else {
                throw HTTPServerError.bodyTooLarge(maximumBytes: Limits.documentBytes)
            }
            hasher.update(chunk)
            try await keepAlive()
        }
        return ReceivedFile(sha256: hasher.finalize(), size: size, object: nil)
    }

    /// Thousandths of a point, so that the API shows 612 and not 611.9999999.
    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
