// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Testing

struct MultipartReaderTests {
    private static let form = """
        preamble\r
        --xY-z \t\r
        Content-Disposition: form-data; name="document"\r
        Content-Type: application/json\r
        \r
        {"title":"a"}\r
        --xY-z\r
        content-disposition: form-data; name=file; filename="a \\"b\\" \\\\c\\d é.pdf"\r
        \r
        %PDF\r
        --xY-\r\n\r
        --xy-z\r
        \r
        --xY-z\r
        Content-Disposition: form-data; name="empty"\r
        \r
        \r
        --xY-z--\r
        epilogue --xY-z
        """
    private static let bytes = Array(form.utf8)

    private struct Found: Equatable {
        var name: String
        var filename: String?
        var type: String?
        var text: String
    }

    private func request(_ bytes: [UInt8], chunk: Int = 65_536, boundary: String = "xY-z") -> HTTPRequest {
        HTTPRequest(
            method: .post, path: "/", headers: [("content-type", "Multipart/Form-Data; boundary=\(boundary)")],
            body: HTTPRequestBody(bytes: bytes, chunkSize: chunk))
    }

    private func read(_ request: HTTPRequest, limits: MultipartLimits = MultipartLimits()) async throws -> [Found] {
        var found: [Found] = []
        for try await part in try MultipartReader(request, limits: limits) {
            var bytes: [UInt8] = []
            for try await chunk in part.chunks {
                #expect(!chunk.isEmpty)
                bytes += chunk
            }
            found.append(
                Found(
                    name: part.headers.name, filename: part.headers.filename, type: part.headers.contentType,
                    text: String(decoding: bytes, as: UTF8.self)))
        }
        return found
    }

    private static let expected = [
        Found(name: "document", filename: nil, type: "application/json", text: "{\"title\":\"a\"}"),
        Found(name: "file", filename: "a \"b\" \\c\\d é.pdf", type: nil, text: "%PDF\r\n--xY-\r\n\r\n--xy-z\r\n"),
        Found(name: "empty", filename: nil, type: nil, text: ""),
    ]

    @Test func `API-01: parts come out the same wherever the chunks are cut`() async throws {
        for chunk in 1...Self.bytes.count {
            #expect(try await read(request(Self.bytes, chunk: chunk)) == Self.expected)
        }
    }

    @Test func `a form cut off before its closing boundary is truncated`() async throws {
        let end = Self.form.utf8.count - "\r\nepilogue --xY-z".utf8.count
        for length in 0..<end {
            await #expect(throws: HTTPServerError.malformedMultipart(.truncated)) {
                try await read(request(Array(Self.bytes[..<length]), chunk: 7))
            }
        }
        #expect(try await read(request(Array(Self.bytes[..<end]))) == Self.expected)
    }

    @Test func `asking for the next part skips the rest of the current one`() async throws {
        let reader = try MultipartReader(request(Self.bytes, chunk: 5))
        let first = try #require(try await reader.nextPart())
        let second = try #require(try await reader.nextPart())
        await #expect(throws: HTTPServerError.bodyAlreadyRead) { try await first.collect(maximumBytes: 10) }
        await #expect(throws: HTTPServerError.bodyTooLarge(maximumBytes: 3)) {
            try await second.collect(maximumBytes: 3)
        }
        #expect(try await reader.nextPart()?.headers.name == "empty")
        #expect(try await reader.nextPart() == nil)
        #expect(try await reader.nextPart() == nil)
    }

    @Test(arguments: [
        ("multipart/mixed; boundary=a", MultipartFault.notMultipart), ("application/json", .notMultipart),
        ("multipart/form-data", .invalidBoundary), ("multipart/form-data; boundary=\"\"", .invalidBoundary),
        ("multipart/form-data; boundary=" + String(repeating: "b", count: 71), .invalidBoundary),
        ("multipart/form-data; boundary=\"a\u{e9}\"", .invalidBoundary),
        ("multipart/form-data; boundary=\"a \"", .invalidBoundary),
    ])
    func `a content type without a valid boundary is refused`(type: String, fault: MultipartFault) {
        #expect(throws: HTTPServerError.malformedMultipart(fault)) {
            _ = try MultipartReader(HTTPRequest(method: .post, path: "/", headers: [("content-type", type)]))
        }
    }

    @Test func `a boundary of seventy characters works, quoted too`() async throws {
        let boundary = String(repeating: "b", count: 68) + " ?"
        let text = "--\(boundary)\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--\(boundary)--"
        let found = try await read(request(Array(text.utf8), chunk: 3, boundary: "\"\(boundary)\""))
        #expect(found.map(\.text) == ["1"])
    }

    @Test(arguments: [
        "Content-Disposition: form-data", "Content-Disposition: attachment; name=a", "X: y", "no colon", ": empty",
        "Content-Disposition: form-data; name=a; name=b", "Content-Disposition: form-data; name=\"a",
        "Content-Disposition: form-data; name=\"a\u{1}\"", "Content-Disposition: form-data; name=",
        "Content-Disposition: form-data;\r\n name=a", "Bad Name: x\r\nContent-Disposition: form-data; name=a",
        "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b",
    ])
    func `a part with unusable headers is refused`(headers: String) async {
        await #expect(throws: HTTPServerError.malformedMultipart(.invalidHeader)) {
            try await read(request(Array("--xY-z\r\n\(headers)\r\n\r\nx\r\n--xY-z--".utf8)))
        }
    }

    @Test func `oversized headers, too many parts and odd delimiters are refused`() async throws {
        let long = "--xY-z\r\nX: \(String(repeating: "x", count: 8_192))\r\n\r\nx\r\n--xY-z--"
        let endless = "--xY-z\r\nX: \(String(repeating: "x", count: 100_000))"
        for text in [long, endless] {
            await #expect(throws: HTTPServerError.malformedMultipart(.headersTooLarge)) {
                try await read(request(Array(text.utf8), chunk: 1_000))
            }
        }
        let part = "--xY-z\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"
        let full = String(repeating: part, count: 16)
        #expect(try await read(request(Array("\(full)--xY-z--".utf8))).count == 16)
        await #expect(throws: HTTPServerError.malformedMultipart(.tooManyParts)) {
            try await read(request(Array("\(full)\(part)--xY-z--".utf8)))
        }
        for tail in ["--xY-zz\r\n", "--xY-z-\r\n", "--xY-z\n\n"] {
            await #expect(throws: HTTPServerError.malformedMultipart(.invalidDelimiter)) {
                try await read(request(Array(tail.utf8)))
            }
        }
    }

    @Test func `random bytes and random damage end in parts or an error`() async throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            var bytes = Self.bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            for body in [bytes, (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }] {
                do { _ = try await read(request(body, chunk: Int.random(in: 1...64))) } catch is HTTPServerError {}
            }
        }
    }
}
