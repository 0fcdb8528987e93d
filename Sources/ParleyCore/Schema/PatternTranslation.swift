/// Turns a pattern of ECMA-262 (Unicode mode) into one that ICU understands in the same way.
///
/// What ICU alone knows (possessive quantifiers, inline flags, `\A`, `\Q`) is refused, and what means something else
/// there (`$`, `.`, `\d`, `\w`, `\s`, `\b`, sets within a class) is spelled out. Braces and brackets that stand for
/// themselves are let through as browsers do.
struct PatternTranslation {
    typealias Fault = SchemaPattern.Fault

    var scalars: [Unicode.Scalar]
    var position = 0
    var result = ""
    /// Named groups in their order; ICU allows fewer letters in a name, so they are numbered.
    var groupNames: [String] = []
    var groupsOpen = 0

    /// The pattern in ICU's spelling.
    static func translate(_ source: String) throws(Fault) -> String {
        var translation = PatternTranslation(scalars: Array(source.unicodeScalars))
        translation.groupNames = translation.namesOfGroups()
        while let next = translation.take() { try translation.translate(next) }
        guard translation.groupsOpen == 0 else { throw Fault(reason: "has a group that is not closed") }
        return translation.result
    }

    private mutating func translate(_ scalar: Unicode.Scalar) throws(Fault) {
        switch scalar {
        case "\\": try translateEscape()
        case "[": try translateClass()
        case "(": try openGroup()
        case ")":
            guard groupsOpen > 0 else { throw Fault(reason: "closes a group that is not open") }
            groupsOpen -= 1
            result += ")"
        case ".": result += #"[^\n\r\x{2028}\x{2029}]"#
        case "$": result += #"\z"#
        case "^", "|": result.unicodeScalars.append(scalar)
        case "*", "+", "?": try quantify(String(scalar))
        case "{":
            if let counts = takeCounts() { try quantify("{\(counts)}") } else { literal(scalar) }
        default: literal(scalar)
        }
    }

    /// Writes a quantifier with its `?`. Another one behind it would be possessive to ICU.
    private mutating func quantify(_ quantifier: String) throws(Fault) {
        result += quantifier
        if peek() == "?" {
            position += 1
            result += "?"
        }
        if let next = peek(), ["*", "+", "?"].contains(next) {
            throw Fault(reason: "has a quantifier behind a quantifier")
        }
    }

    /// The inside of `{2}`, `{2,}` or `{2,5}`; nil when the brace stands for itself.
    private mutating func takeCounts() -> String? {
        var text = ""
        var end = position
        while end < scalars.count, scalars[end] != "}" {
            text.unicodeScalars.append(scalars[end])
            end += 1
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard end < scalars.count, (1...2).contains(parts.count), !parts[0].isEmpty,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        position = end + 1
        return text
    }

    private mutating func openGroup() throws(Fault) {
        groupsOpen += 1
        guard take("?") else {
            result += "("
            return
        }
        for opening in [":", "=", "!", "<=", "<!"] where take(opening) {
            result += "(?\(opening)"
            return
        }
        guard take("<"), let name = takeName(), let number = groupNames.firstIndex(of: name) else {
            throw Fault(reason: "has a group of a kind that ECMA-262 does not have")
        }
        result += "(?<g\(number)>"
    }

    /// The name before the next `>`, which is taken too.
    mutating func takeName() -> String? {
        guard let end = scalars[position...].firstIndex(of: ">"), end > position else { return nil }
        var name = ""
        name.unicodeScalars.append(contentsOf: scalars[position..<end])
        position = end + 1
        return name
    }

    /// A pass over the whole for the names, because `\k` may stand before its group.
    private func namesOfGroups() -> [String] {
        var reader = self
        var names: [String] = []
        while let scalar = reader.take() {
            if scalar == "\\" {
                _ = reader.take()
            } else if scalar == "(", reader.take("?<"), ![Unicode.Scalar("="), "!"].contains(reader.peek()),
                let name = reader.takeName(), !names.contains(name)
            {
                names.append(name)
            }
        }
        return names
    }
}

extension PatternTranslation {
    func peek() -> Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    mutating func take() -> Unicode.Scalar? {
        guard position < scalars.count else { return nil }
        position += 1
        return scalars[position - 1]
    }

    mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    /// Writes a character that stands for itself.
    mutating func literal(_ scalar: Unicode.Scalar) { result += Self.spelled(scalar) }

    /// ICU's spelling of a character that stands for itself, inside and outside of classes.
    static func spelled(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": String(scalar)
        default: "\\x{\(String(scalar.value, radix: 16))}"
        }
    }
}
