import Foundation
import OrderedCollections
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Chat with tools` {
    private static let settings = """
        default_model: simulator/sim-small
        tools:
          echo:
            summary: Gives its arguments back.
            parameters: {type: object, properties: {text: {type: string}}}
            command: [cat]
            confirm: false
          fails:
            summary: Always fails.
            parameters: {type: object}
            command: ["false"]
            confirm: false
          asks:
            summary: Is asked about.
            parameters: {type: object}
            command: ["true"]
        """

    private func parley() throws -> ParleyProgram {
        let parley = try ParleyProgram([
            "PARLEY_CONFIG": "config.yaml", "OPENAI_API_KEY": "sk-secret-secret-secret",
        ])
        try parley.file("config.yaml", Self.settings)
        return parley
    }

    @Test func `A chain of rounds with a parallel pair and a failure comes to one answer`() async throws {
        let parley = try parley()
        let chain = """
            Do this.
            CALL echo {"text":"one"}
            THEN
            CALL echo {"text":"two"}
            CALL fails {}
            THEN
            CALL echo {"text":"three"}
            THEN
            CALL echo {"text":"four"}
            THEN
            CALL echo {"text":"five"}
            """
        let chat = try await parley("chat --json", chain)
        #expect(chat.status == 0)
        #expect(try chat.json["state"] == "done")
        #expect(try chat.json["attempts"] == 6)
        let shown = try await parley("sessions show 1 --json")
        let messages = try #require(try shown.json["messages"]?.arrayValue)
        #expect(messages.filter { $0["role"] == "tool" }.count == 6)
        #expect(messages.filter { $0["role"] == "tool" && $0["is_error"] == true }.count == 1)
        #expect(try await parley("db check").status == 0)
    }

    @Test func `A call that needs a word waits for it, is answered by hand, and the session goes on`()
        async throws
    {
        let parley = try parley()
        let chat = try await parley("chat", "CALL asks {}")
        #expect(chat.status == 3)
        #expect(chat.errors.contains("tool-result"))
        let listed = try await parley("resume --json")
        #expect(try listed.json.arrayValue?.first?["missing"] == "tools")
        #expect(try await parley("tool-result 1 --content fine").status == 0)
        let resumed = try await parley("resume 1")
        #expect(resumed.status == 0)
        #expect(resumed.output.contains("fine"))
    }

    @Test func `A chain that is killed while a tool runs does not run it again unasked, and goes on`()
        async throws
    {
        let parley = try parley()
        try parley.file("slow.sh", "#!/bin/sh\ntouch begun\nexec sleep 20\n")
        let script = parley.home.appending(path: "slow.sh").path
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
        try parley.file(
            "config.yaml",
            Self.settings + """

                  slow:
                    summary: Takes its time.
                    parameters: {type: object}
                    command: ["\(script)"]
                    confirm: false
                """)
        let chain = """
            CALL echo {"text":"one"}
            THEN
            CALL echo {"text":"two"}
            CALL slow {}
            THEN
            CALL echo {"text":"three"}
            """
        let program = try parley.start(["chat", chain])
        while !parley.exists("begun") {
            try Task.checkCancellation()
            try #require(!program.hasEnded, "the chain ended before its time")
            await Task.yield()
        }
        // The quick call of the pair is answered by then, or soon after.
        while try await parley("resume --json").json.arrayValue?.first?["open_calls"] != 1 {}
        program.signal(SIGKILL)
        _ = try await program.outcome()
        try FileManager.default.removeItem(at: parley.home.appending(path: "begun"))

        let waiting = try await parley("resume 1")
        #expect(waiting.status == 3)
        #expect(!parley.exists("begun"))
        #expect(try await parley("tool-result 3 --content", "done by hand").status == 0)
        let resumed = try await parley("resume 1 --json")
        #expect(resumed.status == 0)
        let messages = try #require(
            try await parley("sessions show 1 --json").json["messages"]?.arrayValue)
        #expect(messages.filter { $0["role"] == "tool" }.count == 4)
        #expect(!parley.exists("begun"))
        #expect(try await parley("db check").status == 0)
    }

    @Test func `No argument of a model becomes a command or a word of one`() async throws {
        let parley = try parley()
        let chat = try await parley(
            "chat --json", #"CALL echo {"text":"$(touch made) ; touch made\n`touch made`"}"#)
        #expect(chat.status == 0)
        #expect(!parley.exists("made"))
        #expect(try chat.json["answer"]?.stringValue?.contains("$(touch made)") == true)
    }
}
