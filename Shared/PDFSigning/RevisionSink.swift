// SPDX-License-Identifier: Apache-2.0

/// Takes a revised document piece by piece: a file, an object on its way into a store, an upload.
///
/// Making the bytes durable, or leaving nothing of them after a failure, is the owner's part.
package protocol RevisionSink {
    /// Adds bytes at the end; calls follow one another.
    func append(_ bytes: [UInt8]) async throws
}
