import BatchExecutor
import ParleyCore
import Synchronization

/// Shows the progress of a run: a panel on a terminal, elsewhere a plain line every few seconds, with `--log json` an event.
final class ProgressShow: Sendable {
    /// A panel that comes so late was stopped meanwhile.
    private static let silenceMax = Duration.seconds(1)

    private let screen: Screen
    private let title: String

    private struct State: Sendable {
        /// When something was last shown, in the run's own time.
        var shownAt: Duration?
        var newest: RunProgress?
    }

    private let state = Mutex(State())

    init(screen: Screen, title: String) {
        self.screen = screen
        self.title = title
    }

    func update(_ progress: RunProgress) {
        let pause =
            screen.hasPanel ? Duration.seconds(1) / Screen.panelsPerSecondMax : Screen.plainLineEvery
        let isDue = state.withLock { state in
            state.newest = progress
            // The first plain line comes after a pause as well: a short run needs none.
            let last = state.shownAt ?? (screen.hasPanel ? .zero - pause : .zero)
            guard progress.elapsed - last >= pause else { return false }
            state.shownAt = progress.elapsed
            // After a Ctrl-Z the shell has written on the terminal: SIGCONT's handler comes first.
            return !screen.hasPanel || progress.elapsed - last < Self.silenceMax
        }
        guard isDue else { return }
        if screen.hasPanel {
            screen.show(
                panel: PanelFrame.render(
                    progress, title: title, width: screen.terminal.width - 1, color: screen.terminal.isColored
                ))
        } else if screen.log == .json {
            screen.emit(EventLine(progress))
        } else {
            screen.say(ProgressLine.text(progress))
        }
    }

    /// Says in one line where the run stands, because somebody asked.
    func tellNow() {
        guard let progress = state.withLock({ $0.newest }) else { return }
        if screen.log == .json {
            screen.emit(EventLine(progress))
        } else {
            screen.tell(ProgressLine.text(progress))
        }
    }

    func end() { screen.clearPanel() }
}
