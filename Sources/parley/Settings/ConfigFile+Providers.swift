import ParleyCore
import ProviderStack

extension ConfigFile {
    private enum Key: String, CaseIterable {
        case dialect
        case baseURL = "base_url"
        case keyVariable = "key_variable"
        case local, tools, cache, json, headers
        case promptCache = "prompt_cache"
    }

    /// How a provider's models are asked for tool calls, in the words of the settings.
    private enum Tools: String, CaseIterable {
        case native, emulated
        case onRefusal = "on-refusal"

        var emulation: ProviderEntry.ToolEmulation {
            switch self {
            case .native: .never
            case .emulated: .always
            case .onRefusal: .onRefusal
            }
        }
    }

    /// A provider of the user's own, or a built-in one made over.
    ///
    /// For a built-in's name everything that is not said stays as it is in the catalogue, unless the dialect changes:
    /// the quirks of one dialect mean nothing in another.
    static func provider(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> ProviderEntry {
        guard !entry.name.isEmpty, !entry.name.contains("/") else {
            throw reader.error(
                entry, "a provider's name holds no slash: it stands before one in provider/model")
        }
        let members = try reader.members(of: entry, known: Key.allCases.map(\.rawValue))
        var provider = try beginning(of: entry, members, reader)
        for member in members where !member.isEmpty {
            switch Key(rawValue: member.name) {
            case .baseURL: provider.baseURL = try baseURL(member, reader)
            case .keyVariable:
                provider.keyVariable = try variable(member, reader)
                provider.needsKey = true
            case .local: provider.isLocal = try reader.flag(member)
            case .tools: provider.quirks.toolEmulation = (try reader.choice(member) as Tools).emulation
            case .cache: provider.quirks.cacheHint = try reader.choice(member)
            case .json: provider.quirks.answerForms = try reader.choice(member)
            case .headers: provider.headers = try headers(member, reader)
            case .promptCache: provider.promptCache = try promptCache(member, reader)
            case .dialect, nil: break
            }
        }
        return provider
    }

    private static func beginning(
        of entry: YAMLReader.Entry, _ members: [YAMLReader.Entry], _ reader: YAMLReader
    ) throws(ConfigFileError) -> ProviderEntry {
        var dialect: Dialect?
        if let member = members.first(where: { $0.name == Key.dialect.rawValue }), !member.isEmpty {
            dialect = try reader.choice(member)
        }
        if let builtIn = Catalogue.builtIn.provider(ProviderName(entry.name)),
            dialect == nil || dialect == builtIn.dialect
        {
            return builtIn
        }
        guard members.contains(where: { $0.name == Key.baseURL.rawValue && !$0.isEmpty }) else {
            throw reader.error(entry, "the provider needs a base_url")
        }
        return ProviderEntry(name: ProviderName(entry.name), dialect: dialect ?? .openAIChat, baseURL: "")
    }

    private static func baseURL(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> String {
        let text = try reader.string(entry)
        do throws(BaseURL.Flaw) {
            return try BaseURL(text).description
        } catch {
            // The text itself may hold a key, as a user name or in a query.
            throw reader.error(entry, "this is no base URL: \(error.description)")
        }
    }

    private static func variable(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> String {
        let name = try reader.string(entry)
        let isName =
            name.first.map { !$0.isNumber } == true
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isName, !KeyShape.fits(name) else {
            throw reader.error(
                entry,
                "it names the environment variable that holds the key, such as LAB_API_KEY; never the key")
        }
        return name
    }

    /// Headers that every dialect sets itself.
    private static let ownHeaders = ["authorization", "x-api-key", "content-type", "content-length", "host"]

    private static func headers(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> [String: String] {
        var headers: [String: String] = [:]
        for member in try reader.members(of: entry) {
            let name = member.name.lowercased()
            let value = try reader.string(member)
            if ownHeaders.contains(name) {
                throw reader.error(
                    member, "parley sets this header itself; the key's variable is named with 'key_variable'")
            }
            if KeyShape.fits(value) {
                throw reader.error(member, "this looks like a key, and keys do not stand in the settings")
            }
            guard !name.isEmpty,
                name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }),
                value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
            else { throw reader.error(member, "a header is written in ASCII, in one line") }
            headers[name] = value
        }
        return headers
    }
}

/// Whether a text looks like a provider's key, so that it can be refused where keys do not belong.
enum KeyShape {
    private static let beginnings = [
        "sk-", "sk_", "xai-", "gsk_", "AIza", "hf_", "ghp_", "github_pat_", "pplx-", "nvapi-", "eyJ",
        "Bearer ",
        "Basic ",
    ]
    /// Words are shorter; keys are not.
    private static let runMin = 24

    /// By the beginnings that providers use, or by a long run of letters and digits together.
    static func fits(_ text: String) -> Bool {
        if beginnings.contains(where: { text.hasPrefix($0) && text.count >= $0.count + 6 }) { return true }
        let runs = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return runs.contains { run in
            run.count >= runMin && run.contains(where: \.isNumber) && run.contains(where: \.isLetter)
        }
    }
}
