import Conversations
import ParleyCore
import Synchronization

/// Shows an exchange while it happens.
final class ExchangeShow: Sendable {
    private let screen: Screen
    /// Nothing of the answer is shown: it is written as JSON at the end.
    private let isSilent: Bool

    init(screen: Screen, isSilent: Bool) {
        self.screen = screen
        self.isSilent = isSilent
    }

    func hear(_ event: ConversationEvent) {
        if case .arrived(.text(let piece)) = event, !isSilent { screen.result(piece) }
    }

    func end(_ exchange: Exchange) {
        if !isSilent { screen.result("\n") }
        if case .failed(let failure) = exchange.outcome { screen.tell("\(failure)") }
    }
}

extension ChatDesk {
    /// What it took, and the command that goes on.
    func bidFarewell(_ bill: Bill, session: SessionID) {
        screen.say("parley chat --session \(session)")
    }
}
