/// Where a provider's endpoints start, for example `https://api.openai.com/v1`.
///
/// Normalised: lower-case scheme and host, no slash at the end, no `/chat/completions` (people paste it). User names,
/// queries and fragments are refused, because a key in a URL ends up in logs.
public struct BaseURL: Sendable, Hashable {
    public let isTLS: Bool
    /// Without the brackets of an IPv6 address.
    public let host: String
    public let port: Int
    /// Empty, or a slash and more.
    public internal(set) var path: String
    private let hasPort: Bool

    /// Throws one plain reason.
    public init(_ text: String) throws(Flaw) {
        let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        var rest = Substring(String(trimmed))
        let lowered = rest.lowercased()
        if lowered.hasPrefix("https://") {
            isTLS = true
            rest = rest.dropFirst(8)
        } else if lowered.hasPrefix("http://") {
            isTLS = false
            rest = rest.dropFirst(7)
        } else {
            throw Flaw("it must start with http:// or https://")
        }
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Flaw("it holds a space or a letter outside ASCII")
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw Flaw("it must not have a query or a fragment")
        }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else { throw Flaw("it must not hold a user name or a password") }
        (host, port, hasPort) = try Self.split(authority, portDefault: isTLS ? 443 : 80)
        path = Self.normalised(path: rest[authority.endIndex...])
    }

    private static func split(_ authority: Substring, portDefault: Int) throws(Flaw) -> (String, Int, Bool) {
        var name = authority
        var digits: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw Flaw("a bracket is not closed") }
            name = authority[authority.index(after: authority.startIndex)..<end]
            let tail = authority[authority.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw Flaw("there is no such host") }
            digits = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            name = authority[..<colon]
            digits = authority[authority.index(after: colon)...]
        }
        guard !name.isEmpty else { throw Flaw("the host is missing") }
        guard let digits else { return (name.lowercased(), portDefault, false) }
        guard let port = Int(digits), (1...65535).contains(port) else {
            throw Flaw("the port must be a number from 1 to 65535")
        }
        return (name.lowercased(), port, true)
    }

    private static func normalised(path: Substring) -> String {
        var path = path
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix("/chat/completions") { path.removeLast("/chat/completions".count) }
        while path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

    /// Why a text is no base URL.
    public struct Flaw: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String

        init(_ description: String) { self.description = description }
    }
}

extension BaseURL: CustomStringConvertible {
    /// Scheme, host and port: what a connection is made to.
    public var origin: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(isTLS ? "https" : "http")://\(name)\(hasPort ? ":\(port)" : "")"
    }

    public var description: String { origin + path }

    /// Whether the machine itself is meant.
    public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}
