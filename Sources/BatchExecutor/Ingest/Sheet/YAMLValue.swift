import OrderedCollections
public import ParleyCore
public import Yams

/// A part of a YAML document with its place, ready to be turned into JSON.
///
/// Scalars are read by the rules of YAML 1.2's core schema, not by Yams' older ones: `no`, `on` and `12:30` are text, as
/// everybody but a parser expects, and numbers keep their digits.
public struct YAMLValue {
    /// Aliases can make a short text stand for a huge value; more parts than this are refused.
    static let partsMax = 1_000_000
    /// As deep as ``JSONParser`` goes.
    static let depthMax = JSONParser.depthMax

    let node: Node

    public init(node: Node) {
        self.node = node
    }

    /// Counted from 1.
    var line: Int { node.mark?.line ?? 1 }

    /// The members of a mapping in their order; nil for anything else.
    var members: [(key: String, line: Int, value: YAMLValue)]? {
        guard case .mapping(let mapping) = node else { return nil }
        return mapping.map { key, value in
            (key.scalar?.string ?? "", key.mark?.line ?? line, YAMLValue(node: value))
        }
    }

    var elements: [YAMLValue]? {
        guard case .sequence(let sequence) = node else { return nil }
        return sequence.map { YAMLValue(node: $0) }
    }

    /// The value as JSON; nil when it is too large or too deep.
    public var json: JSON? {
        var parts = 0
        return Self.json(node, depth: 0, &parts)
    }

    private static func json(_ node: Node, depth: Int, _ parts: inout Int) -> JSON? {
        parts += 1
        guard depth < depthMax, parts <= partsMax else { return nil }
        switch node {
        case .scalar(let scalar): return json(scalar)
        case .alias: return .null
        case .sequence(let sequence):
            var elements: [JSON] = []
            for element in sequence {
                guard let value = json(element, depth: depth + 1, &parts) else { return nil }
                elements.append(value)
            }
            return .array(elements)
        case .mapping(let mapping):
            var members: JSONObject = [:]
            for (key, value) in mapping {
                guard let value = json(value, depth: depth + 1, &parts) else { return nil }
                members[key.scalar?.string ?? ""] = value
            }
            return .object(members)
        }
    }

    private static func json(_ scalar: Node.Scalar) -> JSON {
        guard scalar.style == .plain || scalar.style == .any, scalar.tag.description != Tag.Name.str.rawValue
        else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            if let number = try? JSON(parsing: scalar.string), case .number = number { return number }
            return .string(scalar.string)
        }
    }
}
