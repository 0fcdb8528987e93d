internal import OrderedCollections

/// Reads the inside of a flat object whose names and values stand without quotes: `city: Paris, size: 3`.
///
/// Pairs are divided by commas and line ends. Every piece must be a pair, or there is no object: a program's block or a formula
/// must not become one.
enum FlatPairs {
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONObject? {
        var members = JSONObject()
        let pieces = bytes.split(
            maxSplits: 2 * ProseJSON.pairsMax, omittingEmptySubsequences: true,
            whereSeparator: { $0 == UInt8(ascii: ",") || $0 == 0x0A })
        for piece in pieces {
            let text = trimmed(String(decoding: piece, as: UTF8.self))
            if text.isEmpty { continue }
            guard members.count < ProseJSON.pairsMax, let pair = pair(text) else { return nil }
            members[pair.name] = pair.value
        }
        return members.isEmpty ? nil : members
    }

    private static func pair(_ text: Substring) -> (name: String, value: JSON)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let name = unquoted(trimmed(String(text[..<colon])))
        let rest = String(text[text.index(after: colon)...])
        guard let first = name.first, first.isLetter || first == "_",
            name.allSatisfy({ $0.isLetter || $0.isNumber || "_- ".contains($0) })
        else { return nil }
        let word = trimmed(rest)
        if let value = literal(word) { return (String(name), value) }
        // `{x:d}` is a format of some language, `{x: d}` a pair.
        guard rest.first?.isWhitespace == true, let start = word.first, start.isLetter,
            !word.contains(where: { "{}[]()<>=|;\"'`\\".contains($0) })
        else { return nil }
        return (String(name), .string(String(word)))
    }

    private static func literal(_ word: Substring) -> JSON? {
        var text = String(word)
        return text.withUTF8 { bytes in
            var parser = LooseJSONParser(bytes)
            guard let value = parser.value(), parser.position == bytes.count else { return nil }
            return value
        }
    }

    private static func unquoted(_ name: Substring) -> Substring {
        guard let quote = name.first, quote == "\"" || quote == "'", name.last == quote, name.count > 1
        else { return name }
        return name.dropFirst().dropLast()
    }

    private static func trimmed(_ text: some StringProtocol) -> Substring {
        let front = text.drop { $0.isWhitespace }
        let end = front.lastIndex { !$0.isWhitespace }.map { front.index(after: $0) } ?? front.startIndex
        return Substring(front[..<end])
    }
}
