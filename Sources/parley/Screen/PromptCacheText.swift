import OrderedCollections
import ParleyCore
import ProviderStack
import UsageReport

/// The rules of prompt caches, for people and as JSON.
enum PromptCacheText {
    static func table(_ entries: [ProviderEntry]) -> TextTable {
        var table = TextTable(columns: [
            .init("provider"), .init("model"), .init("from tokens", .right), .init("kept", .right),
            .init("leaders", .right), .init("a minute", .right), .init("at once", .right),
            .init("write", .right), .init("read", .right), .init("said by"),
        ])
        for entry in entries {
            for row in entry.promptCacheRows {
                table.rows.append([entry.name.text, row.model] + row.rules.cells + [row.rules.sourceText])
            }
        }
        return table
    }
}

extension PromptCacheRules {
    /// All figures, in the order of the tables; a dash where there is no limit.
    var cells: [String] {
        [
            "\(tokensMin)", Self.kept(lifetime, lifetimeLong), "\(leaders)",
            requestsPerMinute.map { "\($0)" } ?? "–", beginningsMax.map { "\($0)" } ?? "–",
            shares.writeLong == shares.write || lifetimeLong == nil
                ? Self.share(shares.write) : "\(Self.share(shares.write)) or \(Self.share(shares.writeLong))",
            Self.share(shares.read),
        ]
    }

    var sourceText: String { asOf.map { "\(source), \($0)" } ?? source }

    var json: JSON {
        [
            "min_tokens": .int(tokensMin), "lifetime_seconds": .int(Int(lifetime.seconds)),
            "lifetime_long_seconds": lifetimeLong.map { .int(Int($0.seconds)) } ?? .null,
            "leaders": .int(leaders), "requests_per_minute": requestsPerMinute.map { .int($0) } ?? .null,
            "beginnings": beginningsMax.map { .int($0) } ?? .null, "write": .double(shares.write),
            "write_long": lifetimeLong == nil ? .null : .double(shares.writeLong),
            "read": .double(shares.read), "source": .string(source), "as_of": .init(asOf),
        ]
    }

    private static func share(_ share: Double) -> String { JSON.double(share).text() }

    private static func kept(_ lifetime: Duration, _ long: Duration?) -> String {
        long.map { "\(text(lifetime)) or \(text($0))" } ?? text(lifetime)
    }

    /// As the settings take it: `90s`, `5m`, `1h`.
    private static func text(_ duration: Duration) -> String {
        let seconds = Int(duration.seconds)
        if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }
}

extension ProviderEntry.PromptCacheRow {
    var json: JSON {
        var members = rules.json.objectValue ?? [:]
        members["model"] = .string(model)
        return .object(members)
    }
}
