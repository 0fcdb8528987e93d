"""A provider on loopback that tells one long story, in pieces of many sizes at many moments, and remembers what it sent when.

It speaks three dialects: `POST /v1/chat/completions` (OpenAI's stream with its usage), `POST /v1/messages` (Anthropic's) and
`POST /api/chat` (Ollama's lines). A request whose last turn is the assistant's is gone on with from there; so is one in
which the user asks for the rest of the turn before. Whoever goes on from something that is no beginning of the story is refused
with status 400, and so is a last turn of the assistant that ends with a blank, as Anthropic does.
"""

import json
import socket
import socketserver
import threading
import time

REST = "Your last answer broke off."


class Telling:
    """How one answer is told: its text, in pieces, each with a pause in seconds before it."""

    def __init__(self, text, steps, drops_at=None):
        self.text = text
        self.steps = steps
        # The connection is closed instead of sending this piece.
        self.drops_at = drops_at
        self.begun = threading.Event()
        self.ended = threading.Event()
        self.beginning = None
        self.started = None
        # (moment, bytes of the story that had been handed to the socket then)
        self.sent = []

    def bytes_sent(self, moment):
        """How much of the story, its given beginning included, had been sent by then."""
        known = len((self.beginning or "").encode())
        for at, count in self.sent:
            if at > moment:
                break
            known = count
        return known

    def moment_of(self, count):
        """When the first byte behind so many was sent; None where it was not."""
        return next((at for at, sent in self.sent if sent > count), None)


class StoryServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        self.requests = 0
        self.faults = []
        # Given a question's first words and the beginning that is gone on from: its Telling.
        self.tell = None

    def serve_in_background(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Whoever is killed closes its connection."""


class Handler(socketserver.BaseRequestHandler):
    def setup(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""

    def handle(self):
        while True:
            read = self.read()
            if read is None:
                return
            path, body = read
            if not self.answer(path, json.loads(body)):
                return

    def read(self):
        while b"\r\n\r\n" not in self.data:
            more = self.request.recv(65536)
            if not more:
                return None
            self.data += more
        head, _, rest = self.data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        length = int(headers.get("content-length", "0"))
        while len(rest) < length:
            more = self.request.recv(65536)
            if not more:
                return None
            rest += more
        self.data = rest[length:]
        return lines[0].split(" ")[1], rest[:length]

    def answer(self, path, body):
        dialect = {"/v1/chat/completions": OpenAI, "/v1/messages": Anthropic, "/api/chat": Ollama}.get(path)
        if dialect is None:
            return self.refuse(404, f"nothing is at {path}")
        self.server.requests += 1
        turns = [(turn["role"], words(turn["content"])) for turn in body["messages"] if turn["role"] != "system"]
        beginning = ""
        if turns[-1][0] == "assistant":
            beginning = turns[-1][1]
            if beginning != beginning.rstrip():
                return self.refuse(400, "the last turn ends with a blank")
        elif turns[-1][1].startswith(REST):
            beginning = turns[-2][1]
        telling = self.server.tell(next(text for role, text in turns if role == "user"), beginning)
        if not telling.text.startswith(beginning):
            return self.refuse(400, "that is no beginning of the story")
        if not body.get("stream"):
            return self.refuse(400, "only streams are served")
        telling.beginning = beginning
        return self.stream(dialect(body["model"]), telling)

    def refuse(self, status, message):
        self.server.faults.append(message)
        body = json.dumps({"error": {"message": message, "type": "invalid_request_error"}}).encode()
        head = f"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.request.sendall(head.encode() + body)
        return True

    def stream(self, dialect, telling):
        self.request.sendall(
            f"HTTP/1.1 200 OK\r\nContent-Type: {dialect.kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        self.chunk(dialect.opening())
        rest = telling.text[len(telling.beginning) :]
        count = len(telling.beginning.encode())
        telling.started = time.monotonic()
        telling.begun.set()
        try:
            for number, (pause, size) in enumerate(telling.steps):
                if not rest:
                    break
                time.sleep(pause)
                if number == telling.drops_at:
                    self.request.shutdown(socket.SHUT_RDWR)
                    return False
                piece, rest = rest[:size], rest[size:]
                count += len(piece.encode())
                self.chunk(dialect.piece(piece))
                telling.sent.append((time.monotonic(), count))
            if rest:
                self.chunk(dialect.piece(rest))
                telling.sent.append((time.monotonic(), count + len(rest.encode())))
            self.chunk(dialect.closing())
            self.request.sendall(b"0\r\n\r\n")
            return True
        finally:
            telling.ended.set()

    def chunk(self, text):
        data = text.encode()
        self.request.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def words(content):
    """A turn's text, whether it is written as one or in blocks."""
    if isinstance(content, str):
        return content
    return "".join(block.get("text", "") for block in content)


class OpenAI:
    kind = "text/event-stream"

    def __init__(self, model):
        self.model = model

    def event(self, choices, **more):
        document = {"id": "chatcmpl-story", "object": "chat.completion.chunk", "created": 1, "model": self.model}
        return "data: " + json.dumps({**document, "choices": choices, **more}) + "\n\n"

    def delta(self, delta, finish=None):
        return self.event([{"index": 0, "delta": delta, "finish_reason": finish}])

    def opening(self):
        return self.delta({"role": "assistant", "content": ""})

    def piece(self, text):
        return self.delta({"content": text})

    def closing(self):
        usage = {"prompt_tokens": 40, "completion_tokens": 7, "total_tokens": 47}
        return self.delta({}, "stop") + self.event([], usage=usage) + "data: [DONE]\n\n"


class Anthropic:
    kind = "text/event-stream"

    def __init__(self, model):
        self.model = model

    @staticmethod
    def event(name, **more):
        return f"event: {name}\ndata: {json.dumps({'type': name, **more})}\n\n"

    def opening(self):
        message = {"id": "msg_story", "type": "message", "role": "assistant", "model": self.model, "content": []}
        message |= {"stop_reason": None, "usage": {"input_tokens": 40, "output_tokens": 1}}
        block = {"type": "text", "text": ""}
        return self.event("message_start", message=message) + self.event(
            "content_block_start", index=0, content_block=block
        )

    def piece(self, text):
        return self.event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    def closing(self):
        return (
            self.event("content_block_stop", index=0)
            + self.event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 7})
            + self.event("message_stop")
        )


class Ollama:
    kind = "application/x-ndjson"

    def __init__(self, model):
        self.model = model

    def line(self, text, **more):
        message = {"role": "assistant", "content": text}
        document = {"model": self.model, "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}
        return json.dumps({**document, **more}) + "\n"

    def opening(self):
        return self.line("")

    def piece(self, text):
        return self.line(text)

    def closing(self):
        return self.line("", done=True, done_reason="stop", prompt_eval_count=40, eval_count=7)
