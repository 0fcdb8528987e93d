import ParleyCore

/// Decides whether a row of a table becomes a request, in the common case from the bytes alone.
///
/// A row with a prompt, or with a value for the template, and nothing else needs no more than a look for emptiness.
/// Whatever can go wrong in other ways (messages, a model, a limit, a temperature of the row's own) is decided by
/// ``JobRequest`` itself; overrides that it has passed once are not asked again.
struct TableRowCheck {
    enum Verdict: Equatable {
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
    /// The template's columns in the order in which they stand there, the last one left out: what rows may share.
    private let leading: [Int]
    private let last: Int?
    /// What counts as the rows' own beside their cells: the template's text behind each of the columns, and what stands
    /// before a system prompt of the row's own.
    private let ownText: OwnText
    private let overrides: [Int]
    /// Overrides that turned out good; files have few different ones.
    private var passed: Set<[UInt8]> = []
    private static let passedMax = 256

    private struct OwnText {
        var head = 0
        var leading = 0
        var last = 0
    }

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
            leading = []
            last = nil
            ownText = OwnText(head: Self.headBytes(columns, reading))
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
        var places = template.segments.compactMap { segment in
            if case .column(let name) = segment { columns.index(of: name) } else { nil }
        }
        last = places.popLast()
        leading = places
        prompt = hasText ? .certain : .anyOf(used)
        ownText = Self.ownText(of: template, head: Self.headBytes(columns, reading))
    }

    private static func ownText(of template: PromptTemplate, head: Int) -> OwnText {
        var own = OwnText(head: head)
        var isBehindColumn = false
        for segment in template.segments {
            switch segment {
            case .text(let text): if isBehindColumn { own.last += text.utf8.count }
            case .column:
                own.leading += own.last
                own.last = 0
                isBehindColumn = true
            }
        }
        return own
    }

    private static func headBytes(_ columns: TableColumns, _ reading: RowReading) -> Int {
        columns.system == nil
            ? 0 : PreparedRow.head(tools: [], format: reading.requests.responseFormat).utf8.count
    }

    /// About how many bytes a beginning may have that the row shares with others: a bound from above, without reading.
    ///
    /// Half of the last text is enough of a bound: it is only cut from twice ``PromptOutline/rowBytesMin`` on.
    func ownBeginning(of row: CSVRow, _ columns: TableColumns) -> Int {
        func count(_ column: Int?) -> Int { column.map { row.cells[$0].count } ?? 0 }
        let system = count(columns.system) + ownText.head
        switch prompt {
        case .certain, .anyOf:
            return leading.reduce(system + ownText.leading) { $0 + count($1) } + (count(last) + ownText.last)
                / 2
        case .column(let prompt, let messages):
            return system + count(prompt) / 2 + count(messages)
        }
    }

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
        guard !overrides.isEmpty, passed.count < Self.passedMax else { return }
        passed.insert(joinedOverrides(row))
    }

    private func overridesNeedCheck(_ row: CSVRow) -> Bool {
        !overrides.isEmpty && !passed.contains(joinedOverrides(row))
    }

    /// The cells one after the other, each closed by a NUL, which no cell can hold.
    private func joinedOverrides(_ row: CSVRow) -> [UInt8] {
        var joined: [UInt8] = []
        for column in overrides {
            joined.append(contentsOf: row.bytes(of: column))
            joined.append(0)
        }
        return joined
    }
}
