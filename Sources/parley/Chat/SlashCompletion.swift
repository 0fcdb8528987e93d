import Foundation

/// What Tab offers at the prompt of a conversation: commands, and what stands behind them.
struct SlashCompletion: Sendable {
    /// More files of one folder are not looked at.
    static let filesMax = 1000

    /// Paths that begin with these characters; a folder's ends with a slash.
    var files: @Sendable (String) -> [String] = { SlashCompletion.paths(beginningWith: $0) }
    /// Numbers of conversations, the newest first.
    var sessions: @Sendable () -> [String] = { [] }
    /// `provider/model`
    var models: @Sendable () -> [String] = { [] }
    var roles: @Sendable () -> [String] = { [] }

    /// What can stand in the place of the last word of a line; nothing in a message.
    ///
    /// - Parameter before: the line up to the cursor.
    /// - Returns: the word that is written so far, and whole words that begin with it.
    func candidates(before: String) -> (word: String, words: [String]) {
        guard before.first == "/", !before.hasPrefix("//"), !before.contains("\n") else { return ("", []) }
        guard let space = before.firstIndex(of: " ") else {
            return (before, SlashCommandEntry.all.map { "/" + $0.name }.filter { $0.begins(with: before) })
        }
        let name = String(before[before.index(after: before.startIndex)..<space])
        let word = String(before[space...].drop { $0 == " " })
        let known: [String] =
            switch SlashCommandEntry.named(name)?.choice {
            case .file: files(word)
            case .session: sessions()
            case .model: models()
            case .role: roles()
            case .nothing, nil: []
            }
        return (word, known.filter { $0.begins(with: word) })
    }

    /// What the editor does then.
    func completion(before: String, width: Int) -> LineCompletion? {
        let (word, words) = candidates(before: before)
        return LineCompletion(of: word, among: words, width: width)
    }

    /// What stands in the folder that the beginning of a path names. Hidden files only where their dot is written.
    static func paths(beginningWith start: String) -> [String] {
        let folder = start.lastIndex(of: "/").map { String(start[...$0]) } ?? ""
        let name = start.dropFirst(folder.count)
        let place = folder.isEmpty ? "." : (folder as NSString).expandingTildeInPath
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: place) else { return [] }
        return names.filter { $0.hasPrefix(name) && (name.hasPrefix(".") || !$0.hasPrefix(".")) }
            .sorted().prefix(filesMax)
            .map { found in
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: place + "/" + found, isDirectory: &isFolder)
                return folder + found + (isFolder.boolValue ? "/" : "")
            }
    }
}

extension String {
    /// Case does not count.
    fileprivate func begins(with start: String) -> Bool { lowercased().hasPrefix(start.lowercased()) }
}
