extension Store {
    /// Lets writes for which the disk has no room wait until there is some, or lets them fail, which they do otherwise.
    ///
    /// Whoever holds answers that were paid for waits. False makes those fail that wait already, with
    /// ``StoreError/diskFull(path:)``. An enqueueing never waits: it can be repeated.
    public func waitForRoom(_ waits: Bool) { writer.waitForRoom(waits) }

    /// Whether writes wait now because the disk is full.
    public var isWaitingForRoom: Bool { writer.isWaitingForRoom }
}
