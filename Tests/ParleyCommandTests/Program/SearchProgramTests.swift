import Foundation
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Searching, deleting and pruning` {
    /// A home in which a batch of three questions was answered.
    private func answered() async throws -> ParleyProgram {
        let parley = try ParleyProgram()
        try parley.questions(3)
        #expect(try await parley("run questions.csv -m simulator/sim-small").status == 0)
        return parley
    }

    @Test func `Words are found, for people and for scripts`() async throws {
        let parley = try await answered()
        let found = try await parley(
            "sessions search what \"2 + 1\"".replacing("\"", with: ""), "--role", "user")
        #expect(found.status == 0, "\(found.errors)")
        #expect(found.output.contains("questions q2") && found.output.contains("What is 2 + 1?"))
        #expect(!found.output.contains("\u{1B}"))
        let json = try await parley("sessions search what --role user --limit 2 --json").json
        #expect(json["hits"]?.arrayValue?.count == 2)
        #expect(json["matches"] == 3 && json["reach"] == "all" && json["unindexed"] == 0)
        let hit = json["hits"]?.arrayValue?.first
        #expect(hit?["batch"] == "questions" && hit?["role"] == "user" && hit?["position"] == 0)
        #expect(hit?["pieces"]?.arrayValue?.first == ["text": "What", "match": true])
        #expect(try await parley("sessions search --batches wha*").output.contains("What"))
        #expect(try await parley("sessions search --chats what").errors == "Nothing found.\n")
        #expect(try await parley("sessions search what -what").status == 0)
        #expect(try await parley("sessions search -- what -2").output.contains("What is 1 + 1?"))
        let nothing = try await parley("sessions search nowhere")
        #expect(nothing.status == 0 && nothing.output.isEmpty && nothing.errors == "Nothing found.\n")
    }

    @Test func `A query that cannot be answered gets one sentence`() async throws {
        let parley = try await answered()
        for query in ["?!", "-what", "w*", "--limit 0 what", "--chats --batches what", "--role nobody what"] {
            let outcome = try await parley("sessions search \(query)")
            #expect(outcome.status == 64, "\(query)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
        let missing = try await parley("sessions search --session 99 what")
        #expect(missing.status == 1 && missing.errors.contains("no session 99"))
        let empty = try await ParleyProgram()("sessions search what")
        #expect(empty.status == 1 && empty.errors.contains("There is no database") == false)
        #expect(try await parley("db check --full").output.hasSuffix("sound\n"))
    }

    @Test func `Nothing is removed where nobody can be asked, and a job's session not at all`() async throws {
        let parley = try await answered()
        let job = try await parley("sessions delete 1 --yes")
        #expect(job.status == 1 && job.errors.contains("belongs to a job of the batch 'questions'"))
        let missing = try await parley("sessions delete 99")
        #expect(missing.status == 1 && missing.errors.contains("no session 99"))
        let prune = try await parley("db prune --older-than 2999-01-01")
        #expect(prune.status == 64 && prune.errors.contains("give --yes"))
        #expect(try await parley.done() == 3)
    }

    @Test func `A pruning says what it would do, does it, and the bill stays`() async throws {
        let parley = try await answered()
        let cost = try await parley.state()["cost_usd"]
        #expect(try await parley("db prune --older-than 1d --yes").errors.contains("Nothing was old enough"))
        let plan = try await parley("db prune --older-than 2999-01-01 --dry-run --json").json
        #expect(plan["dry_run"] == true && plan["jobs"] == 3 && plan["messages"] == 6)
        #expect(try await parley.done() == 3)
        let dry = try await parley("db prune --older-than 2999-01-01 --dry-run")
        #expect(dry.output.contains("1 batch (questions) with 3 jobs; together 6 messages"))
        let report = try await parley("db prune --older-than 2999-01-01 --yes --json").json
        #expect(report["jobs"] == 3 && report["batches"] == ["questions"])
        let state = try await parley.state()
        #expect(state["state"] == "pruned" && state["done"] == 3 && state["cost_usd"] == cost)
        for command in ["results questions", "run questions", "enqueue questions.csv -m simulator/sim-small"]
        {
            let outcome = try await parley(command)
            #expect(outcome.status == 1, "\(command)")
            #expect(outcome.errors.contains("was pruned and its answers are gone"), "\(outcome.errors)")
        }
        #expect(try await parley("db check --full").output.hasSuffix("sound\n"))
        #expect(try await parley("db vacuum").status == 0)
    }
}
