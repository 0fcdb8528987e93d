import Foundation

/// What was written at the prompt before, in a file: an entry is a line, with `\n` for the ends of its own lines.
///
/// An entry is added by one write, so that several programs can do so. Whatever goes wrong with the file is passed over: a
/// conversation does not end because of it.
struct PromptHistory: Sendable {
    static let entriesMax = 1000
    /// A longer entry is not kept.
    static let entryBytesMax = 16_384
    /// Of a longer file nothing is read.
    static let fileBytesMax = 64 << 20

    /// Nil keeps nothing.
    let path: String?

    /// What is kept of what was written: nothing that begins with a space, is too long, or holds no character to be seen.
    static func keeps(_ entry: String) -> Bool {
        entry.first?.isWhitespace == false && entry.utf8.count <= entryBytesMax
    }

    /// The newest entries, oldest first. A file that has twice as many as are kept is cut.
    func load() -> [String] {
        guard let path, let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int,
            size <= Self.fileBytesMax, let bytes = FileManager.default.contents(atPath: path)
        else { return [] }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        let newest = lines.suffix(Self.entriesMax)
        if lines.count > 2 * Self.entriesMax { rewrite(newest) }
        return newest.compactMap { String(validating: $0, as: UTF8.self).map(Self.unescaped) }
    }

    /// Adds an entry behind the others.
    func add(_ entry: String) {
        guard let path, Self.keeps(entry) else { return }
        try? FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { _ = Foundation.close(file) }
        let line = Array((Self.escaped(entry) + "\n").utf8)
        _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }

    private func rewrite(_ lines: ArraySlice<Data>) {
        guard let path else { return }
        let beside = path + ".\(ProcessInfo.processInfo.processIdentifier)"
        let text = Data(lines.joined(separator: Data("\n".utf8))) + Data("\n".utf8)
        guard
            FileManager.default.createFile(
                atPath: beside, contents: text, attributes: [.posixPermissions: 0o600])
        else { return }
        if rename(beside, path) != 0 { unlink(beside) }
    }

    static func escaped(_ entry: String) -> String {
        var text = ""
        for scalar in entry.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    static func unescaped(_ line: String) -> String {
        var text = ""
        var isEscaped = false
        for scalar in line.unicodeScalars {
            guard isEscaped || scalar != "\\" else {
                isEscaped = true
                continue
            }
            switch (isEscaped, scalar) {
            case (true, "n"): text += "\n"
            case (true, "r"): text += "\r"
            default: text.unicodeScalars.append(scalar)
            }
            isEscaped = false
        }
        return text
    }
}
