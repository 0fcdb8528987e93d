public import ParleyCore
import Synchronization

/// What is known of the way to the world outside, and when it is time to look again.
///
/// A plain value: no clock, no connection. ``ConnectivityWatch`` holds one and does the looking.
public struct Connectivity: Sendable, Hashable {
    public enum Verdict: String, Sendable, Hashable {
        case online, offline
    }

    /// How long a verdict is believed.
    public static let validFor: Duration = .seconds(300)

    private struct Look: Sendable, Hashable {
        let verdict: Verdict
        let at: Timestamp
    }

    private var last: Look?
    private var isLooking = false

    public init() {}

    /// What the last look gave; nil when it is too old or there was none.
    public func verdict(at now: Timestamp) -> Verdict? {
        guard let last, now >= last.at, now.since(last.at) < Self.validFor else { return nil }
        return last.verdict
    }

    /// Whether somebody has to look now; whoever is told so must report by ``looked(_:at:)``.
    public mutating func begins(at now: Timestamp) -> Bool {
        guard !isLooking, verdict(at: now) == nil else { return false }
        isLooking = true
        return true
    }

    public mutating func looked(_ verdict: Verdict, at now: Timestamp) {
        isLooking = false
        last = Look(verdict: verdict, at: now)
    }
}

/// Knows whether only local providers can be asked: because the user wants it so, or because nothing outside answers.
///
/// ``isOffline`` is what stands in the way of a request, and it only reads; looking is for moments in which nobody waits
/// for an answer: the start of a run, the start of a chat.
public final class ConnectivityWatch: Sendable {
    /// Whether one of the addresses can be reached within that time.
    public typealias Probe = @Sendable ([BaseURL], Duration) async -> Bool

    /// How long one look may take; the addresses are tried side by side.
    public static let timeout: Duration = .seconds(3)
    /// Two resolvers that are everywhere, by number so that no name has to be resolved, and the provider that is asked
    /// most, by name: where a firewall keeps two of them away, the third answers.
    public static let endpoints = ["https://1.1.1.1", "https://8.8.8.8", "https://api.openai.com"]
        .compactMap { try? BaseURL($0) }

    private struct State: Sendable {
        var isChosen: Bool
        var connectivity = Connectivity()
    }

    private let state: Mutex<State>
    private let endpoints: [BaseURL]
    private let time: TimeSource
    private let probe: Probe

    /// - Parameter isChosen: the user wants to stay offline, so nobody looks.
    public init(
        isChosen: Bool = false, endpoints: [BaseURL] = ConnectivityWatch.endpoints,
        time: TimeSource = .system,
        probe: @escaping Probe = { await Reachability.anyAnswers($0, within: $1) }
    ) {
        state = Mutex(State(isChosen: isChosen))
        self.endpoints = endpoints
        self.time = time
        self.probe = probe
    }

    /// Whether the user wants to stay offline; a chat turns it on and off.
    public var isChosen: Bool {
        get { state.withLock { $0.isChosen } }
        set { state.withLock { $0.isChosen = newValue } }
    }

    /// Whether only local providers are to be asked, by what is known at this moment. Waits for nothing.
    public var isOffline: Bool {
        state.withLock { $0.isChosen || $0.connectivity.verdict(at: time.now) == .offline }
    }

    /// Looks, unless a verdict is fresh or somebody else is looking; then gives what is known, and online where nothing is.
    @discardableResult
    public func look() async -> Connectivity.Verdict {
        if isChosen { return .offline }
        guard state.withLock({ $0.connectivity.begins(at: time.now) }) else {
            return state.withLock { $0.connectivity.verdict(at: time.now) } ?? .online
        }
        let verdict: Connectivity.Verdict = await probe(endpoints, Self.timeout) ? .online : .offline
        state.withLock { $0.connectivity.looked(verdict, at: time.now) }
        return verdict
    }
}

extension ProviderEntry {
    /// Whether the provider can be asked without a way to the world outside: it is on this machine by the catalogue's or
    /// the user's word, or by its address.
    public func worksOffline(environment: [String: String]) -> Bool {
        var keyless = self
        keyless.needsKey = false
        let account = try? ProviderAccount(entry: keyless, environment: environment)
        return account.map { $0.entry.isLocal || $0.baseURL.isLoopback } ?? isLocal
    }
}

/// A provider of the world outside was to be asked while only local ones may be.
public struct OfflineError: Error, Sendable, Hashable, CustomStringConvertible {
    public let provider: ProviderName
    /// By the user's wish, rather than because nothing outside answers.
    public let isChosen: Bool

    public init(provider: ProviderName, isChosen: Bool) {
        self.provider = provider
        self.isChosen = isChosen
    }

    public var description: String {
        isChosen
            ? "\(provider) is not on this machine, and parley is to stay offline: only local providers are asked"
            : "\(provider) cannot be reached and nothing else outside answers: only local providers are asked"
    }
}
