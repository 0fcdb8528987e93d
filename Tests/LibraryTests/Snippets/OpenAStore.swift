import ConversationStore

/// The title of the conversation that was led last.
func lastTitle(inDatabase path: String) async throws -> String? {
    let store = try await Store.open(at: path)
    let title = try await store.lastSession()?.title
    await store.close()
    return title
}
