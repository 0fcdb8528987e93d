extension PatternTranslation {
    /// A class such as `[^a-z\d]`, its opening bracket already taken.
    ///
    /// A hyphen beside a set (`[\w-.]`) stands for itself, as it does outside of Unicode mode; so do `[`, `&` and
    /// another hyphen, which are operators to ICU.
    mutating func translateClass() throws(Fault) {
        let isInverted = take("^")
        var inside = ""
        while let next = take() {
            guard next != "]" else {
                close(inside, isInverted: isInverted)
                return
            }
            guard let first = try classAtom(next, in: &inside) else { continue }
            guard peek() == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                inside += Self.spelled(first)
                continue
            }
            position += 2
            var set = ""
            if let last = try classAtom(scalars[position - 1], in: &set) {
                guard first <= last else { throw Fault(reason: "has a range whose ends are out of order") }
                inside += "\(Self.spelled(first))-\(Self.spelled(last))"
            } else {
                inside += "\(Self.spelled(first))\(Self.spelled("-"))\(set)"
            }
        }
        throw Fault(reason: "has a class that is not closed")
    }

    /// A character of the class; a set is written to the class at once, and the answer is nil.
    private mutating func classAtom(
        _ scalar: Unicode.Scalar, in inside: inout String
    ) throws(Fault) -> Unicode.Scalar? {
        guard scalar == "\\" else { return scalar }
        if take("b") { return "\u{8}" }
        switch try takeEscape() {
        case .character(let scalar): return scalar
        case .set(let set, let isInverted):
            inside += isInverted ? "[^\(set)]" : set
            return nil
        }
    }

    /// ECMA-262 has empty classes, ICU has none.
    private mutating func close(_ inside: String, isInverted: Bool) {
        switch (inside.isEmpty, isInverted) {
        case (true, false): result += "(?!)"
        case (true, true): result += #"[\x{0}-\x{10ffff}]"#
        case (false, _): result += "[\(isInverted ? "^" : "")\(inside)]"
        }
    }
}
