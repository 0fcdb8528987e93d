public import OrderedCollections

/// A model's wish that the caller run a tool.
public struct ToolCall: Sendable, Hashable {
    /// The provider's id; `call_N` where it gave none.
    public var id: String
    public var name: String
    public var arguments: Arguments

    public init(id: String, name: String, arguments: Arguments) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }

    /// The arguments as the model wrote them, and as they could be read.
    public enum Arguments: Sendable, Hashable {
        case parsed(JSONObject)
        /// The text was cut short; this is what could be saved of it.
        case repaired(JSONObject, raw: String)
        /// No object can be made of the text: the call cannot be run.
        case invalid(raw: String)

        /// The arguments if they can be used.
        public var object: JSONObject? {
            switch self {
            case .parsed(let object), .repaired(let object, _): object
            case .invalid: nil
            }
        }

        public var isRepaired: Bool {
            if case .repaired = self { true } else { false }
        }

        /// The text to store and to send back to a provider: the model's own, else the object with sorted keys.
        public var rawText: String {
            switch self {
            case .parsed(let object): JSON.object(object).text(sortsKeys: true)
            case .repaired(_, let raw), .invalid(let raw): raw
            }
        }
    }
}

/// A tool that the model may ask for.
public struct ToolDefinition: Sendable, Hashable {
    public var name: String
    public var summary: String
    /// A JSON Schema of type `object`.
    public var parameters: JSON
    /// The provider holds the model's arguments to the schema, where it can. It then takes a part of JSON Schema only: at
    /// OpenAI and DeepSeek all properties are `required` and `additionalProperties` is false.
    public var isStrict: Bool

    public init(name: String, summary: String, parameters: JSON, isStrict: Bool = false) {
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.isStrict = isStrict
    }
}

/// Whether the model may, must or must not call a tool.
public enum ToolChoice: Sendable, Hashable {
    case automatic, none, required
    case named(String)
}
