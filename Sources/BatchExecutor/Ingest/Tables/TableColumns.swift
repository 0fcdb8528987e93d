import OrderedCollections
import ParleyCore

/// What the header of a table says: the names, and which column means what.
struct TableColumns {
    /// A spreadsheet has no more columns than this.
    static let columnsMax = 16_384

    let names: [String]
    /// For each column, the JSON before its value: `{"id":` and `,"prompt":`.
    let prefixes: [[UInt8]]

    let id: Int?
    let prompt: Int?
    let messages: Int?
    let system: Int?
    /// The columns whose values change the request: model, max_tokens, temperature.
    let overrides: [Int]
    let hasModel: Bool

    /// - Parameter line: where the header stands.
    init(header names: [String], line: Int, reading: RowReading) throws(IngestError) {
        func bad(_ reason: String) -> IngestError { .badHeader(reading.file, line: line, reason: reason) }
        guard names.count <= Self.columnsMax else {
            throw bad("the header names \(names.count) columns; at most \(Self.columnsMax) can be read")
        }
        var places: [KnownColumn: Int] = [:]
        var seen: Set<String> = []
        for (index, name) in names.enumerated() {
            if name.isBlank {
                throw bad("column \(index + 1) of the header has no name; name it, or delete the column")
            }
            let known = KnownColumn(header: name)
            let isNew = seen.insert(known?.rawValue ?? name).inserted
            guard isNew else { throw bad("the header names the column '\(name.trimmed)' twice") }
            if let known { places[known] = index }
        }
        self.names = names
        prefixes = names.enumerated().map { index, name in
            Array((index == 0 ? "{" : ",").utf8) + JSON.string(name).bytes() + [UInt8(ascii: ":")]
        }
        prompt = places[.prompt]
        messages = places[.messages]
        system = places[.system]
        overrides = [KnownColumn.model, .maxTokens, .temperature].compactMap { places[$0] }
        hasModel = places[.model] != nil
        guard let wanted = reading.idColumn else {
            id = places[.customID] ?? places[.id]
            return
        }
        guard let index = Self.index(of: wanted, in: names) else {
            throw .missingColumn(
                reading.file, line: line, column: wanted, wantedBy: "--id-column", available: names)
        }
        id = index
    }

    /// The column of that name: exactly so, else but for case and the spaces around it.
    func index(of name: String) -> Int? { Self.index(of: name, in: names) }

    private static func index(of name: String, in names: [String]) -> Int? {
        if let index = names.firstIndex(of: name) { return index }
        return names.firstIndex { $0.isSameColumn(as: name) }
    }
}
