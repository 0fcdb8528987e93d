import ParleyCore

/// How the rows of a file are written.
public enum JobFileFormat: String, Sendable, Hashable, CaseIterable {
    /// To be found out from the file's name, else from its first bytes.
    case auto
    case csv, tsv
    /// One array of objects.
    case json
    /// One object a line.
    case jsonl
    /// One line for each request, in the form that OpenAI's batch interface takes.
    case openAIBatch = "openai-batch"
    /// A YAML sheet that says a whole batch.
    case job
}

extension JobFileFormat {
    /// What the name's extension says; nil where the contents must decide.
    ///
    /// A `.jsonl` file can be plain or of OpenAI's batch form, so its first line decides.
    public static func named(by name: String) -> JobFileFormat? {
        guard let dot = name.lastIndex(of: ".") else { return nil }
        return switch name[name.index(after: dot)...].lowercased() {
        case "csv": .csv
        case "tsv", "tab": .tsv
        case "json": .json
        case "yaml", "yml": .job
        default: nil
        }
    }

    /// What the first bytes of a file look like.
    ///
    /// `[` starts a JSON array; `{` starts an object a line, of the batch form when the first one has a `custom_id` and
    /// a `body`. Anything else is a table: separated by tabs when the first line has tabs and no commas.
    static func sniffed(from start: UnsafeBufferPointer<UInt8>) -> JobFileFormat {
        var parser = JSONParser(start, from: start.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        parser.skipSpace()
        guard parser.position < start.count else { return .csv }
        switch start[parser.position] {
        case UInt8(ascii: "["): return .json
        case UInt8(ascii: "{"): return isBatchLine(&parser, in: start) ? .openAIBatch : .jsonl
        default:
            let line = start.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            return line.contains(UInt8(ascii: "\t")) && !line.contains(UInt8(ascii: ",")) ? .tsv : .csv
        }
    }

    private static func isBatchLine(_ parser: inout JSONParser, in start: UnsafeBufferPointer<UInt8>) -> Bool
    {
        if let first = try? parser.value() {
            return first["custom_id"] != nil && first["body"] != nil
        }
        // The first object is longer than what was read, or broken: its names are enough to choose a reader.
        let text = String(decoding: start.prefix(4096), as: UTF8.self)
        return text.contains("\"custom_id\"") && text.contains("\"body\"")
    }
}
