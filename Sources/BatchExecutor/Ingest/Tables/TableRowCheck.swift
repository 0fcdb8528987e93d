import ParleyCore

/// Decides whether a row of a table becomes a request, in the common case from the bytes alone.
///
/// A row with a prompt, or with a value for the template, and nothing else needs no more than a look for emptiness.
/// Whatever can go wrong in other ways (messages, a model, a limit, a temperature of the row's own) is decided by
/// ``JobRequest`` itself. Rows with the same overrides as the row before are not asked again.
struct TableRowCheck {
    enum Verdict {
        case good
        case bad(RowFault)
        /// Only ``JobRequest`` can tell.
        case unclear
    }

    private enum Prompt {
        /// The template has text of its own, so it can never come out empty.
        case certain
        /// At least one of the columns must have something in it.
        case anyOf([Int])
        case column(prompt: Int?, messages: Int?)
    }

    private let prompt: Prompt
    private let overrides: [Int]
    private var lastOverrides: [UInt8]?

    /// Looks for everything that is wrong with the table as a whole.
    init(_ columns: TableColumns, line: Int, reading: RowReading) throws(IngestError) {
        overrides = columns.overrides
        if reading.settings.model == nil, !columns.hasModel { throw .noModel(reading.file) }
        guard let template = reading.requests.template else {
            guard columns.prompt != nil || columns.messages != nil else {
                throw .badHeader(
                    reading.file, line: line, reason: RowFault.noPrompt(available: columns.names).reason)
            }
            prompt = .column(prompt: columns.prompt, messages: columns.messages)
            return
        }
        var used: [Int] = []
        for name in template.columns {
            guard let index = columns.index(of: name) else {
                throw .missingColumn(
                    reading.file, line: line, column: name, wantedBy: "the prompt template",
                    available: columns.names)
            }
            used.append(index)
        }
        let hasText = template.segments.contains { segment in
            if case .text(let text) = segment { !text.isBlank } else { false }
        }
        prompt = hasText ? .certain : .anyOf(used)
    }

    /// The overrides must be filled by ``JobRequest`` too if the batch has no model.
    mutating func verdict(on row: CSVRow) -> Verdict {
        let needsCheck = overridesNeedCheck(row)
        switch prompt {
        case .certain: break
        case .anyOf(let columns):
            if columns.allSatisfy(row.isBlank) { return .bad(.emptyPrompt) }
        case .column(let prompt, let messages):
            if let messages, !row.isBlank(messages) { return .unclear }
            guard let prompt, !row.isBlank(prompt) else { return .bad(.emptyPrompt) }
        }
        return needsCheck ? .unclear : .good
    }

    /// The row that was asked about last turned out good.
    mutating func remember(_ row: CSVRow) {
        lastOverrides = overrides.isEmpty ? nil : Self.joined(overrides, row)
    }

    private func overridesNeedCheck(_ row: CSVRow) -> Bool {
        guard !overrides.isEmpty else { return false }
        guard let lastOverrides else { return true }
        var position = 0
        for column in overrides {
            let cell = row.bytes(of: column)
            guard position + cell.count + 1 <= lastOverrides.count,
                lastOverrides[position + cell.count] == 0,
                lastOverrides[position..<position + cell.count].elementsEqual(cell)
            else { return true }
            position += cell.count + 1
        }
        return position != lastOverrides.count
    }

    /// The cells one after the other, each closed by a NUL, which no cell can hold.
    private static func joined(_ columns: [Int], _ row: CSVRow) -> [UInt8] {
        columns.flatMap { Array(row.bytes(of: $0)) + [0] }
    }
}
