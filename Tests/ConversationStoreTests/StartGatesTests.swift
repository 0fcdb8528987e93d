import ConversationStore
import Foundation
import ParleyCore
import Testing

/// The gates that processes share; a second store on the same file stands for a second process.
@Suite struct StartGatesTests {
    private let name = LimiterName(account: AccountName(provider: "openai", fingerprint: "one"), model: "m")
    private let distance = 20e6

    private func wait(_ store: Store, _ name: LimiterName? = nil, at milliseconds: Int64) -> Duration {
        store.startWait(
            of: name ?? self.name, distance: distance, at: Timestamp(milliseconds: 1_000_000 + milliseconds))
    }

    @Test func `What one process starts keeps the other's next request apart`() async throws {
        let test = try await TestStore()
        let other = try await Store.open(at: test.store.path)
        #expect(wait(test.store, at: 0) == .zero)
        #expect(wait(other, at: 0) == .milliseconds(10))
        #expect(wait(other, at: 10) == .zero)
        #expect(wait(test.store, at: 20) == .milliseconds(10))
        await other.close()
        #expect(wait(test.store, at: 20) == .milliseconds(10))
        await test.store.close()
    }

    @Test func `Each limiter has a gate of its own, however many there are`() async throws {
        let test = try await TestStore()
        let names = (0..<1000).map { LimiterName(account: name.account, model: "model-\($0)") }
        for name in names { #expect(wait(test.store, name, at: 0) == .zero) }
        for name in names { #expect(wait(test.store, name, at: 0) == .milliseconds(10)) }
        await test.store.close()
    }

    @Test func `Many at once get a distance each`() async throws {
        let test = try await TestStore()
        let stores = [test.store, try await Store.open(at: test.store.path)]
        let started = await withTaskGroup(of: Int.self) { group in
            for store in stores {
                for _ in 0..<4 {
                    group.addTask { [self] in
                        (0..<1000).filter { _ in wait(store, at: 0) == .zero }.count
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(started == 1)
        for store in stores { await store.close() }
        await test.store.close()
    }

    @Test func `The file is there while somebody needs it, and no longer`() async throws {
        let test = try await TestStore()
        let path = test.store.path + "-gate"
        let other = try await Store.open(at: test.store.path)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(wait(test.store, at: 0) == .zero)
        #expect(wait(other, at: 0) > .zero)
        await test.store.close()
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(wait(other, at: 0) > .zero)
        await other.close()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `Without a file the gates are the process's own`() async throws {
        let test = try await TestStore()
        try FileManager.default.createDirectory(
            atPath: test.store.path + "-gate", withIntermediateDirectories: false)
        #expect(wait(test.store, at: 0) == .zero)
        #expect(wait(test.store, at: 0) == .milliseconds(10))
        await test.store.close()
    }

    @Test func `What a process left behind that was killed holds nobody up for long`() async throws {
        let test = try await TestStore()
        try Data(repeating: 0x7f, count: 4096).write(to: URL(filePath: test.store.path + "-gate"))
        #expect(wait(test.store, at: 0) <= .milliseconds(40))
        await test.store.close()
    }
}
