/// One walk through a value with the rules of a schema.
///
/// It knows two ways: loud, where every violation is put into words, and quiet, where the first one ends the question.
/// What is asked only to decide something else (`not`, `if`, `contains`) is asked quietly.
struct SchemaCheck {
    typealias Violation = JSONSchema.Violation

    /// Why a check could not be brought to an end.
    enum Exhaustion: Error {
        case depth, steps, pattern(String)

        var sentence: String {
            switch self {
            case .depth: "cannot be checked, because it is nested too deeply"
            case .steps: "cannot be checked, because that takes more than \(JSONSchema.stepsMax) steps"
            case .pattern(let source):
                "cannot be checked, because the pattern \(SchemaWords.quoted(source)) takes too long"
            }
        }
    }

    enum Token {
        case member(String)
        case element(Int)
    }

    /// What it counts for to put a violation into words.
    private static let stepsPerViolation = 10

    let subschemas: [[SchemaRule]]
    let violationsMax: Int
    var isQuiet = false
    var violations: [Violation] = []
    var path: [Token] = []
    private var steps = 0
    private var depth = 0

    init(subschemas: [[SchemaRule]], violationsMax: Int, isQuiet: Bool = false) {
        self.subschemas = subschemas
        self.violationsMax = violationsMax
        self.isQuiet = isQuiet
    }

    /// Whether the value follows the subschema; if not, and not quiet, the violations are added.
    mutating func holds(_ index: Int, for value: JSON) throws(Exhaustion) -> Bool {
        try spend(1)
        guard depth < JSONSchema.depthMax else { throw .depth }
        depth += 1
        defer { depth -= 1 }
        var holds = true
        for rule in subschemas[index] {
            guard try !keeps(rule, value) else { continue }
            holds = false
            if isDone { return false }
        }
        return holds
    }

    /// Nothing more can be learnt once a rule is broken.
    var isDone: Bool { isQuiet || violations.count >= violationsMax }

    mutating func spend(_ count: Int) throws(Exhaustion) {
        steps += count
        guard steps <= JSONSchema.stepsMax else { throw .steps }
    }

    private mutating func keeps(_ rule: SchemaRule, _ value: JSON) throws(Exhaustion) -> Bool {
        switch rule {
        case .never, .kinds, .bound, .multiple, .size, .values, .pattern, .unique, .required:
            try keepsAssertion(rule, value)
        case .elements, .contains: try keepsElements(rule, value)
        case .members, .names: try keepsMembers(rule, value)
        case .reference, .dependent, .all, .any, .one, .not, .condition: try keepsLogic(rule, value)
        }
    }
}

extension SchemaCheck {
    /// Adds a violation at the current place, and is false, so that a rule can end with it.
    mutating func fail(_ keyword: String, _ sentence: @autoclosure () -> String) -> Bool {
        guard !isDone else { return false }
        steps += Self.stepsPerViolation
        add(Violation(pointer: pointer, keyword: keyword, sentence: sentence()))
        return false
    }

    /// Adds violations that a trial has found, once each.
    mutating func add(_ violation: Violation) {
        guard !isDone, !violations.contains(violation) else { return }
        violations.append(violation)
    }

    var pointer: String {
        var pointer = ""
        for token in path {
            switch token {
            case .member(let name): pointer = JSONPointer.appending(name, to: pointer)
            case .element(let index): pointer += "/\(index)"
            }
        }
        return pointer
    }

    /// Asks about a part of the value.
    mutating func holds(_ index: Int, for part: JSON, at token: Token) throws(Exhaustion) -> Bool {
        path.append(token)
        defer { path.removeLast() }
        return try holds(index, for: part)
    }

    /// Asks without adding violations.
    mutating func holdsQuietly(_ index: Int, for value: JSON) throws(Exhaustion) -> Bool {
        let wasQuiet = isQuiet
        isQuiet = true
        defer { isQuiet = wasQuiet }
        return try holds(index, for: value)
    }

    /// The violations of a subschema that need not be those of the whole; only for loud checks.
    mutating func trial(_ index: Int, for value: JSON) throws(Exhaustion) -> [Violation] {
        let kept = violations
        violations = []
        defer { violations = kept }
        _ = try holds(index, for: value)
        return violations
    }

    mutating func differs(_ text: String, from pattern: SchemaPattern) throws(Exhaustion) -> Bool {
        let (outcome, reports) = pattern.outcome(in: text)
        try spend(1 + reports * SchemaPattern.stepsPerReport)
        switch outcome {
        case .matches: return false
        case .differs: return true
        case .exhausted: throw .pattern(pattern.source)
        }
    }

    /// The bytes that stand for a value in comparisons.
    mutating func canonical(_ value: JSON) throws(Exhaustion) -> [UInt8] {
        guard let bytes = CanonicalJSON.bytes(of: value) else { throw .depth }
        try spend(1 + bytes.count / 64)
        return bytes
    }
}
