import Foundation
import ParleyCore
import ProviderStack
import Testing

/// Every dialect writes every request as it was agreed; `PARLEY_GOLDEN=write` writes the agreement anew.
@Suite struct RequestContractTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test(arguments: Dialect.allCases, RequestScenario.all)
    func `A request is written as agreed`(dialect: Dialect, scenario: RequestScenario) throws {
        let codec = dialect.codec(provider: scenario.provider ?? dialect.usualProvider)
        let bytes = codec.body(of: scenario.request, streams: scenario.streams)
        let file = Self.folder.appendingPathComponent(scenario.path(for: dialect))
        if ProcessInfo.processInfo.environment["PARLEY_GOLDEN"] == "write" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes + [0x0A]).write(to: file)
        }
        let agreed = try String(contentsOf: file, encoding: .utf8)
        #expect(String(decoding: bytes, as: UTF8.self) + "\n" == agreed)
        #expect(try JSON(parsing: bytes).text(sortsKeys: true) == String(decoding: bytes, as: UTF8.self))
    }
}

extension Dialect {
    /// The provider that the dialect was made for.
    var usualProvider: ProviderName {
        switch self {
        case .openAIChat: "openai"
        case .openAIResponses: "openai-responses"
        case .anthropic: "anthropic"
        case .ollama: "ollama"
        }
    }
}
