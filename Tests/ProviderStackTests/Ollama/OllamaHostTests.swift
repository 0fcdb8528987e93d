import ParleyCore
import ProviderStack
import Testing

/// The forms of `OLLAMA_HOST` that Ollama's own client reads (`envconfig/config_test.go`), and the bind addresses that only
/// its server can use as they are.
@Suite struct OllamaHostTests {
    @Test(arguments: [
        ("1.2.3.4", "http://1.2.3.4:11434"), (":1234", "http://127.0.0.1:1234"),
        ("1.2.3.4:1234", "http://1.2.3.4:1234"), ("example.com", "http://example.com:11434"),
        ("example.com:1234", "http://example.com:1234"), ("[::1]", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"), ("[::1]:1337", "http://[::1]:1337"),
        (" 1.2.3.4 ", "http://1.2.3.4:11434"), ("\" 1.2.3.4 \"", "http://1.2.3.4:11434"),
        ("'1.2.3.4'", "http://1.2.3.4:11434"), ("http://1.2.3.4", "http://1.2.3.4"),
        ("http://1.2.3.4:4321", "http://1.2.3.4:4321"), ("https://1.2.3.4", "https://1.2.3.4"),
        ("https://example.com/ollama", "https://example.com/ollama"),
        ("example.com/ollama", "http://example.com:11434/ollama"), ("ollama.com", "https://ollama.com"),
        ("https://ollama.com/api", "https://ollama.com"),
        ("http://localhost:11434/api/chat", "http://localhost:11434"),
    ])
    func `An address is read as Ollama's own client reads it`(host: String, url: String) throws {
        #expect(try account(host).baseURL.description == url)
    }

    @Test(arguments: [
        ("0.0.0.0", "http://127.0.0.1:11434"), ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("http://0.0.0.0:11434", "http://127.0.0.1:11434"), ("[::]", "http://[::1]:11434"),
        ("::", "http://[::1]:11434"), ("[::]:8080", "http://[::1]:8080"),
    ])
    func `Where the server listens everywhere, the client asks this machine`(host: String, url: String) throws
    {
        #expect(try account(host).baseURL.description == url)
    }

    @Test(arguments: ["host:port", ":66000", "a b", "ftp://host", "user:pw@host"])
    func `An address that is none is named with its variable`(host: String) {
        let error = #expect(throws: ConfigurationError.self) { try account(host) }
        #expect(error?.description.hasPrefix("OLLAMA_HOST is '") == true)
    }

    @Test func `Without the variable it is this machine`() throws {
        let account = try Catalogue.builtIn.account("ollama", environment: ["OLLAMA_HOST": " "])
        #expect(account.baseURL.description == "http://127.0.0.1:11434" && account.key == nil)
    }

    @Test func `Ollama's cloud takes a key and is not local`() throws {
        let account = try Catalogue.builtIn.account(
            "ollama", environment: ["OLLAMA_HOST": "https://ollama.com", "OLLAMA_API_KEY": "key-1"])
        #expect(account.key?.exposed == "key-1" && !account.entry.isLocal)
        #expect(OllamaCodec(account: account).headers.map(\.value) == ["Bearer key-1"])
    }

    private func account(_ host: String) throws -> ProviderAccount {
        try Catalogue.builtIn.account("ollama", environment: ["OLLAMA_HOST": host])
    }
}
