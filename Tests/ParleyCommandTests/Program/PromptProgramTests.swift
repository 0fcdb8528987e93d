import Foundation
import ParleyCore
import Testing

/// The conversation as somebody leads it: at a terminal, which python's standard library plays.
@Suite(.timeLimit(.minutes(3))) struct `At the prompt` {
    /// Plays a terminal: each step waits for a text to appear and then types; the last lines are the screen and the status.
    private static let player = #"""
        import json, os, pty, select, signal, sys, time
        program, steps = sys.argv[1], json.loads(sys.argv[2])
        child, screen = pty.fork()
        if child == 0:
            os.execv(program, [program] + sys.argv[3:])
        seen, place, end = b"", 0, time.monotonic() + 100
        def read(wait):
            global seen
            if not select.select([screen], [], [], wait)[0]: return True
            try: piece = os.read(screen, 65536)
            except OSError: piece = b""
            seen += piece
            return bool(piece)
        for text, keys in steps:
            while (found := seen.find(text.encode(), place)) < 0:
                if time.monotonic() > end or not read(0.2) and (found := seen.find(text.encode(), place)) < 0:
                    os.kill(child, signal.SIGKILL)
                    sys.exit("waited in vain for %r; the screen: %r" % (text, seen[place:]))
            place = found + len(text)
            os.write(screen, keys.encode())
        while time.monotonic() < end and read(1): pass
        print(json.dumps({"screen": seen.decode(errors="replace"),
            "status": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}))
        """#

    private func play(
        _ parley: ParleyProgram, _ arguments: [String], _ steps: [(String, String)]
    ) async throws -> (screen: String, status: Int?) {
        let typed = JSON.array(steps.map { .array([.string($0.0), .string($0.1)]) }).text()
        let outcome = try await parley.start(
            [Self.player, parley.path, typed] + arguments, program: "/usr/bin/env",
            before: ["python3", "-c"]
        ).outcome()
        try #require(outcome.status == 0, "\(outcome.errors)")
        let result = try outcome.json
        return (result["screen"]?.stringValue ?? "", result["status"]?.intValue)
    }

    private func parley(_ more: [String: String] = [:]) throws -> ParleyProgram {
        try ParleyProgram(
            ["PARLEY_MODEL": "simulator/sim-small", "TERM": "xterm", "PATH": "/usr/local/bin:/usr/bin:/bin"]
                .merging(more) { _, new in new })
    }

    @Test func `Questions are answered, commands are obeyed, and Ctrl-D leaves`() async throws {
        let parley = try parley()
        let (screen, status) = try await play(
            parley, ["chat"],
            [
                ("› ", "What is 2 + 3?\r"), ("The answer is 5.", ""), ("› ", "/undo\r"),
                ("Taken back: What is 2 + 3?", ""), ("› ", "What is 3 + 4?\r"), ("The answer is 7.", ""),
                ("› ", "/fork\r"), ("This is session 2 now", ""), ("› ", "/mdel\r"),
                ("did you mean /model?", ""),
                ("› ", "\u{4}"),
            ])
        #expect(status == 0)
        #expect(screen.contains("parley chat --session 2"))
        let shown = try await parley("sessions show 2 --json")
        let texts = try #require(try shown.json["messages"]?.arrayValue).compactMap {
            $0["content"]?.stringValue
        }
        #expect(texts == ["What is 3 + 4?", "The answer is 7."])
        #expect(try await parley("db check").status == 0)
    }

    @Test func `Ctrl-C stops an answer and keeps its part, and at the empty prompt it leaves`() async throws {
        let parley = try parley(["PARLEY_SIMULATE_LATENCY_MS": "3000"])
        let (_, status) = try await play(
            parley, ["chat"],
            [
                ("› ", "Tell me a story.\r"), ("This is a simulated", "\u{3}"),
                ("Stopped; what has come is kept", ""),
                ("› ", "/resume\r"), ("This is a simulated", ""), ("› ", "\u{3}"),
            ])
        #expect(status == 0)
        let shown = try await parley("sessions show 1 --json")
        let messages = try #require(try shown.json["messages"]?.arrayValue)
        let whole = try await ParleyProgram()("chat -m simulator/sim-small --json", "Tell me a story.")
        #expect(try messages.last?["content"] == whole.json["answer"])
        #expect(messages.count == 3 && messages[1]["set_aside_at"] != nil)
    }

    @Test func `A tool is run only after somebody has said yes`() async throws {
        let parley = try parley(["PARLEY_CONFIG": "config.yaml"])
        try parley.file(
            "config.yaml",
            """
            tools:
              note:
                summary: Keeps a note.
                parameters: {type: object}
                command: [touch, noted]
            """)
        let refused = try await play(
            parley, ["chat", "CALL note {}"], [("Run it?", ""), ("run it? ", "n\r"), ("did not allow", "")])
        #expect(refused.status == 0)
        #expect(!parley.exists("noted"))
        let allowed = try await play(
            parley, ["chat", "CALL note {}"], [("run it? ", "y\r"), ("The tool answered", "")])
        #expect(allowed.status == 0)
        #expect(parley.exists("noted"))
    }
}
