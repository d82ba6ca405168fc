// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import PKCS11

@Suite struct PKCS11URITests {
    @Test func `token, object, id, module and PIN file are read, percent signs decoded`() throws {
        let uri = try PKCS11URI(
            "pkcs11:token=My%20token;manufacturer=A%3BB;model=M;serial=01ab;slot-id=7;object=k%c3%a9y;id=%01%FF"
                + ";type=private?module-path=/usr/lib/m.so&pin-source=file:///etc/pin")
        #expect(uri.token.label == "My token" && uri.token.manufacturer == "A;B" && uri.token.model == "M")
        #expect(uri.token.serial == "01ab" && uri.token.slot == 7)
        #expect(uri.label == Array("k\u{e9}y".utf8) && uri.id == [1, 255])
        #expect(uri.modulePath == "/usr/lib/m.so" && uri.pinFile == "/etc/pin")
    }

    @Test func `what is not said is left open, and the module is the machine's`() throws {
        let uri = try PKCS11URI("pkcs11:")
        #expect(uri.token == PKCS11URI.TokenAttributes() && uri.label == nil && uri.id == nil && uri.pinFile == nil)
        #expect(uri.modulePath == PKCS11URI.systemModule)
        #expect(try PKCS11URI("pkcs11:object=a?pin-source=/run/pin").pinFile == "/run/pin")
    }

    @Test(
        arguments: [
            "http:token=a", "pkcs11:token", "pkcs11:token=", "pkcs11:token=a;token=b", "pkcs11:token=%4",
            "pkcs11:id=%GG",
            "pkcs11:type=cert", "pkcs11:slot-id=x", "pkcs11:unknown=1", "pkcs11:token=a?unknown=1",
            "pkcs11:token=a?pin-value=1234", "pkcs11:token=a?pin-source=|cat", "pkcs11:slot-id=-1",
        ])
    func `a URI that means nothing here, or shows a PIN, is refused`(text: String) throws {
        let error = #expect(throws: PKCS11Error.self) { try PKCS11URI(text) }
        guard case .unusableURI = try #require(error) else {
            Issue.record("\(text): \(error.debugDescription)")
            return
        }
        #expect(!"\(error.debugDescription)".contains("1234"))
    }

    @Test func `random bytes end in a value or a typed error`() {
        var random = SystemRandomNumberGenerator()
        let letters = Array("pkcs11:token=object;id?&%0aFf-|é".unicodeScalars)
        for _ in 0..<500 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0..<40, using: &random)).map { _ in letters.randomElement() ?? "x" }))
            _ = try? PKCS11URI("pkcs11:" + text)
        }
    }
}
