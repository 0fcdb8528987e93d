public import ParleyCore

/// A JSON Schema in a file of its own, read and compiled before anything is stored or asked.
public enum SchemaFile {
    /// The schema in the file.
    ///
    /// Throws ``IngestError``: with line and column where it is no JSON, with the place in the schema where it cannot be used.
    public static func reading(_ path: String) throws -> JSON {
        let text = try TextFile.contents(of: FileBytes(opening: path, named: path), named: path)
        let schema: JSON
        do throws(JSONSyntaxError) {
            schema = try JSON(parsing: text)
            guard case .object = schema else {
                throw JSONSyntaxError(reason: "a schema must be an object", offset: 0)
            }
        } catch {
            let place = error.location(in: text.utf8)
            throw IngestError.notJSON(path, line: place.line, column: place.column, reason: error.reason)
        }
        do throws(JSONSchemaError) {
            _ = try JSONSchema(schema)
        } catch {
            throw IngestError.badSchema(path, error)
        }
        return schema
    }
}

extension JSONSchemaError {
    /// What is wrong, where, and what to do about it.
    var advice: String {
        switch kind {
        case .malformed: "\(self); correct it"
        case .unsupported: "\(self); say it with what docs/structured-answers.md lists, or leave it out"
        }
    }
}
