// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes

/// The signing page as HTML: works without script, by keyboard, with a screen reader, on a phone.
struct SigningPage {
    let state: SigningState
    let token: String
    var problem: SigningProblem?
    /// What the person had entered before the problem.
    var entered = FormBody()

    private var link: SigningLink { state.link }
    private var base: String { "/sign/\(token)" }

    var html: String {
        switch state.status {
        case .signed: return page("Signed", signed)
        case .declined:
            let text =
                "<p role=\"status\">You declined to sign “\(title)”. The sender is told, and nobody else is asked.</p>"
            return page("Declined", text)
        case .signing, .consented: return page("Your signature is being made", signing, refreshing: true)
        case .viewed: return page(nil, introduction + reading + form + decline)
        default: return page(nil, introduction + opening + decline)
        }
    }

    /// A page that only says why nothing can be done here.
    ///
    /// - Parameter sender: Whom to ask; nil where the link is not known.
    static func refusal(_ problem: SigningProblem, sender: Sender?) -> String {
        let whom = sender.map { "<dl><dt>Sender</dt>\(details(of: $0))</dl>" } ?? ""
        return frame(
            problem.title, "<h1>\(HTML.text(problem.title))</h1><p>\(HTML.text(problem.detail))</p>\(whom)",
            refreshing: nil)
    }

    // MARK: Who asks whom

    private var title: String { "<bdi>\(HTML.text(link.draft.title))</bdi>" }

    private var introduction: String {
        var facts = [
            "<dt>From</dt>\(Self.details(of: link.draft.sender))",
            "<dt>For</dt><dd><bdi>\(HTML.text(link.recipient?.name ?? ""))</bdi></dd>",
        ]
        if let end = link.draft.expiresAt { facts.append("<dt>Until</dt><dd>\(HTML.time(end))</dd>") }
        var parts = [alert, "<p class=\"kind\">You are asked to sign</p><h1>\(title)</h1><dl>\(facts.joined())</dl>"]
        if let message = link.draft.message?.body, !message.isEmpty {
            parts.append("<blockquote dir=\"auto\">\(HTML.paragraphs(message))</blockquote>")
        }
        return parts.joined()
    }

    private static func details(of sender: Sender) -> String {
        """
        <dd><bdi>\(HTML.text(sender.name))</bdi>, <bdi>\(HTML.text(sender.organisation))</bdi><br>\
        <bdi>\(HTML.text(sender.email))</bdi></dd>
        """
    }

    /// Comes first and has the focus, with a way to the entry that is wrong.
    private var alert: String {
        guard let problem else { return "" }
        let place: String? =
            if let key = problem.fieldKey {
                SigningSubmission.inputName(key)
            } else {
                switch problem.pointer {
                case "/reason": "reason"
                case "/consent/agreed": "agreed"
                case "/signature_image": SigningBody.pictureName
                default: nil
                }
            }
        let way = place.map { "<p><a href=\"#\(HTML.text($0))\">Go to the entry</a></p>" } ?? ""
        return """
            <div class="problem" role="alert" tabindex="-1" autofocus><h2>\(HTML.text(problem.title))</h2>\
            <p>\(HTML.text(problem.detail))</p>\(way)</div>
            """
    }

    // MARK: Before opening

    private var opening: String {
        """
        <section><h2>What happens now</h2>
        <p>You read the whole document, can keep a copy, and decide then. Opening it binds you to nothing.</p>
        <p>\(HTML.text(Disclosure.legalEffect))</p>
        <form method="post" action="\(base)/view"><button class="primary" type="submit">Open the document</button></form>
        </section>
        """
    }

    // MARK: Reading and signing

    private var reading: String {
        state.documents.map { document in
            let address = "\(base)/documents/\(document.documentID)"
            return """
                <section><h2>Read the document</h2>
                <object data="\(address)#navpanes=0" type="application/pdf" class="document" aria-label="The document, as PDF">
                <p>This browser does not show PDFs inside a page.</p></object>
                <p class="ways"><a class="button" href="\(address)" target="_blank" rel="noopener">Open in a new tab</a>
                <a class="button" href="\(address)?download=1">Keep a copy</a></p></section>
                """
        }.joined()
    }

    private var form: String {
        let placements = link.recipient?.fields ?? []
        let inputs = placements.filter { $0.fieldType != .signature }.map(input).joined()
        let hidden = state.documents.map {
            let name = SigningSubmission.inputName($0.documentID)
            return "<input type=\"hidden\" name=\"\(name)\" value=\"\($0.preparedSHA256?.hex ?? "")\">"
        }.joined()
        let filling = inputs.isEmpty ? "" : "<section><h2>Fill in</h2>\(inputs)</section>"
        return """
            <form method="post" action="\(base)/fields" enctype="multipart/form-data">\(filling)
            <section><h2>Agree and sign</h2>
            <div class="disclosure">\(HTML.paragraphs(Disclosure.current.text))
            <p>\(HTML.text(Disclosure.legalEffect))</p></div>
            <input type="hidden" name="disclosure_sha256" value="\(Disclosure.current.sha256.hex)">\(hidden)
            \(picture)\(places(placements.filter { $0.fieldType == .signature }))
            <p class="box"><input type="checkbox" id="agreed" name="agreed" value="true" required\(mark("agreed"))>
            <label for="agreed">I have read the document and the text above, and I agree.</label></p>
            <button class="primary" type="submit">I agree and sign</button></section></form>
            """
    }

    private var picture: String {
        let name = SigningBody.pictureName
        return """
            <p><label for="\(name)">Picture of your signature (optional)</label>
            <input type="file" id="\(name)" name="\(name)" accept="image/png,image/jpeg" aria-describedby="\(name).hint">
            <span class="hint" id="\(name).hint">A PNG or JPEG of at most 2 MB; it is kept with your signature.</span></p>
            """
    }

    /// Where the signature will be seen.
    private func places(_ fields: [FieldPlacement]) -> String {
        let pages = Set(fields.map(\.pageNumber)).sorted().map(String.init)
        guard let last = pages.last else { return "" }
        let list = pages.count == 1 ? "page \(last)" : "pages \(pages.dropLast().joined(separator: ", ")) and \(last)"
        return "<p>Your signature will stand on \(list).</p>"
    }

    private func input(_ field: FieldPlacement) -> String {
        let name = HTML.text(SigningSubmission.inputName(field.key))
        let value = entered[SigningSubmission.inputName(field.key)]
        let label = "<bdi>\(HTML.text(field.key))</bdi>" + (field.isRequired ? "" : " (optional)")
        let hint = "<span class=\"hint\" id=\"\(name).hint\">\(Self.hint(field))</span>"
        let common =
            "id=\"\(name)\" name=\"\(name)\" aria-describedby=\"\(name).hint\"" + (field.isRequired ? " required" : "")
            + (problem?.fieldKey == field.key ? " aria-invalid=\"true\"" : "")
        let text = HTML.text(value ?? "")
        switch field.fieldType {
        case .checkbox:
            let checked = value == "true" ? " checked" : ""
            return """
                <p class="box"><input type="checkbox" \(common) value="true"\(checked)> \
                <label for="\(name)">\(label)</label>\(hint)</p>
                """
        case .date:
            return
                "<p><label for=\"\(name)\">\(label)</label><input type=\"date\" \(common) value=\"\(text)\">\(hint)</p>"
        case .text, .initials, .signature:
            return """
                <p><label for="\(name)">\(label)</label><input type="text" dir="auto" \(common) value="\(text)" \
                maxlength="\(SigningSubmission.maximumTextCharacters)">\(hint)</p>
                """
        }
    }

    private static func hint(_ field: FieldPlacement) -> String {
        let kind =
            switch field.fieldType {
            case .initials: "Your initials"
            case .date: "A date"
            case .checkbox: "A box to tick"
            case .text, .signature: "A text"
            }
        return "\(kind) on page \(field.pageNumber)"
    }

    private func mark(_ place: String) -> String {
        problem?.pointer == "/consent/\(place)" ? " aria-invalid=\"true\"" : ""
    }

    // MARK: Declining

    private var decline: String {
        let isOpen = problem?.pointer == "/reason" ? " open" : ""
        return """
            <details\(isOpen)><summary>I do not want to sign</summary><p>\(HTML.text(Disclosure.howToRefuse))</p>
            <form method="post" action="\(base)/decline">
            <p><label for="reason">Why? The sender sees what you write.</label>
            <textarea id="reason" name="reason" rows="3" dir="auto" maxlength="\(Limits.reasonCharacters)" required>\
            \(HTML.text(entered["reason"] ?? ""))</textarea></p>
            <button type="submit">Decline</button></form></details>
            """
    }

    // MARK: Afterwards

    private var signing: String {
        """
        <p role="status">Your agreement to “\(title)” is safe with us. This page looks again by itself; you may also close \
        it. You will not be asked to sign again.</p><p class="ways"><a class="button" href="\(base)">Look again</a></p>
        """
    }

    private var signed: String {
        let time = link.signer?.signedAt.map { " on \(HTML.time($0))" } ?? ""
        let copies = state.documents.map {
            "<a class=\"button\" href=\"\(base)/documents/\($0.documentID)?download=1\">Keep a copy of what you read</a>"
        }.joined()
        return """
            <p role="status">You signed “\(title)”\(time).</p>
            <p>Everybody gets a mail when all have signed. You can close this page.</p><p class="ways">\(copies)</p>
            """
    }

    // MARK: Around it

    /// - Parameter heading: Nil where the content has its own.
    private func page(_ heading: String?, _ content: String, refreshing: Bool = false) -> String {
        let prefix = problem == nil ? "" : "Please correct: "
        return Self.frame(
            prefix + (heading.map { "\($0): \(link.draft.title)" } ?? link.draft.title),
            (heading.map { "<h1>\(HTML.text($0))</h1>" } ?? "") + content, refreshing: refreshing ? base : nil)
    }

    private static func frame(_ title: String, _ content: String, refreshing address: String?) -> String {
        let refresh = address.map { "<meta http-equiv=\"refresh\" content=\"2; url=\($0)\">" } ?? ""
        return """
            <!doctype html><html lang="\(Disclosure.current.language)"><head><meta charset="utf-8">
            <title>\(HTML.text(title)) – Paraph</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">\(refresh)
            <link rel="stylesheet" href="/sign-assets/signing.css"></head>
            <body><header>Paraph</header><main>\(content)</main></body></html>
            """
    }
}
