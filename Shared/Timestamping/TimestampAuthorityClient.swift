// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Cryptography
package import HTTPClient
import Synchronization

/// Gets RFC 3161 tokens from the first authority that gives a good one in time.
///
/// It keeps nothing of what is stamped, and no address or content is in what it throws. Safe to share: connections are
/// kept alive in the session, each authority's breaker is under a lock.
package final class TimestampAuthorityClient: Sendable {
    private static let maximumResponseBytes = 65_536
    private static let firstPauseSeconds = 0.1
    private static let maximumTrusted = 64

    private struct State {
        var breakers: [CircuitBreaker]
        var largestToken = 0
        var trusted: [[UInt8]: Range<Instant>] = [:]
    }

    private let configuration: TimestampConfiguration
    private let session: HTTPSession
    private let clock: BusinessClock
    private let state: Mutex<State>

    /// Asks nobody yet.
    /// - Parameter clock: What tokens' times are compared with; it also times the breakers.
    package init(_ configuration: TimestampConfiguration, session: HTTPSession, clock: BusinessClock) {
        self.configuration = configuration
        self.session = session
        self.clock = clock
        let breaker = CircuitBreaker(
            failuresBeforeRest: configuration.failuresBeforeRest, restSeconds: configuration.restSeconds)
        state = Mutex(State(breakers: configuration.authorities.map { _ in breaker }))
    }

    /// What the imprint has to be made with.
    package var algorithm: DigestAlgorithm { configuration.algorithm }

    /// Bytes to keep for a token: the largest seen and some more, 8 KB before there was one.
    package var reservedBytes: Int {
        let largest = state.withLock { $0.largestToken }
        return largest == 0 ? 8_192 : largest + 256
    }

    /// A token over the imprint that passed every check.
    /// - Parameter budgetSeconds: For all tries together; 0 asks nobody.
    /// - Throws: `TimestampError`, which says what each authority did.
    package func token(imprint: [UInt8], budgetSeconds: Double) async throws(TimestampError) -> TimestampToken {
        guard budgetSeconds > 0 else { throw .notAsked }
        guard !configuration.authorities.isEmpty else { throw .noAuthority }
        let deadline = ContinuousClock.now + .seconds(budgetSeconds)
        var failures = configuration.authorities.map { _ in TimestampFailure.noTimeLeft }
        var pause = Self.firstPauseSeconds
        for round in 1...max(1, configuration.maximumRounds) {
            for index in configuration.authorities.indices {
                let left = Self.seconds(ContinuousClock.now.duration(to: deadline))
                guard left > 0 else { throw .exhausted(failures) }
                do throws(TimestampFailure) {
                    return try await ask(index, imprint: imprint, secondsLeft: left)
                } catch {
                    if error == .transport(.cancelled) || Task.isCancelled { throw .cancelled }
                    failures[index] = error
                }
            }
            let left = Self.seconds(ContinuousClock.now.duration(to: deadline))
            let wait = pause * Double.random(in: 0.5...1)
            guard round < configuration.maximumRounds, wait < left, failures.contains(where: \.isWorthAnotherTry) else {
                break
            }
            do { try await Task.sleep(for: .seconds(wait)) } catch { throw .cancelled }
            pause *= 2
        }
        throw .exhausted(failures)
    }

    // MARK: One authority

    private func ask(
        _ index: Int, imprint: [UInt8], secondsLeft: Double
    ) async throws(TimestampFailure) -> TimestampToken {
        let now = clock.now()
        guard state.withLock({ $0.breakers[index].admit(at: now) }) else { throw .resting }
        var retryAfter: Double?
        do throws(TimestampFailure) {
            let authority = configuration.authorities[index]
            let token = try await exchange(
                with: authority, imprint: imprint, timeout: min(authority.timeoutSeconds, secondsLeft), &retryAfter)
            state.withLock { state in
                state.breakers[index].succeeded()
                state.largestToken = max(state.largestToken, token.der.count)
            }
            return token
        } catch {
            let wait = retryAfter
            state.withLock { state in
                // An authority is not to blame for a caller with less time than it needs.
                let isOurs =
                    error == .transport(.cancelled)
                    || error == .transport(.timedOut) && secondsLeft < configuration.authorities[index].timeoutSeconds
                        && secondsLeft < 0.05
                if isOurs {
                    state.breakers[index].gaveUp()
                } else {
                    state.breakers[index].failed(at: now, retryAfter: wait)
                }
            }
            throw error
        }
    }

    private func exchange(
        with authority: TimestampAuthority, imprint: [UInt8], timeout: Double, _ retryAfter: inout Double?
    ) async throws(TimestampFailure) -> TimestampToken {
        let request: TimestampRequest
        do throws(CryptographyError) {
            request = try TimestampRequest(algorithm: algorithm, imprint: imprint, policy: authority.policy)
        } catch {
            throw .wrongImprint
        }
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await session.send(
                HTTPClientRequest(
                    method: "POST", url: authority.url,
                    headers: [
                        ("Content-Type", "application/timestamp-query"), ("Accept", "application/timestamp-reply"),
                    ]
                        + authority.headers,
                    body: request.der, timeoutSeconds: timeout, maximumResponseBytes: Self.maximumResponseBytes))
        } catch {
            throw .transport(error)
        }
        guard response.status == 200 else {
            retryAfter = response.header("retry-after").flatMap { Double($0) }.flatMap { $0 >= 0 ? $0 : nil }
            throw .status(response.status)
        }
        let token = try TokenCheck(
            request: request, now: clock.now(), tolerance: configuration.clockToleranceSeconds
        ).token(in: response.body)
        if !configuration.anchors.isEmpty { try requireTrust(in: token) }
        return token
    }

    /// An authority stamps with one certificate for long; its path is looked for once.
    private func requireTrust(in token: TimestampToken) throws(TimestampFailure) {
        guard let signer = token.signer else { throw .wrongCertificate }
        if state.withLock({ $0.trusted[signer.sha256]?.contains(token.time) ?? false }) { return }
        let span = try TokenCheck.trust(in: token, anchors: configuration.anchors)
        state.withLock { state in
            if state.trusted.count >= Self.maximumTrusted { state.trusted = [:] }
            state.trusted[signer.sha256] = span
        }
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}

extension TimestampFailure {
    /// False where asking the same again changes nothing.
    fileprivate var isWorthAnotherTry: Bool {
        switch self {
        case .transport(let error): error.isRetriable
        case .status(let status): status == 429 || status >= 500
        case .refused(let failure): failure == nil || failure == 14 || failure == 25
        case .wrongNonce, .unreadable, .noTimeLeft: true
        case .wrongImprint, .wrongPolicy, .wrongCertificate, .wrongSignature, .wrongTime, .untrusted, .resting: false
        }
    }
}
