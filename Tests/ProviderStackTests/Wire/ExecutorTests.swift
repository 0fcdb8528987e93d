import NIOPosix
import ProviderStack
import Testing

struct ExecutorTests {
    @Test func `A task on an executor of the transport runs on an event loop`() async throws {
        let http = HTTPTransport()
        let loops = await withTaskGroup(of: Bool.self) { group in
            for executor in http.executors {
                group.addTask(executorPreference: executor) {
                    await Task.yield()
                    return MultiThreadedEventLoopGroup.currentEventLoop != nil
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(!loops.isEmpty && loops.allSatisfy { $0 })
        await http.shutdown()
    }
}
