import BatchExecutor
import ParleyCore
import Synchronization

/// Shows the progress of a run: a panel on a terminal, elsewhere a plain line every few seconds.
final class ProgressShow: Sendable {
    private let screen: Screen
    private let title: String
    /// When something was last shown, in the run's own time.
    private let shown = Mutex<Duration?>(nil)

    init(screen: Screen, title: String) {
        self.screen = screen
        self.title = title
    }

    func update(_ progress: RunProgress) {
        let pause =
            screen.terminal.isInteractive
            ? Duration.seconds(1) / Screen.panelsPerSecondMax : Screen.plainLineEvery
        let isDue = shown.withLock { shown in
            // The first plain line comes after a pause as well: a short run needs none.
            let last = shown ?? (screen.terminal.isInteractive ? .zero - pause : .zero)
            guard progress.elapsed - last >= pause else { return false }
            shown = progress.elapsed
            return true
        }
        guard isDue else { return }
        if screen.terminal.isInteractive {
            screen.show(
                panel: PanelFrame.render(
                    progress, title: title, width: screen.terminal.width - 1, color: screen.terminal.isColored
                ))
        } else {
            screen.say(PanelFrame.line(progress))
        }
    }

    func end() { screen.clearPanel() }
}
