// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import HTTPServer
import Testing

@testable import Intake

struct SigningPartsTests {
    // MARK: Forms

    @Test func `a form's texts are decoded, and the first of a name counts`() throws {
        let form = try #require(FormBody(Array("a=1+2&b=%C3%A4%26&a=9&c&d=x=y&=z&&".utf8)))
        #expect(form.values == ["a": "1 2", "b": "ä&", "c": "", "d": "x=y", "": "z"])
        #expect(FormBody([])?.values == [:])
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "%c3%28=1", "a=%ff"])
    func `a form with broken percent sequences or without UTF-8 is none`(text: String) {
        #expect(FormBody(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", false), ("application/json", "", true),
        ("*/*", "", false), ("*/*", "application/json; charset=utf-8", true), ("", "", false),
        ("", "application/json", true), ("application/problem+json", "", true),
        ("text/html;q=0.4, application/json;q=0.5", "", true), ("text/html, application/json;q=0.9", "", false),
        ("text/html", "application/json", false), ("Application/JSON", "", true),
    ])
    func `JSON is for who asks for it, or sends it`(accept: String, type: String, expected: Bool) {
        let headers = [("accept", accept), ("content-type", type)].filter { !$0.1.isEmpty }
        #expect(
            SigningExchange.wantsJSON(HTTPRequest(method: .get, path: "/", headers: headers)) == expected)
    }

    // MARK: HTML

    @Test func `text is escaped for HTML, in content and in attributes`() {
        #expect(
            HTML.text("<b a=\"1\" c='2'>&amp;é\u{202E}") == "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;é\u{202E}")
        #expect(HTML.paragraphs("a<\r\nb\r\n\r\nc\n\n\nd") == "<p>a&lt;<br>b</p><p>c</p><p><br>d</p>")
        #expect(
            HTML.time(SigningSample.now)
                == "<time datetime=\"2026-11-20T12:00:00.000Z\">20 November 2026, 12:00 UTC</time>")
    }

    @Test func `ID-06: nothing that people wrote becomes markup, and every entry has a label`() throws {
        let state = try SigningSample.state(
            status: .viewed, name: "<i>Ada</i>", title: "</title><script>alert(1)</script>")
        var page = SigningPage(state: state, token: "t", problem: .fieldRequired("place", at: "/fields"))
        page.entered.add("\"><script>", as: "field.place")
        page.entered.add("true", as: "field.box")
        page.entered.add("true", as: "agreed")
        let html = page.html
        #expect(!html.contains("<script"))
        #expect(!html.contains("<i>"))
        #expect(html.contains("value=\"&quot;&gt;&lt;script&gt;\""))
        #expect(html.contains("lang=\"en\""))
        #expect(html.contains("role=\"alert\""))
        for id in ["field.place", "field.day", "field.box", "field.accepted", "agreed", "reason", "signature_image"] {
            #expect(html.contains("id=\"\(id)\"") && html.contains("<label for=\"\(id)\">"), "\(id)")
        }
        #expect(html.contains("name=\"field.box\" aria-describedby=\"field.box.hint\" value=\"true\" checked"))
        #expect(!html.contains("name=\"agreed\" value=\"true\" required checked"))
        #expect(html.contains("aria-invalid=\"true\""))
        for text in ["I agree and sign", "as it is shown to you", "declaration of your will", "Decline", "Petra"] {
            #expect(html.contains(text), "\(text)")
        }
    }

    // MARK: Pictures

    @Test func `a picture's size is read from its own header`() throws {
        let png = try SignatureImage(SigningSample.png(width: 640, height: 200))
        #expect(png.width == 640)
        #expect(png.height == 200)
        for frame: UInt8 in [0xC0, 0xC2] {
            let jpeg = try SignatureImage(SigningSample.jpeg(width: 641, height: 201, frame: frame))
            #expect(jpeg.width == 641)
            #expect(jpeg.height == 201)
        }
    }

    @Test func `a picture that is too large, too wide, cut off or no picture is refused`() {
        func fault(_ bytes: [UInt8]) -> SignatureImage.Fault? {
            do throws(SignatureImage.Fault) {
                _ = try SignatureImage(bytes)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(SigningSample.png(width: 2000, height: 2000)) == nil)
        #expect(fault(SigningSample.png(width: 2000, height: 2001)) == .tooManyPixels)
        #expect(fault(SigningSample.png(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF)) == .tooManyPixels)
        #expect(fault(SigningSample.jpeg(width: 65_535, height: 65_535)) == .tooManyPixels)
        #expect(fault(SigningSample.png(width: 0, height: 10)) == .notAPicture)
        #expect(fault(SigningSample.png(width: 10, height: 10, complete: false)) == .notAPicture)
        #expect(fault(SigningSample.jpeg(width: 10, height: 10, complete: false)) == .notAPicture)
        #expect(fault(SigningSample.png(width: 9, height: 9) + [UInt8](repeating: 0, count: 2 << 20)) == .tooLarge)
        for length in 0..<SigningSample.jpeg(width: 10, height: 10).count {
            #expect(fault(Array(SigningSample.jpeg(width: 10, height: 10).prefix(length))) == .notAPicture)
        }
        for length in 0..<SigningSample.png(width: 10, height: 10).count {
            #expect(fault(Array(SigningSample.png(width: 10, height: 10).prefix(length))) == .notAPicture)
        }
        #expect(fault(Array("%PDF-1.7".utf8)) == .notAPicture)
    }

    // MARK: States

    @Test func `the word shown runs ahead of the read model by what was accepted`() throws {
        let table: [(RequestStatus, Set<RecipientAct>, RequestStatus)] = [
            (.pending, [], .pending), (.notified, [], .notified), (.notified, [.view], .viewed),
            (.pending, [.view, .fields], .signing), (.viewed, [.fields], .signing), (.consented, [], .signing),
            (.signing, [.view], .signing), (.signed, [.view, .fields], .signed), (.viewed, [.decline], .declined),
            (.signed, [.decline], .signed), (.declined, [.fields], .declined), (.expired, [.view], .expired),
        ]
        for (known, acts, shown) in table {
            #expect(try SigningSample.state(status: known, acts: acts).status == shown, "\(known) \(acts)")
        }
    }

    @Test func `a link opens its page only while it is the newest and the envelope is open`() throws {
        func refusal(_ state: SigningState) -> String? {
            do throws(SigningProblem) {
                try state.checkOpen(at: SigningSample.now)
                return nil
            } catch {
                return "\(error.status) \(error.code)"
            }
        }
        #expect(refusal(try SigningSample.state()) == nil)
        let ends: [(EnvelopeStatus, String?)] = [
            (.voided, "410 envelope_voided"), (.declined, "410 envelope_declined"), (.expired, "410 envelope_expired"),
            (.failed, "410 envelope_failed"), (.completed, nil),
        ]
        for (status, expected) in ends {
            #expect(refusal(try SigningSample.state(envelope: status)) == expected)
            // Who has signed still reads so.
            #expect(refusal(try SigningSample.state(status: .signed, envelope: status)) == nil)
        }
        #expect(refusal(try SigningSample.state(generation: 1, current: 2)) == "410 link_superseded")
        #expect(refusal(try SigningSample.state(acts: [.fields], generation: 1, current: 2)) == "410 link_superseded")
        #expect(refusal(try SigningSample.state(generation: 2, current: 1)) == nil)
        #expect(refusal(try SigningSample.state(openedAt: nil)) == "409 not_your_turn")
        #expect(refusal(try SigningSample.state(openedAt: nil, role: .copy)) == "409 nothing_to_sign")
        let over = SigningSample.now
        #expect(refusal(try SigningSample.state(expiresAt: over)) == "410 envelope_expired")
        #expect(refusal(try SigningSample.state(acts: [.view], expiresAt: over)) == "410 envelope_expired")
        for act in [RecipientAct.fields, .decline] {
            #expect(refusal(try SigningSample.state(acts: [act], expiresAt: over)) == nil)
        }
        #expect(refusal(try SigningSample.state(expiresAt: over.advanced(bySeconds: 1))) == nil)
    }
}
