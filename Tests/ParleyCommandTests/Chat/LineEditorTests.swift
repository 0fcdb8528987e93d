import Foundation
import Testing

@testable import parley

/// Whether this machine has libedit.
private let hasEditor: Bool = {
    guard let terminal = try? PseudoTerminal() else { return false }
    defer { terminal.hangUp() }
    return LineEditor(input: terminal.file, output: terminal.file) != nil
}()

@Suite(.serialized, .enabled(if: hasEditor)) struct `Line editor` {
    private static let completion = SlashCompletion(
        sessions: { ["12", "7"] }, models: { ["openai/gpt-5.4-mini", "openai/gpt-5.4-nano"] })

    /// Types at one prompt after the other, and says what was read.
    private func reads(_ keys: String..., history: PromptHistory = PromptHistory(path: nil)) async throws
        -> [LineInput]
    {
        let terminal = try PseudoTerminal()
        defer { terminal.hangUp() }
        let opened = LineEditor(
            input: terminal.file, output: terminal.file, history: history,
            complete: { Self.completion.completion(before: $0, width: 60) })
        let editor = try #require(opened)
        defer { editor.close() }
        var inputs: [LineInput] = []
        for (index, keys) in keys.enumerated() {
            async let input = editor.read(prompt: "you\(index)> ")
            #expect(terminal.shows("you\(index)> "))
            terminal.type(keys)
            inputs.append(await input)
        }
        return inputs
    }

    @Test func `Enter sends what was typed, in any script`() async throws {
        #expect(try await reads("hello\r", "héé 漢字 🙂!\r") == [.line("hello"), .line("héé 漢字 🙂!")])
    }

    @Test func `Keys that delete and move work on wide characters`() async throws {
        #expect(try await reads("漢字\u{7F}x\u{1B}[D\u{1B}[Dy\r") == [.line("y漢x")])
    }

    @Test func `Alt-Enter and Ctrl-J begin a new line`() async throws {
        #expect(try await reads("one\u{1B}\rtwo\nthree\r") == [.line("one\ntwo\nthree")])
    }

    @Test func `A backslash at the end, and three quotes, go on`() async throws {
        #expect(
            try await reads("one\\\rtwo\r", "\"\"\"\ra\\\r\rb\r\"\"\"\r")
                == [.line("one\ntwo"), .line("a\\\n\nb")])
    }

    @Test func `What is pasted is text, whatever stands in it`() async throws {
        let pasted = "\u{1B}[200~one é\rtwo\r\n\tthree\\\r\u{3}\u{1B}[31mfour\u{1B}[201~"
        #expect(try await reads(pasted + "!\r") == [.line("one é\ntwo\n\tthree\\\n[31mfour!")])
    }

    @Test func `A paste of many lines comes whole`() async throws {
        let lines = (1...2000).map { "line \($0)" }
        let pasted = "\u{1B}[200~" + lines.joined(separator: "\r") + "\u{1B}[201~\r"
        #expect(try await reads(pasted) == [.line(lines.joined(separator: "\n"))])
    }

    @Test func `Ctrl-C clears what was typed, and leaves where nothing was`() async throws {
        #expect(try await reads("abc\u{3}def\r", "\u{3}") == [.line("def"), .interrupted])
    }

    @Test func `Ctrl-D deletes, and ends where nothing was typed`() async throws {
        #expect(try await reads("abc\u{1}\u{4}\r", "\u{4}") == [.line("bc"), .end])
    }

    @Test func `Up brings what was written before, and moves within a text of several lines`() async throws {
        let up = "\u{1B}[A"
        #expect(
            try await reads("one\r", "two\nlines\r", up + up + up + "!\r", "ab\ncd" + up + "X\r")
                == [.line("one"), .line("two\nlines"), .line("one!"), .line("abX\ncd")])
    }

    @Test func `Tab completes commands and what stands behind them`() async throws {
        #expect(
            try await reads("/mo\topen\tn\t\r", "/session 1\t\r")
                == [.line("/model openai/gpt-5.4-nano "), .line("/session 12 ")])
    }

    @Test func `What is typed ahead is kept for the next prompt`() async throws {
        let terminal = try PseudoTerminal()
        defer { terminal.hangUp() }
        let editor = try #require(LineEditor(input: terminal.file, output: terminal.file))
        defer { editor.close() }
        terminal.type("early\rlater\rlast")
        #expect(await editor.read(prompt: "> ") == .line("early"))
        #expect(!terminal.modes.echoes)
        #expect(await editor.read(prompt: "> ") == .line("later"))
        terminal.type("!\r")
        #expect(await editor.read(prompt: "> ") == .line("last!"))
    }

    @Test func `The terminal is as before after the end`() throws {
        let terminal = try PseudoTerminal()
        defer { terminal.hangUp() }
        let before = terminal.modes
        #expect(before == (true, true))
        let editor = try #require(LineEditor(input: terminal.file, output: terminal.file))
        #expect(terminal.modes == (false, false))
        #expect(terminal.shows("\u{1B}[?2004h"))
        editor.close()
        #expect(terminal.modes == before)
        #expect(terminal.shows("\u{1B}[?2004l"))
    }

    @Test func `A reader that is stopped ends, and so does one whose task is cancelled`() async throws {
        let terminal = try PseudoTerminal()
        defer { terminal.hangUp() }
        let editor = try #require(LineEditor(input: terminal.file, output: terminal.file))
        defer { editor.close() }
        let reading = Task { await editor.read(prompt: "> ") }
        #expect(terminal.shows("> "))
        terminal.type("half")
        reading.cancel()
        #expect(await reading.value == .end)
        #expect(await editor.read(prompt: "> ") == .end)
    }

    @Test func `Closing while a line is read ends it and gives the terminal back`() async throws {
        let terminal = try PseudoTerminal()
        defer { terminal.hangUp() }
        let editor = try #require(LineEditor(input: terminal.file, output: terminal.file))
        async let input = editor.read(prompt: "> ")
        #expect(terminal.shows("> "))
        editor.close()
        #expect(await input == .end)
        #expect(terminal.modes == (true, true))
    }

    @Test func `The history is kept for the next program, in lines as they were`() async throws {
        let path = NSTemporaryDirectory() + "history-\(UUID())/history"
        defer {
            try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent)
        }
        let history = PromptHistory(path: path)
        _ = try await reads("one\\two\r", "three\nfour\r", "three\nfour\r", " secret\r", history: history)
        #expect(history.load() == ["one\\two", "three\nfour"])
        #expect(
            try await reads("\u{1B}[A\u{1B}[A\u{1B}[A\r", history: history) == [.line("one\\two")])
        let modes = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(modes == 0o600)
    }

    @Test func `A history that cannot be written stops nobody`() async throws {
        let history = PromptHistory(path: "/dev/null/history")
        #expect(try await reads("one\r", "\u{1B}[A\r", history: history) == [.line("one"), .line("one")])
    }

    @Test func `Without libedit or without a terminal there is no editor`() throws {
        let terminal = try PseudoTerminal()
        defer { terminal.hangUp() }
        #expect(
            LineEditor(input: terminal.file, output: terminal.file, libraries: ["no-such-library.so"]) == nil)
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        #expect(LineEditor(input: null, output: null) == nil)
        #expect(terminal.modes == (true, true))
    }
}

@Suite struct `Plain reading of lines` {
    private func reads(_ text: String, times: Int) async throws -> [LineInput] {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        _ = Array(text.utf8).withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        defer { close(ends[0]) }
        let reader = PlainLineReader(input: ends[0], show: { _ in })
        var inputs: [LineInput] = []
        for _ in 0..<times { inputs.append(await reader.read(prompt: "> ")) }
        return inputs
    }

    @Test func `A line is a message, the last one also without its end`() async throws {
        #expect(
            try await reads("one\r\n\nlast", times: 4)
                == [.line("one"), .line(""), .line("last"), .end])
    }

    @Test func `Backslash and quotes go on as in the editor`() async throws {
        #expect(
            try await reads("a\\\nb\n\"\"\"\nc\\\n\nd\n\"\"\"\nopen\\\n", times: 4)
                == [.line("a\nb"), .line("c\\\n\nd"), .line("open"), .end])
    }

    @Test func `A reader that is stopped ends`() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let reader = PlainLineReader(input: ends[0], show: { _ in })
        reader.stop()
        #expect(await reader.read(prompt: "> ") == .end)
    }
}

@Suite struct `A history file` {
    @Test func `Any text survives on one line`() {
        for text in ["a\\nb", "a\nb\\", "\\\\\n\r\n", "é\u{0301}漢"] {
            let line = PromptHistory.escaped(text)
            #expect(!line.contains("\n"))
            #expect(PromptHistory.unescaped(line) == text)
        }
    }

    @Test func `No more entries are read than are kept, and a file that has grown is cut`() throws {
        let path = NSTemporaryDirectory() + "history-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let lines = (1...2500).map { "entry \($0)" }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
        let history = PromptHistory(path: path)
        #expect(history.load() == lines.suffix(PromptHistory.entriesMax))
        let left = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(left.count == PromptHistory.entriesMax)
    }
}
