import ParleyCore
import ProviderStack
import Testing

@Suite struct CatalogueTests {
    @Test func `The catalogue knows the providers of the design`() {
        let expected: Set<String> = [
            "openai", "openai-responses", "codex", "deepseek", "grok", "xai", "openrouter", "minimax", "kimi",
            "anthropic", "zai", "glm", "groq", "mistral", "gemini", "together", "vllm", "llama.cpp",
            "lmstudio",
            "ollama", "simulator",
        ]
        #expect(Set(Catalogue.builtIn.names) == expected)
    }

    @Test func `Every built-in base URL is one`() throws {
        for name in Catalogue.builtIn.names {
            let entry = try Catalogue.builtIn.entry(ProviderName(name))
            #expect(try BaseURL(entry.baseURL).description == entry.baseURL)
        }
    }

    @Test func `An unknown provider is answered with the nearest name`() {
        let error = #expect(throws: ConfigurationError.self) { try Catalogue.builtIn.entry("opneai") }
        #expect(error?.description == "there is no provider 'opneai'; did you mean 'openai'?")
    }

    @Test func `A provider like no other is answered with all names`() {
        let error = #expect(throws: ConfigurationError.self) { try Catalogue.builtIn.entry("zzzzzzzzzz") }
        #expect(error?.description.contains("known are anthropic, codex") == true)
    }

    @Test func `A missing key is named by its variable`() {
        for environment in [[:], ["DEEPSEEK_API_KEY": "  "]] {
            let error = #expect(throws: ConfigurationError.self) {
                try Catalogue.builtIn.account("deepseek", environment: environment)
            }
            #expect(error == .keyMissing("deepseek", variable: "DEEPSEEK_API_KEY"))
            #expect(
                error?.description == "deepseek needs a key: set the environment variable DEEPSEEK_API_KEY")
        }
    }

    @Test(arguments: ["vllm", "llama.cpp", "lmstudio", "ollama", "simulator"])
    func `What runs on one's own machine needs no key`(name: String) throws {
        let account = try Catalogue.builtIn.account(ProviderName(name), environment: [:])
        #expect(account.key == nil && account.entry.isLocal && account.baseURL.isLoopback)
    }

    @Test func `A base URL of the user's own is taken from the environment`() throws {
        let account = try Catalogue.builtIn.account(
            "openai", environment: ["OPENAI_API_KEY": " sk-1 ", "OPENAI_BASE_URL": "http://127.0.0.1:4000/"])
        #expect(account.baseURL.description == "http://127.0.0.1:4000")
        #expect(account.key?.exposed == "sk-1")
        #expect(ProviderEntry.variable(for: "llama.cpp", ending: "BASE_URL") == "LLAMA_CPP_BASE_URL")
    }

    @Test(arguments: [
        ("10.0.0.5:8000", "http://10.0.0.5:8000"), ("10.0.0.5", "http://10.0.0.5:11434"),
        (":8000", "http://127.0.0.1:8000"), ("gpu/ollama", "http://gpu:11434/ollama"),
        ("::1", "http://[::1]:11434"), ("[::1]:8000", "http://[::1]:8000"),
        ("ollama.com", "https://ollama.com"),
        ("https://gpu.example", "https://gpu.example"),
    ])
    func `Ollama's host may lack a scheme, a port or a name`(host: String, url: String) throws {
        let account = try Catalogue.builtIn.account("ollama", environment: ["OLLAMA_HOST": host])
        #expect(account.baseURL.description == url)
    }

    @Test func `Headers of the user's own go with every request, and cannot take the key's place`()
        async throws
    {
        let answer = CannedServer.answer(#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}"#)
        try await withServer([answer]) { server in
            let entry = ProviderEntry(
                name: "lab", baseURL: server.url, keyVariable: "LAB_KEY",
                headers: ["x-title": "research", "authorization": "none"])
            let account = try ProviderAccount(entry: entry, environment: ["LAB_KEY": "k-1"])
            let http = HTTPTransport()
            let model = ModelName(provider: "lab", model: "m")
            let request = CompletionRequest(model: model, messages: [.user("Hi")])
            _ = try await account.client(http: http).complete(request)
            await http.shutdown()
            #expect(server.requests.first?.contains("x-title: research\r\n") == true)
            #expect(server.requests.first?.contains("authorization: Bearer k-1\r\n") == true)
        }
    }

    @Test func `What a provider does in its own way is said in words`() {
        var quirks = ProviderEntry.Quirks()
        #expect(quirks.words == [])
        quirks.cacheHint = .marks
        quirks.toolEmulation = .onRefusal
        quirks.stickyHeader = "x-conv"
        #expect(
            quirks.words == [
                "cache marks", "tools in words once refused", "one machine a conversation (x-conv)",
            ])
    }

    @Test func `A base URL that is none is named with its variable`() {
        let error = #expect(throws: ConfigurationError.self) {
            try Catalogue.builtIn.account(
                "openai", environment: ["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "localhost:80"])
        }
        #expect(
            error?.description
                == "OPENAI_BASE_URL is 'localhost:80', which is no base URL: it must start with http:// or https://"
        )
    }

    @Test func `A key that no header can carry is refused`() {
        #expect(throws: ConfigurationError.keyUnusable("openai", variable: "OPENAI_API_KEY")) {
            try Catalogue.builtIn.account("openai", environment: ["OPENAI_API_KEY": "sk-1\nX-Evil: 1"])
        }
    }

    @Test func `A user's own provider is found, and may replace a built-in one`() throws {
        let own = Catalogue.builtIn.adding([
            ProviderEntry(name: "lab", baseURL: "https://lab.example/v1", keyVariable: "LAB_KEY"),
            ProviderEntry(name: "openai", baseURL: "https://proxy.example/v1"),
        ])
        #expect(try own.account("lab", environment: ["LAB_KEY": "x"]).baseURL.host == "lab.example")
        #expect(try own.account("openai", environment: [:]).baseURL.host == "proxy.example")
    }

    @Test(arguments: ["openai", "anthropic", "openai-responses", "ollama"])
    func `Every dialect has its client`(name: String) async throws {
        let environment = ["ANTHROPIC_API_KEY": "k", "OPENAI_API_KEY": "k"]
        let account = try Catalogue.builtIn.account(ProviderName(name), environment: environment)
        let http = HTTPTransport()
        #expect(account.client(http: http).name == ProviderName(name))
        await http.shutdown()
    }

    @Test func `A secret never shows itself`() throws {
        let account = try Catalogue.builtIn.account("openai", environment: ["OPENAI_API_KEY": "sk-visible"])
        var dumped = ""
        dump(account, to: &dumped)
        #expect(!"\(account) \(String(reflecting: account)) \(dumped)".contains("sk-visible"))
        #expect("\(Secret("sk-visible"))" == "‹secret›")
    }
}

@Suite struct BaseURLTests {
    @Test(arguments: [
        ("https://API.OpenAI.com/v1/", "https://api.openai.com/v1"),
        (" http://localhost:8000 ", "http://localhost:8000"),
        ("http://[::1]:80/v1//", "http://[::1]:80/v1"), ("HTTPS://a/b/chat/completions", "https://a/b"),
    ])
    func `A base URL is normalised`(text: String, expected: String) throws {
        #expect(try BaseURL(text).description == expected)
    }

    @Test(arguments: [
        "", "openai", "ftp://a", "http://", "http://:80", "http://a:0", "http://a:99999", "http://a:x",
        "http://a b",
        "http://user:pw@a", "http://a/v1?key=1", "http://a/#x", "http://ä", "http://[::1", "http://[::1]x",
    ])
    func `Nonsense is refused with a reason`(text: String) {
        let flaw = #expect(throws: BaseURL.Flaw.self) { try BaseURL(text) }
        #expect(flaw?.description.isEmpty == false)
    }

    @Test func `The port follows from the scheme`() throws {
        #expect(try BaseURL("https://a").port == 443)
        #expect(try BaseURL("http://a").port == 80)
    }
}
