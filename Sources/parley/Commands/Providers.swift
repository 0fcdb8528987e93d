import ArgumentParser
import ParleyCore
import ProviderStack
import UsageReport

/// `parley providers`: who can be asked.
struct Providers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Who can be asked.", subcommands: [ProvidersList.self])
}

/// `parley providers list`: the catalogue and the user's own, and whether each has its key.
struct ProvidersList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the providers, where they are, and whether their keys are set.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "One JSON array.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let catalogue = Catalogue.with(workspace.config)
        let providers = catalogue.names.compactMap { name in
            catalogue.provider(ProviderName(name)).map { Listing($0, environment: workspace.environment) }
        }
        if json { return workspace.screen.result(JSON.array(providers.map(\.json)).text() + "\n") }
        let table = TextTable(
            columns: ["provider", "dialect", "base URL", "key"].map { TextTable.Column($0) },
            rows: providers.map { [$0.entry.name.text, $0.entry.dialect.rawValue, $0.baseURL, $0.keyText] })
        workspace.screen.result(table.text)
    }

    struct Listing {
        let entry: ProviderEntry
        let baseURL: String
        let isKeySet: Bool

        init(_ entry: ProviderEntry, environment: [String: String]) {
            self.entry = entry
            let own = environment[entry.baseURLVariable].flatMap { $0.isEmpty ? nil : $0 }
            baseURL = own ?? (entry.name == .simulator ? "in process" : entry.baseURL)
            isKeySet = entry.keyVariable.map { !(environment[$0] ?? "").isEmpty } ?? false
        }

        var keyText: String {
            guard let variable = entry.keyVariable else { return "none needed" }
            if isKeySet { return "\(variable) is set" }
            return entry.needsKey ? "\(variable) is missing" : "none needed"
        }

        var json: JSON {
            [
                "provider": .string(entry.name.text), "dialect": .string(entry.dialect.rawValue),
                "base_url": .string(baseURL), "key_variable": .init(entry.keyVariable),
                "key_set": .bool(isKeySet), "base_url_variable": .string(entry.baseURLVariable),
                "local": .bool(entry.isLocal),
            ]
        }
    }
}
