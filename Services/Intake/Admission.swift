// SPDX-License-Identifier: Apache-2.0
import FileSystem
import Logging
import Messaging
import Metrics
import ServiceAPI
import ServiceKit
import Synchronization

/// Refuses new work while readers lag behind or the disk is nearly full; looks once a second.
final class Admission: Service {
    /// New envelopes and uploads are refused below it.
    private static let minimumFreeFraction = 0.05
    /// Acts of recipients in open envelopes are refused last.
    private static let criticalFreeFraction = 0.01

    let name = "admission"
    private let pressure: @Sendable () -> BackPressure.Status
    private let folder: String
    private let volume = Mutex<Volume?>(nil)

    /// - Parameter folder: Lies on the volume that documents are written to.
    init(pressure: @escaping @Sendable () -> BackPressure.Status, folder: String, metrics: MetricsRegistry) {
        self.pressure = pressure
        self.folder = folder
        look()
        metrics.gauge("paraph_disk_free_bytes", "Free bytes on the volume of the object store.") { [weak self] in
            self?.volume.withLock { $0 }.map { [.init(Double($0.freeBytes))] } ?? []
        }
    }

    func run(until shutdown: ShutdownSignal) async throws {
        while await !shutdown.race(seconds: 1) { look() }
    }

    /// - Throws: `ProblemDetails` 503 when nothing new may begin now.
    func checkNewWork() throws(ProblemDetails) {
        if isFree(below: Self.minimumFreeFraction) {
            throw ProblemDetails(
                .storageFull, "Less than 5 % of the disk is free; try again later.", retryAfterSeconds: 60)
        }
        if pressure().isOverloaded {
            throw ProblemDetails(
                .overloaded, "Work is piling up; send the same request again later.", retryAfterSeconds: 10)
        }
    }

    /// - Throws: `ProblemDetails` 503 when not even an open envelope can go on.
    func checkRecipientAct() throws(ProblemDetails) {
        if isFree(below: Self.criticalFreeFraction) {
            throw ProblemDetails(.storageFull, "The disk is full; please try again later.", retryAfterSeconds: 60)
        }
    }

    private func isFree(below fraction: Double) -> Bool {
        volume.withLock { $0.map { $0.freeFraction < fraction } ?? false }
    }

    private func look() {
        let seen = try? Volume(at: folder)
        volume.withLock { $0 = seen ?? $0 }
    }
}
