import Foundation
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// An answer as a provider sent it, and what every client must make of it.
struct RecordedExchange: Sendable, CustomTestStringConvertible {
    enum Kind: String { case whole, stream, errors }

    let dialect: Dialect
    let name: String
    let body: [UInt8]
    /// `recorded` from a server, or written from the provider's `documentation`.
    let source: String
    let expected: JSON

    var testDescription: String { "\(dialect.rawValue)/\(name)" }
    var provider: ProviderName { ProviderName(expected["provider"]?.stringValue ?? "openai") }
    var codec: any DialectCodec { dialect.codec(provider: provider) }

    static let whole = all(of: .whole)
    static let streams = all(of: .stream)
    static let errors = all(of: .errors)

    private static func all(of kind: Kind) -> [RecordedExchange] {
        Dialect.allCases.flatMap { all(of: kind, in: $0) }
    }

    private static func all(of kind: Kind, in dialect: Dialect) -> [RecordedExchange] {
        let folder = Bundle.module.resourceURL!
            .appendingPathComponent("Fixtures/\(dialect.rawValue)/\(kind.rawValue)")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []
        return files.filter { $0.hasSuffix(".expected.json") }.map { file in
            let name = String(file.dropLast(".expected.json".count))
            let ending = kind == .stream ? dialect.streamEnding : "json"
            guard
                case .object(var expected) = try! JSON(
                    parsing: Array(Data(contentsOf: folder.appendingPathComponent(file))))
            else { preconditionFailure("\(file) is no object") }
            return RecordedExchange(
                dialect: dialect, name: name,
                body: Array(try! Data(contentsOf: folder.appendingPathComponent("\(name).\(ending)"))),
                source: expected.removeValue(forKey: "source")?.stringValue ?? "",
                expected: .object(expected))
        }
    }
}

extension Dialect {
    /// The codec for a provider of the catalogue, with a key that must never come out again.
    func codec(provider: ProviderName, quirks: ProviderEntry.Quirks? = nil) -> any DialectCodec {
        let known = Catalogue.builtIn.provider(provider)
        let entry = ProviderEntry(
            name: provider, dialect: self, baseURL: known?.baseURL ?? "http://127.0.0.1:1",
            quirks: quirks ?? known?.quirks ?? .init())
        let account = ProviderAccount(
            entry: entry, key: Secret(testKey), baseURL: try! BaseURL(entry.baseURL))
        return codec.init(account: account)
    }

    fileprivate var streamEnding: String { self == .ollama ? "ndjson" : "sse" }
}

extension RecordedExchange {
    /// What was made of it, in the form of the expectation.
    func outcome(_ result: Result<Completion, Failure>, warnings: Int = 0) -> JSON {
        var members: JSONObject = ["provider": .string(provider.text)]
        if let status = expected["status"] { members["status"] = status }
        switch result {
        case .success(let completion):
            members["text"] = .string(completion.text)
            members["reasoning"] = completion.reasoning.map { .string($0) }
            members["finish_reason"] = .string(completion.finishReason.word)
            members["model"] = .string(completion.model)
            members["request_id"] = completion.requestID.map { .string($0) }
            if !completion.toolCalls.isEmpty {
                members["tool_calls"] = .array(completion.toolCalls.map(Self.json))
            }
            members["usage"] = completion.usage.map(Self.json)
        case .failure(let failure):
            var inner: JSONObject = ["kind": .string(failure.kind.rawValue)]
            inner["code"] = failure.code.map { .string($0) }
            inner["status"] = failure.status.map { .int($0) }
            inner["message"] = .string(failure.message)
            inner["usage"] = failure.usage.map(Self.json)
            inner["partial"] = failure.partialText.map { .string($0) }
            members["failure"] = .object(inner)
        }
        if warnings > 0 { members["warnings"] = .int(warnings) }
        return .object(members)
    }

    private static func json(_ call: ToolCall) -> JSON {
        var members: JSONObject = [
            "id": .string(call.id), "name": .string(call.name),
            "arguments": call.arguments.object.map { .object($0) } ?? nil,
        ]
        if call.arguments.isRepaired { members["repaired"] = true }
        return .object(members)
    }

    private static func json(_ usage: Usage) -> JSON {
        var members: JSONObject = [
            "input": .int(usage.inputUncached), "cache_read": .int(usage.cacheRead),
            "cache_write": .int(usage.cacheWrite), "output": .int(usage.output),
            "reasoning": .int(usage.reasoning),
        ]
        members["cost"] = usage.reportedCost.map { .string($0.dollars) }
        return .object(members)
    }
}
