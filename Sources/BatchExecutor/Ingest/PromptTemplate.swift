public import OrderedCollections
public import ParleyCore

/// A text with `{{column}}` placeholders that a row fills in.
///
/// The text is read once from left to right: a value that holds braces itself stays as it is. There is no escape for
/// `{{`, because no prompt has needed one yet; a row's column can always bring it.
public struct PromptTemplate: Sendable, Hashable {
    enum Segment: Sendable, Hashable {
        case text(String)
        case column(String)
    }

    let segments: [Segment]

    public init(parsing text: String) throws(TemplateError) {
        var segments: [Segment] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            if open.lowerBound > rest.startIndex { segments.append(.text(String(rest[..<open.lowerBound]))) }
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw TemplateError(text: text, at: open.lowerBound, "'{{' is never closed with '}}'")
            }
            let name = rest[open.upperBound..<close.lowerBound].trimmed
            guard !name.isEmpty else {
                throw TemplateError(text: text, at: open.lowerBound, "'{{}}' names no column")
            }
            guard !name.contains("{{") else {
                throw TemplateError(text: text, at: open.lowerBound, "'{{' is never closed with '}}'")
            }
            segments.append(.column(String(name)))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { segments.append(.text(String(rest))) }
        self.segments = segments
    }

    /// The columns that it names, in the order of their first mention.
    public var columns: [String] {
        var seen: Set<String> = []
        return segments.compactMap { segment in
            if case .column(let name) = segment, seen.insert(name).inserted { name } else { nil }
        }
    }

    /// The text with the row's values in it; a value that is no string stands as its JSON text, null as nothing.
    public func render(_ row: JSONObject) throws(RowFault) -> String { try rendered(row).text }

    /// The same, and where in it the values of the columns begin, in bytes.
    func rendered(_ row: JSONObject) throws(RowFault) -> (text: String, columnStarts: [Int]) {
        var result = ""
        var starts: [Int] = []
        for segment in segments {
            switch segment {
            case .text(let text): result += text
            case .column(let name):
                guard let value = row.column(name) else {
                    throw .missingColumn(name, available: Array(row.keys))
                }
                starts.append(result.utf8.count)
                result += value.plainText
            }
        }
        return (result, starts)
    }
}

/// Where a prompt template is broken.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    public let reason: String
    /// Counted from 1, in characters.
    public let line: Int
    public let column: Int

    init(text: String, at index: String.Index, _ reason: String) {
        let before = text[..<index]
        self.reason = reason
        line = before.count { $0.isNewline } + 1
        column =
            before.distance(
                from: before.lastIndex(where: \.isNewline).map(before.index(after:))
                    ?? before.startIndex, to: index) + 1
    }

    public var description: String {
        line == 1
            ? "the prompt template is broken at character \(column): \(reason)"
            : "the prompt template is broken at its line \(line), character \(column): \(reason)"
    }
}

extension JSON {
    /// A value as text inside a prompt or a table: strings bare, null as nothing, the rest as JSON.
    var plainText: String {
        switch self {
        case .string(let text): text
        case .null: ""
        default: text()
        }
    }
}
