import BatchExecutor
import OrderedCollections
import ParleyCore
import ProviderStack

/// Puts together what is to be enqueued: files, options, roles and defaults become job sheets.
struct SheetBuilder {
    let options: IngestOptions
    let config: ConfigFile
    let catalogue: Catalogue
    /// What was said of reusing answers; for a batch that is only enqueued.
    var reuse = BatchLimits()
    /// Hears what is not wrong, but perhaps not meant.
    let warn: (String) -> Void

    /// One sheet for each job file, and one for all other files together.
    func sheets(for paths: [String]) throws -> [JobSheet] {
        let said = try ownSheet()
        let jobs = paths.filter(isJob)
        let plain = paths.filter { !isJob($0) }
        let groups = (plain.isEmpty ? [] : [plain]) + jobs.map { [$0] }
        return try groups.map { files in
            try completed(JobSheet.gathered(files: files, format: options.format, said: said))
        }
    }

    private func isJob(_ path: String) -> Bool {
        options.format == .job || options.format == .auto && path.lowercased().hasSuffix(".yaml")
            || options.format == .auto && path.lowercased().hasSuffix(".yml")
    }

    /// What the command line says by itself.
    private func ownSheet() throws -> JobSheet {
        JobSheet(
            batch: options.batch, model: options.model, role: options.role, system: options.system,
            prompt: options.prompt, schema: try options.schema.map(SchemaFile.reading),
            schemaRetriesMax: options.schemaRetries,
            limits: BatchLimits(requestTimeout: options.timeout).overlaid(by: reuse),
            fallbacks: options.fallback.isEmpty ? nil : options.fallback, maxTokens: options.maxTokens,
            options: JSONObject(
                options.option.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }),
            attemptsMax: options.maxAttempts, priority: options.priority, deadline: options.deadline,
            idColumn: options.idColumn)
    }

    /// The sheet with the text of a prompt that it names, with what its role says where it is silent, with the default model
    /// where nobody named one, and with the last resort at the end of its chain.
    private func completed(_ sheet: JobSheet) throws -> JobSheet {
        var sheet = sheet
        do throws(PromptLibraryError) {
            sheet = try sheet.naming(from: config.promptLibrary)
        } catch {
            throw CommandFailure.usage(error.description)
        }
        if sheet.model == nil {
            let role = config.role(named: sheet.role)
            sheet.model = role?.model ?? config.defaultModel
            sheet.temperature = sheet.temperature ?? role?.temperature
            sheet.maxTokens = sheet.maxTokens ?? role?.maxTokens
            if let role, !role.fallbacks.isEmpty { sheet.fallbacks = sheet.fallbacks ?? role.fallbacks }
            warnOfUnknownRole(of: sheet)
        }
        if let last = config.lastResort, !sheet.models.contains(last) {
            sheet.fallbacks = (sheet.fallbacks ?? []) + [last]
        }
        for model in sheet.models where catalogue.provider(model.provider) == nil {
            let error = ConfigurationError.unknownProvider(
                model.provider, nearest: NearestName.of(model.provider.text, among: catalogue.names),
                known: catalogue.names)
            throw CommandFailure.usage(error.description)
        }
        return sheet
    }

    /// A role that is not in the settings is the role `default` under another name: it is still what the report shows.
    private func warnOfUnknownRole(of sheet: JobSheet) {
        guard let name = sheet.role, name != "default", config.roles[name] == nil, let model = sheet.model
        else { return }
        let guess = NearestName.of(name, among: config.roles.keys).map { " (did you mean '\($0)'?)" } ?? ""
        let stand = config.roles["default"] == nil ? "the default model" : "the role 'default'"
        warn("There is no role '\(name)' in the settings\(guess): \(stand) answers, which is \(model).")
    }
}

extension JobSheet {
    /// The model and its fallbacks, in the order in which they are asked.
    var models: [ModelName] { (model.map { [$0] } ?? []) + (fallbacks ?? []) }
}
