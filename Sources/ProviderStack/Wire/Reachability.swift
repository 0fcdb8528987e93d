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
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(timeout))
        do {
            let channel = try await bootstrap.connect(host: baseURL.host, port: baseURL.port).get()
            try? await channel.close()
            return nil
        } catch {
            return Failure(
                kind: .unreachable, provider: provider,
                message: WireError.reason(for: error, origin: baseURL.origin))
        }
    }
}
