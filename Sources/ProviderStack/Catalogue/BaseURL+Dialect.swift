extension BaseURL {
    /// The URL without the beginning of the dialect's own path, which people write along with it.
    ///
    /// The path of Anthropic's dialect is `/v1/messages`; a base that ends in `/v1`, as Kimi's is often
    /// given, would double it.
    func fitted(to dialect: Dialect) -> BaseURL {
        guard dialect == .anthropic else { return self }
        var fitted = self
        for ending in ["/messages", "/v1"] where fitted.path.hasSuffix(ending) {
            fitted.path.removeLast(ending.count)
        }
        return fitted
    }
}
