import ParleyCore

/// What every reader has to know of the batch that its rows go into.
struct RowReading: Sendable {
    /// The longest id of a row, in bytes of UTF-8.
    static let idBytesMax = 512

    /// The file's name in messages.
    var file: String
    var requests: JobRequest
    /// The column that holds the ids, if not `custom_id` or `id`.
    var idColumn: String?
    /// Bad rows are left out, so that a reader should go on wherever it still can.
    var skipsBadRows: Bool

    init(file: String, requests: JobRequest, idColumn: String? = nil, skipsBadRows: Bool = false) {
        self.file = file
        self.requests = requests
        self.idColumn = idColumn
        self.skipsBadRows = skipsBadRows
    }

    var settings: BatchSettings { requests.settings }

    /// The trouble of a window, in the words of this file.
    func error(_ error: WindowError, line: Int) -> any Error {
        switch error {
        case .rowTooLong(let bytesMax): IngestError.rowTooLong(file, line: line, bytesMax: bytesMax)
        case .unreadable(let error): error
        }
    }
}
