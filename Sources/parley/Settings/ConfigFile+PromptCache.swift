import BatchExecutor
import ParleyCore
import ProviderStack

extension ConfigFile {
    private enum CacheKey: String, CaseIterable {
        case tokensMin = "min_tokens"
        case lifetime, leaders
        case requestsPerMinute = "requests_per_minute"
        case beginnings
        case models
    }

    /// More is a slip: no prompt is so long, and no limit so high.
    private static let cacheCountMax = 1_000_000
    /// A beginning that needs more requests than this is none that a batch can wait for.
    private static let leadersMax = 10
    private static let lifetimeMax = Duration.seconds(30 * 86_400)

    /// What the user says of a provider's prompt cache, and of single models of it.
    static func promptCache(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> PromptCacheOverride {
        try promptCache(entry, reader, known: CacheKey.allCases)
    }

    private static func promptCache(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader, known: [CacheKey]
    ) throws(ConfigFileError) -> PromptCacheOverride {
        var word = PromptCacheOverride()
        for member in try reader.members(of: entry, known: known.map(\.rawValue)) where !member.isEmpty {
            switch CacheKey(rawValue: member.name) {
            case .tokensMin: word.tokensMin = try reader.count(member, in: 1...cacheCountMax)
            case .lifetime: word.lifetime = try lifetime(member, reader)
            case .leaders: word.leaders = try reader.count(member, in: 1...leadersMax)
            case .requestsPerMinute: word.requestsPerMinute = try reader.count(member, in: 0...cacheCountMax)
            case .beginnings: word.beginningsMax = try reader.count(member, in: 0...cacheCountMax)
            case .models:
                for model in try reader.members(of: member) where !model.isEmpty {
                    word.models[model.name] = try promptCache(
                        model, reader, known: CacheKey.allCases.filter { $0 != .models })
                }
            case nil: break
            }
        }
        return word
    }

    private static func lifetime(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> Duration {
        guard let lifetime = Duration(written: try reader.string(entry)), lifetime <= lifetimeMax else {
            throw reader.error(
                entry, "it must be a length of time from 1s to 30d: seconds, or such as 90s, 5m or 1h")
        }
        return lifetime
    }
}
