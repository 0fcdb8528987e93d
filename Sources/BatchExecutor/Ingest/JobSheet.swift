public import OrderedCollections
public import ParleyCore

/// A whole batch as somebody says it: where its rows are, what is asked, within which limits.
///
/// It comes from a YAML job file, from the command line, or from both, in which case the command line wins. What nobody
/// said is nil, so that "not said" and "said to be the default" stay apart until ``settings`` is asked for.
public struct JobSheet: Sendable, Hashable {
    /// Limits for running, not for enqueueing: they are kept with the batch.
    public typealias Limits = BatchLimits

    public var files: [JobFile]
    public var batch: String?
    public var model: ModelName?
    public var role: String?
    public var system: String?
    public var prompt: String?
    public var schema: JSON?
    public var schemaRetriesMax: Int?
    public var limits: Limits
    public var fallbacks: [ModelName]?
    public var maxTokens: Int?
    public var temperature: Double?
    public var options: JSONObject
    public var streams: Bool?
    public var attemptsMax: Int?
    public var priority: Int?
    public var deadline: Deadline?
    public var idColumn: String?

    public init(
        files: [JobFile] = [], batch: String? = nil, model: ModelName? = nil, role: String? = nil,
        system: String? = nil, prompt: String? = nil, schema: JSON? = nil,
        schemaRetriesMax: Int? = nil, limits: Limits = Limits(),
        fallbacks: [ModelName]? = nil, maxTokens: Int? = nil,
        temperature: Double? = nil, options: JSONObject = [:], streams: Bool? = nil, attemptsMax: Int? = nil,
        priority: Int? = nil, deadline: Deadline? = nil, idColumn: String? = nil
    ) {
        self.files = files
        self.batch = batch
        self.model = model
        self.role = role
        self.system = system
        self.prompt = prompt
        self.schema = schema
        self.schemaRetriesMax = schemaRetriesMax
        self.limits = limits
        self.fallbacks = fallbacks
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.options = options
        self.streams = streams
        self.attemptsMax = attemptsMax
        self.priority = priority
        self.deadline = deadline
        self.idColumn = idColumn
    }
}

extension JobSheet {
    /// The name of the batch: the one given, else the first file's without folders and extension.
    public var batchName: String { batch ?? files.first?.baseName ?? "batch" }

    /// What the batch says for all of its jobs, with the defaults for what nobody said.
    ///
    /// The row format is `columns`; the ingest corrects it for an OpenAI batch file, whose form only reading shows.
    public var settings: BatchSettings {
        BatchSettings(
            model: model, fallbacks: fallbacks ?? [], role: role ?? "default", system: system,
            promptTemplate: prompt, maxTokens: maxTokens, temperature: temperature, options: options,
            schema: schema, schemaRetriesMax: schemaRetriesMax ?? BatchSettings.schemaRetriesDefault,
            attemptsMax: attemptsMax ?? BatchSettings.attemptsMaxDefault,
            streams: streams ?? false, limits: limits)
    }

    /// This sheet with whatever the other one says put over it; options are joined member by member.
    ///
    /// A model that is named over a role, or a role over a model, drops the other: the last word decides who answers.
    public func overlaid(by other: JobSheet) -> JobSheet {
        return JobSheet(
            files: other.files.isEmpty ? files : other.files, batch: other.batch ?? batch,
            model: other.model ?? (other.role == nil ? model : nil), role: other.role ?? role,
            system: other.system ?? system, prompt: other.prompt ?? prompt, schema: other.schema ?? schema,
            schemaRetriesMax: other.schemaRetriesMax ?? schemaRetriesMax,
            limits: limits.overlaid(by: other.limits), fallbacks: other.fallbacks ?? fallbacks,
            maxTokens: other.maxTokens ?? maxTokens, temperature: other.temperature ?? temperature,
            options: options.merging(other.options) { _, new in new }, streams: other.streams ?? streams,
            attemptsMax: other.attemptsMax ?? attemptsMax, priority: other.priority ?? priority,
            deadline: other.deadline ?? deadline, idColumn: other.idColumn ?? idColumn)
    }
}
