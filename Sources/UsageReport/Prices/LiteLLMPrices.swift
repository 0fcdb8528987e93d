import OrderedCollections
public import ParleyCore

/// Prices read from LiteLLM's `model_prices_and_context_window.json`.
///
/// The file maps a model's name to what a token costs, in dollars, as numbers or as strings. Only models that answer
/// in words are taken. A price of zero is taken for models that are free by their name (`…:free`) and for local
/// providers; elsewhere the map means "not known", and an unknown price is never free.
public struct LiteLLMPrices: Sendable {
    public private(set) var prices: [Price] = []
    /// Models that were left out, by reason.
    public private(set) var skipped: [Reason: Int] = [:]
    /// Entries that could not be read, with what is wrong; they are left out as well.
    public private(set) var problems: [String] = []

    public enum Reason: String, Sendable, Hashable, CaseIterable {
        case notForText = "not a model for text"
        case noPrice = "no price per token"
    }

    /// - Parameters:
    ///   - source: where the figures come from, for the price's own record.
    ///   - effectiveFrom: the day from which they hold.
    public init(map: JSON, source: String, effectiveFrom: Timestamp) throws(LiteLLMPricesError) {
        guard let entries = map.objectValue else { throw .notAnObject(map.kindName) }
        var taken: Set<ModelName> = []
        for (name, entry) in entries where name != "sample_spec" {
            guard entry.objectValue != nil else {
                problems.append("\(name): an object is expected, not \(entry.kindName)")
                continue
            }
            guard Self.isForText(entry) else {
                skipped[.notForText, default: 0] += 1
                continue
            }
            do throws(PriceEntryError) {
                let model = Self.model(named: name, entry: entry)
                guard var price = try PriceEntry(entry).price(of: model) else {
                    skipped[.noPrice, default: 0] += 1
                    continue
                }
                price.source = source
                price.effectiveFrom = effectiveFrom
                // A name that stands both with and without its provider: the plain entry came first, and stays.
                guard taken.insert(model).inserted else { continue }
                prices.append(price)
            } catch {
                problems.append("\(name): \(error.description)")
            }
        }
    }

    private static func isForText(_ entry: JSON) -> Bool {
        guard let mode = entry["mode"]?.stringValue else { return true }
        return ["chat", "responses", "completion"].contains(mode)
    }

    /// The name in our own words: LiteLLM's provider becomes ours, and a prefix that repeats the provider goes.
    static func model(named name: String, entry: JSON) -> ModelName {
        let theirs = entry["litellm_provider"]?.stringValue ?? ModelName(name)?.provider.text ?? "unknown"
        let prefix = theirs + "/"
        let model =
            name.hasPrefix(prefix) && name.count > prefix.count ? String(name.dropFirst(prefix.count)) : name
        return ModelName(provider: ProviderName(providers[theirs] ?? theirs), model: model)
    }

    /// Providers that LiteLLM calls otherwise than we do.
    private static let providers = [
        "xai": "grok", "moonshot": "kimi", "together_ai": "together", "text-completion-openai": "openai",
        "ollama_chat": "ollama", "hosted_vllm": "vllm", "lm_studio": "lmstudio",
    ]
}

/// Why a price file as a whole cannot be read.
public enum LiteLLMPricesError: Error, Sendable, Equatable, CustomStringConvertible {
    case notAnObject(String)

    public var description: String {
        switch self {
        case .notAnObject(let kind): "a price map is an object from model names to prices, not \(kind)"
        }
    }
}
