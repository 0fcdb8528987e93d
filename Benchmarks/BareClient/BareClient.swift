import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What the HTTP client can do when nothing is encoded, read or stored: the measure that `scripts/bench` holds `parley
/// run` against.
///
/// `bare-client URL COUNT CONCURRENCY` posts the same body COUNT times and prints the requests per second.
@main
struct BareClient {
    private static let body = ByteBuffer(
        string: """
            {"messages":[{"content":"What is 17 + 25? Answer with the number only.","role":"user"}],\
            "model":"canned"}
            """)

    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let count = Int(words[2]), let concurrency = Int(words[3]) else {
            FileHandle.standardError.write(Data("usage: bare-client URL COUNT CONCURRENCY\n".utf8))
            exit(64)
        }
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let left = Countdown(from: count)
        let clock = ContinuousClock()
        let elapsed = try await clock.measure {
            try await withThrowingTaskGroup(of: Void.self) { workers in
                for _ in 0..<concurrency {
                    workers.addTask {
                        while left.takeOne() { try await post(to: words[1], with: client) }
                    }
                }
                try await workers.waitForAll()
            }
        }
        try await client.shutdown()
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        print(Int((Double(count) / seconds).rounded()))
    }

    private static func post(to url: String, with client: HTTPClient) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "authorization", value: "Bearer bench")
        request.body = .bytes(body)
        let response = try await client.execute(request, timeout: .seconds(60))
        guard response.status == .ok else { throw Refused(status: response.status.code) }
        _ = try await response.body.collect(upTo: 1 << 20)
    }
}

/// The requests that are still to be sent.
private final class Countdown: Sendable {
    private let left: Mutex<Int>

    init(from count: Int) { left = Mutex(count) }

    func takeOne() -> Bool {
        left.withLock { left in
            left -= 1
            return left >= 0
        }
    }
}

/// The server answered with another status than 200, so the figure would be of something else.
struct Refused: Error {
    let status: UInt
}
