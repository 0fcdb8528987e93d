public import ParleyCore
public import ProviderSimulator

/// Runs a simulator's server and gives its base URL.
public func withSimulatorServer<Value: Sendable>(
    _ settings: SimulatorSettings, time: TimeSource = .system,
    _ body: @escaping @Sendable (String) async throws -> Value
) async throws -> Value {
    let server = SimulatorServer(settings: settings, time: time)
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await server.run { port in found.yield(port) }
            return nil
        }
        group.addTask {
            for await port in ports { return try await body("http://127.0.0.1:\(port)/v1") }
            return nil
        }
        defer { group.cancelAll() }
        while let value = try await group.next() { if let value { return value } }
        throw CancellationError()
    }
}
