import Foundation
import ParleyCore
import ProviderStack

/// What it costs to turn requests into bytes and bytes into answers, in each dialect, on one core.
///
/// `codec-bench [DIALECT…]` prints the processor time and the number of allocations of one operation, beside what copying
/// the same bytes and Foundation's decoder take in the same run. A dialect whose answer is not read as it was meant is told
/// and makes the exit code 1.
@main
struct CodecBench {
    private static let roundSeconds = 0.2

    static func main() {
        let words = CommandLine.arguments.dropFirst()
        let dialects = words.isEmpty ? Dialect.allCases : words.compactMap { Dialect(rawValue: $0) }
        guard words.isEmpty || dialects.count == words.count else {
            let known = Dialect.allCases.map(\.rawValue).joined(separator: ", ")
            FileHandle.standardError.write(Data("usage: codec-bench [DIALECT…]: \(known)\n".utf8))
            exit(64)
        }
        var report = Report(measure: Measure(roundSeconds: roundSeconds))
        for dialect in dialects { report.measure(dialect) }
        exit(report.isWhole ? 0 : 1)
    }
}

/// Measures dialect by dialect and prints as it goes.
struct Report {
    let measure: Measure
    private(set) var isWhole = true

    init(measure: Measure) { self.measure = measure }

    mutating func measure(_ dialect: Dialect) {
        print(dialect.rawValue)
        let codec = dialect.codec.init(account: dialect.account)
        let model = ModelName(provider: dialect.account.name, model: "model")
        request("short chat", Requests.short(model), codec)
        request("transcript with tools", Requests.long(model), codec)
        whole(dialect, codec, model)
        for stream in RecordedStream.all(dialect) { read(stream, codec, model) }
    }

    private mutating func request(_ name: String, _ request: CompletionRequest, _ codec: any DialectCodec) {
        let bytes = codec.body(of: request, streams: true)
        guard (try? JSON(parsing: bytes)) != nil else { return refuse("request: \(name)", "it is not JSON") }
        line("request: \(name)", bytes.count, measure.cost { use(codec.body(of: request, streams: true)) })
    }

    private mutating func whole(_ dialect: Dialect, _ codec: any DialectCodec, _ model: ModelName) {
        let request = Requests.short(model)
        let bytes = Answers.whole(dialect)
        do throws(Failure) {
            let text = try codec.completion(from: bytes, for: request).text
            guard text == Answers.text else { return refuse("whole answer", "its text is another one") }
        } catch {
            return refuse("whole answer", error.message)
        }
        line(
            "whole answer", bytes.count,
            measure.cost { use(try? codec.completion(from: bytes, for: request)) })
    }

    private mutating func read(_ stream: RecordedStream, _ codec: any DialectCodec, _ model: ModelName) {
        let request = Requests.short(model)
        let name = "stream: \(stream.name)"
        switch Self.read(stream, codec, request).result {
        case .failure(let failure): return refuse(name, failure.message)
        case .success(let end):
            guard end.completion.text == stream.text else { return refuse(name, "its text is another one") }
        }
        let size = stream.bytes.count
        let chunks = stream.chunks.map { Data($0) }
        line(name, size, measure.cost { use(Self.read(stream, codec, request).events) }, per: chunks.count)
        line("  Foundation's decoder", size, measure.cost { Baselines.decoder(chunks) }, per: chunks.count)
        line("  finding the lines", size, measure.cost { Baselines.lines(stream.bytes) }, per: chunks.count)
        line("  copying", size, measure.cost { Baselines.copy(stream.bytes) }, per: chunks.count)
    }

    /// Reads the stream as the network would give it, piece by piece.
    private static func read(
        _ stream: RecordedStream, _ codec: any DialectCodec, _ request: CompletionRequest
    ) -> (events: Int, result: Result<StreamEnd, Failure>) {
        func read<Codec: DialectCodec>(_ codec: Codec) -> (Int, Result<StreamEnd, Failure>) {
            var reader = codec.stream(for: request)
            var events = 0
            stream.bytes.withUnsafeBufferPointer { bytes in
                for start in stride(from: 0, to: bytes.count, by: RecordedStream.pieceBytes) {
                    let end = min(start + RecordedStream.pieceBytes, bytes.count)
                    events += reader.read(UnsafeBufferPointer(rebasing: bytes[start..<end])).count
                }
            }
            return (events, reader.finish())
        }
        return read(codec)
    }

    /// `count` is of chunks, of which the figures are then told; the speed is always of bytes.
    private func line(_ name: String, _ size: Int, _ cost: Cost, per count: Int = 1) {
        let label = name.padding(toLength: 38, withPad: " ", startingAt: 0)
        print(
            String(
                format: "  %@ %8d B %10.2f µs %9.1f allocations %8.0f MB/s", label, size / count,
                cost.nanoseconds / 1000 / Double(count), cost.allocations / Double(count),
                Double(size) * 1000 / cost.nanoseconds))
    }

    private mutating func refuse(_ name: String, _ reason: String) {
        isWhole = false
        print("  \(name): not measured: \(reason)")
    }
}

extension Dialect {
    /// The provider that the dialect was made for, with a key.
    fileprivate var account: ProviderAccount {
        let name: ProviderName =
            switch self {
            case .openAIChat: "openai"
            case .openAIResponses: "openai-responses"
            case .anthropic: "anthropic"
            case .ollama: "ollama"
            }
        let known = Catalogue.builtIn.provider(name)
        let entry =
            known ?? ProviderEntry(name: name, dialect: self, baseURL: "http://127.0.0.1:1")
        guard let baseURL = try? BaseURL(entry.baseURL) else {
            preconditionFailure("the catalogue's base URL of \(name.text) is none")
        }
        return ProviderAccount(entry: entry, key: Secret("sk-bench-0123456789"), baseURL: baseURL)
    }
}
