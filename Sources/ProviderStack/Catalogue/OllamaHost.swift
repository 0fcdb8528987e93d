/// Reads an address as Ollama writes it in `OLLAMA_HOST`, for a client.
///
/// The rules are those of Ollama's own client (`envconfig.Host`): no scheme means http and port 11434; with a scheme a
/// missing port is the scheme's own; `ollama.com` alone means https; spaces and quotation marks around it do not count. The
/// variable is the server's too, where `0.0.0.0` means "listen everywhere": for a client that is this machine. `/api` at the
/// end is dropped, because the documentation shows addresses with it.
enum OllamaHost {
    static let portDefault = 11_434

    /// The address as a base URL can be made of it. What makes no sense stays as it is, to be refused there.
    static func baseURL(_ text: String) -> String {
        var rest = text[...]
        while let first = rest.first, isPadding(first) { rest.removeFirst() }
        while let last = rest.last, isPadding(last) { rest.removeLast() }
        guard let mark = rest.firstRange(of: "://") else {
            if rest == "ollama.com" { return "https://ollama.com" }
            return "http://\(address(rest, portDefault: portDefault))"
        }
        return "\(rest[..<mark.upperBound])\(address(rest[mark.upperBound...], portDefault: nil))"
    }

    private static func isPadding(_ letter: Character) -> Bool {
        letter.isWhitespace || letter == "\"" || letter == "'"
    }

    /// Host, port and path.
    private static func address(_ text: Substring, portDefault: Int?) -> String {
        let authority = text.prefix { $0 != "/" }
        var path = text[authority.endIndex...]
        while path.hasSuffix("/") { path.removeLast() }
        for ending in ["/api/chat", "/api"] where path.hasSuffix(ending) { path.removeLast(ending.count) }
        let (host, port) = split(authority)
        let digits = port.map { ":\($0)" } ?? portDefault.map { ":\($0)" } ?? ""
        return "\(reachable(host))\(digits)\(path)"
    }

    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            let tail = authority[authority.index(after: end)...]
            return (authority[...end], tail.hasPrefix(":") ? tail.dropFirst() : nil)
        }
        guard let colon = authority.lastIndex(of: ":") else { return (authority, nil) }
        // An IPv6 address without brackets has no room for a port.
        if authority[..<colon].contains(":") { return ("[\(authority)]", nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func reachable(_ host: Substring) -> Substring {
        switch host {
        case "", "0.0.0.0": "127.0.0.1"
        case "[::]": "[::1]"
        default: host
        }
    }
}
