/// The parts of a URI or of a relative reference to one (RFC 3986), as `$id` and `$ref` hold them.
///
/// Nothing is checked or normalized beyond the dots of a path: two references are equal when their texts are.
struct URIReference: Sendable, Hashable {
    var scheme: String?
    var authority: String?
    var path = ""
    var query: String?
    /// As written, with its percent escapes.
    var fragment: String?

    init() {}

    init(_ text: String) {
        var rest = Substring(text)
        if let hash = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if let colon = rest.firstIndex(of: ":"), Self.isScheme(rest[..<colon]) {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        path = String(rest)
    }

    private static func isScheme(_ text: Substring) -> Bool {
        text.first?.isLetter == true
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    }

    /// The text of the whole, without the fragment.
    var resource: String {
        (scheme.map { "\($0):" } ?? "") + (authority.map { "//\($0)" } ?? "") + path
            + (query.map { "?\($0)" } ?? "")
    }

    /// The target as seen from the base (section 5.2).
    func resolved(against base: URIReference) -> URIReference {
        var target = self
        if scheme != nil {
            target.path = Self.withoutDots(path)
            return target
        }
        target.scheme = base.scheme
        if authority != nil {
            target.path = Self.withoutDots(path)
            return target
        }
        target.authority = base.authority
        if path.isEmpty {
            target.path = base.path
            target.query = query ?? base.query
        } else if path.hasPrefix("/") {
            target.path = Self.withoutDots(path)
        } else if base.authority != nil, base.path.isEmpty {
            target.path = Self.withoutDots("/\(path)")
        } else {
            let folder = base.path.lastIndex(of: "/").map { base.path[...$0] } ?? ""
            target.path = Self.withoutDots(folder + path)
        }
        return target
    }

    private static func withoutDots(_ path: some StringProtocol) -> String {
        let pieces = path.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.contains(where: { $0 == "." || $0 == ".." }) else { return String(path) }
        var kept: [String] = []
        for (offset, piece) in pieces.enumerated() {
            let isLast = offset == pieces.count - 1
            switch piece {
            case ".": if isLast { kept.append("") }
            case "..":
                if kept.count > 1 { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(String(piece))
            }
        }
        return kept.joined(separator: "/")
    }
}
