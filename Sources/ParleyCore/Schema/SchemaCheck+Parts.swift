internal import OrderedCollections

extension SchemaCheck {
    /// The rules for an array's elements.
    mutating func keepsElements(_ rule: SchemaRule, _ value: JSON) throws(Exhaustion) -> Bool {
        guard case .array(let elements) = value else { return true }
        switch rule {
        case .elements(let first, let rest): return try keepsEach(elements, first, rest)
        case .contains(let index, let atLeast, let atMost):
            var count = 0
            for element in elements where try holdsQuietly(index, for: element) { count += 1 }
            return keepsCount(count, atLeast: atLeast, atMost: atMost)
        default: return true
        }
    }

    private mutating func keepsEach(
        _ elements: [JSON], _ first: [Int], _ rest: Int?
    ) throws(Exhaustion) -> Bool {
        var keeps = true
        for index in elements.indices {
            guard let subschema = index < first.count ? first[index] : rest else { break }
            guard try !holds(subschema, for: elements[index], at: .element(index)) else { continue }
            keeps = false
            if isDone { break }
        }
        return keeps
    }

    private mutating func keepsCount(_ count: Int, atLeast: Int, atMost: Int?) -> Bool {
        if count < atLeast {
            let words = SchemaWords.counted(atLeast, "element")
            return fail(
                atLeast == 1 ? "contains" : "minContains",
                "must contain at least \(words) of the kind that is asked for, contains \(count)")
        }
        if let atMost, count > atMost {
            let words = SchemaWords.counted(atMost, "element")
            return fail(
                "maxContains",
                "must contain at most \(words) of the kind that is asked for, contains \(count)")
        }
        return true
    }

    /// The rules for an object's members.
    mutating func keepsMembers(_ rule: SchemaRule, _ value: JSON) throws(Exhaustion) -> Bool {
        guard case .object(let members) = value else { return true }
        var keeps = true
        for (name, member) in members {
            let keepsMember =
                switch rule {
                case .members(let rules): try keepsMember(rules, name, member)
                case .names(let index): try keepsName(index, name)
                default: true
                }
            guard !keepsMember else { continue }
            keeps = false
            if isDone { break }
        }
        return keeps
    }

    private mutating func keepsMember(
        _ rules: SchemaMembers, _ name: String, _ member: JSON
    ) throws(Exhaustion) -> Bool {
        var keeps = true
        var isKnown = false
        if let index = rules.named[name] {
            isKnown = true
            keeps = try holds(index, for: member, at: .member(name))
        }
        for (pattern, index) in rules.patterns where try !differs(name, from: pattern) {
            isKnown = true
            guard try !holds(index, for: member, at: .member(name)) else { continue }
            keeps = false
            if isDone { return false }
        }
        guard !isKnown, let others = rules.others else { return keeps }
        guard rules.isClosed else { return try holds(others, for: member, at: .member(name)) }
        path.append(.member(name))
        defer { path.removeLast() }
        return fail("additionalProperties", "must not be there\(Self.hint(rules, name))")
    }

    /// The names that are allowed, or the one that was probably meant.
    private static func hint(_ rules: SchemaMembers, _ name: String) -> String {
        guard !rules.names.isEmpty else { return "" }
        // The search for the nearest name is meant for words, not for texts.
        let names = rules.names.prefix(SchemaWords.guessedMax)
        let words = names.filter { $0.utf8.count <= SchemaWords.citedMax }
        if name.utf8.count <= SchemaWords.citedMax, let meant = NearestName.of(name, among: words) {
            return "; did you mean \(SchemaWords.quoted(meant))?"
        }
        return "; allowed are \(SchemaWords.listed(rules.names.map(SchemaWords.quoted), "and"))"
    }

    private mutating func keepsName(_ index: Int, _ name: String) throws(Exhaustion) -> Bool {
        guard !isQuiet else { return try holds(index, for: .string(name)) }
        let found = try trial(index, for: .string(name))
        guard let first = found.first else { return true }
        let words = SchemaWords.quoted(name)
        return fail("propertyNames", "has a member with the name \(words), which \(first.sentence)")
    }
}
