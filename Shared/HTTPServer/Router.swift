// SPDX-License-Identifier: Apache-2.0

/// Answers one request.
package typealias HTTPHandler = @Sendable (HTTPRequest) async throws -> HTTPResponse

/// Turns what a handler or the router threw into an answer; it must not block.
package typealias HTTPFallback = @Sendable (any Error, HTTPRequest) -> HTTPResponse

/// Finds the handler of a method and path in steps of the path's segments; literal segments win over parameters.
package struct Router: Sendable {
    private struct Route: Sendable {
        let template: String
        let parameterNames: [String]
        var handlers: [HTTPMethod: HTTPHandler] = [:]
        var allowed: [HTTPMethod] = []
    }
    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var route: Route?
    }
    private var nodes = [Node()]
    private let fallback: HTTPFallback

    /// A router without routes; `fallback` answers unknown paths (404), methods (405) and whatever a handler throws.
    package init(fallback: @escaping HTTPFallback = Router.plainFallback) {
        self.fallback = fallback
    }

    /// Adds a route of `/literal/{parameter}` segments; a second handler for the same method and path is a mistake in
    /// the program and stops it.
    package mutating func on(_ method: HTTPMethod, _ template: String, _ handler: @escaping HTTPHandler) {
        precondition(template.hasPrefix("/"), "A route template starts with a slash.")
        var names: [String] = []
        var node = 0
        for segment in template.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                names.append(String(segment.dropFirst().dropLast()))
                node = child(of: node, at: \.parameter)
            } else {
                node = child(of: node, at: \.literals[String(segment)])
            }
        }
        var route = nodes[node].route ?? Route(template: template, parameterNames: names)
        precondition(route.template == template, "Two templates differ only in their parameter names.")
        precondition(route.handlers[method] == nil, "A method and path have two handlers.")
        route.handlers[method] = handler
        route.allowed.append(method)
        if method == .get { route.allowed.append(.head) }
        nodes[node].route = route
    }

    /// Answers without a connection, for in-process tests; never throws, as the listener needs an answer for everything.
    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        await answer(request, refusal: nil).response
    }

    /// Status and reason as plain text, for listeners without an own form of errors.
    package static func plainFallback(_ error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        let status = (error as? HTTPServerError)?.status ?? 500
        return .text("\(status)\n", status: status)
    }

    struct Answer: Sendable {
        var response: HTTPResponse
        let template: String
        let failure: (any Error)?
    }

    /// Answers a request, or refuses it for a reason the listener found in its headers.
    func answer(_ request: HTTPRequest, refusal: HTTPServerError?) async -> Answer {
        var request = request
        do {
            let handler = try resolve(&request)
            if let refusal { throw refusal }
            return Answer(response: try await handler(request), template: request.routeTemplate, failure: nil)
        } catch {
            // The listener's reason comes first, also where the path has no route.
            let reason = refusal ?? error
            var response = fallback(reason, request)
            if case .methodNotAllowed(let allowed)? = reason as? HTTPServerError, response.header("allow") == nil {
                response.headers.append(("Allow", allowed.map(\.rawValue).joined(separator: ", ")))
            }
            return Answer(response: response, template: request.routeTemplate, failure: reason)
        }
    }

    // MARK: Matching

    private func resolve(_ request: inout HTTPRequest) throws(HTTPServerError) -> HTTPHandler {
        guard let segments = RequestTarget.segments(of: request.path) else {
            throw .malformedRequest("The path has an invalid percent sequence or is not UTF-8.")
        }
        var values: [String] = []
        guard let route = match(segments[...], from: 0, values: &values) else { throw .notFound }
        request.routeTemplate = route.template
        for (name, value) in zip(route.parameterNames, values) { request.pathParameters[name] = value }
        if let handler = route.handlers[request.method] { return handler }
        if request.method == .head, let handler = route.handlers[.get] { return handler }
        throw .methodNotAllowed(allowed: route.allowed)
    }

    private func match(_ segments: ArraySlice<String>, from node: Int, values: inout [String]) -> Route? {
        guard let segment = segments.first else { return nodes[node].route }
        let rest = segments.dropFirst()
        if let literal = nodes[node].literals[segment], let route = match(rest, from: literal, values: &values) {
            return route
        }
        guard let parameter = nodes[node].parameter, !segment.isEmpty else { return nil }
        values.append(segment)
        if let route = match(rest, from: parameter, values: &values) { return route }
        values.removeLast()
        return nil
    }

    private mutating func child(of node: Int, at path: WritableKeyPath<Node, Int?>) -> Int {
        if let existing = nodes[node][keyPath: path] { return existing }
        nodes.append(Node())
        nodes[node][keyPath: path] = nodes.count - 1
        return nodes.count - 1
    }
}
