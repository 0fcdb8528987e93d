import Foundation
import Testing

@Suite struct `The house is tidy` {
    /// Files that may be longer than the rest, with their limit. The list may only shrink.
    private static let longFiles = ["Tests/ConversationStoreTests/schema.golden.sql": 440]
    private static let linesMax = 400
    private static let functionLinesMax = 70

    @Test func `No file is longer than 400 lines`() throws {
        let files = try House.files(in: ["Sources", "Tests", "migrations"], endings: [".swift", ".sql"])
        for file in files where !file.path.contains(".golden.") {
            let count = file.lines.count - 1
            #expect(count <= Self.longFiles[file.path] ?? Self.linesMax, "\(file.path) has \(count) lines")
        }
    }

    @Test func `No function is longer than 70 lines`() throws {
        for file in try House.sources() {
            var opened: (name: Substring, indent: Int, line: Int)?
            for (number, line) in file.lines.enumerated() {
                let indent = line.prefix { $0 == " " }.count
                if let function = opened, indent == function.indent, line.dropFirst(indent).hasPrefix("}") {
                    let length = number - function.line + 1
                    #expect(
                        length <= Self.functionLinesMax, "\(file.path): \(function.name) has \(length) lines")
                    opened = nil
                } else if opened == nil, line.contains("func ") || line.contains(" init("),
                    !line.hasSuffix("}")
                {
                    opened = (line.dropFirst(indent), indent, number)
                }
            }
        }
    }

    @Test func `Nothing is left to be done later`() throws {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
        for file in try House.all() {
            for word in words { #expect(!file.text.contains(word), "\(file.path) says \(word)") }
        }
    }

    @Test func `No path of one machine stands anywhere`() throws {
        let paths = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]
        for file in try House.all() {
            for path in paths { #expect(!file.text.contains(path), "\(file.path) names \(path)") }
        }
    }

    @Test func `Every decision has its own number`() throws {
        let names = try House.files(in: ["docs/decisions"], endings: [".md"]).map(\.path)
        let numbers = names.compactMap { $0.split(separator: "/").last?.prefix(4) }
        #expect(!numbers.isEmpty)
        #expect(Set(numbers).count == numbers.count)
    }
}
