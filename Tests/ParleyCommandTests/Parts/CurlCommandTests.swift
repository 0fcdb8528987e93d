import ParleyCore
import ProviderStack
import Testing

@testable import parley

@Suite struct `Curl commands` {
    private let entry = ProviderEntry(
        name: "lab", baseURL: "http://lab.example/v1", keyVariable: "LAB_KEY",
        headers: ["x-title": "it's \"$me\""])

    private func command(_ body: String, _ environment: [String: String] = [:]) throws -> CurlCommand {
        try CurlCommand(repeating: body, to: entry, environment: environment)
    }

    @Test func `The command has the address, the headers with the key as a variable, and the body`() throws {
        #expect(
            try command(#"{"a":"it's"}"#).text == #"""
                curl -sS http://lab.example/v1/chat/completions \
                  -H 'content-type: application/json' \
                  -H 'x-title: it'\''s "$me"' \
                  -H "authorization: Bearer $LAB_KEY" \
                  --data-raw '{"a":"it'\''s"}'
                """#)
    }

    @Test func `The key itself is never in it`() throws {
        #expect(try !command("{}", ["LAB_KEY": "sk-very-secret"]).text.contains("secret"))
    }

    @Test func `An address of the user's own is taken`() throws {
        #expect(
            try command("{}", ["LAB_BASE_URL": "http://127.0.0.1:9/"]).url
                == "http://127.0.0.1:9/chat/completions")
    }

    @Test func `A provider that needs no key gets none unless it is set`() throws {
        let vllm = try Catalogue.builtIn.entry("vllm")
        func headers(_ environment: [String: String]) throws -> [String] {
            try CurlCommand(repeating: "{}", to: vllm, environment: environment).headers.map(\.name)
        }
        #expect(try headers([:]) == ["content-type"])
        #expect(try headers(["VLLM_API_KEY": "k"]) == ["content-type", "authorization"])
    }

    @Test func `Anthropic's key goes into its own header, an OAuth token into the other`() throws {
        let anthropic = try Catalogue.builtIn.entry("anthropic")
        func text(_ key: String) throws -> String {
            try CurlCommand(repeating: "{}", to: anthropic, environment: ["ANTHROPIC_API_KEY": key]).text
        }
        #expect(try text("").contains(#"-H "x-api-key: $ANTHROPIC_API_KEY""#))
        #expect(try text("sk-ant-oat01-secret").contains(#"-H "authorization: Bearer $ANTHROPIC_API_KEY""#))
        #expect(try !text("sk-ant-oat01-secret").contains("secret"))
        #expect(try text("k").contains("anthropic-version"))
    }

    @Test func `Strict tools have an address of their own where the provider wants it so`() throws {
        var strict = entry
        strict.quirks.strictPath = "/beta"
        func url(_ body: String) throws -> String {
            try CurlCommand(repeating: body, to: strict, environment: [:]).url
        }
        #expect(
            try url(#"{"tools":[{"function":{"strict":true}}]}"#)
                == "http://lab.example/v1/beta/chat/completions")
        #expect(try url(#"{"tools":[{"function":{}}]}"#) == "http://lab.example/v1/chat/completions")
    }

    @Test func `What the shell would read inside double quotes is escaped`() {
        let command = CurlCommand(
            url: "http://x", headers: [.init(name: "k", value: "$(id) `id` \\ \" \(CurlCommand.keyMark)")],
            keyVariable: "K", body: "")
        #expect(command.text.contains(#"-H "k: \$(id) \`id\` \\ \" $K""#))
    }

    private static let bodies = [
        #"{"text":"It's \"quoted\" \\ and $HOME `id` $(id) !! %s %d \n"}"#,
        "{\n  \"lines\": [\n\t1,\n\r\n 2\n]\n}\n", "@/etc/hostname", "-d x",
        "{\"letters\":\"äöü 漢字 🎉 \u{7F}\"}",
        "EOF\nPARLEY\n'\n''\n'\\''", "",
        "{\"long\":\"" + String(repeating: "It's 100 % \\\\ ", count: 30_000) + "\"}",
    ]

    @Test(.enabled(if: Shell.hasCurl, "needs curl"), arguments: bodies.indices)
    func `A shell that runs the command sends the body byte for byte`(index: Int) async throws {
        let body = Self.bodies[index]
        let server = try LoopbackServer(answer: "{\"ok\":true}")
        let environment = ["LAB_BASE_URL": server.url, "LAB_KEY": "k-1"]
        let outcome = try await Shell.run(try command(body, environment).text + "\n", environment)
        #expect(outcome.status == 0 && outcome.output == "{\"ok\":true}", "\(outcome.errors)")
        let request = try #require(server.requests.first)
        #expect(request.body == Array(body.utf8))
        #expect(request.head.hasPrefix("POST /chat/completions HTTP/1.1\r\n"))
        #expect(request.head.contains("\r\nauthorization: Bearer k-1\r\n"))
        #expect(request.head.contains("\r\nx-title: it's \"$me\"\r\n"))
        #expect(request.head.contains("\r\ncontent-type: application/json"))
    }
}
