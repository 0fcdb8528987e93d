import ConversationStore
import ParleyCore

extension ConversationRunner {
    /// Has open calls decided on one by one and runs the chosen ones beside each other; gives those that stay open.
    ///
    /// Each is written down as begun before it is, and its result as soon as it is there.
    ///
    /// - Parameter names: the tools that the conversation offers; nil = all. A call of another one is refused, whatever it is.
    func runCalls(
        _ calls: [StoredCall], in turn: OpenTurn, offering names: [String]?, _ onEvent: @escaping Listener
    ) async throws -> [StoredCall] {
        var chosen: [StoredCall] = []
        for call in calls {
            if Task.isCancelled { break }
            if call.state == .invalid {
                try await finish(
                    call, .error("The arguments could not be read as a JSON object."), in: turn, onEvent)
                continue
            }
            if let names, !names.contains(call.call.name) {
                try await finish(
                    call, .error("This tool is not offered in this conversation."), in: turn, onEvent)
                continue
            }
            switch await tools.decide(on: call) {
            case .run: chosen.append(call)
            case .refuse(let reason): try await finish(call, .error(reason), in: turn, onEvent)
            case .wait: break
            }
        }
        if !Task.isCancelled {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for call in chosen {
                    group.addTask { [self] in
                        try await store.noteStart(of: call.id, in: turn)
                        await onEvent(.toolStarts(call))
                        // A call that is stopped has no result; it may have had its effect, and says so when it was begun.
                        guard let result = try? await tools.run(call) else { return }
                        try await finish(call, result, in: turn, onEvent)
                    }
                }
                try await group.waitForAll()
            }
        }
        return try await uncancelled { try await $0.openCalls(of: turn.session) }
    }

    /// Answers the open calls of a conversation that goes on without them.
    func leaveCalls(of session: SessionID, _ onEvent: Listener) async throws {
        let open = try await store.openCalls(of: session)
        for call in open {
            let sentence =
                call.startedAt == nil
                ? "It was not run: the user went on without it."
                : "It was begun, and nobody knows how it ended: the user went on without it."
            try await store.answer(call, with: .error(sentence))
        }
        if !open.isEmpty {
            await onEvent(.notice("The open tool calls are answered as not run: you went on without them."))
        }
    }

    private func finish(
        _ call: StoredCall, _ result: ToolResult, in turn: OpenTurn, _ onEvent: Listener
    ) async throws {
        try await store.answer(call, with: result, in: turn)
        await onEvent(.toolEnds(call, result))
    }
}
