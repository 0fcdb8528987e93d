import NIOHTTP1
public import ParleyCore

/// What an answer's headers say of the provider's limits: what the governor learns from.
public struct RateLimitReading: Sendable, Hashable {
    /// One of the limits; each figure is nil where the provider does not tell it.
    public struct Window: Sendable, Hashable {
        public var limit: Int?
        public var remaining: Int?
        /// Until the limit is whole again.
        public var resetsIn: Duration?

        public init(limit: Int? = nil, remaining: Int? = nil, resetsIn: Duration? = nil) {
            self.limit = limit
            self.remaining = remaining
            self.resetsIn = resetsIn
        }

        /// Whether the limit fills up evenly, as OpenAI's and Anthropic's do: then it is whole again after the part of a minute
        /// that was used of it. One that begins anew each minute says less and less the more was used.
        var fillsEvenly: Bool {
            guard let limit, limit > 0, let remaining, let resetsIn else { return true }
            let used = Double(limit - remaining) / Double(limit)
            return resetsIn.seconds >= 0.8 * 60 * used
        }

        var isEmpty: Bool { limit == nil && remaining == nil && resetsIn == nil }
    }

    public var requests: Window
    /// Input and output together.
    public var tokens: Window
    /// The input alone, where the provider limits it apart.
    public var inputTokens: Window
    /// The output alone, where the provider limits it apart.
    public var outputTokens: Window

    public init(
        requests: Window = Window(), tokens: Window = Window(), inputTokens: Window = Window(),
        outputTokens: Window = Window()
    ) {
        self.requests = requests
        self.tokens = tokens
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    /// Reads `x-ratelimit-{limit,remaining,reset}-…` and Anthropic's
    /// `anthropic-ratelimit-…-{limit,remaining,reset}` for requests, tokens, input tokens and output tokens;
    /// nil when none of them stands there.
    ///
    /// `header` gives a header's value by its lower-case name. Anthropic writes a moment (RFC 3339) where the
    /// others write how long it takes: without `now` it cannot be turned into a duration and is left out. One
    /// in the past is zero.
    public init?(now: Timestamp? = nil, header: (String) -> String?) {
        func window(_ kind: String) -> Window {
            func value(_ figure: String) -> String? {
                header("x-ratelimit-\(figure)-\(kind)") ?? header("anthropic-ratelimit-\(kind)-\(figure)")
            }
            return Window(
                limit: value("limit").flatMap { Int($0) }, remaining: value("remaining").flatMap { Int($0) },
                resetsIn: value("reset").flatMap { Self.duration($0) ?? Self.duration(until: $0, from: now) })
        }
        self.init(
            requests: window("requests"), tokens: window("tokens"), inputTokens: window("input-tokens"),
            outputTokens: window("output-tokens"))
        if [requests, tokens, inputTokens, outputTokens].allSatisfy(\.isEmpty) { return nil }
    }

    init?(_ headers: HTTPHeaders, now: Timestamp) {
        // Most answers of most servers have none: one pass over the names is cheaper than the look-ups.
        let isTold = headers.contains { header in
            let name = header.name.lowercased()
            return name.hasPrefix("x-ratelimit-") || name.hasPrefix("anthropic-ratelimit-")
        }
        guard isTold else { return nil }
        self.init(now: now) { headers.first(name: $0) }
    }

    /// Reads a moment such as `2026-11-21T08:00:30Z` as the time until then.
    private static func duration(until text: String, from now: Timestamp?) -> Duration? {
        guard let now, let moment = InternetTime.read(text) else { return nil }
        return max(.zero, moment.since(now))
    }

    /// Reads `20ms`, `6m0s`, `1h2m3.5s`, and a bare number as seconds.
    static func duration(_ text: String) -> Duration? {
        if let seconds = Double(text) {
            return (0...1e9).contains(seconds) ? .milliseconds(Int64((seconds * 1000).rounded(.up))) : nil
        }
        var milliseconds = 0.0
        var rest = Substring(text)
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            let unit = rest[digits.endIndex...].prefix { $0.isLetter }
            guard let figure = Double(digits), let factor = factors[String(unit)] else { return nil }
            milliseconds += figure * factor
            rest = rest[unit.endIndex...]
        }
        return text.isEmpty || !(0...1e12).contains(milliseconds)
            ? nil : .milliseconds(Int64(milliseconds.rounded(.up)))
    }

    /// Milliseconds of each unit of Go's durations.
    private static let factors: [String: Double] = [
        "ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]
}
