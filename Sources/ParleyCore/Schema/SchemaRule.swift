internal import OrderedCollections

/// What one keyword, or several that belong together, demand of a value.
///
/// Other subschemas are named by their index, so that references may go in circles.
enum SchemaRule: Sendable {
    /// The schema `false`.
    case never
    case reference(Int)
    case kinds(Set<SchemaKind>)
    case values(SchemaValues)
    case bound(SchemaBound)
    case multiple(of: JSONDecimal, literal: String)
    case size(SchemaSize)
    case pattern(SchemaPattern)
    /// The first elements have a subschema each, and the rest share one.
    case elements(first: [Int], rest: Int?)
    case contains(Int, atLeast: Int, atMost: Int?)
    case unique
    case members(SchemaMembers)
    case names(Int)
    case required([String], ifPresent: String?)
    case dependent(Int, ifPresent: String)
    case all([Int])
    case any([Int])
    case one([Int])
    case not(Int)
    case condition(if: Int, then: Int?, else: Int?)
}

/// A word of the keyword `type`.
enum SchemaKind: String, Sendable, CaseIterable {
    case null, boolean, integer, number, string, array, object

    /// With its article, for a sentence.
    var words: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    func includes(_ value: JSON) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.number, .number), (.string, .string), (.array, .array),
            (.object, .object):
            true
        case (.integer, .number(let literal)): JSONDecimal(literal)?.isWhole == true
        default: false
        }
    }
}

/// The values of `enum` or `const`.
struct SchemaValues: Sendable {
    let keyword: String
    /// As ``CanonicalJSON`` writes them.
    let bytes: Set<[UInt8]>
    /// The same for people.
    let words: String
}

/// A limit of a number, such as `exclusiveMaximum`.
struct SchemaBound: Sendable {
    enum Keyword: String, Sendable, CaseIterable {
        case minimum, exclusiveMinimum, maximum, exclusiveMaximum

        var words: String {
            switch self {
            case .minimum: "at least"
            case .exclusiveMinimum: "greater than"
            case .maximum: "at most"
            case .exclusiveMaximum: "less than"
            }
        }
    }

    let keyword: Keyword
    let limit: JSONDecimal
    let literal: String

    func allows(_ number: JSONDecimal) -> Bool {
        switch keyword {
        case .minimum: number >= limit
        case .exclusiveMinimum: number > limit
        case .maximum: number <= limit
        case .exclusiveMaximum: number < limit
        }
    }
}

/// A limit of a count, such as `minItems`. The length of a text is counted in Unicode scalars.
struct SchemaSize: Sendable {
    enum Keyword: String, Sendable, CaseIterable {
        case minLength, maxLength, minItems, maxItems, minProperties, maxProperties

        var noun: String {
            switch self {
            case .minLength, .maxLength: "character"
            case .minItems, .maxItems: "element"
            case .minProperties, .maxProperties: "member"
            }
        }

        var isMinimum: Bool { self == .minLength || self == .minItems || self == .minProperties }
    }

    let keyword: Keyword
    let limit: Int

    /// The value's count if it has one of this kind.
    func count(of value: JSON) -> Int? {
        switch (keyword, value) {
        case (.minLength, .string(let text)), (.maxLength, .string(let text)): text.unicodeScalars.count
        case (.minItems, .array(let elements)), (.maxItems, .array(let elements)): elements.count
        case (.minProperties, .object(let members)), (.maxProperties, .object(let members)): members.count
        default: nil
        }
    }
}

/// The subschemas of an object's members: `properties`, `patternProperties` and `additionalProperties`.
struct SchemaMembers: Sendable {
    var named: [String: Int] = [:]
    /// The names in the order of the schema.
    var names: [String] = []
    var patterns: [(pattern: SchemaPattern, index: Int)] = []
    /// The subschema of all other members.
    var others: Int?
    /// No other member may stand there at all.
    var isClosed = false
}
