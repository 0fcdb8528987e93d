import OrderedCollections
import ParleyCore

/// Writes rows that come as JSON values into chunks: from arrays, lines, batch files and job sheets.
///
/// The first row decides whether the rows have ids of their own. If it has one, a later row without one is a mistake, and
/// counting it by its number could make it the namesake of another.
struct ObjectRowWriter {
    private let reading: RowReading
    private var hasIDs: Bool?
    private var schemas = SchemaShelf()

    init(reading: RowReading) { self.reading = reading }

    mutating func write(_ value: JSON, line: Int, into builder: inout ChunkBuilder) throws {
        builder.begin()
        let id: String?
        let prefix: PrefixKey?
        do throws(RowFault) {
            id = try key(of: value)
            prefix = try reading.requests.prepared(input: value).outline(makingKey: true).key
            try checkSchema(of: value)
        } catch {
            return builder.refuse(line: line, error.reason)
        }
        var input = value
        var system: Range<Int>?
        if let lifted = LiftedSystem.lifting(from: value) {
            input = lifted.input
            let start = builder.arena.count
            builder.arena.append(Array(lifted.system.utf8))
            system = builder.liftSystem(from: start)
        }
        let start = builder.arena.count
        builder.arena.append(input.bytes())
        let range = start..<builder.arena.count
        if let id {
            let start = builder.arena.count
            builder.arena.append(Array(id.utf8))
            try builder.keep(
                key: start..<builder.arena.count, input: range, system: system, line: line, prefix: prefix)
        } else {
            try builder.keep(
                key: builder.appendNumberKey(), input: range, system: system, line: line, prefix: prefix)
        }
    }

    /// A schema that the row brings must be one by which its answer can be checked.
    private mutating func checkSchema(of value: JSON) throws(RowFault) {
        guard reading.settings.rowFormat == .openAIBatch,
            let schema = reading.settings.schema(ofRow: value)
        else { return }
        do throws(JSONSchemaError) {
            _ = try schemas.schema(schema)
        } catch {
            throw RowFault("the schema in response_format: \(error.advice)")
        }
    }

    /// The row's own id; nil when the rows have none.
    private mutating func key(of value: JSON) throws(RowFault) -> String? {
        guard case .object(let row) = value else {
            throw RowFault("a row must be an object, this is \(value.kindName)")
        }
        guard let found = try idValue(of: row) else {
            if hasIDs == true { throw RowFault("it has no id, while the first row has one") }
            hasIDs = false
            return nil
        }
        hasIDs = hasIDs ?? true
        let id: String
        switch found {
        case .string(let text): id = text
        case .number(let literal): id = literal
        case .null: id = ""
        default: throw RowFault("the id is \(found.kindName); it must be a text or a number")
        }
        guard !id.isBlank else { throw RowFault("the id is empty") }
        guard id.utf8.count <= RowReading.idBytesMax else {
            throw RowFault("the id is longer than \(RowReading.idBytesMax) bytes")
        }
        guard !id.utf8.contains(0) else { throw RowFault("the id holds a NUL character") }
        return id
    }

    private func idValue(of row: JSONObject) throws(RowFault) -> JSON? {
        if let column = reading.idColumn {
            guard let value = row.column(column) else {
                throw RowFault(
                    "--id-column names the column '\(column)', which is not there; "
                        + RowFault.listed(Array(row.keys)))
            }
            return value
        }
        if let value = row.column(KnownColumn.customID.rawValue) { return value }
        guard reading.settings.rowFormat == .columns else { throw RowFault("the custom_id is missing") }
        return row.column(KnownColumn.id.rawValue)
    }
}
