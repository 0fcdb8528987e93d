"""A provider on loopback that counts: one line for each request that has come in whole, written before it is answered.

    counting_server.py PORT_FILE LOG_FILE LATENCY_MS_MIN LATENCY_MS_MAX REFUSES_EVERY

A line is `idempotency key <tab> digest of the body <tab> question`. A question is named by the `qNNNNNNN` in its prompt, and
the answer says `answer qNNNNNNN`, so that an answer that was stored with the wrong job is found out. Every answer has
24 + 16 tokens of input (16 from a cache) and 7 of output. Where REFUSES_EVERY is not 0, that request in so many is answered
with status 503. It listens on a free port, which it writes into PORT_FILE.
"""

import asyncio
import hashlib
import json
import os
import random
import re
import signal
import sys

NAME = re.compile(rb"q\d{7}")


class Exchange(asyncio.Protocol):
    """One connection: requests with a content length, one after the other."""

    taken = 0

    def __init__(self, log, latency, refuses_every):
        self.log = log
        self.latency = latency
        self.refuses_every = refuses_every
        self.data = b""
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.data += data
        while True:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            headers = {}
            for line in self.data[:end].split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                headers[name.strip().lower()] = value.strip()
            length = end + 4 + int(headers.get(b"content-length", b"0"))
            if len(self.data) < length:
                return
            body, self.data = self.data[end + 4 : length], self.data[length:]
            self.take(headers.get(b"idempotency-key", b"none").decode(), body)

    def take(self, key, body):
        found = NAME.search(body)
        name = found.group().decode() if found else "unnamed"
        digest = hashlib.sha256(body).hexdigest()[:16]
        os.write(self.log, f"{key}\t{digest}\t{name}\n".encode())
        Exchange.taken += 1
        refuses = self.refuses_every > 0 and Exchange.taken % self.refuses_every == 0
        say = self.refuse if refuses else self.answer
        wait = random.uniform(*self.latency)
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, say, name)
        else:
            say(name)

    def refuse(self, name):
        body = json.dumps({"error": {"message": "no room for " + name, "type": "server_error"}}).encode()
        self.send("503 Service Unavailable", body)

    def answer(self, name):
        body = json.dumps(
            {
                "id": "chatcmpl-" + name,
                "object": "chat.completion",
                "created": 1700000000,
                "model": "canned",
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": "answer " + name},
                        "finish_reason": "stop",
                    }
                ],
                "usage": {
                    "prompt_tokens": 40,
                    "completion_tokens": 7,
                    "total_tokens": 47,
                    "prompt_tokens_details": {"cached_tokens": 16},
                },
            }
        ).encode()
        self.send("200 OK", body)

    def send(self, status, body):
        if self.transport.is_closing():
            return
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(port_file, log_file, latency, refuses_every):
    log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Exchange(log, latency, refuses_every), "127.0.0.1", 0, backlog=4096)
    with open(port_file + ".part", "w", encoding="ascii") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(port_file + ".part", port_file)
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


if __name__ == "__main__":
    milliseconds = tuple(float(text) / 1000 for text in sys.argv[3:5])
    asyncio.run(serve(sys.argv[1], sys.argv[2], milliseconds, int(sys.argv[5])))
