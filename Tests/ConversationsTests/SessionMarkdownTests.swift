import ConversationStore
import Foundation
import OrderedCollections
import ParleyCore
import Testing

@testable import Conversations

@Suite struct `A conversation as Markdown` {
    @Test func `Nothing in a text can close its fence or become a heading of the document`() {
        #expect(SessionDocument.fenced("a\n```\nb") == "````\na\n```\nb\n````")
        #expect(SessionDocument.fenced("x", as: "json") == "```json\nx\n```")
        #expect(SessionDocument.closed("```swift\nlet x = 1") == "```swift\nlet x = 1\n```")
        #expect(SessionDocument.closed("```\n# a\n```\n# b\n#tag") == "```\n# a\n```\n### b\n#tag")
        #expect(SessionDocument.closed("~~~~\n```\n~~~~") == "~~~~\n```\n~~~~")
    }
}

@Suite struct `A session as a document` {
    private func store() async throws -> (Store, String) {
        let folder = NSTemporaryDirectory() + "parley-document-" + UUID().uuidString
        return (try await Store.open(at: folder + "/parley.db"), folder)
    }

    @Test func `Comes back whole from another database, and a third time nothing is new`() async throws {
        let (first, folder) = try await store()
        let (second, otherFolder) = try await store()
        defer {
            try? FileManager.default.removeItem(atPath: folder)
            try? FileManager.default.removeItem(atPath: otherFolder)
        }
        let calls = [
            ToolCall(id: "a", name: "clock", arguments: .parsed(["zone": "UTC"])),
            ToolCall(id: "b", name: "clock", arguments: .invalid(raw: "{\"zone")),
        ]
        let at = Timestamp(milliseconds: 1_795_000_000_123)
        let source = ImportedSession(
            origin: "openai:1", title: "T", role: "r", model: ModelName(provider: "p", model: "m"),
            system: "S",
            settings: SessionSettings(maxTokens: 5), isArchived: true, createdAt: at, updatedAt: at,
            messages: [
                ImportedMessage(.user("q"), createdAt: at),
                ImportedMessage(
                    Message(role: .assistant, content: "", reasoning: "hm", toolCalls: calls),
                    finishReason: "tool_calls", createdAt: at,
                    answer: ImportedAnswer(
                        model: "p/m", usage: Usage(inputUncached: 3, output: 2), cost: Picodollars(7))),
                ImportedMessage(Message(role: .tool, content: "noon", toolCallID: "a"), createdAt: at),
                ImportedMessage(
                    Message(role: .tool, content: "bad", toolCallID: "b", isError: true, isProtected: true),
                    createdAt: at),
                ImportedMessage(.assistant("half"), isPartial: true, setAsideAt: at, createdAt: at),
            ])
        _ = try await first.importSessions([source], from: "x")
        let document = try await SessionDocument(of: SessionID(1), from: first)
        let bytes = document.json.bytes()
        let file = try SessionImport.read(bytes, path: "x.jsonl")
        #expect(file.problems == [])
        #expect(
            try await second.importSessions(file.sessions, from: "x") == [.new(SessionID(1), messages: 5)])
        #expect(try await second.importSessions(file.sessions, from: "x") == [.known(SessionID(1))])
        // Where it came from it is known as well.
        #expect(try await first.importSessions(file.sessions, from: "x") == [.known(SessionID(1))])
        var copy = try await SessionDocument(of: SessionID(1), from: second)
        copy.identity = first.identity
        #expect(copy.json == document.json)
        #expect(document.session.status == .archived && document.messages[1].calls[0].state == .answered)
        await first.close()
        await second.close()
    }
}
