public import ParleyCore

/// The providers whose names, before a slash, make a row's `model` complete.
///
/// `gpt-4o-mini` and `meta-llama/llama-3.1-8b` in a row belong to the batch's own provider; `openai/gpt-4o-mini` names
/// its own. Only a list can tell the last two apart.
public enum KnownProviders {
    /// The names of the catalogue, without the user's own providers.
    public static let builtIn = Set(Catalogue.builtIn.names.map { ProviderName($0) })
}
