import ParleyCore
import ProviderStack
import Testing

@testable import ProviderSimulator

@Suite struct PromptCacheRulesTests {
    private func rules(_ model: String, _ word: PromptCacheOverride? = nil) throws -> PromptCacheRules {
        let name = try #require(ModelName(model))
        var entry = try Catalogue.builtIn.entry(name.provider)
        entry.promptCache = word
        return .rules(for: name, entry: entry)
    }

    // MARK: Whose model a name is

    @Test(arguments: [
        ("claude-sonnet-5", ModelFamily.claude), ("Claude-Next", .claude),
        ("anthropic/claude-opus-5", .claude),
        ("us.anthropic.claude-sonnet-4-5-v1:0", .claude), ("my-claude-tuned", .other), ("anthropic", .other),
        ("gpt-4o", .gpt(version: 400)), ("gpt-5.6-mini", .gpt(version: 506)),
        ("gpt-5.10", .gpt(version: 510)),
        ("openai/gpt-6", .gpt(version: 600)), ("gpt-oss-20b", .gpt(version: 0)),
        ("o3-mini", .openAIReasoning),
        ("omni", .other), ("deepseek-chat", .deepSeek), ("deepseek/deepseek-r1", .deepSeek),
        ("gemini-2.5-flash", .gemini), ("google/gemini-3-pro", .gemini), ("llama-3.3-70b", .other),
        ("", .other),
    ])
    func `A family is told by the model's name`(name: String, family: ModelFamily) {
        #expect(ModelFamily(model: name) == family)
    }

    @Test func `Breakpoints begin with GPT-5.6`() {
        let names = ["gpt-4o", "gpt-5", "gpt-5.5-pro", "gpt-5.6", "gpt-5.10", "gpt-6", "o3", "claude-opus-5"]
        #expect(
            names.filter { ModelFamily(model: $0).hasBreakpoints } == ["gpt-5.6", "gpt-5.10", "gpt-6"])
    }

    // MARK: The table

    @Test(arguments: [
        ("anthropic/claude-opus-5", 512), ("anthropic/claude-sonnet-5", 1024),
        ("anthropic/claude-opus-4-7", 2048),
        ("anthropic/claude-3-5-haiku-latest", 2048), ("openrouter/anthropic/claude-opus-4.6", 4096),
        ("anthropic/claude-haiku-4-5", 4096), ("anthropic/claude-9", 1024),
    ])
    func `A Claude's entries live five minutes or an hour, from a length that its model says`(
        model: String, tokens: Int
    ) throws {
        let rules = try rules(model)
        #expect(rules.tokensMin == tokens)
        #expect(rules.lifetime == .seconds(300) && rules.lifetimeLong == .seconds(3600))
        #expect(rules.shares == .init(write: 1.25, writeLong: 2, read: 0.1))
        #expect(rules.leaders == 1 && rules.requestsPerMinute == nil && rules.beginningsMax == nil)
    }

    @Test func `OpenAI before GPT-5.6 has fifteen requests a minute, where a key is sent`() throws {
        for model in ["openai/gpt-5.4", "openai/o3", "openai-responses/gpt-5", "simulator/gpt-5.4"] {
            let rules = try rules(model)
            #expect(rules.requestsPerMinute == 15 && rules.lifetime == .seconds(300), "\(model)")
            #expect(rules.shares.write == 1, "\(model)")
        }
        #expect(try rules("openrouter/openai/gpt-5.4").requestsPerMinute == nil)
    }

    @Test func `OpenAI from GPT-5.6 on keeps half an hour, bills writes and has no such limit`() throws {
        let rules = try rules("openai/gpt-5.6")
        #expect(rules.requestsPerMinute == nil && rules.lifetime == .seconds(1800))
        #expect(rules.shares.write == 1.25 && rules.lifetimeLong == nil)
    }

    @Test func `DeepSeek needs two before the third, in units of 64 tokens`() throws {
        for model in ["deepseek/deepseek-chat", "openrouter/deepseek/deepseek-v4"] {
            let rules = try rules(model)
            #expect(rules.leaders == 2 && rules.tokensMin == 64)
        }
    }

    @Test(arguments: ["ollama/llama3.2", "llama.cpp/qwen3", "lmstudio/gemma", "ollama/deepseek-r1"])
    func `A slot of one's own machine keeps one beginning, whoever made the model`(model: String) throws {
        let rules = try rules(model)
        #expect(rules.beginningsMax == 1 && rules.leaders == 1 && rules.tokensMin == 16)
    }

    @Test(arguments: [
        ("gemini/gemini-2.5-flash", 2048, 300), ("gemini/gemini-3-pro", 4096, 300),
        ("groq/llama-3.3-70b", 1024, 7200), ("minimax/MiniMax-M2", 512, 300), ("vllm/qwen3", 16, 300),
        ("together/any", 1024, 300), ("simulator/sim-small", 1024, 300),
    ])
    func `Each server has its least length and its lifetime`(model: String, tokens: Int, seconds: Int) throws
    {
        let rules = try rules(model)
        #expect(rules.tokensMin == tokens && rules.lifetime == .seconds(seconds))
    }

    @Test func `Every rule says who says so, and when that was looked up`() {
        for name in Catalogue.builtIn.names {
            for row in Catalogue.builtIn.provider(ProviderName(name))?.promptCacheRows ?? [] {
                #expect(!row.rules.source.isEmpty, "\(name)/\(row.model)")
                #expect(row.rules.asOf?.wholeMatch(of: #/20\d\d-[01]\d/#) != nil, "\(name)/\(row.model)")
            }
        }
    }

    // MARK: The user's word

    @Test func `The user's word wins where it says something, and 0 takes a limit away`() throws {
        let word = PromptCacheOverride(
            tokensMin: 100, lifetime: .seconds(10), leaders: 0, requestsPerMinute: 0, beginningsMax: 3)
        let rules = try rules("openai/gpt-5.4", word)
        #expect(rules.tokensMin == 100 && rules.lifetime == .seconds(10) && rules.leaders == 1)
        #expect(rules.requestsPerMinute == nil && rules.beginningsMax == 3)
        #expect(rules.shares.read == 0.25)
        #expect(rules.source == PromptCacheRules.sourceOfUser && rules.asOf == nil)
        let local = try self.rules("ollama/llama3.2", PromptCacheOverride(beginningsMax: 0))
        #expect(local.beginningsMax == nil && local.tokensMin == 16)
    }

    @Test func `A word that changes nothing leaves the source`() throws {
        for word in [PromptCacheOverride(), PromptCacheOverride(tokensMin: 1024, requestsPerMinute: 15)] {
            let plain = try rules("openai/gpt-5.4")
            #expect(try rules("openai/gpt-5.4", word) == plain)
        }
    }

    @Test func `What is said of one model wins over what is said of all`() throws {
        let word = PromptCacheOverride(
            tokensMin: 200, lifetime: .seconds(60),
            models: ["gpt-5.6": PromptCacheOverride(tokensMin: 300)])
        #expect(try rules("openai/gpt-5.6", word).tokensMin == 300)
        #expect(try rules("openai/gpt-5.6", word).lifetime == .seconds(60))
        #expect(try rules("openai/gpt-5.6-mini", word).tokensMin == 200)
    }

    @Test func `A listing has the models that the user names`() throws {
        var entry = try Catalogue.builtIn.entry("openai")
        entry.promptCache = PromptCacheOverride(models: ["my-model": PromptCacheOverride(tokensMin: 7)])
        #expect(entry.promptCacheRows.map(\.model) == ["gpt-5.4", "gpt-5.6", "my-model", "*"])
        #expect(entry.promptCacheRows[2].rules.tokensMin == 7)
    }

    // MARK: The simulator's own table

    @Test(arguments: [
        "claude-opus-5", "claude-sonnet-5", "claude-sonnet-4-5-20250929", "claude-opus-4-1",
        "claude-opus-4.6",
        "claude-opus-4-7", "claude-3-haiku-20240307", "claude-3-5-haiku-latest", "claude-haiku-4-5",
        "claude-fable-5",
        "gpt-4o", "gpt-5.4", "gpt-5.5-pro", "gpt-5.6", "gpt-5.10", "gpt-6", "o3-mini", "deepseek-chat",
        "sim-small",
    ])
    func `The simulator plays the rules that the order goes by`(model: String) throws {
        let rules = try rules("simulator/\(model)")
        let played = CacheRules.rules(for: CacheFlavour(model: model), model: model)
        #expect(played.tokensMin == rules.tokensMin)
        #expect(played.requestsPerMinuteMax == rules.requestsPerMinute)
        #expect(played.billsWrites == (rules.shares.write > 1))
        // Nothing is counted on for longer than it is there.
        #expect(rules.lifetime <= played.lifetime.idleMin)
        if let long = rules.lifetimeLong { #expect(long <= played.lifetimeLong.idleMin) }
        #expect((rules.leaders == 2) == (played.places == .units(64)))
    }

    @Test func `The simulator's own machine keeps as many beginnings as the order counts on`() throws {
        let played = CacheRules.rules(for: .ollama, model: "llama3.2")
        let rules = try rules("ollama/llama3.2")
        #expect(played.keepsLastPromptOnly && rules.beginningsMax == 1)
        #expect(played.tokensMin == rules.tokensMin && rules.lifetime <= played.lifetime.idleMin)
    }
}
