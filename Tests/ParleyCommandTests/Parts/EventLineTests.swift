import BatchExecutor
import ConversationStore
import Foundation
import Logging
import OrderedCollections
import ParleyCore
import Testing

@testable import parley

@Suite struct `Lines of --log json` {
    /// One of each, with every member filled.
    private static var samples: [EventLine] {
        let model = ModelName(provider: "openai", model: "gpt-5.4-mini")
        var report = JobReport(batch: "questions", key: "q1", attempt: 1, model: model)
        report.latency = .milliseconds(1200)
        report.usage = Usage(inputUncached: 10, output: 5)
        report.cost = Picodollars(dollars: "0.000123")
        var failed = report
        failed.failure = .overloaded
        failed.status = 503
        let events: [RunEvent] = [
            .started(batches: ["questions"], settings: RunSettings(), open: 3), .answered(report),
            .reused(
                batch: "questions", key: "q2",
                ReusedAnswer(
                    attempt: AttemptID(1), way: .collapse, model: model, usage: Usage(),
                    saved: Picodollars(1))),
            .failed(failed), .unknown(report), .willRetry(failed, after: .seconds(2), next: model),
            .paused(model, for: .seconds(10)), .limitsHeard(model, RateLimits(requests: 60)),
            .limitsLearnt(model, concurrency: 16, requestsPerMinute: 600),
            .breakerOpened("openai", for: .seconds(30)),
            .breakerClosed("openai"), .leasesLost(2), .rescued(RescueReport(askedAgain: 1)),
            .batchClosed("questions", reason: "OPENAI_API_KEY is not set"),
            .stopping(.budget, detail: "the next request could pass the budget"), .ended(RunSummary()),
        ]
        var progress = RunProgress.fixture()
        progress.gauges = [.fixture()]
        return events.map { EventLine($0) } + [
            EventLine(progress), EventLine(.message, ["message": "questions: 3 new, 0 known"]),
            EventLine.dropped(7), EventLine(.error, ["message": "there is no batch 'x'"]),
            EventLine(.log, level: .warning, ["message": "leases were lost", "details": ["count": "1"]]),
        ] + EventLine.chatSamples(model)
    }

    @Test func `There is a line for every event`() {
        #expect(Set(Self.samples.map(\.name)) == Set(EventName.allCases))
    }

    @Test func `A line is one JSON object that begins with time, level and event`() throws {
        for sample in Self.samples {
            let text = sample.text(at: Timestamp(milliseconds: 1_795_000_000_007))
            #expect(text.hasSuffix("}\n") && text.count { $0 == "\n" } == 1)
            let object = try #require(try JSON(parsing: text).objectValue)
            #expect(Array(object.keys.prefix(3)) == ["time", "level", "event"])
            #expect(object["time"] == "2026-11-18T11:06:40.007Z")
            #expect(object["event"] == .string(sample.name.rawValue))
        }
    }

    @Test func `An answered job has its bill, its time and no text`() throws {
        let line = try #require(Self.samples.first { $0.name == .jobAnswered })
        #expect(
            line.members == [
                "batch": "questions", "job": "q1", "attempt": 1, "model": "openai/gpt-5.4-mini",
                "latency_ms": 1200, "first_token_ms": nil, "wait_ms": 0,
                "usage": ["input": 10, "cache_read": 0, "cache_write": 0, "output": 5, "reasoning": 0],
                "cost_usd": "0.000123",
            ])
    }

    @Test func `The end has all that the object of --json has`() throws {
        let line = try #require(Self.samples.first { $0.name == .runEnded })
        for (name, value) in try #require(RunSummary().json.objectValue) {
            #expect(line.members[name] == value, "\(name)")
        }
    }

    @Test func `The end names the command that goes on`() {
        let line = EventLine(.ended(RunSummary()), next: { _ in "parley run questions" })
        #expect(line.members["next"] == "parley run questions")
    }

    /// The events of docs/events.md: their names, and under each the names of its members.
    private static func documented() throws -> [String: Set<String>] {
        var events: [String: Set<String>] = [:]
        var name: String?
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/events.md"), encoding: .utf8)
        for line in text.split(separator: "\n") {
            if let heading = line.firstMatch(of: #/^### `([a-z._]+)`/#) {
                name = String(heading.output.1)
                events[String(heading.output.1)] = []
            } else if line.hasPrefix("#") {
                name = nil
            } else if let name, let row = line.firstMatch(of: #/^\| (`[^|]*) \|/#) {
                let members = row.output.1.matches(of: #/`([a-z_]+)`/#).map { String($0.output.1) }
                events[name]?.formUnion(members)
            }
        }
        return events
    }

    @Test func `The events of the document are those that there are`() throws {
        #expect(try Set(Self.documented().keys) == Set(EventName.allCases.map(\.rawValue)))
    }

    @Test func `The members of the document are those that there are`() throws {
        let documented = try Self.documented()
        for line in Self.samples {
            let members = Set(line.members.keys)
            #expect(documented[line.name.rawValue]?.sorted() == members.sorted(), "\(line.name.rawValue)")
        }
    }
}

@Suite struct `The pipe of events` {
    private let time = TimeSource(now: { Timestamp(milliseconds: 1) }, sleep: { _ in })

    @Test func `Events come out in the order in which they went in, with their time`() async {
        let pipe = EventPipe(time: time)
        for count in 1...5 { pipe.take(.leasesLost(count)) }
        pipe.finish()
        var written: [RunEvent] = []
        await pipe.work { event, moment in
            #expect(moment == Timestamp(milliseconds: 1))
            written.append(event)
        } onDropped: { _ in
        }
        #expect(written == (1...5).map { .leasesLost($0) })
    }

    @Test func `What a reader who has stopped leaves no room for is counted`() async {
        let pipe = EventPipe(time: time)
        for count in 1...(EventPipe.waitingMax + 7) { pipe.take(.leasesLost(count)) }
        pipe.finish()
        var (written, dropped) = (0, 0)
        await pipe.work { _, _ in
            written += 1
        } onDropped: {
            dropped += $0
        }
        #expect(written == EventPipe.waitingMax && dropped == 7)
    }
}

@Suite struct `The form of the log` {
    @Test func `It is read from a command line that could not be parsed`() {
        #expect(LogForm.asked(in: ["run", "x", "--log", "json", "--nonsense"]) == .json)
        #expect(LogForm.asked(in: ["--log=json", "run"]) == .json)
        #expect(LogForm.asked(in: ["run", "--log", "text"]) == .text)
        #expect(LogForm.asked(in: ["run", "--log"]) == .text)
        #expect(LogForm.asked(in: ["run"]) == .text)
    }
}
