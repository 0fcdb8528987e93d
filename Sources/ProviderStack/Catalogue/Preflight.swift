import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import ParleyCore

/// Finds out whether a provider can be asked: is somebody there, is the key taken, are the models there.
///
/// No model is asked anything, so it costs nothing. What the provider's words echo of the key is taken out of them.
public struct Preflight: Sendable {
    /// An answer to so short a question takes no longer.
    public static let limitsDefault = TimeLimits(
        connect: .seconds(3), firstByte: .seconds(10), idle: .seconds(10), total: .seconds(20))
    /// OpenRouter's list, the longest known, is below 2 MiB.
    static let listBytesMax = 16 << 20

    let http: HTTPTransport
    let limits: TimeLimits
    let elapsed: @Sendable () -> Duration

    /// - Parameter elapsed: a clock that only has to run evenly.
    public init(
        http: HTTPTransport, limits: TimeLimits = limitsDefault,
        elapsed: @escaping @Sendable () -> Duration = Preflight.steadyClock
    ) {
        self.http = http
        self.limits = limits
        self.elapsed = elapsed
    }

    /// The machine's steady clock, from a start of its own.
    public static let steadyClock: @Sendable () -> Duration = {
        let start = ContinuousClock.now
        return { ContinuousClock.now - start }
    }()

    /// Takes one step after the other, until one fails.
    public func check(_ account: ProviderAccount, models: [String] = []) async -> PreflightReport {
        var report = PreflightReport(provider: account.name, baseURL: account.baseURL.description)
        let (failure, time) = await timed {
            await Reachability.probe(account.baseURL, provider: account.name, timeout: limits.connect)
        }
        if let failure {
            report.steps = [.init(.reachable, .failed, failure.message, time: time)]
            return report
        }
        report.steps = [.init(.reachable, .passed, "somebody listens", time: time)]
        guard let path = Self.listPath(of: account) else {
            report.steps.append(.init(.key, .unclear, "it lists no models, so only a request shows more"))
            return report
        }
        let (answer, listTime) = await timed { await get(path, of: account, withKey: true) }
        let found = await steps(from: answer, of: account, path: path, models: models, time: listTime)
        // Somebody who listens and then does not answer is not reachable after all.
        report.steps = found.first?.name == .reachable ? found : report.steps + found
        return report
    }

    /// Whether the provider has a list of its models that can be asked for.
    public static func hasList(_ account: ProviderAccount) -> Bool { listPath(of: account) != nil }

    /// Where the models are listed; nil for a provider that lists none (the ChatGPT backend that Codex asks).
    private static func listPath(of account: ProviderAccount) -> String? {
        switch account.entry.dialect {
        case .ollama: "/api/tags"
        case .anthropic: "/v1/models?limit=1000"
        case .openAIChat, .openAIResponses: account.baseURL.host == "chatgpt.com" ? nil : "/models"
        }
    }

    private func timed<Value: Sendable>(_ work: () async -> Value) async -> (Value, Duration) {
        let start = elapsed()
        let value = await work()
        return (value, elapsed() - start)
    }
}

extension Preflight {
    private enum Answer: Sendable {
        case list(ModelList)
        /// 200, but nothing that can be read as a list.
        case unreadable
        /// It says of itself that it is a simulator.
        case simulated
        case refused(Failure)
        case nothing(String)
    }

    private func get(_ path: String, of account: ProviderAccount, withKey: Bool) async -> Answer {
        let codec = account.entry.dialect.codec.init(account: account)
        var request = HTTPClientRequest(url: "\(account.baseURL)\(path)")
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "user-agent", value: "\(Release.name)/\(Release.version)")
        for (name, value) in account.entry.headers { request.headers.replaceOrAdd(name: name, value: value) }
        for (name, value) in codec.headers {
            if !withKey, let key = account.key, value.contains(key.exposed) { continue }
            request.headers.replaceOrAdd(name: name, value: value)
        }
        do throws(WireError) {
            let response = try await http.open(request, limits: limits, origin: account.baseURL.origin)
            let body = try await response.body.collect(upTo: Self.listBytesMax)
            guard response.status == 200 else {
                let question = CompletionRequest(
                    model: ModelName(provider: account.name, model: "-"), messages: [])
                return .refused(
                    body.withBytes { codec.failure(status: response.status, body: $0, for: question) })
            }
            if response.headers.first(name: "x-parley-simulated") == "true" { return .simulated }
            let document = body.withBytes { try? JSON(parsing: $0) }
            return document.flatMap { ModelList($0, dialect: account.entry.dialect) }.map { .list($0) }
                ?? .unreadable
        } catch {
            return .nothing(words(for: error))
        }
    }

    private func words(for error: WireError) -> String {
        switch error {
        case .cancelled: "the check was cancelled"
        case .timedOut(let limit): limits.sentence(for: limit)
        case .unreachable(let reason), .hungUp(let reason), .broken(let reason): reason
        case .tooLarge(let bytesMax): "the list of models is larger than \(bytesMax >> 20) MiB"
        }
    }

    private func steps(
        from answer: Answer, of account: ProviderAccount, path: String, models: [String], time: Duration
    ) async -> [PreflightReport.Step] {
        switch answer {
        case .nothing(let reason):
            return [.init(.reachable, .failed, reason, time: time)]
        case .refused(let failure):
            return [refusal(failure, time: time)]
        case .simulated:
            return [
                .init(.key, .passed, "taken by a simulator", time: time)
            ] + models.map { .init(.model, .passed, "\($0) is simulated") }
        case .unreadable:
            return [
                .init(
                    .key, .unclear, "its list of models cannot be read, so only a request shows more",
                    time: time)
            ]
        case .list(let list):
            return [await key(of: account, path: path, count: list.names.count, time: time)]
                + models.map { list.step(for: $0) }
        }
    }

    /// 401 and 403 speak of the key, 5xx of a provider that cannot be asked now. Any other refusal is of the question
    /// itself: a server may speak the dialect and have no list.
    private func refusal(_ failure: Failure, time: Duration) -> PreflightReport.Step {
        let said = "\(failure.message) (HTTP \(failure.status ?? 0))"
        switch failure.status ?? 0 {
        case 401, 403: return .init(.key, .failed, said, time: time)
        case 402: return .init(.key, .failed, said, time: time)
        case 429: return .init(.key, .unclear, "asked too often just now: \(said)", time: time)
        case 500...599: return .init(.reachable, .failed, said, time: time)
        default: return .init(.key, .unclear, "it lists no models: \(said)", time: time)
        }
    }

    /// A list that anybody gets says nothing of the key, so it is asked for once more without.
    private func key(
        of account: ProviderAccount, path: String, count: Int, time: Duration
    ) async -> PreflightReport.Step {
        let models = count == 1 ? "1 model" : "\(count) models"
        guard account.key != nil else { return .init(.key, .passed, "none needed, \(models)", time: time) }
        switch await get(path, of: account, withKey: false) {
        case .refused(let failure) where [401, 403].contains(failure.status):
            return .init(.key, .passed, "accepted, \(models)", time: time)
        case .list:
            return .init(
                .key, .unclear, "anybody may list its \(models), so only a request tries the key", time: time)
        default:
            return .init(.key, .passed, "accepted, \(models)", time: time)
        }
    }
}
