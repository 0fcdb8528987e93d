import ArgumentParser
import ConversationStore
import OrderedCollections
import ParleyCore
import ProviderStack
import UsageReport

/// `parley failures show`: all that is kept of one failed request.
struct FailuresShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that is kept of a failed request, and a curl command that repeats it.",
        discussion: """
            With --curl only the command is written, for a shell: parley failures show 17 --curl | sh. It takes the key from its \
            variable. The provider answers, and bills, anew.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The failure's number in the list.")
    var id: Int

    @Flag(help: "Write only the curl command.")
    var curl = false

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        if curl, json { throw ValidationError("--curl and --json exclude each other") }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        guard
            let detail = try await workspace.withStore(
                .reading, { try await $0.failure(AttemptID(Int64(id))) })
        else {
            throw CommandFailure(
                "there is no failure \(id), or none any more; `parley failures list` shows what there is")
        }
        let command = Result { try Self.command(for: detail, workspace) }
        if curl { return workspace.screen.result(try command.get().text + "\n") }
        let page = FailurePage(detail: detail, command: command)
        workspace.screen.result(json ? page.json.text() + "\n" : page.text)
    }

    private static func command(
        for detail: FailureDetail, _ workspace: Workspace
    ) throws -> CurlCommand {
        guard !detail.requestBody.isEmpty else {
            throw CommandFailure("no request was sent over a wire, so there is nothing to repeat")
        }
        do throws(ConfigurationError) {
            let entry = try Catalogue.with(workspace.config).entry(detail.record.model.provider)
            return try CurlCommand(
                repeating: detail.requestBody, to: entry, environment: workspace.environment)
        } catch {
            throw CommandFailure(error.description)
        }
    }
}

/// A failed request in words.
struct FailurePage {
    let detail: FailureDetail
    let command: Result<CurlCommand, any Error>

    private static let labelWidth = 13
    private var record: FailureRecord { detail.record }
    private var advice: Failure.Advice? { Failure.Kind(rawValue: record.kind)?.advice }

    var text: String {
        let facts = facts.map { label, text in
            label + String(repeating: " ", count: Self.labelWidth - label.count) + text + "\n"
        }
        return facts.joined() + section("request", Self.readable(detail.requestBody))
            + section("response", detail.responseBody.map(Self.readable))
            + section("repeat", repeated)
    }

    private var facts: [(String, String)] {
        var facts = [
            ("failure", "\(record.id), \(record.failedAt.iso8601)"),
            ("kind", record.kind + (advice.map { ": \($0.sentence)" } ?? "")),
            ("model", record.model.description),
        ]
        if let batch = record.batch, let job = record.jobKey {
            let state = detail.jobState.map { ", now \($0.rawValue)" } ?? ""
            facts.append(("job", "\(job) of \(batch)\(state)"))
        } else {
            facts.append(("session", String(record.session.number)))
        }
        facts.append(("attempt", "\(detail.attempt) of \(detail.attempts)"))
        let answer = [record.status.map { "HTTP \($0)" }, record.code].compactMap { $0 }
        if !answer.isEmpty { facts.append(("status", answer.joined(separator: ", "))) }
        facts.append(("message", record.message))
        facts.append(
            (
                "size",
                "\(Figures.count(record.messagesCount, "message")), about "
                    + "\(Figures.count(record.estimatedTokens, "token")) (\(record.estimateMethod))"
            ))
        if let latency = detail.latency {
            facts.append(("took", "\(Figures.grouped(Int(latency.milliseconds))) ms"))
        }
        facts.append(("idempotency", detail.idempotencyKey))
        return facts
    }

    private var repeated: String {
        switch command {
        case .success(let command): command.text
        case .failure(let error): "\(error)"
        }
    }

    private func section(_ title: String, _ text: String?) -> String {
        guard let text, !text.isEmpty else { return "" }
        return "\n\(title)\n\(text)\n"
    }

    /// JSON with indents; anything else as it is.
    private static func readable(_ text: String) -> String {
        guard let document = try? JSON(parsing: text), document.objectValue != nil else { return text }
        return document.indented
    }

    var json: JSON {
        guard var object = record.json.objectValue else { return .null }
        object["attempt"] = .int(detail.attempt)
        object["attempts"] = .int(detail.attempts)
        object["role"] = .string(detail.role)
        object["job_state"] = .init(detail.jobState?.rawValue)
        object["sent_at"] = .string(detail.sentAt.iso8601)
        object["latency_ms"] = detail.latency.map { .int($0.milliseconds) } ?? .null
        object["idempotency_key"] = .string(detail.idempotencyKey)
        object["request"] = (try? JSON(parsing: detail.requestBody)) ?? .string(detail.requestBody)
        object["response"] = .init(detail.responseBody)
        object["curl"] = .init((try? command.get())?.text)
        return .object(object)
    }
}

extension JSON {
    /// Over several lines, for people.
    var indented: String { indented(by: 0) }

    private func indented(by depth: Int) -> String {
        let margin = String(repeating: "  ", count: depth + 1)
        let end = "\n" + String(repeating: "  ", count: depth)
        switch self {
        case .object(let members) where !members.isEmpty:
            let lines = members.map {
                "\(margin)\(JSON.string($0.key).text()): \($0.value.indented(by: depth + 1))"
            }
            return "{\n" + lines.joined(separator: ",\n") + end + "}"
        case .array(let elements) where !elements.isEmpty:
            return "[\n" + elements.map { margin + $0.indented(by: depth + 1) }.joined(separator: ",\n") + end
                + "]"
        default: return text()
        }
    }
}
