import ParleyCore

/// Writes one row of a table into a chunk: its columns as a JSON object, its key, its long system prompt.
struct CSVRowWriter {
    let columns: TableColumns
    let reading: RowReading
    let line: Int

    func write(_ row: CSVRow, _ check: inout TableRowCheck, into builder: inout ChunkBuilder) throws {
        let verdict = check.verdict(on: row)
        if case .bad(let fault) = verdict { return builder.refuse(line: line, fault.reason) }

        let system = liftedSystem(of: row, &builder)
        let start = builder.arena.count
        var key: Range<Int>?
        for (index, cell) in row.cells.enumerated() {
            builder.arena.append(columns.prefixes[index])
            if index == columns.system, system != nil {
                builder.arena.append(Self.null)
                continue
            }
            builder.arena.append(UInt8(ascii: "\""))
            let valueStart = builder.arena.count
            cell.appendJSON(row.base, to: &builder.arena)
            if index == columns.id, cell.traits.isDisjoint(with: [.escaped, .doubled]) {
                key = valueStart..<builder.arena.count
            }
            builder.arena.append(UInt8(ascii: "\""))
        }
        builder.arena.append(UInt8(ascii: "}"))
        let input = start..<builder.arena.count

        if let id = columns.id {
            guard !row.isBlank(id) else { return builder.refuse(line: line, "the id is empty") }
            let range = key ?? appendKey(row.cells[id], row.base, &builder)
            guard range.count <= RowReading.idBytesMax else {
                return builder.refuse(line: line, "the id is longer than \(RowReading.idBytesMax) bytes")
            }
            key = range
        }
        let mayShare = check.ownBeginning(of: row, columns) >= PromptOutline.rowBytesMin
        var prefix: PrefixKey?
        if verdict == .unclear || mayShare {
            do throws(RowFault) {
                let prepared = try prepared(input: input, system: system, builder.arena)
                if mayShare { prefix = prepared.outline(makingKey: true).key }
            } catch {
                return builder.refuse(line: line, error.reason)
            }
            if verdict == .unclear { check.remember(row) }
        }
        try builder.keep(
            key: key ?? builder.appendNumberKey(), input: input, system: system, line: line, prefix: prefix)
    }

    private static let null = Array("null".utf8)

    private func liftedSystem(of row: CSVRow, _ builder: inout ChunkBuilder) -> Range<Int>? {
        guard let column = columns.system, row.cells[column].count >= LiftedSystem.bytesMin else {
            return nil
        }
        let start = builder.arena.count
        row.cells[column].appendText(row.base, to: &builder.arena)
        guard builder.arena.count - start >= LiftedSystem.bytesMin else {
            builder.arena.cut(to: start)
            return nil
        }
        return builder.liftSystem(from: start)
    }

    private func appendKey(
        _ cell: CSVScanner.Cell, _ base: UnsafePointer<UInt8>, _ builder: inout ChunkBuilder
    ) -> Range<Int> {
        let start = builder.arena.count
        cell.appendText(base, to: &builder.arena)
        return start..<builder.arena.count
    }

    /// Asks ``JobRequest``, in the way in which the runner will.
    private func prepared(
        input: Range<Int>, system: Range<Int>?, _ arena: borrowing ByteArena
    ) throws(RowFault) -> PreparedRow {
        let row: JSON
        do throws(JSONSyntaxError) {
            row = try JSON(parsing: arena.bytes(in: input))
        } catch {
            throw RowFault("\(error)")
        }
        let rowSystem = system.map { String(decoding: arena.bytes(in: $0), as: UTF8.self) }
        return try reading.requests.prepared(input: row, rowSystem: rowSystem)
    }
}
