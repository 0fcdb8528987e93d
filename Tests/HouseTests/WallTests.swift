import Foundation
import Migrations
import Testing

@Suite struct `The walls stand` {
    /// Our own modules that each room may import.
    private static let doors: [String: Set<String>] = [
        "ParleyCore": [],
        "ConversationStore": ["ParleyCore", "Migrations"],
        "ProviderStack": ["ParleyCore"],
        "ProviderSimulator": ["ParleyCore"],
        "BatchExecutor": ["ParleyCore", "ConversationStore", "ProviderStack"],
        "Conversations": ["ParleyCore", "ConversationStore", "ProviderStack"],
        "UsageReport": ["ParleyCore"],
        "parley": [
            "ParleyCore", "ConversationStore", "ProviderStack", "ProviderSimulator", "BatchExecutor",
            "Conversations", "UsageReport",
        ],
    ]

    /// Packages that only one room may use.
    private static let tools: [String: String] = [
        "GRDB": "ConversationStore", "GRDBSQLite": "ConversationStore", "SQLite3": "ConversationStore",
        "AsyncHTTPClient": "ProviderStack", "FoundationNetworking": "nobody",
        "Hummingbird": "ProviderSimulator",
        "Subprocess": "Conversations", "SystemPackage": "Conversations",
        "ArgumentParser": "parley", "UnixSignals": "parley", "CLineEditor": "parley",
    ]

    @Test func `Each room imports only what its doors allow`() throws {
        let ours = Set(Self.doors.keys).union(["Migrations"])
        for file in try House.sources() {
            let allowed = try #require(Self.doors[file.room], "\(file.path) is in a room without a rule")
            let wrong = file.imports.intersection(ours).subtracting(allowed).subtracting([file.room])
            #expect(wrong.isEmpty, "\(file.path) imports \(wrong.sorted().joined(separator: ", "))")
        }
    }

    @Test func `The database, the network and the command line have one room each`() throws {
        for file in try House.sources() {
            for (tool, room) in Self.tools where file.imports.contains(tool) {
                #expect(file.room == room, "\(file.path) imports \(tool)")
            }
        }
    }

    @Test func `Only the screen prints`() throws {
        let printing =
            #/\b(print|debugPrint|puts|fputs)\(|FileHandle\.standard|STD(OUT|ERR)_FILENO|\bstd(out|err)\b/#
        for file in try House.sources() where !file.path.hasPrefix("Sources/parley/Screen/") {
            #expect(file.code.firstMatch(of: printing) == nil, "\(file.path) prints")
        }
    }

    @Test func `SQL stands only in the store and in the migrations`() throws {
        let sql =
            #/\b(SELECT\s.+\sFROM|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET|CREATE\s+(TABLE|INDEX)|PRAGMA)\b/#
        for file in try House.sources() where file.room != "ConversationStore" {
            #expect(file.code.firstMatch(of: sql) == nil, "\(file.path) speaks SQL")
        }
    }

    @Test func `Every migration is in the list, in its order, and small`() throws {
        let files = try House.files(in: ["migrations"], endings: [".sql"])
        let names = files.map { $0.path.split(separator: "/").last.map { String($0.dropLast(4)) } ?? "" }
        #expect(Migration.all.map(\.name) == names)
        for file in files { #expect(file.text.utf8.count <= 8192, "\(file.path) is larger than 8 KB") }
    }
}
