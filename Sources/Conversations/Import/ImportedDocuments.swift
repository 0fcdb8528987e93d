import ConversationStore
import ParleyCore

/// The JSON objects of a file that may be conversations: one, an array of them, or one a line.
struct ImportedDocuments {
    struct Document {
        var value: JSON
        /// `line 3`, `element 2`; empty for the only one of its file.
        var place: String
    }

    private(set) var all: [Document] = []
    /// Lines that are no JSON.
    private(set) var problems: [ImportProblem] = []
    private let path: String

    /// Throws an ``ImportProblem`` for a file that is not JSON at all.
    init(_ bytes: [UInt8], path: String) throws(ImportProblem) {
        self.path = path
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let filled = lines.indices.filter { !lines[$0].allSatisfy(Self.isSpace) }
        guard let first = filled.first else {
            throw ImportProblem(file: path, reason: "it is empty")
        }
        if filled.count > 1, (try? JSON(parsing: Array(lines[first]))) != nil {
            for index in filled { add(line: lines[index], number: index + 1) }
            return
        }
        let whole: JSON
        do { whole = try JSON(parsing: Array(text)) } catch {
            let (line, column) = error.location(in: text)
            throw ImportProblem(
                file: path, place: "line \(line), column \(column)",
                reason: "this is not JSON: \(error.reason)")
        }
        add(whole)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private mutating func add(line: ArraySlice<UInt8>, number: Int) {
        do throws(JSONSyntaxError) {
            all.append(Document(value: try JSON(parsing: Array(line)), place: "line \(number)"))
        } catch {
            problems.append(
                ImportProblem(
                    file: path, place: "line \(number), column \(error.offset + 1)",
                    reason: "this is not JSON: \(error.reason)"))
        }
    }

    /// An array of messages is one conversation; any other array is one of conversations.
    private mutating func add(_ whole: JSON) {
        guard let elements = whole.arrayValue, elements.first?["role"] == nil else {
            return all.append(Document(value: whole, place: ""))
        }
        for (index, element) in elements.enumerated() {
            all.append(Document(value: element, place: "element \(index + 1)"))
        }
    }
}
