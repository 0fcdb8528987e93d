import ParleyCore

/// All rows of a sheet's files, one file after the other, for whoever stores or counts them.
///
/// The format of the first file decides how rows are understood, and a batch has only one way of understanding its rows.
/// Rows without an id are numbered through all files, so that two files cannot use a number twice.
struct JobRows {
    let sheet: JobSheet
    let options: Ingest.Options
    /// With the row format that the first file turned out to have.
    let settings: BatchSettings
    let requests: JobRequest
    private let first: JobFileReader

    /// What went through besides the chunks.
    struct Outcome: Sendable {
        /// The first ones of each file.
        var problems: [FileProblem] = []
        var problemsCount = 0

        /// Together with the rows that the store refused, in the order of the files and their lines.
        func joined(with refused: [FileProblem], count: Int, in files: [JobFile]) -> Outcome {
            let order = Dictionary(files.enumerated().map { ($1.name, $0) }) { first, _ in first }
            let all = (problems + refused).sorted {
                (order[$0.file] ?? 0, $0.problem.line) < (order[$1.file] ?? 0, $1.problem.line)
            }
            return Outcome(
                problems: Array(all.prefix(IngestError.problemsListedMax)),
                problemsCount: problemsCount + count)
        }

        /// Throws the bad rows if they may not be left out.
        func check(_ rows: JobRows) throws {
            guard problemsCount > 0, !rows.options.skipsBadRows else { return }
            throw IngestError.badRows(
                rows.sheet.files[0].name, problems: problems, count: problemsCount)
        }
    }

    init(_ sheet: JobSheet, options: Ingest.Options) throws {
        guard let file = sheet.files.first else { throw IngestError.empty("the list of files") }
        self.sheet = sheet
        self.options = options
        first = try JobFileReader(opening: file)
        var settings = sheet.settings
        settings.rowFormat = first.rowFormat
        self.settings = settings
        if let schema = settings.schema {
            do throws(JSONSchemaError) {
                _ = try JSONSchema(schema)
            } catch {
                throw IngestError.badSchema(file.name, error)
            }
        }
        do throws(TemplateError) {
            requests = try JobRequest(settings: settings, providers: options.providers)
        } catch {
            throw IngestError.badTemplate(error)
        }
    }

    /// Reads every file on a thread of its own, and gives its chunks to `consume` on this one.
    consuming func readAside(consuming consume: (DraftChunk, String) throws -> Void) throws -> Outcome {
        // The rows go to the other thread whole, and nobody here touches them again.
        nonisolated(unsafe) let rows = self
        return try ChunkPipe<Outcome>.run(producing: { try rows.read(sending: $0) }, consuming: consume)
    }

    /// Reads every file and sends its chunks, each with the name of its file.
    func read(sending send: (DraftChunk, String) throws -> Void) throws -> Outcome {
        var outcome = Outcome()
        var rowsBefore = 0
        for (index, file) in sheet.files.enumerated() {
            let reader = index == 0 ? first : try JobFileReader(opening: file)
            guard reader.rowFormat == settings.rowFormat else {
                throw IngestError.mixedFormats(first: first.file.name, other: file.name)
            }
            let reading = RowReading(
                file: file.name, requests: requests, idColumn: sheet.idColumn,
                skipsBadRows: options.skipsBadRows)
            rowsBefore = try withoutActuallyEscaping(send) { send in
                var builder = ChunkBuilder(rowsBefore: rowsBefore) { try send($0, file.name) }
                try reader.read(reading, into: &builder)
                outcome.problemsCount += builder.problems.count
                outcome.problems += builder.problems.first.map { FileProblem(file: file.name, problem: $0) }
                return builder.rowNumber
            }
        }
        return outcome
    }
}
