import NIOCore
import NIOPosix
public import ParleyCore

/// Looks whether somebody listens at a provider's address.
public enum Reachability {
    /// The default for how long one look may take.
    public static let timeoutDefault: Duration = .seconds(3)

    /// Opens a TCP connection and closes it again; no request is sent. Nil when it stood.
    public static func probe(
        _ baseURL: BaseURL, provider: ProviderName, timeout: Duration = timeoutDefault
    ) async -> Failure? {
        do {
            try await connect(to: baseURL, timeout: timeout).get()
            return nil
        } catch {
            return Failure(
                kind: .unreachable, provider: provider,
                message: WireError.reason(for: error, origin: baseURL.origin))
        }
    }

    /// Whether a connection to one of the addresses stands in time. All are tried at once, and the first that stands
    /// decides.
    public static func anyAnswers(_ addresses: [BaseURL], within timeout: Duration) async -> Bool {
        let verdict = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Bool.self)
        let attempts = addresses.map { connect(to: $0, timeout: timeout) }
        for attempt in attempts { attempt.whenSuccess { verdict.succeed(true) } }
        EventLoopFuture.whenAllComplete(attempts, on: verdict.futureResult.eventLoop)
            .whenComplete { _ in verdict.succeed(false) }
        return (try? await verdict.futureResult.get()) ?? false
    }

    private static func connect(to baseURL: BaseURL, timeout: Duration) -> EventLoopFuture<Void> {
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(timeout))
            .connect(host: baseURL.host, port: baseURL.port)
            .map { channel in channel.close(promise: nil) }
    }
}
