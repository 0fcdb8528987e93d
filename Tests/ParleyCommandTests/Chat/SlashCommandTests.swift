import ParleyCore
import Testing

@testable import parley

@Suite struct `Slash commands` {
    @Test(arguments: [
        ("/help", SlashCommand.help), ("/?", .help), ("/save", .save(nil)),
        ("/save my talk.md ", .save("my talk.md")),
        ("/session", .session(nil)), ("/session 12", .session(SessionID(12))), ("/model", .model(nil)),
        ("/model openrouter/meta/llama", .model(ModelName(provider: "openrouter", model: "meta/llama"))),
        ("/role fast", .role("fast")), ("/system\nBe brief.\nBe kind.", .system("Be brief.\nBe kind.")),
        ("/USAGE", .usage), ("/retry", .retry), ("/undo", .undo), ("/fork", .fork(nil)),
        ("/fork 4", .fork(4)),
        ("/offline", .offline), ("/queue What now?", .queue("What now?")),
        ("/file a b.txt", .file("a b.txt")),
        ("/tools", .tools), ("/title Ports", .title("Ports")), ("/quit", .quit), ("/exit", .quit),
    ])
    func `A line is read as its command`(line: String, command: SlashCommand) {
        #expect(ChatLine(line) == .command(command))
    }

    @Test func `A message is a message, with two slashes one that begins with one`() {
        #expect(ChatLine("hello /help") == .message("hello /help"))
        #expect(ChatLine(" /help") == .message(" /help"))
        #expect(ChatLine("//help me") == .message("/help me"))
        #expect(ChatLine(" \n") == .nothing)
    }

    @Test(arguments: [
        ("/modle x/y", "did you mean /model?"), ("/zzzzzz", "/help lists them"),
        ("/usr/bin/foo does what?", "write two: //usr/bin/foo"), ("/ what", "write two: //"),
        ("/model gpt", "/model: gpt is not a model; write PROVIDER/MODEL"),
        ("/fork -1", "-1 is not a position"), ("/session x", "x is not a conversation"),
        ("/queue", "/queue needs PROMPT"), ("/retry now", "/retry takes nothing behind it"),
    ])
    func `What cannot be meant is said, with what to write`(line: String, words: String) {
        guard case .problem(let sentence) = ChatLine(line) else {
            Issue.record("\(line) is \(ChatLine(line))")
            return
        }
        #expect(sentence.contains(words), "\(sentence)")
    }

    @Test(arguments: [30, 60, 80, 200])
    func `The help names every command and fits`(width: Int) {
        let lines = SlashCommandEntry.helpLines(width: width, style: TextStyle(isColored: false))
        for entry in SlashCommandEntry.all { #expect(lines.contains { $0.hasPrefix(entry.usage) }) }
        #expect(lines.allSatisfy { $0.count <= width })
    }

    private let completion = SlashCompletion(
        files: { _ in ["notes.md", "notes/"] }, sessions: { ["12", "121", "7"] },
        models: { ["openai/a", "openai/b"] }, roles: { ["fast"] })

    @Test(arguments: [
        ("/mo", ["/model"]), ("/s", ["/system", "/session", "/save"]), ("/model openai/b", ["openai/b"]),
        ("/session 12", ["12", "121"]), ("/role F", ["fast"]), ("/save n", ["notes.md", "notes/"]),
        ("/usage x", []),
        ("hello /mo", []), ("//mo", []), ("/system\n/mo", []),
    ])
    func `Candidates are commands, and what stands behind them`(line: String, words: [String]) {
        #expect(completion.candidates(before: line).words == words)
    }

    @Test func `One candidate is put in, several as far as they agree, then they are listed`() {
        #expect(
            completion.completion(before: "/mo", width: 40)
                == LineCompletion(replaced: 3, inserted: "/model "))
        #expect(
            completion.completion(before: "/model o", width: 40)
                == LineCompletion(replaced: 1, inserted: "openai/"))
        #expect(
            completion.completion(before: "/model openai/", width: 40)
                == LineCompletion(listing: ["openai/a  openai/b"]))
        #expect(
            completion.completion(before: "/model openai/", width: 12)?.listing == ["openai/a", "openai/b"])
        #expect(completion.completion(before: "hello", width: 40) == nil)
    }
}

@Suite struct `Text of several lines` {
    @Test(arguments: [
        ("", nil), ("a", nil), ("a\\", 1), ("a\\\\", nil), ("\"\"\"", 0), ("\"\"\"\na", 0),
        ("\"\"\"\na\\", 0),
        ("\"\"\"\na\n\"\"\"", nil), ("def f():\n    \"\"\"\n    x", nil),
    ])
    func `It is known where a text goes on`(text: String, replaced: Int?) {
        #expect(WrittenText.goesOn(text) == replaced)
    }

    @Test func `The marks go, the rest stays`() {
        #expect(WrittenText.message("\"\"\"\n a\n\n b\n\"\"\"") == " a\n\n b")
        #expect(WrittenText.message("a\n\"\"\"\nb\\\nc\n\n") == "a\n\"\"\"\nb\\\nc")
    }
}
