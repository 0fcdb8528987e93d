import OrderedCollections
import ParleyCore

extension WrittenCall {
    func arguments(for tool: ToolDefinition) -> ToolCall.Arguments {
        let arguments = values.arguments(for: tool)
        guard isCut, case .parsed(let members) = arguments else { return arguments }
        return .repaired(members, raw: JSON.object(members).text())
    }
}

extension WrittenCall.Values {
    /// The arguments as the tool takes them.
    ///
    /// A text that holds no object is the value of the tool's only parameter; with several it stays unreadable, and the call
    /// invalid.
    func arguments(for tool: ToolDefinition) -> ToolCall.Arguments {
        switch self {
        case .json(nil), .json(.null): return .parsed([:])
        case .json(.object(let members)): return .parsed(members)
        case .json(.string(let text)):
            let read = ToolCall.Arguments(reading: text)
            if read.object == nil, let only = tool.onlyParameter { return .parsed([only: .string(text)]) }
            return read
        case .json(.array(let values)):
            return tool.named(values, beside: [:]).map { .parsed($0) }
                ?? .invalid(raw: JSON.array(values).text())
        case .json(let value?):
            if let only = tool.onlyParameter { return .parsed([only: value]) }
            return .invalid(raw: value.text())
        case .expression(let positional, let named):
            let raw = JSON.array(positional + named.map { [$0.key: $0.value] }).text()
            return tool.named(positional, beside: named).map { .parsed($0) } ?? .invalid(raw: raw)
        }
    }
}

extension ToolDefinition {
    private var properties: JSONObject { parameters["properties"]?.objectValue ?? [:] }
    private var required: [String] {
        (parameters["required"]?.arrayValue ?? []).compactMap { $0.stringValue }
    }

    /// The name of the parameter, where there is but one, or one that must be given.
    var onlyParameter: String? {
        if properties.count == 1 { return properties.keys.first }
        return required.count == 1 ? required.first : nil
    }

    /// Names positional values, in the order of the schema's `properties`.
    ///
    /// Where the values' types do not fit that order, the required parameters are put first: schemas that have been through
    /// a sorting writer have lost the order of their author. Nil when there are too many values, or none fits.
    func named(_ positional: [JSON], beside named: JSONObject) -> JSONObject? {
        // A call with its whole object: `lookup({"word": "Paris"})`.
        if positional.count == 1, named.isEmpty, case .object(let members) = positional[0],
            members.keys.allSatisfy({ properties[$0] != nil })
        {
            return members
        }
        guard !positional.isEmpty else { return named }
        let written = Array(properties.keys).filter { named[$0] == nil }
        let first = required.filter { named[$0] == nil && properties[$0] != nil }
        for order in [written, first + written.filter { !first.contains($0) }] {
            guard positional.count <= order.count else { return nil }
            let pairs = zip(order, positional)
            guard pairs.allSatisfy({ fits($1, parameter: $0) }) else { continue }
            var members = JSONObject()
            for (name, value) in pairs { members[name] = value }
            for (name, value) in named { members[name] = value }
            return members
        }
        return nil
    }

    /// Whether these could be the arguments of a real call: every name is a parameter, every value of its type, and what is
    /// required is there.
    func accepts(_ members: JSONObject) -> Bool {
        let known = properties
        return required.allSatisfy { members[$0] != nil }
            && members.allSatisfy { known[$0.key] != nil && fits($0.value, parameter: $0.key) }
    }

    /// Whether a value is of the type that the schema gives the parameter; without a type every value is.
    private func fits(_ value: JSON, parameter: String) -> Bool {
        let types: [String] =
            switch properties[parameter]?["type"] {
            case .string(let type): [type]
            case .array(let types): types.compactMap { $0.stringValue }
            default: []
            }
        return types.isEmpty || types.contains { value.isOfType($0) }
    }
}

extension JSON {
    fileprivate func isOfType(_ type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"),
            (.array, "array"), (.object, "object"):
            true
        case (.number, "integer"): intValue != nil
        default: false
        }
    }
}
