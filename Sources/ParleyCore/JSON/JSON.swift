public import OrderedCollections

/// A JSON value that keeps what the text said: the order of members and the digits of numbers.
///
/// Numbers are held as their literal, so that `0.00000015` becomes 150,000 pico-dollars and a 20-digit id survives
/// a round trip; ask with ``intValue`` or ``doubleValue``. Two numbers are equal when their literals are.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The literal as it stood in the text, for example `1e-7`.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

/// The members of a JSON object in the order of the text; a repeated name keeps its last value.
public typealias JSONObject = OrderedDictionary<String, JSON>

extension JSON {
    public static func int(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// A finite number; JSON has no word for the others, so those become `null`.
    public static func double(_ value: Double) -> JSON {
        guard value.isFinite else { return .null }
        if let whole = Int64(exactly: value) { return .number(String(whole)) }
        return .number("\(value)")
    }

    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number as an integer, if it is one that fits; `3.0` counts as 3.
    public var intValue: Int? {
        guard case .number(let literal) = self else { return nil }
        return Int(literal) ?? Double(literal).flatMap { Int(exactly: $0) }
    }

    public var doubleValue: Double? {
        if case .number(let literal) = self { Double(literal) } else { nil }
    }

    public var arrayValue: [JSON]? {
        if case .array(let values) = self { values } else { nil }
    }

    public var objectValue: JSONObject? {
        if case .object(let members) = self { members } else { nil }
    }

    public var isNull: Bool { self == .null }

    /// The member of that name, or nil when this is no object or has none.
    public subscript(name: String) -> JSON? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The kind of value in the words of an error message: "a string", "an object".
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(nilLiteral: ()) { self = .null }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements, uniquingKeysWith: { _, last in last }))
    }
}
