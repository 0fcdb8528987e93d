import NIOConcurrencyHelpers
import ParleyCore
import ProviderStack
import Testing

@Suite struct PreflightTests {
    private static let list = #"{"object":"list","data":[{"id":"gpt-5.4"},{"id":"gpt-5.4-mini"}]}"#
    private static let wrongKey =
        #"{"error":{"message":"Incorrect API key provided: \#(testKey).","code":"invalid_api_key"}}"#

    /// What is found at a server of that script, by a clock on which every look takes 5 ms.
    private func check(
        _ models: [String] = [], dialect: Dialect = .openAIChat, key: String? = testKey,
        headers: [String: String] = [:], _ script: @escaping AnsweringServer.Script
    ) async throws -> (report: PreflightReport, requests: [String]) {
        let server = try await AnsweringServer(script)
        let entry = ProviderEntry(
            name: "lab", dialect: dialect, baseURL: server.url, keyVariable: "LAB_KEY", headers: headers)
        let report = try await check(entry, key: key, models)
        await server.shutdown()
        return (report, server.requests)
    }

    private func check(
        _ entry: ProviderEntry, key: String? = testKey, _ models: [String] = []
    ) async throws -> PreflightReport {
        let http = HTTPTransport(limits: Preflight.limitsDefault)
        let account = try ProviderAccount(
            entry: entry, key: key.map { Secret($0) }, baseURL: BaseURL(entry.baseURL))
        let ticks = NIOLockedValueBox(0)
        let preflight = Preflight(http: http) {
            .milliseconds(
                ticks.withLockedValue { ticks in
                    ticks += 5
                    return ticks
                })
        }
        let report = await preflight.check(account, models: models)
        await http.shutdown()
        return report
    }

    private func isAllowed(_ head: String) -> Bool { head.contains("Bearer \(testKey)\r\n") }

    @Test func `Reachable, key accepted and model there each have a step, with the time it took`()
        async throws
    {
        let (report, requests) = try await check(["gpt-5.4-mini"]) { head in
            isAllowed(head)
                ? AnsweringServer.answer(Self.list)
                : AnsweringServer.answer(Self.wrongKey, status: "401 Unauthorized")
        }
        #expect(report.isUsable)
        #expect(report.steps.map(\.name) == [.reachable, .key, .model])
        #expect(report.steps.allSatisfy { $0.outcome == .passed })
        #expect(
            report.steps.map(\.words) == ["somebody listens", "accepted, 2 models", "gpt-5.4-mini is there"])
        #expect(report.steps.map(\.time) == [.milliseconds(5), .milliseconds(5), nil])
        #expect(requests.allSatisfy { $0.hasPrefix("GET /models HTTP/1.1\r\n") })
    }

    @Test func `A key that is refused is told in the provider's words, without the key`() async throws {
        let (report, _) = try await check(["gpt-5.4"]) { _ in
            AnsweringServer.answer(Self.wrongKey, status: "401 Unauthorized")
        }
        #expect(!report.isUsable)
        #expect(report.steps.map(\.outcome) == [.passed, .failed])
        #expect(report.steps[1].words == "Incorrect API key provided: ‹key›. (HTTP 401)")
    }

    @Test func `A missing model lists those that there are, the nearest first`() async throws {
        let (report, _) = try await check(["gpt-5.4-mimi"], key: nil) { _ in AnsweringServer.answer(Self.list)
        }
        #expect(!report.isUsable)
        #expect(
            report.steps.last
                == .init(
                    .model, .failed,
                    "gpt-5.4-mimi is not there (did you mean gpt-5.4-mini?); there are gpt-5.4, gpt-5.4-mini")
        )
        #expect(report.steps[1].words == "none needed, 2 models")
    }

    @Test func `A list that anybody gets says nothing of the key`() async throws {
        let (report, requests) = try await check { _ in AnsweringServer.answer(Self.list) }
        #expect(report.isUsable)
        #expect(report.steps[1].outcome == .unclear)
        #expect(requests.count == 2 && !requests[1].contains(testKey))
    }

    @Test(arguments: [
        (404, PreflightReport.Step.Outcome.unclear), (405, .unclear), (429, .unclear), (403, .failed),
        (402, .failed), (500, .failed), (503, .failed),
    ])
    func `Every other status has its meaning`(status: Int, outcome: PreflightReport.Step.Outcome) async throws
    {
        let (report, _) = try await check(["m"]) { _ in
            AnsweringServer.answer("{}", status: "\(status) Whatever")
        }
        #expect(report.steps.last?.outcome == outcome)
        #expect(report.isUsable == (outcome != .failed))
        #expect(!report.steps.contains { $0.name == .model })
    }

    @Test(arguments: ["<html>Welcome</html>", "{}", #"{"data":[{"name":1}]}"#, ""])
    func `A list that cannot be read is no failure`(body: String) async throws {
        let (report, _) = try await check(["m"]) { _ in AnsweringServer.answer(body) }
        #expect(report.isUsable)
        #expect(report.steps.last?.words == "its list of models cannot be read, so only a request shows more")
    }

    @Test func `Where nobody listens the check ends with the first step`() async throws {
        let port = try await freePort()
        let report = try await check(
            ProviderEntry(name: "lab", baseURL: "http://127.0.0.1:\(port)/v1"), ["m"])
        #expect(report.steps.map(\.outcome) == [.failed])
        #expect(report.steps.first?.words.contains("127.0.0.1:\(port)") == true)
    }

    @Test func `A server that hangs up is not reachable`() async throws {
        let report = try await withServer([.close]) { server in
            try await check(ProviderEntry(name: "lab", baseURL: server.url), ["m"])
        }
        #expect(report.steps.map(\.name) == [.reachable])
        #expect(report.steps.last?.outcome == .failed)
        #expect(report.steps.last?.words.contains("closed the connection") == true)
    }

    @Test func `Anthropic's models are asked for with its own headers`() async throws {
        let (report, requests) = try await check(["claude-sonnet-5"], dialect: .anthropic) { head in
            head.contains("x-api-key: \(testKey)\r\n")
                ? AnsweringServer.answer(#"{"data":[{"id":"claude-sonnet-5-20260801"}],"has_more":false}"#)
                : AnsweringServer.answer(
                    #"{"type":"error","error":{"type":"authentication_error","message":"no key"}}"#,
                    status: "401 Unauthorized")
        }
        #expect(requests.first?.hasPrefix("GET /v1/models?limit=1000 HTTP/1.1\r\n") == true)
        #expect(report.isUsable)
        #expect(report.steps.last?.words == "claude-sonnet-5 is there, as claude-sonnet-5-20260801")
    }

    @Test func `Ollama lists its models at /api/tags, and a name without a tag means the latest`()
        async throws
    {
        let tags = #"{"models":[{"name":"qwen3:latest"},{"name":"llama3.2:3b"}]}"#
        let (report, requests) = try await check(
            ["qwen3", "llama3.2"], dialect: .ollama, key: nil
        ) { _ in AnsweringServer.answer(tags) }
        #expect(requests.map { String($0.prefix(14)) } == ["GET /api/tags "])
        #expect(
            report.steps.suffix(2).map(\.words) == [
                "qwen3 is there, as qwen3:latest",
                "llama3.2 is not there; there are llama3.2:3b, qwen3:latest",
            ])
    }

    @Test(arguments: [("codex", false), ("openai", true), ("anthropic", true), ("ollama", true)])
    func `Only Codex has no list to ask for`(name: String, hasList: Bool) throws {
        let environment = ["CODEX_TOKEN": "t", "OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"]
        let account = try Catalogue.builtIn.account(ProviderName(name), environment: environment)
        #expect(Preflight.hasList(account) == hasList)
    }

    @Test func `The user's own headers go along`() async throws {
        let (_, requests) = try await check(headers: ["x-title": "research"]) { _ in
            AnsweringServer.answer(Self.list)
        }
        #expect(requests.allSatisfy { $0.contains("x-title: research\r\n") })
    }
}

@Suite struct ModelListTests {
    @Test(arguments: [
        #"{"data":[{"id":"a"},{"id":"b"}]}"#, #"[{"id":"a"},{"id":"b"}]"#,
        #"{"models":[{"name":"a"},{"name":"b"}]}"#,
    ])
    func `Each family's way of listing is read`(text: String) throws {
        #expect(try ModelList(JSON(parsing: text), dialect: .openAIChat)?.names == ["a", "b"])
    }

    @Test func `Gemini's names stand below models, and an alias means its newest date`() {
        let list = ModelList(
            [
                "models/gemini-3-pro", "claude-5-20260101", "claude-5-20260801", "gpt-9-2026-01-31",
                "claude-5-mini",
            ],
            dialect: .openAIChat)
        #expect(list.match("gemini-3-pro") == "models/gemini-3-pro")
        #expect(list.match("claude-5") == "claude-5-20260801")
        #expect(list.match("gpt-9") == "gpt-9-2026-01-31")
        #expect(list.match("claude") == nil)
    }

    @Test func `A tag that is named must be there`() {
        let list = ModelList(["qwen3:latest"], dialect: .ollama)
        #expect(list.match("qwen3") == "qwen3:latest")
        #expect(list.match("qwen3:8b") == nil)
        #expect(ModelList(["qwen3:latest"], dialect: .openAIChat).match("qwen3") == nil)
    }

    @Test func `A long list is cut, and the rest counted`() {
        let list = ModelList((10..<40).map { "model-\($0)" }, dialect: .openAIChat)
        #expect(list.step(for: "other").words.hasSuffix("model-21 and 18 more"))
        #expect(ModelList([], dialect: .ollama).step(for: "x").words == "x is not there: the list is empty")
    }
}
