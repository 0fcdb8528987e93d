"""A provider without a model behind it: what it says hangs on the model's name, so that a test knows the answer."""

import json

import litellm
from litellm import CustomLLM, ModelResponse
from litellm.types.utils import (
    ChatCompletionDeltaToolCall,
    ChatCompletionMessageToolCall,
    Function,
    GenericStreamingChunk,
    Usage,
)

SENTENCE = "Paris is the capital of France."
PIECES = ["Paris ", "is the ", "capital ", "of France."]
CALLS = [("call_m1", "lookup", {"word": "Paris"}), ("call_m2", "lookup", {"word": "Rome"})]
COUNTS = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}


def refuse(model: str) -> None:
    details = {"llm_provider": "voice", "model": model}
    if model == "limited":
        raise litellm.RateLimitError(message="too many requests", **details)
    if model == "broken":
        raise litellm.InternalServerError(message="something broke", **details)
    if model == "long":
        raise litellm.ContextWindowExceededError(message="the prompt is too long", **details)


def tool_results(messages: list) -> list:
    return [str(message.get("content")) for message in messages if message.get("role") == "tool"]


class Voice(CustomLLM):
    async def acompletion(self, model: str, messages: list, model_response: ModelResponse, **_) -> ModelResponse:
        refuse(model)
        choice = model_response.choices[0]
        choice.finish_reason = "length" if model == "cut" else "stop"
        results = tool_results(messages)
        if model == "tools" and not results:
            choice.message.content = None
            choice.finish_reason = "tool_calls"
            choice.message.tool_calls = [
                ChatCompletionMessageToolCall(
                    id=call, type="function", function=Function(name=name, arguments=json.dumps(arguments))
                )
                for call, name, arguments in CALLS
            ]
        else:
            choice.message.content = " and ".join(results) or SENTENCE
        if model == "thoughtful":
            choice.message.reasoning_content = "Which city is it?"
        model_response.model = model
        model_response.usage = Usage(**COUNTS)
        return model_response

    async def astreaming(self, model: str, messages: list, **_):
        refuse(model)
        results = tool_results(messages)
        finish = "length" if model == "cut" else "stop"
        if model == "tools" and not results:
            finish = "tool_calls"
            for index, (call, name, arguments) in enumerate(CALLS):
                text = json.dumps(arguments)
                for id, part in [(call, text[:8]), (None, text[8:])]:
                    yield chunk(
                        tool_use={
                            "id": id,
                            "type": "function",
                            "index": index,
                            "function": {"name": name if id else None, "arguments": part},
                        }
                    )
        else:
            pieces = [" and ".join(results)] if results else PIECES
            for number, piece in enumerate(pieces):
                if model == "half" and number == 2:
                    raise litellm.InternalServerError(
                        message="it broke in the middle", llm_provider="voice", model=model
                    )
                yield chunk(text=piece)
        yield chunk(finish=finish)


def chunk(text: str = "", tool_use=None, finish: str = "") -> GenericStreamingChunk:
    return {
        "text": text,
        "tool_use": tool_use,
        "is_finished": bool(finish),
        "finish_reason": finish,
        "usage": COUNTS if finish else None,
        "index": 0,
    }


voice = Voice()
