import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct AnthropicUsageTests {
    @Test func `Reads and writes of the cache stand beside the input, each in its bucket`() {
        let usage = AnthropicCodec.usage(from: [
            "input_tokens": 50, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 248,
            "cache_creation": ["ephemeral_5m_input_tokens": 148, "ephemeral_1h_input_tokens": 100],
            "output_tokens": 30, "output_tokens_details": ["thinking_tokens": 20],
        ])
        #expect(
            usage
                == Usage(
                    inputUncached: 50, cacheRead: 1000, cacheWrite5m: 148, cacheWrite1h: 100, output: 30,
                    reasoning: 20))
        #expect(usage?.inputTotal == 1298)
    }

    @Test func `What was written counts as kept for five minutes where nothing else is said`() {
        let plain = AnthropicCodec.usage(from: ["input_tokens": 5, "cache_creation_input_tokens": 248])
        #expect(plain == Usage(inputUncached: 5, cacheWrite5m: 248))
        let partly = AnthropicCodec.usage(from: [
            "input_tokens": 5, "cache_creation_input_tokens": 248,
            "cache_creation": ["ephemeral_1h_input_tokens": 100],
        ])
        #expect(partly == Usage(inputUncached: 5, cacheWrite5m: 148, cacheWrite1h: 100))
    }

    @Test func `No figures are no usage`() {
        #expect(AnthropicCodec.usage(from: nil) == nil && AnthropicCodec.usage(from: [:]) == nil)
        #expect(AnthropicCodec.usage(from: .null) == nil)
    }

    @Test func `More thinking than output is not believed`() {
        let usage = AnthropicCodec.usage(from: [
            "output_tokens": 5, "output_tokens_details": ["thinking_tokens": 9],
        ])
        #expect(usage == Usage(output: 5, reasoning: 5))
    }

    @Test func `The end of a stream repeats the input, it does not add to it`() throws {
        let start: JSON = [
            "input_tokens": 50, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 248,
            "cache_creation": ["ephemeral_5m_input_tokens": 148, "ephemeral_1h_input_tokens": 100],
            "output_tokens": 3,
        ]
        let end: JSON = [
            "input_tokens": 50, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 248,
            "output_tokens": 30,
        ]
        #expect(
            try usage(start, end)
                == Usage(
                    inputUncached: 50, cacheRead: 1000, cacheWrite5m: 148, cacheWrite1h: 100, output: 30))
    }

    @Test func `The end of a stream may tell the output only`() throws {
        #expect(
            try usage(["input_tokens": 25, "output_tokens": 1], ["output_tokens": 15])
                == Usage(inputUncached: 25, output: 15))
    }

    @Test func `A server that tells the input only at the end is believed`() throws {
        #expect(
            try usage(
                ["input_tokens": 0, "output_tokens": 0], ["input_tokens": 9, "output_tokens": 7])
                == Usage(inputUncached: 9, output: 7))
    }

    @Test func `Zeros at the end do not push the input out`() throws {
        #expect(
            try usage(
                ["input_tokens": 25, "cache_read_input_tokens": 10, "output_tokens": 1],
                ["input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0])
                == Usage(inputUncached: 25, cacheRead: 10))
    }

    @Test func `Tools of the provider make the input grow until the end`() throws {
        #expect(
            try usage(
                ["input_tokens": 100, "output_tokens": 1],
                ["input_tokens": 20, "cache_read_input_tokens": 5000, "output_tokens": 40])
                == Usage(inputUncached: 20, cacheRead: 5000, output: 40))
    }

    private func usage(_ start: JSON, _ end: JSON) throws -> Usage? {
        try AnthropicCodec.fixture().read([
            ["type": "message_start", "message": ["id": "msg_1", "model": "claude", "usage": start]],
            [
                "type": "content_block_delta", "index": 0,
                "delta": ["type": "text_delta", "text": "Hi"],
            ],
            ["type": "message_delta", "delta": ["stop_reason": "end_turn"], "usage": end],
            ["type": "message_stop"],
        ]).result.get().usage
    }
}
