import Foundation
import OrderedCollections
import ParleyCore
import Yams

extension JobSheet {
    /// The longest sheet that is read, inline rows and system prompt included.
    public static let bytesMax = 16 << 20

    /// Reads the sheet at the path. Files that it names are looked for beside it.
    public static func reading(_ path: String) throws -> JobSheet {
        let file = JobFile(path, format: .job)
        let source: any ByteSource =
            path == "-"
            ? try FileBytes(standardInputNamed: file.name) : try FileBytes(opening: path, named: file.name)
        let folder =
            path == "-"
            ? "" : String(path[..<(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)])
        return try JobSheetReader(file: file.name, folder: folder).read(
            TextFile.contents(of: source, named: file.name))
    }

    /// Puts together what the files and the words on the command line say: if one of the files is a job sheet, its
    /// contents with the command line over them, else the files with the command line.
    ///
    /// - Parameters:
    ///   - files: as named on the command line; `-` is the standard input.
    ///   - format: what `--format` says of them.
    ///   - said: the command line's options; its own `files` do not count.
    public static func gathered(
        files: [String], format: JobFileFormat = .auto, said: JobSheet = JobSheet()
    ) throws -> JobSheet {
        var said = said
        said.files = []
        let sheets = files.filter { isSheet($0, format) }
        if let sheet = sheets.first {
            guard files.count == 1 else {
                throw IngestError.badSheet(
                    sheet, line: 1, key: nil, reason: "a job sheet is enqueued alone, not with other files")
            }
            return try reading(sheet).overlaid(by: said)
        }
        said.files = files.map { JobFile($0, format: format) }
        return said
    }

    private static func isSheet(_ path: String, _ format: JobFileFormat) -> Bool {
        format == .job || format == .auto && path != "-" && JobFileFormat.named(by: path) == .job
    }
}

/// Reads the keys of a job sheet; each fault names the file, the line and the key.
struct JobSheetReader {
    /// The keys of a sheet, in the order in which the documentation lists them.
    enum Key: String, CaseIterable {
        case input, rows, format, batch, model, role, system, prompt, schema, limits
        case schemaRetries = "schema_retries"
        case budget = "budget_usd"
        case fallback
        case maxTokens = "max_tokens"
        case temperature, options, stream
        case attemptsMax = "max_attempts"
        case priority, deadline, timeout, reuse, collapse
        case idColumn = "id_column"
    }

    let file: String
    /// With its slash at the end, or empty.
    let folder: String

    func read(_ text: String) throws -> JobSheet {
        guard let root = try compose(text) else { throw IngestError.empty(file) }
        guard let members = root.members else {
            throw fault(
                root.line, nil, "a job sheet is a list of keys with values, such as 'input: questions.csv'")
        }
        var sheet = JobSheet()
        var format = JobFileFormat.auto
        var inputs: (line: Int, paths: [String])?
        for (name, line, value) in members {
            guard let key = Key(rawValue: name) else {
                throw unknown(name, line, among: Key.allCases.map(\.rawValue))
            }
            let entry = SheetEntry(reader: self, key: name, line: line, value: value)
            // A key without a value says nothing.
            if case .null? = value.json { continue }
            switch key {
            case .input: inputs = (line, try entry.texts())
            case .format: format = try readFormat(entry)
            case .rows: sheet.files.append(try readRows(entry))
            default: try read(key, entry, into: &sheet)
            }
        }
        if let inputs {
            guard sheet.files.isEmpty else {
                throw fault(inputs.line, "input", "a sheet has 'input' or 'rows', not both")
            }
            sheet.files = inputs.paths.map { JobFile(beside($0), format: format) }
        }
        guard !sheet.files.isEmpty else {
            throw fault(1, "input", "it is missing: name the file with the rows")
        }
        return sheet
    }

    private func read(_ key: Key, _ entry: SheetEntry, into sheet: inout JobSheet) throws {
        switch key {
        case .input, .rows, .format: break
        case .batch: sheet.batch = try entry.text()
        case .model: sheet.model = try entry.model()
        case .role: sheet.role = try entry.text()
        case .system: sheet.system = try entry.text()
        case .prompt:
            let prompt = try entry.text()
            do throws(TemplateError) {
                _ = try PromptTemplate(parsing: prompt)
            } catch {
                throw entry.fault(error.description)
            }
            sheet.prompt = prompt
        case .schema: sheet.schema = try readSchema(entry)
        case .schemaRetries: sheet.schemaRetriesMax = try entry.count(in: BatchSettings.schemaRetriesRange)
        case .limits: sheet.limits = sheet.limits.overlaid(by: try readLimits(entry))
        case .budget: sheet.limits.budget = try entry.dollars()
        case .fallback: sheet.fallbacks = try entry.models()
        case .maxTokens: sheet.maxTokens = try entry.count(from: 1)
        case .temperature: sheet.temperature = try entry.number(from: 0)
        case .options: sheet.options = try entry.object()
        case .stream: sheet.streams = try entry.flag()
        case .attemptsMax: sheet.attemptsMax = try entry.count(from: 1)
        case .priority: sheet.priority = try entry.count(from: .min)
        case .deadline:
            guard let deadline = Deadline(try entry.text()) else {
                throw entry.fault("write a time from now such as 2h, or a moment such as 2026-11-22T08:00Z")
            }
            sheet.deadline = deadline
        case .timeout:
            guard let timeout = Duration(written: try entry.text()) else {
                throw entry.fault("write seconds, or a time such as 90s or 5m")
            }
            sheet.limits.requestTimeout = timeout
        case .reuse: sheet.limits.reuse = try entry.flag()
        case .collapse: sheet.limits.collapse = try entry.flag()
        case .idColumn: sheet.idColumn = try entry.text()
        }
    }

    private func readFormat(_ entry: SheetEntry) throws -> JobFileFormat {
        let word = try entry.text()
        guard let format = JobFileFormat(rawValue: word), format != .job else {
            let known = JobFileFormat.allCases.filter { $0 != .job }.map(\.rawValue).joined(separator: ", ")
            throw entry.fault("there is no format '\(word)'; use \(known)")
        }
        return format
    }

    private func readRows(_ entry: SheetEntry) throws -> JobFile {
        guard let elements = entry.value.elements else { throw entry.fault("it must be a list of rows") }
        var rows: [JobFile.InlineRow] = []
        for element in elements {
            guard let value = element.json else { throw entry.fault("a row is nested too deep or too large") }
            rows.append(JobFile.InlineRow(value: value, line: element.line))
        }
        return JobFile(origin: .rows(rows), name: file)
    }

    private func readSchema(_ entry: SheetEntry) throws -> JSON {
        if case .string(let path) = try entry.json() { return try SchemaFile.reading(beside(path)) }
        let schema = JSON.object(try entry.object())
        do throws(JSONSchemaError) {
            _ = try JSONSchema(schema)
        } catch {
            throw entry.fault(error.advice)
        }
        return schema
    }

    private func readLimits(_ entry: SheetEntry) throws -> JobSheet.Limits {
        guard let members = entry.value.members else {
            throw entry.fault("it must hold concurrency, rpm or tpm")
        }
        var limits = JobSheet.Limits()
        for (name, line, value) in members {
            let inner = SheetEntry(reader: self, key: "limits.\(name)", line: line, value: value)
            switch name {
            case "concurrency": limits.concurrency = try inner.count(from: 1)
            case "rpm": limits.requestsPerMinute = try inner.count(from: 1)
            case "tpm": limits.tokensPerMinute = try inner.count(from: 1)
            default: throw unknown(name, line, among: ["concurrency", "rpm", "tpm"], within: "limits")
            }
        }
        return limits
    }

    private func beside(_ path: String) -> String {
        path.hasPrefix("/") || path == "-" ? path : folder + path
    }

    func fault(_ line: Int, _ key: String?, _ reason: String) -> IngestError {
        .badSheet(file, line: line, key: key, reason: reason)
    }

    private func unknown(_ name: String, _ line: Int, among known: [String], within: String? = nil)
        -> IngestError
    {
        let nearest = NearestName.of(name, among: known).map { "; did you mean '\($0)'?" }
        let listed = "; the keys are: \(known.joined(separator: ", "))"
        let place = within.map { " in '\($0)'" } ?? ""
        return fault(line, nil, "there is no key '\(name)'\(place)\(nearest ?? listed)")
    }

    private func compose(_ text: String) throws -> YAMLValue? {
        do {
            return try Yams.compose(yaml: text).map { YAMLValue(node: $0) }
        } catch let error as YamlError {
            throw fault(for: error)
        }
    }

    private func fault(for error: YamlError) -> IngestError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let where_ = context.map { " \($0.text)" } ?? ""
            return fault(mark.line, nil, "this is not YAML: \(problem)\(where_) (column \(mark.column))")
        case .duplicatedKeysInMapping(let names, let context):
            return fault(context.mark.line, names.first, "the key stands twice")
        case .reader(let problem, _, _, _):
            return fault(1, nil, "this is not YAML: \(problem)")
        default:
            return fault(1, nil, "this is not YAML")
        }
    }
}
