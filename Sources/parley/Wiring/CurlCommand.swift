import ParleyCore
import ProviderStack

/// A shell command that sends a request once more, with the key as a variable.
///
/// The body arrives byte for byte as it stands here. What belongs to one request is left out: the idempotency key, because
/// the provider is to answer anew, and a header that leads to one machine's cache.
struct CurlCommand: Equatable {
    var url: String
    /// Where a value holds ``keyMark``, the shell puts the variable's value.
    var headers: [Header]
    var keyVariable: String?
    var body: String

    struct Header: Equatable {
        var name: String
        var value: String
    }

    /// Stands where the key goes; no key is ever put into a command.
    static let keyMark = "parley-key-goes-here"
    /// What Anthropic's OAuth tokens begin with, by which their header is chosen.
    static let oauthBeginning = "sk-ant-oat"
    /// Linux takes at most 128 KiB in one argument of a program; a longer body goes through a pipe instead, from `printf`,
    /// which is the shell's own and has no such limit.
    static let argumentBytesMax = 64 * 1024

    var text: String {
        let isLong = body.utf8.count > Self.argumentBytesMax
        var words = ["curl -sS \(ShellWord.quoted(url))"]
        words += headers.map { "-H \(quoted($0))" }
        words.append(isLong ? "--data-binary @-" : "--data-raw \(ShellWord.quoted(body))")
        return (isLong ? "printf %s \(ShellWord.quoted(body)) |\n" : "") + words.joined(separator: " \\\n  ")
    }

    private func quoted(_ header: Header) -> String {
        let line = "\(header.name): \(header.value)"
        guard let keyVariable, let mark = line.firstRange(of: Self.keyMark) else {
            return ShellWord.quoted(line)
        }
        func literal(_ text: Substring) -> String {
            text.map { "\\\"$`".contains($0) ? "\\\($0)" : String($0) }.joined()
        }
        return "\"\(literal(line[..<mark.lowerBound]))$\(keyVariable)\(literal(line[mark.upperBound...]))\""
    }
}

extension CurlCommand {
    /// The command for a request to that provider, at the address and with the headers of its dialect as they are now.
    ///
    /// Of the key only its beginning is looked at, never more than decides which header it goes into.
    init(
        repeating body: String, to entry: ProviderEntry, environment: [String: String]
    ) throws(ConfigurationError) {
        var environment = environment
        if let variable = entry.keyVariable {
            let key = (environment[variable] ?? "").trimmed
            if entry.needsKey || !key.isEmpty {
                environment[variable] =
                    key.hasPrefix(Self.oauthBeginning) ? Self.oauthBeginning + Self.keyMark : Self.keyMark
            }
        }
        let account = try ProviderAccount(entry: entry, environment: environment)
        let codec = entry.dialect.codec.init(account: account)
        var headers = [Header(name: "content-type", value: "application/json")]
        headers += entry.headers.sorted { $0.key < $1.key }.map { Header(name: $0.key, value: $0.value) }
        headers += codec.headers.map { name, value in
            Header(name: name, value: value.replacing(Self.oauthBeginning + Self.keyMark, with: Self.keyMark))
        }
        // DeepSeek's strict tools have an address of their own.
        let tools = (try? JSON(parsing: body))?["tools"]?.arrayValue ?? []
        let isStrict = tools.contains { $0["function"]?["strict"]?.boolValue == true }
        let place = isStrict ? entry.quirks.strictPath ?? "" : ""
        self.init(
            url: "\(account.baseURL)\(place)\(codec.path)", headers: headers, keyVariable: entry.keyVariable,
            body: body)
    }
}
