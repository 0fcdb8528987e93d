import OrderedCollections
import ParleyCore

/// What is known of the order of arrival.
public enum OrderOutcome: Sendable, Equatable {
    case replayed(OrderSaving)
    /// There are so many requests that they were not replayed.
    case tooMany(Int)

    /// How it is computed; it stands under every table and in every JSON that has it.
    static let method =
        "arrival order is computed: the jobs in the order of their file at the same moments of sending, by the rules of "
        + "each model's cache (least length, first token, lifetime, requests a minute), each beginning as long as the most "
        + "that was read or written of it"

    /// After `against arrival order`.
    var text: String {
        switch self {
        case .replayed(let saving):
            let amount = saving.known.map(MoneyText.single) ?? "unpriced"
            let more = saving.tokens < 0 ? "fewer" : "more"
            return "\(amount), \(Figures.grouped(abs(saving.tokens))) tokens \(more) from caches"
                + (saving.unpriced > 0 && saving.known != nil
                    ? "; \(Figures.count(saving.unpriced, "request")) unpriced" : "")
        case .tooMany(let requests):
            return "not computed for \(Figures.grouped(requests)) requests at once; --batch NAME tells it"
        }
    }

    var json: JSON {
        switch self {
        case .replayed(let saving): .object(saving.json)
        case .tooMany: .null
        }
    }
}

extension OrderSaving {
    var json: JSONObject {
        [
            "saved_tokens": .int(tokens), "saved_usd": .init(known?.dollars), "requests": .int(requests),
            "unpriced": .int(unpriced),
        ]
    }
}
