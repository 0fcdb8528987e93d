internal import OrderedCollections

/// Writes a value so that two values are equal to a schema exactly when their bytes are.
///
/// Members are sorted, numbers have one spelling, and texts are compared by their code points: neither
/// `JSON`'s own order of members nor Unicode's equivalences play a part.
enum CanonicalJSON {
    /// Nil when the value is nested deeper than the limit.
    static func bytes(of value: JSON, depthMax: Int = JSONSchema.nestingMax) -> [UInt8]? {
        var bytes: [UInt8] = []
        return write(value, to: &bytes, depthLeft: depthMax) ? bytes : nil
    }

    private static func write(_ value: JSON, to bytes: inout [UInt8], depthLeft: Int) -> Bool {
        guard depthLeft >= 0 else { return false }
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let literal):
            bytes.append(contentsOf: (JSONDecimal(literal)?.canonical ?? literal).utf8)
        case .string(let text): write(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for element in elements {
                guard write(element, to: &bytes, depthLeft: depthLeft - 1) else { return false }
                bytes.append(UInt8(ascii: ","))
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            let sorted = members.elements.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (name, member) in sorted {
                write(name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                guard write(member, to: &bytes, depthLeft: depthLeft - 1) else { return false }
                bytes.append(UInt8(ascii: ","))
            }
            bytes.append(UInt8(ascii: "}"))
        }
        return true
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { JSONWriter.appendQuoted($0, to: &bytes) }
    }
}
