import BatchExecutor
import ConversationStore
import Foundation
import Logging
import ParleyCore
import UsageReport

/// What every command works with: the settings put together, the screen, the way to the database.
///
/// The command line wins over variables, those over the settings file, that over the defaults. Variables have become
/// words of the command line before; see ``ArgumentLine``.
struct Workspace: Sendable {
    let screen: Screen
    let logger: Logger
    let config: ConfigFile
    let databasePath: String
    let environment: [String: String]
    let time: TimeSource

    init(_ options: GlobalOptions, time: TimeSource = .system) throws {
        environment = ProcessInfo.processInfo.environment
        self.time = time
        let screen = Screen(
            terminal: .current(environment: environment), isQuiet: options.quiet, log: options.log, time: time
        )
        self.screen = screen
        let level: Logger.Level = options.verbose ? .debug : options.quiet ? .error : .warning
        logger = Logger(label: "parley") { _ in
            switch options.log {
            case .text: ScreenLogHandler(screen: screen, logLevel: level)
            case .json: EventLogHandler(screen: screen, logLevel: level)
            }
        }
        let directories = Directories(environment: environment)
        config = try Self.config(named: options.config, standard: directories?.configFile)
        guard let path = options.database ?? config.database ?? directories?.database else {
            throw CommandFailure.usage("there is no home folder here; name the database with --database FILE")
        }
        databasePath = path
        isStandardDatabase = path == directories?.database
    }

    /// Whether the database stands where nobody named it; its folder is made then.
    private let isStandardDatabase: Bool

    /// A settings file that is named must be there; the standard one need not.
    private static func config(named path: String?, standard: String?) throws -> ConfigFile {
        guard let file = path ?? standard else { return ConfigFile() }
        guard FileManager.default.fileExists(atPath: file) else {
            if path == nil { return ConfigFile() }
            throw CommandFailure("there is no settings file \(file)")
        }
        guard let bytes = FileManager.default.contents(atPath: file),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw CommandFailure("the settings file \(file) cannot be read as UTF-8 text") }
        return try ConfigFile(yaml: text, path: file)
    }

    enum Access { case reading, writing }

    /// Opens the database for a piece of work and closes it after, whatever happens.
    func withStore<Result>(
        _ access: Access, _ work: (Store) async throws -> Result
    ) async throws -> Result {
        let store = try await open(access)
        do {
            let result = try await work(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    private func open(_ access: Access) async throws -> Store {
        guard access == .writing else { return try await Store.openReadOnly(at: databasePath) }
        if isStandardDatabase {
            let folder = (databasePath as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        return try await Store.open(at: databasePath, time: time)
    }
}

extension Workspace {
    /// All prices; those that parley comes with where there is no database yet.
    func priceBook() async throws -> PriceBook {
        try await withStore(.writing) { PriceBook(try await $0.prices().map(\.price)) }
    }
}
