public import ParleyCore

/// A place where rows come from, under the name by which every message speaks of it.
public struct JobFile: Sendable, Hashable {
    public enum Origin: Sendable, Hashable {
        case path(String)
        case standardInput
        /// Rows that stand in a job sheet itself, each with its line there.
        case rows([InlineRow])
    }

    /// A row that was written into a job sheet.
    public struct InlineRow: Sendable, Hashable {
        public var value: JSON
        public var line: Int

        public init(value: JSON, line: Int) {
            self.value = value
            self.line = line
        }
    }

    public var origin: Origin
    /// As the user wrote it; `stdin` for the standard input.
    public var name: String
    public var format: JobFileFormat

    public init(origin: Origin, name: String, format: JobFileFormat = .auto) {
        self.origin = origin
        self.name = name
        self.format = format
    }

    /// The file at the path; `-` is the standard input.
    public init(_ path: String, format: JobFileFormat = .auto) {
        if path == "-" {
            self.init(origin: .standardInput, name: "stdin", format: format)
        } else {
            self.init(origin: .path(path), name: path, format: format)
        }
    }

    /// The name without folders and without its last extension: what a batch is called when nobody says otherwise.
    public var baseName: String {
        let last = name.split(separator: "/").last.map(String.init) ?? name
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return last }
        return String(last[..<dot])
    }
}
