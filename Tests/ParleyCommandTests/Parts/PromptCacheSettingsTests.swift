import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@testable import parley

@Suite struct `Prompt caches in the settings` {
    private func word(_ yaml: String, of name: String = "lab") throws -> PromptCacheOverride? {
        try ConfigFile(yaml: yaml, path: "config.yaml").providers[name]?.promptCache
    }

    private func refusal(_ members: String) -> String {
        do {
            _ = try word("providers:\n  lab:\n    base_url: 'http://x'\n    prompt_cache: \(members)")
            return ""
        } catch { return "\(error)" }
    }

    @Test func `All of a provider's rules can be said, and those of single models`() throws {
        let word = try word(
            """
            providers:
              lab:
                base_url: http://x
                prompt_cache:
                  min_tokens: 256
                  lifetime: 90s
                  leaders: 2
                  requests_per_minute: 30
                  beginnings: 4
                  models:
                    meta/small-2.5: {min_tokens: 64, lifetime: 1h}
            """)
        #expect(
            word
                == PromptCacheOverride(
                    tokensMin: 256, lifetime: .seconds(90), leaders: 2, requestsPerMinute: 30,
                    beginningsMax: 4,
                    models: [
                        "meta/small-2.5": PromptCacheOverride(tokensMin: 64, lifetime: .seconds(3600))
                    ]))
    }

    @Test(arguments: [("90", 90), ("90s", 90), ("5m", 300), ("1h", 3600), ("30d", 2_592_000)])
    func `A lifetime is in seconds, or has a unit`(text: String, seconds: Int) throws {
        let word = try word("providers: {lab: {base_url: 'http://x', prompt_cache: {lifetime: \(text)}}}")
        #expect(word?.lifetime == .seconds(seconds))
    }

    @Test func `A built-in provider keeps the rules that are not said`() throws {
        let config = try ConfigFile(
            yaml: "providers: {openai: {prompt_cache: {requests_per_minute: 0}}}", path: "config.yaml")
        let entry = Catalogue.with(config).provider("openai")
        let rules = PromptCacheRules.rules(for: ModelName("openai/gpt-5.4")!, entry: entry)
        #expect(rules.requestsPerMinute == nil && rules.tokensMin == 1024 && rules.lifetime == .seconds(300))
        #expect(entry?.quirks == Catalogue.builtIn.provider("openai")?.quirks)
    }

    @Test(arguments: ["", "{}", "{lifetime: }", "{models: {a: }}"])
    func `Nothing said changes nothing`(members: String) throws {
        let word = try word("providers: {lab: {base_url: 'http://x', prompt_cache: \(members)}}")
        #expect(word ?? PromptCacheOverride() == PromptCacheOverride())
    }

    @Test func `The hint has a key of its own`() throws {
        let config = try ConfigFile(
            yaml: "providers: {lab: {base_url: 'http://x', cache: key, prompt_cache: {leaders: 3}}}",
            path: "config.yaml")
        #expect(config.providers["lab"]?.quirks.cacheHint == .key)
        #expect(config.providers["lab"]?.promptCache?.leaders == 3)
    }

    private static let lab = "providers.lab.prompt_cache"

    @Test(arguments: [
        (
            "{min_tokens: 0}",
            "config.yaml:4:32: \(lab).min_tokens: it must be a whole number from 1 to 1000000"
        ),
        (
            "{min_tokens: 1.5}",
            "config.yaml:4:32: \(lab).min_tokens: it must be a whole number from 1 to 1000000"
        ),
        ("{leaders: 11}", "config.yaml:4:29: \(lab).leaders: it must be a whole number from 1 to 10"),
        ("{leaders: few}", "config.yaml:4:29: \(lab).leaders: it must be a whole number from 1 to 10"),
        (
            "{requests_per_minute: -1}",
            "config.yaml:4:41: \(lab).requests_per_minute: it must be a whole number from 0 to 1000000"
        ),
        (
            "{beginnings: 1000001}",
            "config.yaml:4:32: \(lab).beginnings: it must be a whole number from 0 to 1000000"
        ),
        (
            "{lifetime: 0}",
            "config.yaml:4:30: \(lab).lifetime: it must be a length of time from 1s to 30d: seconds, or such as 90s, "
                + "5m or 1h"
        ),
        (
            "{lifetime: 31d}",
            "config.yaml:4:30: \(lab).lifetime: it must be a length of time from 1s to 30d: seconds, or such as 90s, "
                + "5m or 1h"
        ),
        (
            "{lifetme: 5m}",
            "config.yaml:4:20: \(lab): there is no setting 'lifetme'; did you mean 'lifetime'?"
        ),
        (
            "{models: {a: {leaders: 0}}}",
            "config.yaml:4:42: \(lab).models.a.leaders: it must be a whole number from 1 to 10"
        ),
        (
            "{models: {a: {models: {}}}}",
            "config.yaml:4:33: \(lab).models.a: there is no setting 'models'; known are min_tokens, lifetime, leaders, "
                + "requests_per_minute, beginnings"
        ),
        ("marks", "config.yaml:4:19: \(lab): it must be a mapping of keys to values"),
    ])
    func `What is wrong is named with its place and its limits`(members: String, sentence: String) {
        #expect(refusal(members) == sentence)
    }
}
