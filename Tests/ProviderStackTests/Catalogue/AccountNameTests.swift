import ParleyCore
import ProviderStack
import Testing

@Suite struct AccountNameTests {
    private func name(key: String?, url: String = "https://api.openai.com/v1") throws -> AccountName {
        let entry = ProviderEntry(name: "openai", baseURL: url, keyVariable: "OPENAI_API_KEY")
        return try ProviderAccount(entry: entry, key: key.map { Secret($0) }, baseURL: BaseURL(url))
            .accountName
    }

    @Test func `It tells keys and addresses apart and is the same each time`() throws {
        let one = try name(key: testKey)
        #expect(try name(key: testKey) == one)
        #expect(try name(key: testKey + "x") != one)
        #expect(try name(key: nil) != one)
        #expect(try name(key: testKey, url: "https://elsewhere.example/v1") != one)
    }

    @Test func `It holds nothing of the key`() throws {
        let fingerprint = try name(key: testKey).fingerprint
        #expect(fingerprint.count == 16 && fingerprint.allSatisfy(\.isHexDigit))
        for start in 0..<(testKey.count - 5) {
            #expect(!fingerprint.contains(String(testKey.dropFirst(start).prefix(6))))
        }
    }
}
