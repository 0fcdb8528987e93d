/// Compiled schemas by their source: rows that bring schemas of their own mostly bring the same few.
public struct SchemaShelf: Sendable {
    /// When there are more different ones, all are forgotten and compiled again as they come.
    public static let schemasMax = 256

    private var compiled: [JSON: Result<JSONSchema, JSONSchemaError>] = [:]

    public init() {}

    /// The schema, compiled when it comes for the first time; throws when it cannot be used.
    public mutating func schema(_ source: JSON) throws(JSONSchemaError) -> JSONSchema {
        if let known = compiled[source] { return try known.get() }
        if compiled.count >= Self.schemasMax { compiled.removeAll() }
        let result: Result<JSONSchema, JSONSchemaError>
        do throws(JSONSchemaError) {
            result = .success(try JSONSchema(source))
        } catch {
            result = .failure(error)
        }
        compiled[source] = result
        return try result.get()
    }
}
