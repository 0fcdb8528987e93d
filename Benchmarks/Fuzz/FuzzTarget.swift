import ProviderStack

/// What can be fuzzed. Each target holds its part to a property, not only to not crashing.
enum FuzzTarget: String, CaseIterable {
    /// Server-sent events: the same wherever the bytes are cut.
    case events
    /// Newline-delimited JSON: the same wherever the bytes are cut.
    case lines
    /// JSON: what was read is written and read again to the same value.
    case json
    /// The skimmer understands nothing that the parser refuses.
    case skimmer
    /// A tool's arguments: read, repaired or kept, and stable.
    case arguments
    /// Waits and limits in headers: within their bounds.
    case headers
    /// A table: the same wherever the file is cut, and rows that are JSON.
    case csv
    /// A chunk of the OpenAI chat dialect: the same by the fast path and by the parser.
    case chunk
    case wholeOpenAIChat = "whole-openai-chat"
    case wholeResponses = "whole-openai-responses"
    case wholeAnthropic = "whole-anthropic"
    case wholeOllama = "whole-ollama"
    /// A dialect's stream: the same wherever its bytes are cut.
    case streamOpenAIChat = "stream-openai-chat"
    case streamResponses = "stream-openai-responses"
    case streamAnthropic = "stream-anthropic"
    case streamOllama = "stream-ollama"

    /// Set once, before the fuzzer starts: its function can carry no state.
    nonisolated(unsafe) static var chosen = FuzzTarget.events

    func run(_ bytes: UnsafeBufferPointer<UInt8>) {
        switch self {
        case .events: EventTargets.events(bytes)
        case .lines: EventTargets.lines(bytes)
        case .json: TextTargets.json(bytes)
        case .skimmer: TextTargets.skimmer(bytes)
        case .arguments: TextTargets.arguments(bytes)
        case .headers: TextTargets.headers(bytes)
        case .csv: TableTargets.csv(bytes)
        case .chunk: DialectTargets.chunk(bytes)
        case .wholeOpenAIChat: DialectTargets.whole(bytes, DialectTargets.openAIChat)
        case .wholeResponses: DialectTargets.whole(bytes, DialectTargets.responses)
        case .wholeAnthropic: DialectTargets.whole(bytes, DialectTargets.anthropic)
        case .wholeOllama: DialectTargets.whole(bytes, DialectTargets.ollama)
        case .streamOpenAIChat: DialectTargets.stream(bytes, DialectTargets.openAIChat)
        case .streamResponses: DialectTargets.stream(bytes, DialectTargets.responses)
        case .streamAnthropic: DialectTargets.stream(bytes, DialectTargets.anthropic)
        case .streamOllama: DialectTargets.stream(bytes, DialectTargets.ollama)
        }
    }
}

/// How an input is cut into pieces: into as many as its own bytes say, so that a finding is its input and nothing else.
struct Cuts {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// The length of the next piece: mostly short ones, sometimes a long one.
    mutating func next() -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let draw = Int(state >> 40)
        return draw % 4 == 0 ? 1 + (draw >> 2) % 200 : 1 + (draw >> 2) % 9
    }

    /// Gives the bytes piece by piece.
    static func pieces(of bytes: UnsafeBufferPointer<UInt8>, _ take: (UnsafeBufferPointer<UInt8>) -> Void) {
        var cuts = Cuts(bytes)
        var start = 0
        while start < bytes.count {
            let end = min(start + cuts.next(), bytes.count)
            take(UnsafeBufferPointer(rebasing: bytes[start..<end]))
            start = end
        }
    }
}
