internal import OrderedCollections

extension SchemaCheck {
    /// The rules that look at the value alone.
    mutating func keepsAssertion(_ rule: SchemaRule, _ value: JSON) throws(Exhaustion) -> Bool {
        switch rule {
        case .kinds(let kinds):
            guard !kinds.contains(where: { $0.includes(value) }) else { return true }
            let words = SchemaKind.allCases.filter(kinds.contains).map(\.words)
            return fail("type", "must be \(SchemaWords.listed(words, "or")), is \(SchemaWords.cited(value))")
        case .values(let values):
            guard try !values.bytes.contains(canonical(value)) else { return true }
            let choice = values.bytes.count > 1 ? "one of " : ""
            return fail(values.keyword, "must be \(choice)\(values.words), is \(SchemaWords.cited(value))")
        case .bound(let bound):
            guard case .number(let literal) = value else { return true }
            if let number = JSONDecimal(literal), bound.allows(number) { return true }
            return fail(
                bound.keyword.rawValue,
                "must be \(bound.keyword.words) \(bound.literal), is \(SchemaWords.shortened(literal))")
        case .multiple(let divisor, let words):
            guard case .number(let literal) = value else { return true }
            if let number = JSONDecimal(literal), number.isMultiple(of: divisor) { return true }
            return fail(
                "multipleOf", "must be a multiple of \(words), is \(SchemaWords.shortened(literal))")
        case .size(let size): return keepsSize(size, value)
        case .pattern(let pattern):
            guard case .string(let text) = value, try differs(text, from: pattern) else { return true }
            let source = SchemaWords.shortened(pattern.source)
            return fail("pattern", "must match the pattern \(source), is \(SchemaWords.cited(value))")
        case .unique: return try isUnique(value)
        case .required(let names, let condition): return hasRequired(names, ifPresent: condition, value)
        default: return fail("false", "must not be there")
        }
    }

    private mutating func keepsSize(_ size: SchemaSize, _ value: JSON) -> Bool {
        guard let count = size.count(of: value) else { return true }
        guard size.keyword.isMinimum ? count < size.limit : count > size.limit else { return true }
        let limit = SchemaWords.counted(size.limit, size.keyword.noun)
        return fail(
            size.keyword.rawValue,
            "must have \(size.keyword.isMinimum ? "at least" : "at most") \(limit), has \(count)")
    }

    private mutating func isUnique(_ value: JSON) throws(Exhaustion) -> Bool {
        guard case .array(let elements) = value else { return true }
        var places: [[UInt8]: Int] = [:]
        for (index, element) in elements.enumerated() {
            guard let first = places.updateValue(index, forKey: try canonical(element)) else { continue }
            return fail("uniqueItems", "must have different elements, has the same at \(first) and \(index)")
        }
        return true
    }

    private mutating func hasRequired(_ names: [String], ifPresent condition: String?, _ value: JSON) -> Bool
    {
        guard case .object(let members) = value else { return true }
        if let condition, members[condition] == nil { return true }
        let missing = names.filter { members[$0] == nil }
        guard !missing.isEmpty else { return true }
        let words = SchemaWords.listed(missing.map(SchemaWords.quoted), "and")
        let sentence = "must have the member\(missing.count == 1 ? "" : "s") \(words)"
        guard let condition else { return fail("required", sentence) }
        return fail("dependentRequired", "\(sentence), because it has \(SchemaWords.quoted(condition))")
    }
}
