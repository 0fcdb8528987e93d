import ParleyCore

@testable import BatchExecutor

enum TableTargets {
    static func csv(_ bytes: UnsafeBufferPointer<UInt8>) {
        var cuts = Cuts(bytes)
        let skipsBadRows = cuts.next() % 2 == 0
        let whole = outcome(of: bytes, skipsBadRows: skipsBadRows, piece: .max)
        let cut = outcome(of: bytes, skipsBadRows: skipsBadRows, piece: cuts.next())
        precondition(whole == cut, "the cut changes the rows")
    }

    /// The rows and the complaints in words that can be compared.
    private static func outcome(
        of bytes: UnsafeBufferPointer<UInt8>, skipsBadRows: Bool, piece: Int
    ) -> [String] {
        var outcome: [String] = []
        do {
            let window = ByteWindow(
                MemoryBytes(bytes, pieceBytesMax: piece), blockBytes: min(piece, 4096), rowBytesMax: 1 << 16)
            let reader = try JobFileReader(JobFile("rows", format: .csv), window: window)
            var settings = BatchSettings(model: model, promptTemplate: nil)
            settings.rowFormat = reader.rowFormat
            let reading = RowReading(
                file: "rows", requests: try JobRequest(settings: settings), idColumn: nil,
                skipsBadRows: skipsBadRows)
            var builder = ChunkBuilder { chunk in
                for row in chunk.rows {
                    let input: String = chunk[row.input]
                    guard (try? JSON(parsing: input)) != nil else {
                        preconditionFailure("a row is not JSON: \(input)")
                    }
                    outcome.append("\(row.line) \(chunk[row.key] as String) \(input)")
                }
            }
            try reader.read(reading, into: &builder)
            outcome += builder.problems.first.map { "\($0)" }
        } catch {
            outcome.append("\(error)")
        }
        return outcome
    }

    private static let model = ModelName("simulator/sim-small")
}
