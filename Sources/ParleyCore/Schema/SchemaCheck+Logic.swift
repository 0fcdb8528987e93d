internal import OrderedCollections

extension SchemaCheck {
    /// The rules that ask other subschemas about the same value.
    mutating func keepsLogic(_ rule: SchemaRule, _ value: JSON) throws(Exhaustion) -> Bool {
        switch rule {
        case .reference(let index): return try holds(index, for: value)
        case .dependent(let index, let name):
            guard case .object(let members) = value, members[name] != nil else { return true }
            return try holds(index, for: value)
        case .all(let indexes):
            var keeps = true
            for index in indexes where try !holds(index, for: value) {
                keeps = false
                if isDone { break }
            }
            return keeps
        case .any(let indexes): return try keepsAny(indexes, value)
        case .one(let indexes): return try keepsOne(indexes, value)
        case .not(let index):
            guard try holdsQuietly(index, for: value) else { return true }
            return fail("not", "must not be of the kind that is excluded, is \(SchemaWords.cited(value))")
        case .condition(let condition, let then, let otherwise):
            guard let index = try holdsQuietly(condition, for: value) ? then : otherwise else { return true }
            return try holds(index, for: value)
        default: return true
        }
    }

    private mutating func keepsAny(_ indexes: [Int], _ value: JSON) throws(Exhaustion) -> Bool {
        var trials: [[Violation]] = []
        for index in indexes {
            if isQuiet {
                if try holds(index, for: value) { return true }
            } else {
                let found = try trial(index, for: value)
                if found.isEmpty { return true }
                trials.append(found)
            }
        }
        return failAll(trials, "anyOf", "must follow at least one of")
    }

    private mutating func keepsOne(_ indexes: [Int], _ value: JSON) throws(Exhaustion) -> Bool {
        var trials: [[Violation]] = []
        var kept: [Int] = []
        for (number, index) in indexes.enumerated() {
            if isQuiet {
                if try holds(index, for: value) { kept.append(number) }
            } else {
                let found = try trial(index, for: value)
                if found.isEmpty { kept.append(number) } else { trials.append(found) }
            }
            if isQuiet, kept.count > 1 { return false }
        }
        if kept.count > 1 {
            let words = SchemaWords.listed(kept.map { String($0 + 1) }, "and")
            return fail(
                "oneOf", "must follow exactly one of \(indexes.count) alternatives, follows numbers \(words)")
        }
        return kept.count == 1 || failAll(trials, "oneOf", "must follow one of")
    }

    /// Reports that no alternative fits.
    ///
    /// When all but one of them are ruled out, that one was meant, and what it objects to says more. Otherwise the
    /// first objection of each is told.
    private mutating func failAll(_ trials: [[Violation]], _ keyword: String, _ demand: String) -> Bool {
        guard !isQuiet else { return false }
        let place = pointer
        let open = trials.filter { !$0.contains { Self.rulesOut($0, at: place) } }
        if trials.count == 1 || open.count == 1 {
            for violation in open.first ?? trials[0] { add(violation) }
            return false
        }
        let reasons = trials.map { found in
            let part = found[0].pointer.dropFirst(place.count)
            let reason = SchemaWords.shortened(found[0].sentence, to: SchemaWords.reasonMax)
            return part.isEmpty ? reason : "\(SchemaWords.shortened(pointer: String(part))) \(reason)"
        }
        let numbered = reasons.prefix(SchemaWords.listedMax).enumerated().map { "(\($0 + 1)) \($1)" }
        let rest = reasons.count - numbered.count
        let ending = rest > 0 ? "; and \(rest) more" : ""
        return fail(
            keyword,
            "\(demand) \(trials.count) alternatives: \(numbered.joined(separator: "; "))\(ending)")
    }

    /// Whether somebody who broke a rule so did not mean this alternative: the value is of another kind, or a member
    /// that tells the alternatives apart has another value.
    private static func rulesOut(_ violation: Violation, at place: String) -> Bool {
        let isHere = violation.pointer == place
        return switch violation.keyword {
        case "type", "false": isHere
        case "const", "enum": isHere || !violation.pointer.dropFirst(place.count + 1).contains("/")
        default: false
        }
    }
}
