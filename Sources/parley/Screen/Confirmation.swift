import Foundation

/// Asks before something is done that cannot be undone.
struct Confirmation {
    private let screen: Screen

    init(_ screen: Screen) { self.screen = screen }

    /// Returns when somebody has said yes; where nobody can be asked, the flag says it.
    func require(_ question: String) throws {
        guard isatty(STDIN_FILENO) == 1, screen.terminal.isInteractive else {
            throw CommandFailure.usage("there is no terminal to ask at; give --yes to do it without asking")
        }
        screen.tell("\(question) Type yes to go on:")
        let answer = readLine()?.trimmingCharacters(in: .whitespaces).lowercased()
        screen.leavePanel()
        guard answer == "yes" || answer == "y" else { throw CommandFailure("nothing was removed") }
    }
}
