import OrderedCollections
public import ParleyCore

// The page for programs and spreadsheets.
extension PrefixPage {
    public var json: JSON {
        var object = scope.json(report: "cache", by: dimensions)
        object["rows"] = .array(
            rows.map { row in
                var members = Self.names(of: row)
                members["begins"] = .string(row.opening)
                members["tokens"] = row.line.tokens > 0 ? .int(row.line.tokens) : .null
                members["first_at"] = .string(row.line.firstAt.iso8601)
                members["last_at"] = .string(row.line.lastAt.iso8601)
                members.merge(PrefixTotal(row.line).json) { own, _ in own }
                return .object(members)
            })
        object["total"] = .object(rows.reduce(PrefixTotal()) { $0 + PrefixTotal($1.line) }.json)
        object["should_have_hit"] = .array(
            misses.map { miss in
                var members = Self.names(of: miss.row)
                members["reason"] = .string(miss.why.rawValue)
                members["requests"] = .int(miss.missed.requests)
                members["tokens"] = miss.row.line.tokens > 0 ? .int(miss.missed.tokens) : .null
                members["advice"] = .string(miss.why.advice)
                return .object(members)
            })
        object["saved_method"] = .string(Self.method)
        object["arrival_method"] = .string(OrderOutcome.method)
        object["should_have_hit_method"] = .string(Self.missMethod)
        return .object(object)
    }

    private static func names(of row: Row) -> JSONObject {
        [
            "batch": .string(row.batch), "model": .string(row.line.lane.model.description),
            "prefix": .string(row.line.name.text),
        ]
    }

    public var csv: String {
        let names = [
            "batch", "model", "prefix", "begins", "tokens", "requests", "hits", "input_total", "cache_read",
            "cache_write", "cache_share", "input_cost_usd", "saved_usd", "arrival_saved_tokens",
            "arrival_saved_usd",
        ]
        return CSVText.line(names + CacheMiss.allCases.map { "missed_\($0.rawValue)" })
            + rows.map { row in
                let (line, sums) = (row.line, PrefixTotal(row.line))
                let usage = line.usage
                let share =
                    usage.inputTotal > 0
                    ? Figures.fixed(Double(usage.cacheRead) / Double(usage.inputTotal), 4) : ""
                let counts = [
                    line.requests, line.hits, usage.inputTotal, usage.cacheRead, usage.cacheWrite,
                ]
                return CSVText.line(
                    [row.batch, line.lane.model.description, line.name.text, row.opening]
                        + [line.tokens > 0 ? String(line.tokens) : ""] + counts.map { String($0) }
                        + [
                            share, sums.json["input_cost_usd"]?.stringValue ?? "",
                            sums.knownSaving?.dollars ?? "", sums.order.map { String($0.tokens) } ?? "",
                            sums.order?.known?.dollars ?? "",
                        ] + CacheMiss.allCases.map { String(line.missed[$0]?.requests ?? 0) })
            }.joined()
    }
}
