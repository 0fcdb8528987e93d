import ConversationStore
import OrderedCollections
import ParleyCore
import UsageReport

/// Finds the tool call that somebody means.
struct CallSearch {
    /// So many open calls are told to somebody who names another.
    static let toldMax = 5
    /// So many are looked through for a near name.
    private static let lookedAtMax = 1000

    let store: Store

    /// The open call of that number, else the one to which the provider gave that id.
    func find(_ word: String) async throws -> StoredCall {
        let named = try await store.openCalls(named: word, upTo: Self.toldMax)
        if let number = Int64(word), number > 0, let call = try await store.toolCall(ToolCallID(number)) {
            if try await isOpen(call) { return call }
            // An id may be a number as well.
            if named.isEmpty {
                throw call.state == .answered ? Self.isAnswered(call) : Self.isTakenOut(call)
            }
        }
        if named.count > 1 {
            throw CommandFailure(
                "'\(word.showingControls)' is the id of several open calls; name one by its number: "
                    + Self.list(named))
        }
        guard let call = named.first else { throw try await unknown(word) }
        return call
    }

    private func isOpen(_ call: StoredCall) async throws -> Bool {
        try await store.openCalls(of: call.session).contains { $0.id == call.id }
    }

    private func unknown(_ word: String) async throws -> CommandFailure {
        let open = try await store.openCalls(upTo: Self.lookedAtMax)
        let sentence = "there is no open tool call '\(word.showingControls)'"
        guard !open.isEmpty else { return CommandFailure("\(sentence), and no other either") }
        let near = NearestName.of(word, among: open.map(\.call.id))
        if let call = open.first(where: { $0.call.id == near }) {
            return CommandFailure("\(sentence); did you mean \(Self.list([call]))?")
        }
        let more = open.count > Self.toldMax ? ", …" : ""
        return CommandFailure("\(sentence); open are \(Self.list(Array(open.prefix(Self.toldMax))))\(more)")
    }

    static func isAnswered(_ call: StoredCall) -> CommandFailure {
        CommandFailure(
            "call \(call.id) is answered already; `parley sessions show \(call.session)` shows with what")
    }

    private static func isTakenOut(_ call: StoredCall) -> CommandFailure {
        CommandFailure(
            "call \(call.id) is no part of its conversation any more: its turn was taken out, or it has its result"
        )
    }

    /// `3 (clock, session 1), 4 (weather, session 1)`
    static func list(_ calls: [StoredCall]) -> String {
        calls.map { "\($0.id) (\($0.call.name.showingControls), session \($0.session))" }
            .joined(separator: ", ")
    }

    static func json(_ call: StoredCall) -> JSON {
        [
            "call": .int(call.id.number), "id": .string(call.call.id), "name": .string(call.call.name),
            "session": .int(call.session.number),
            "arguments": call.call.arguments.object.map { .object($0) } ?? .null,
            "started_at": .init(call.startedAt?.iso8601),
        ]
    }
}
