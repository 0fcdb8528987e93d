import Foundation
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Providers, listed and checked` {
    private static let list = #"{"data":[{"id":"small"},{"id":"large"}]}"#

    private func steps(_ outcome: Outcome) throws -> [String] {
        let steps = try outcome.json.arrayValue?.flatMap { $0["steps"]?.arrayValue ?? [] } ?? []
        return steps.map { "\($0["step"]?.stringValue ?? "") \($0["outcome"]?.stringValue ?? "")" }
    }

    @Test func `The list says who asks whom, what works offline, and what is special`() async throws {
        let parley = try ParleyProgram(["OPENAI_API_KEY": "sk-secret"])
        try parley.file(
            "config.yaml",
            """
            roles: {judge: {model: openai/x, fallback: [lab/y]}}
            providers: {lab: {base_url: "http://127.0.0.1:9/v1", tools: emulated, headers: {x-title: t}}}
            """)
        let outcome = try await parley("providers list --config config.yaml --json")
        #expect(!outcome.output.contains("secret"))
        let all = try #require(try outcome.json.arrayValue)
        let openAI = all.first { $0["provider"] == "openai" }
        #expect(openAI?["key_set"] == true && openAI?["roles"] == ["judge"] && openAI?["offline"] == false)
        let lab = all.first { $0["provider"] == "lab" }
        #expect(lab?["roles"] == ["judge's fallback"] && lab?["offline"] == true)
        #expect(lab?["quirks"] == ["tools in words", "headers x-title"])
        let text = try await parley("providers list --config config.yaml").output
        #expect(text.contains("judge's fallback") && text.contains("tools in words"))
    }

    @Test func `The rules of prompt caches are listed when more is asked for, with the user's own`()
        async throws
    {
        let parley = try ParleyProgram()
        try parley.file(
            "config.yaml",
            "providers: {groq: {prompt_cache: {min_tokens: 128, models: {llama: {lifetime: 90s}}}}}")
        let words = "providers list --config config.yaml"
        #expect(try await !parley(words).output.contains("Prompt caches"))
        let lines = try await parley(words + " -v").output.split(separator: "\n")
        let rows = lines.drop { $0 != "Prompt caches" }.filter { $0.hasPrefix("groq ") }
            .map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        #expect(rows.map { $0[1...3] } == [["llama", "128", "90s"], ["*", "128", "2h"]])
        #expect(rows.allSatisfy { $0.suffix(3) == ["the", "settings", "file"] })

        let all = try await parley(words + " --json").json.arrayValue ?? []
        func caches(_ name: String) -> [JSON] {
            all.first { $0["provider"]?.stringValue == name }?["prompt_cache"]?.arrayValue ?? []
        }
        #expect(caches("groq").map { $0["lifetime_seconds"] } == [90, 7200])
        #expect(
            caches("groq").first?["source"] == "the settings file" && caches("groq").first?["as_of"] == .null)
        let claude = caches("anthropic").first { $0["model"] == "claude-haiku-4-5" }
        #expect(claude?["min_tokens"] == 4096 && claude?["lifetime_long_seconds"] == 3600)
        #expect(claude?["write"]?.doubleValue == 1.25 && claude?["write_long"]?.doubleValue == 2)
        #expect(caches("openai").first?["requests_per_minute"] == 15)
        #expect(caches("ollama").first?["beginnings"] == 1 && caches("openai").first?["beginnings"] == .null)
    }

    @Test func `A check goes through all steps and takes their time`() async throws {
        let server = try LoopbackServer(answer: Self.list)
        let parley = try ParleyProgram(["VLLM_BASE_URL": server.url])
        let check = try await parley("providers check vllm/small --json")
        #expect(check.status == 0)
        #expect(try steps(check) == ["reachable passed", "key passed", "model passed"])
        #expect(try check.json.arrayValue?.first?["steps"]?.arrayValue?.first?["ms"]?.intValue != nil)
        let text = try await parley("providers check vllm/small")
        #expect(text.output.contains("yes  model      small is there"), "\(text.output)")
    }

    @Test func `A missing model ends with status 3 and lists those that there are`() async throws {
        let server = try LoopbackServer(answer: Self.list)
        let parley = try ParleyProgram(["VLLM_BASE_URL": server.url])
        let check = try await parley("providers check vllm/smal")
        #expect(check.status == 3)
        #expect(check.output.contains("smal is not there (did you mean small?); there are large, small"))
    }

    @Test func `A simulator's key is checked as a provider's, and never shown`() async throws {
        let home = try ParleyProgram()
        let (server, url) = try await home.simulator("--key", "right-secret")
        let right = try ParleyProgram(["OPENAI_BASE_URL": url, "OPENAI_API_KEY": "right-secret"])
        #expect(try await right("providers check openai/gpt-5.4").status == 0)
        let wrong = try ParleyProgram(["OPENAI_BASE_URL": url, "OPENAI_API_KEY": "wrong-secret"])
        let refused = try await wrong("providers check openai/gpt-5.4 --json")
        #expect(refused.status == 3)
        #expect(try steps(refused) == ["reachable passed", "key failed"])
        #expect(!refused.output.contains("secret"))
        server.signal(SIGTERM)
        _ = try await server.outcome()
    }

    @Test func `A missing key, a port without a listener and the simulator in process are told apart`()
        async throws
    {
        let parley = try ParleyProgram(["VLLM_BASE_URL": "http://127.0.0.1:1/v1"])
        let check = try await parley("providers check deepseek vllm simulator/any --json")
        #expect(check.status == 3)
        #expect(
            try steps(check) == ["key failed", "reachable failed", "reachable passed", "model passed"])
        #expect(check.output.contains("set the environment variable DEEPSEEK_API_KEY"))
    }

    @Test func `Offline a provider outside is not asked`() async throws {
        let parley = try ParleyProgram(["OPENAI_API_KEY": "k"])
        let check = try await parley("providers check openai simulator --offline")
        #expect(check.status == 3)
        #expect(check.output.contains("openai is not on this machine"))
        #expect(try await parley("providers check simulator --offline").status == 0)
    }

    @Test func `With nobody to check it says so`() async throws {
        let parley = try ParleyProgram()
        let check = try await parley("providers check")
        #expect(check.status == 3 && check.output.isEmpty)
        #expect(check.errors.contains("no provider has its key set"))
        #expect(try await parley("providers check opnai").status == 64)
    }
}
