/// Why a JSON Schema cannot be used.
public struct JSONSchemaError: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// The schema breaks the rules of the standard; whoever wrote it has to correct it.
        case malformed
        /// The schema may be right, but asks for something that is not checked here. Nothing of the kind is ignored in
        /// silence.
        case unsupported
    }

    public let kind: Kind

    /// The JSON Pointer of the place in the schema; empty for the whole.
    public let pointer: String

    /// Half a sentence that goes on from the place: `must be a number, is a string`.
    public let reason: String

    public init(_ kind: Kind, at pointer: String, _ reason: String) {
        self.kind = kind
        self.pointer = pointer
        self.reason = reason
    }
}

extension JSONSchemaError: CustomStringConvertible {
    public var description: String {
        "\(pointer.isEmpty ? "the schema" : SchemaWords.shortened(pointer: pointer)): \(reason)"
    }
}
