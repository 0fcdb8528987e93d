import Crypto
public import ParleyCore

extension ProviderAccount {
    /// How many bytes of the hash are kept: enough to tell accounts apart, too few to look a key up by.
    private static let fingerprintBytes = 8

    /// The name under which the account's limits and failures are kept: it tells two keys and two addresses of one provider
    /// apart, and holds neither.
    public var accountName: AccountName {
        var hash = SHA256()
        // The salt makes it a number of parley's own: no list of hashed keys from elsewhere fits.
        for part in ["parley account", baseURL.description, key?.exposed ?? ""] {
            hash.update(data: Array(part.utf8) + [0])
        }
        let hexadecimal = hash.finalize().prefix(Self.fingerprintBytes).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        return AccountName(provider: name, fingerprint: hexadecimal.joined())
    }
}
