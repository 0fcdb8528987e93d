import ArgumentParser

/// How parley talks on standard error.
enum LogForm: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Sentences, and a panel on a terminal.
    case text
    /// One JSON object on each line; see docs/events.md.
    case json

    /// What a command line asks for that could not be parsed.
    static func asked(in words: [String]) -> LogForm {
        let values = zip(words, words.dropFirst() + [""]).compactMap { word, next in
            word == "--log" ? next : word.hasPrefix("--log=") ? String(word.dropFirst("--log=".count)) : nil
        }
        return values.last.flatMap { LogForm(rawValue: $0) } ?? .text
    }
}
