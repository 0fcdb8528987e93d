import Foundation
import GRDB
import Migrations
import ParleyCore
import Testing

@testable import ConversationStore

struct FileTests {
    @Test func `Closing leaves nothing but the one file`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        await test.store.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.directory) == ["parley.db"])
    }
}
