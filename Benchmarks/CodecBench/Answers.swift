import ParleyCore
import ProviderStack

/// Whole answers as each dialect's provider writes them; the same text in all of them.
enum Answers {
    static let text = Prose.text(200)

    static func whole(_ dialect: Dialect) -> [UInt8] {
        let text = JSON.string(text).text()
        let body: String
        switch dialect {
        case .openAIChat:
            body = """
                {"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion","created":1741569952,\
                "model":"gpt-4.1-2025-04-14","choices":[{"index":0,"message":{"role":"assistant","content":\(text),\
                "refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,\
                "completion_tokens":200,"total_tokens":219,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},\
                "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,\
                "rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_f99638a8d7"}
                """
        case .openAIResponses:
            body = """
                {"id":"resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b","object":"response",\
                "created_at":1741476542,"status":"completed","error":null,"incomplete_details":null,\
                "instructions":null,"max_output_tokens":null,"model":"gpt-4.1-2025-04-14","output":[{"type":"message",\
                "id":"msg_67ccd2bf17f0819081ff3bb2cf6508e6","status":"completed","role":"assistant","content":\
                [{"type":"output_text","text":\(text),"annotations":[],"logprobs":[]}]}],\
                "parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},\
                "store":true,"temperature":1.0,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],\
                "top_p":1.0,"truncation":"disabled","usage":{"input_tokens":36,"input_tokens_details":\
                {"cached_tokens":0},"output_tokens":200,"output_tokens_details":{"reasoning_tokens":0},\
                "total_tokens":236},"user":null,"metadata":{}}
                """
        case .anthropic:
            body = """
                {"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":\
                "claude-sonnet-4-5-20250929","content":[{"type":"text","text":\(text)}],"stop_reason":"end_turn",\
                "stop_sequence":null,"usage":{"input_tokens":36,"cache_creation_input_tokens":0,\
                "cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,\
                "ephemeral_1h_input_tokens":0},"output_tokens":200,"service_tier":"standard"}}
                """
        case .ollama:
            body = """
                {"model":"llama3.2","created_at":"2025-07-07T20:22:19.184789Z","message":{"role":"assistant",\
                "content":\(text)},"done_reason":"stop","done":true,"total_duration":5191566416,\
                "load_duration":2154458,"prompt_eval_count":36,"prompt_eval_duration":383809000,"eval_count":200,\
                "eval_duration":4799921000}
                """
        }
        return Array(body.utf8)
    }
}
