import ParleyCore
import ProviderStack
import Testing

@Suite struct AnthropicAccountTests {
    @Test(arguments: [
        ("https://api.kimi.com/coding", "https://api.kimi.com/coding"),
        ("https://api.kimi.com/coding/v1", "https://api.kimi.com/coding"),
        ("https://api.kimi.com/coding/v1/", "https://api.kimi.com/coding"),
        ("https://proxy.example/v1/messages", "https://proxy.example"),
        ("https://proxy.example/v11", "https://proxy.example/v11"),
    ])
    func `A base URL loses the beginning of the dialect's path`(own: String, expected: String) throws {
        for (name, variables) in [
            ("kimi", ("MOONSHOT_API_KEY", "KIMI_BASE_URL")),
            ("anthropic", ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")),
        ] {
            let account = try Catalogue.builtIn.account(
                ProviderName(name), environment: [variables.0: "k", variables.1: own])
            #expect(account.baseURL.description == expected)
        }
    }

    @Test func `A base URL from the config loses it as well`() throws {
        let entry = ProviderEntry(name: "lab", dialect: .anthropic, baseURL: "https://lab.example/v1")
        let account = try ProviderAccount(entry: entry, key: nil, baseURL: BaseURL(entry.baseURL))
        #expect(account.baseURL.description == "https://lab.example")
    }

    @Test func `Another dialect keeps its base URL`() throws {
        let account = try Catalogue.builtIn.account(
            "openai", environment: ["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"])
        #expect(account.baseURL.description == "http://127.0.0.1:1/v1")
    }

    @Test func `Anthropic takes marks for its cache; Kimi's endpoint keeps one of its own`() throws {
        #expect(try Catalogue.builtIn.entry("anthropic").quirks.cacheHint == .marks)
        #expect(try Catalogue.builtIn.entry("kimi").quirks.cacheHint == .none)
    }
}
