/// An account at a provider, told apart from others without its key: whose limits and whose failures these are.
public struct AccountName: Sendable, Hashable {
    public let provider: ProviderName
    /// Made of the address and the key such that neither can be found from it; empty where there is only one account.
    public let fingerprint: String

    public init(provider: ProviderName, fingerprint: String = "") {
        self.provider = provider
        self.fingerprint = fingerprint
    }
}

/// What one rate limit holds for: providers count each model of an account by itself.
public struct LimiterName: Sendable, Hashable {
    public let account: AccountName
    public let model: String

    public init(account: AccountName, model: String) {
        self.account = account
        self.model = model
    }
}
