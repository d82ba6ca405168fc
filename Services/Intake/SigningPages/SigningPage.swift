// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes

/// The signing page as HTML: works without script, by keyboard, with a screen reader, on a phone.
struct SigningPage {
    let state: SigningState
    let token: String
    var problem: SigningProblem?

    private var link: SigningLink { state.link }
    private var base: String { "/sign/\(token)" }

    var html: String {
        switch state.status {
        case .signed: return page("Signed", signed)
        case .declined: return page("Declined", "<p>You declined to sign. The sender has been told.</p>")
        case .signing, .consented: return page("Signing", signing, refreshing: true)
        case .viewed: return page(link.draft.title, introduction + reading + form + decline)
        default: return page(link.draft.title, introduction + opening + decline)
        }
    }

    /// A page that only says why nothing can be done here.
    static func refusal(_ problem: SigningProblem) -> String {
        frame(problem.title, "<h1>\(HTML.text(problem.title))</h1><p>\(HTML.text(problem.detail))</p>", refreshing: nil)
    }

    // MARK: Parts

    private var introduction: String {
        let sender = link.draft.sender
        var parts = [
            "<p class=\"lead\"><strong>\(HTML.text(sender.name))</strong> (\(HTML.text(sender.organisation))) asks",
            " <strong>\(HTML.text(link.recipient?.name ?? ""))</strong> to sign this document.</p>",
        ]
        if let message = link.draft.message?.body, !message.isEmpty {
            parts.append("<blockquote>\(HTML.paragraphs(message))</blockquote>")
        }
        if let problem {
            parts.append(
                "<div class=\"problem\" role=\"alert\"><strong>\(HTML.text(problem.title))</strong> \(HTML.text(problem.detail))</div>")
        }
        if let end = link.draft.expiresAt {
            parts.append("<p>You can sign until \(HTML.text(end.rfc3339(fractionDigits: 3))) (UTC).</p>")
        }
        return parts.joined()
    }

    private var opening: String {
        """
        <form method="post" action="\(base)/view">
        <p>You see the whole document on the next page and decide there.</p>
        <button class="primary" type="submit">Open the document</button></form>
        """
    }

    private var reading: String {
        state.documents.map { document in
            let address = "\(base)/documents/\(document.documentID)"
            return """
                <section aria-label="Document"><object data="\(address)" type="application/pdf" class="document">
                <p>Your browser does not show PDFs inside a page.</p></object>
                <p><a href="\(address)">Open the document</a> or <a href="\(address)?download=1">keep a copy</a>.</p></section>
                """
        }.joined()
    }

    private var form: String {
        let inputs = (link.recipient?.fields ?? []).filter { $0.fieldType != .signature }.map(input).joined()
        let hidden = state.documents.map {
            "<input type=\"hidden\" name=\"prepared.\($0.documentID)\" value=\"\($0.preparedSHA256?.hex ?? "")\">"
        }.joined()
        return """
            <form method="post" action="\(base)/fields"><h2>Sign</h2>\(inputs)
            <h3 id="disclosure">Before you sign</h3><div class="disclosure">\(HTML.paragraphs(Disclosure.current.text))</div>
            <input type="hidden" name="disclosure_sha256" value="\(Disclosure.current.sha256.hex)">\(hidden)
            <p class="agree"><input type="checkbox" id="agreed" name="agreed" value="true" required>
            <label for="agreed">I have read the document and the text above, and I agree.</label></p>
            <button class="primary" type="submit">I agree and sign</button></form>
            """
    }

    private func input(_ field: FieldPlacement) -> String {
        let name = HTML.text("field.\(field.key)")
        let label = HTML.text(field.key) + (field.isRequired ? " (required)" : "")
        let required = field.isRequired ? " required" : ""
        switch field.fieldType {
        case .checkbox:
            return "<p><input type=\"checkbox\" id=\"\(name)\" name=\"\(name)\" value=\"true\"\(required)> <label for=\"\(name)\">\(label)</label></p>"
        case .date:
            return "<p><label for=\"\(name)\">\(label)</label><input type=\"date\" id=\"\(name)\" name=\"\(name)\"\(required)></p>"
        case .text, .initials, .signature:
            return "<p><label for=\"\(name)\">\(label)</label><input type=\"text\" id=\"\(name)\" name=\"\(name)\" maxlength=\"\(SigningSubmission.maximumTextCharacters)\"\(required)></p>"
        }
    }

    private var decline: String {
        """
        <details><summary>Decline to sign</summary><form method="post" action="\(base)/decline">
        <p><label for="reason">Why? The sender sees what you write.</label>
        <textarea id="reason" name="reason" rows="3" maxlength="1000" required></textarea></p>
        <button type="submit">Decline</button></form></details>
        """
    }

    private var signing: String {
        """
        <p role="status">Your agreement is safe with us and your signature is being made. This page looks again by itself; \
        you may also close it. You will not be asked to sign again.</p><p><a href="\(base)">Look again</a></p>
        """
    }

    private var signed: String {
        let time = link.signer?.signedAt.map { " on \(HTML.text($0.rfc3339(fractionDigits: 3))) (UTC)" } ?? ""
        return "<p role=\"status\">You signed “\(HTML.text(link.draft.title))”\(time). Everybody gets a mail when all have signed.</p>"
    }

    private func page(_ title: String, _ content: String, refreshing: Bool = false) -> String {
        Self.frame(title, "<h1>\(HTML.text(title))</h1>\(content)", refreshing: refreshing ? base : nil)
    }

    private static func frame(_ title: String, _ content: String, refreshing address: String?) -> String {
        let refresh = address.map { "<meta http-equiv=\"refresh\" content=\"2; url=\($0)\">" } ?? ""
        return """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(HTML.text(title))</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">\(refresh)
            <link rel="stylesheet" href="/sign-assets/signing.css"></head>
            <body><header>Paraph</header><main>\(content)</main></body></html>
            """
    }
}

/// Text on its way into HTML.
enum HTML {
    static func text(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// Empty lines part paragraphs, single line ends stay.
    static func paragraphs(_ text: String) -> String {
        self.text(text).split(separator: "\n\n").map { "<p>\($0.replacing("\n", with: "<br>"))</p>" }.joined()
    }
}
