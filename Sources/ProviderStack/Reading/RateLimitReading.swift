import NIOHTTP1

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

        var isEmpty: Bool { limit == nil && remaining == nil && resetsIn == nil }
    }

    public var requests: Window
    public var tokens: Window

    public init(requests: Window = Window(), tokens: Window = Window()) {
        self.requests = requests
        self.tokens = tokens
    }

    /// Reads `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`; nil when none of them stands there.
    ///
    /// `header` gives a header's value by its lower-case name.
    public init?(header: (String) -> String?) {
        func window(_ kind: String) -> Window {
            Window(
                limit: header("x-ratelimit-limit-\(kind)").flatMap { Int($0) },
                remaining: header("x-ratelimit-remaining-\(kind)").flatMap { Int($0) },
                resetsIn: header("x-ratelimit-reset-\(kind)").flatMap { Self.duration($0) })
        }
        self.init(requests: window("requests"), tokens: window("tokens"))
        if requests.isEmpty, tokens.isEmpty { return nil }
    }

    init?(_ headers: HTTPHeaders) {
        // Most answers of most servers have none: one pass over the names is cheaper than six look-ups.
        guard headers.contains(where: { $0.name.lowercased().hasPrefix("x-ratelimit-") }) else { return nil }
        self.init { headers.first(name: $0) }
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
