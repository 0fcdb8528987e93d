import Foundation
import OrderedCollections
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Chat and resume` {
    private func sim(_ more: [String: String] = [:]) throws -> ParleyProgram {
        try ParleyProgram(["PARLEY_MODEL": "simulator/sim-small"].merging(more) { _, new in new })
    }

    @Test func `A prompt becomes one answer on standard output, and the rest is talk`() async throws {
        let parley = try sim()
        let chat = try await parley("chat", "What is 17 + 25?")
        #expect(chat.status == 0)
        #expect(chat.output == "The answer is 42.\n")
        #expect(chat.errors.contains("parley chat --session 1"))
        #expect(chat.errors.contains("the answers are simulated"))
        let quiet = try await parley("chat -q", "What is 17 + 25?")
        #expect(quiet.errors.isEmpty)
    }

    @Test func `What is piped in stands before the question, and files before both`() async throws {
        let parley = try sim()
        try parley.file("notes.txt", "seven\n")
        let chat = try await parley("chat -f notes.txt", "What is 2 + 3?", input: "error 17\n")
        #expect(chat.status == 0)
        let shown = try await parley("sessions show 1 --json")
        let asked = try #require(try shown.json["messages"]?.arrayValue?.first?["content"]?.stringValue)
        #expect(asked.contains("notes.txt"))
        let order = ["seven", "error 17", "What is 2 + 3?"].compactMap { asked.range(of: $0)?.lowerBound }
        #expect(order.count == 3 && order == order.sorted())
        let piped = try await parley("chat", input: "What is 4 + 5?")
        #expect(piped.output == "The answer is 9.\n")
    }

    @Test func `The conversation goes on by its number, and the last one by -c`() async throws {
        let parley = try sim()
        _ = try await parley("chat", "My number is 5.")
        _ = try await parley("chat", "Another conversation.")
        let first = try await parley("chat --session 1 --json", "What is 5 + 1?")
        #expect(try first.json["session"] == 1)
        #expect(try first.json["answer"] == "The answer is 6.")
        #expect(try first.json["state"] == "done")
        let last = try await parley("chat -c --json", "What is 6 + 1?")
        #expect(try last.json["session"] == 1)
        let input = try #require(try last.json["usage"]?["input"]?.intValue)
        #expect(input > (try first.json["usage"]?["input"]?.intValue ?? 0))
    }

    @Test func `A failed answer is told as JSON too, with another status`() async throws {
        let parley = try sim(["PARLEY_SIMULATE_FAULT": "401", "PARLEY_SIMULATE_ERROR_RATE": "1"])
        let chat = try await parley("chat --json", "Well?")
        #expect(chat.status == 2)
        #expect(try chat.json["state"] == "failed")
        #expect(try chat.json["error"]?["kind"] == "unauthorized")
        let listed = try await parley("resume --json")
        #expect(try listed.json.arrayValue?.first?["missing"] == "reply")
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129), (SIGKILL, -9)] as [(Int32, Int32)])
    func `Whatever ends the program, what had come is there and goes on`(
        signal: Int32, status: Int32
    ) async throws {
        let parley = try sim()
        // Slow enough to be stopped in the middle whatever else the machine is doing.
        let program = try parley.start(
            ["chat", "Tell me a story."], program: "/usr/bin/env",
            before: ["PARLEY_SIMULATE_LATENCY_MS=30000", parley.path])
        // What another process sees of it is stored.
        var stored = ""
        while stored.count < 40 {
            try Task.checkCancellation()
            try #require(!program.hasEnded, "the answer was whole before its time")
            let entry = try await parley("resume --list --json").json.arrayValue?.first
            if entry?["missing"] == "answering" { stored = entry?["last_words"]?.stringValue ?? "" }
        }
        program.signal(signal)
        let ended = try await program.outcome()
        #expect(ended.status == status)
        let listed = try await parley("resume --list --json")
        let entry = try #require(try listed.json.arrayValue?.first)
        #expect(entry["missing"] == "answer")
        #expect(entry["last_words"]?.stringValue?.hasPrefix(stored) == true)
        if signal != SIGKILL { #expect(ended.errors.contains("parley resume 1")) }

        let resumed = try await parley("resume --last --json")
        #expect(resumed.status == 0)
        let whole = try await ParleyProgram()("chat -m simulator/sim-small --json", "Tell me a story.")
        #expect(try resumed.json["answer"] == whole.json["answer"])
        #expect(try await parley("db check").status == 0)
        #expect(try await parley("resume --last").errors.contains("Nothing is interrupted"))
    }

    @Test func `An answer follows its schema`() async throws {
        let parley = try sim()
        try parley.file(
            "city.json",
            #"{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false}"#
        )
        let chat = try await parley("chat --schema city.json --json", "What is the capital of France?")
        #expect(chat.status == 0)
        #expect(try chat.json["object"]?["city"]?.stringValue != nil)
    }

    @Test func `The next question can be queued as a job, and its conversation taken up again`() async throws
    {
        let parley = try sim()
        _ = try await parley("chat", "My number is 5.")
        let queued = try await parley("chat -c --queue --json", "What is 5 + 2?")
        #expect(queued.status == 0)
        #expect(try queued.json["batch"] == "chat-1")
        let again = try await parley("chat -c --queue --json", "What is 5 + 2?")
        #expect(try again.json["new"] == false)
        #expect(try await parley("run chat-1").status == 0)
        let results = try await parley("results chat-1")
        let result = try #require(try results.lines.first)
        #expect(result["answer"] == "The answer is 7.")
        let session = try #require(result["session"]?.intValue)
        let taken = try await parley("chat --session \(session)", "What is 7 + 1?")
        #expect(taken.status == 0)
        #expect(taken.errors.contains("it goes on in a copy"))
        // The job's answer stays what it was.
        #expect(try await parley("results chat-1").lines.first?["answer"] == "The answer is 7.")
        #expect(try await parley("db check").status == 0)
    }

    @Test(arguments: [
        (["chat"], "nothing is asked"),
        (["chat", "-c", "Hello"], "there is no conversation yet"),
        (["chat", "--session", "7", "Hello"], "no session 7"),
        (["chat", "-c", "--session", "1", "Hello"], "exclude each other"),
        (["chat", "-f", "missing.txt", "Hello"], "there is no file missing.txt"),
        (["chat", "--queue", "Hello"], "name it with --continue or --session"),
        (["resume", "9"], "no session 9"),
        (["resume", "9", "--last"], "exclude each other"),
    ])
    func `What cannot be done is one sentence`(arguments: [String], words: String) async throws {
        let parley = try sim()
        let outcome = try await parley.start(arguments).outcome()
        #expect(outcome.status == 1 || outcome.status == 64)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    @Test func `Without a model the sentence says how to name one`() async throws {
        let chat = try await ParleyProgram()("chat", "Hello")
        #expect(chat.status == 64)
        #expect(chat.errors.contains("-m provider/model"))
        let keyless = try await ParleyProgram()("chat -m openai/gpt-5.4-mini", "Hello")
        #expect(keyless.status == 3)
        #expect(keyless.errors.contains("OPENAI_API_KEY"))
    }
}
