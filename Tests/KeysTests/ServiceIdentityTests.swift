// SPDX-License-Identifier: Apache-2.0
import Clocks
import Keys
import Testing

@Suite struct ServiceIdentityTests {
    private let now = KeyInstallation.start

    @Test func `a token names its maker to its audience for a minute`() throws {
        let installation = try KeyInstallation()
        let intake = try installation.store("intake").serviceIdentity(service: "intake")
        let vault = try installation.store("vault").serviceIdentity(service: "vault")
        let token = intake.token(for: "vault", at: now)
        #expect(try vault.verify(token, at: now) == "intake")
        #expect(try vault.verify(token, at: now.advanced(bySeconds: 65)) == "intake")
        for (token, time) in [
            (token, now.advanced(bySeconds: 71)), (token, now.advanced(bySeconds: -11)),
            (intake.token(for: "signer", at: now), now), (token + "A", now), ("v1.\(token)", now), ("", now),
            (String(token.dropLast(10)), now),
        ] {
            #expect(throws: KeysError.invalidServiceToken) { try vault.verify(token, at: time) }
        }
    }

    @Test func `another installation's token is refused`() throws {
        let first = try KeyInstallation()
        let second = try KeyInstallation()
        let token = try first.store("intake").serviceIdentity(service: "intake").token(for: "vault", at: now)
        let vault = try second.store("vault").serviceIdentity(service: "vault")
        #expect(throws: KeysError.invalidServiceToken) { try vault.verify(token, at: now) }
    }
}
