internal import OrderedCollections

/// How values are spoken of in errors and violations: on one line and cut short.
enum SchemaWords {
    /// More characters of a cited text are left out.
    static let citedMax = 60
    /// More characters of a pointer are left out in its middle.
    static let pointerMax = 200
    /// More characters of why one of several alternatives does not fit are left out.
    static let reasonMax = 160
    /// Names beyond these are not looked at for one that was meant.
    static let guessedMax = 200
    /// More alternatives of an `enum` or `anyOf` are only counted.
    static let listedMax = 10

    /// The value behind "is": `the string "12"`, `the number 3`, `an array of 2 elements`.
    static func cited(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let literal): "the number \(shortened(literal))"
        case .string(let text): "the string \(quoted(text))"
        case .array(let elements): "an array of \(counted(elements.count, "element"))"
        case .object(let members): "an object of \(counted(members.count, "member"))"
        }
    }

    /// The text in quotes, its control characters escaped.
    static func quoted(_ text: String) -> String {
        JSON.string(shortened(text)).text()
    }

    /// A value of a schema as JSON, cut short.
    static func literal(_ value: JSON) -> String {
        if case .string(let text) = value { quoted(text) } else { shortened(value.text()) }
    }

    static func shortened(_ text: String, to charactersMax: Int = citedMax) -> String {
        guard text.utf8.count > charactersMax, text.count > charactersMax else { return text }
        return "\(text.prefix(charactersMax))…"
    }

    static func shortened(pointer: String) -> String {
        let line = pointer.unicodeScalars.contains { $0.value < 0x20 } ? JSON.string(pointer).text() : pointer
        guard line.utf8.count > pointerMax, line.count > pointerMax else { return line }
        return "\(line.prefix(pointerMax / 2))…\(line.suffix(pointerMax / 2))"
    }

    /// `1 element`, `2 elements`.
    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    /// `"a", "b" or "c"`, with the first ``listedMax`` of them.
    static func listed(_ words: [String], _ last: String) -> String {
        guard words.count > 1 else { return words.first ?? "nothing" }
        guard words.count <= listedMax else {
            let rest = words.count - listedMax
            return "\(words.prefix(listedMax).joined(separator: ", ")) \(last) \(rest) more"
        }
        return "\(words.dropLast().joined(separator: ", ")) \(last) \(words[words.count - 1])"
    }
}
