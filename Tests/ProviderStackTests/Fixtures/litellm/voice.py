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


def words(content) -> str:
    if isinstance(content, str):
        return content
    return "".join(block.get("text", "") for block in content or [])


def talk(messages: list) -> tuple[str, bool]:
    """What is said in a conversation, and whether it breaks off: the rest of a turn that broke off is told to its end."""
    turns = [(message["role"], words(message.get("content"))) for message in messages if message["role"] != "system"]
    said = ""
    if turns[-1][0] == "assistant":
        said = turns.pop()[1]
    elif turns[-1][1].startswith("Your last answer broke off."):
        said = turns[-2][1]
        turns = turns[:-2]
    questions = [text for role, text in turns if role == "user"]
    whole = f"Turn {len(questions)}: after {len(turns) - 1} others you said {questions[-1]} And so it ends."
    if not whole.startswith(said):
        return f"'{said}' was never said.", False
    return whole[len(said) :], not said and "Break" in questions[-1]


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
        elif model == "talk":
            choice.message.content = talk(messages)[0]
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
            breaks = model == "half"
            if model == "talk":
                text, breaks = talk(messages)
                pieces = [text[start : start + 9] for start in range(0, len(text), 9)]
            for number, piece in enumerate(pieces):
                if breaks and number == 2:
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
