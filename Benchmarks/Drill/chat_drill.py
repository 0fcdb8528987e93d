"""Breaks off answers of `parley chat` while they arrive, and looks what is left of them.

    chat_drill.py PARLEY DIRECTORY ROUNDS SEED

Most programs are killed with -9 at a random moment of the answer; others are stopped by SIGINT, SIGTERM or SIGHUP, or lose their
connection; some are killed again while they go on. After each the database is looked at in a copy, before any program of ours has
touched it, and `parley resume` goes on. Standard output gets a line `words <tab> figure <tab> expected` for each promise, and one
without the last for each figure. With a seed the moments are the same, as far as the clock allows.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from story_server import StoryServer, Telling

# What parley promises: what came is stored so soon, or all but so much of it.
LAG_SECONDS = 0.25
LAG_BYTES = 2048
MODELS = ["openai/gpt-story", "anthropic/claude-sonnet-4-5", "anthropic/claude-opus-4-8", "ollama/story"]
STOPS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
WORDS = "the a of lighthouse keeper storm über naïve 風 and then « she » said — 🚢 went\tback home, slowly. ".split(" ")


def story(number, draw):
    """A text of 5 to 16 KB whose words, breaks and blanks are its own."""
    text = f"Story {number}."
    length = draw.randint(5_000, 16_000)
    while len(text) < length:
        text += draw.choice([" ", " ", " ", " ", " ", "\n", "\n\n", "  "]) + draw.choice(WORDS)
        if draw.random() < 0.1:
            text += str(draw.randint(0, 10**6))
    return text + " The end."


def steps(length, draw):
    """Pauses and sizes: small pieces mostly, bursts of more than 2 KB, silences longer than 250 ms."""
    result = []
    while length > 0:
        kind = draw.random()
        size = draw.randint(2100, 4000) if kind < 0.03 else draw.randint(200, 900) if kind < 0.1 else draw.randint(1, 60)
        pause = draw.uniform(0.26, 0.5) if draw.random() < 0.02 else draw.uniform(0, 0.014)
        result.append((pause, size))
        length -= size
    return result


class Metronome:
    """How late the machine wakes whoever sleeps: what nobody can be blamed for."""

    BEAT_SECONDS = 0.005
    WINDOW_SECONDS = 0.5

    def __init__(self):
        self.late = []
        threading.Thread(target=self.beat, daemon=True).start()

    def beat(self):
        while True:
            due = time.monotonic() + self.BEAT_SECONDS
            time.sleep(self.BEAT_SECONDS)
            now = time.monotonic()
            self.late = [pair for pair in self.late if pair[0] > now - 10] + [(now, now - due)]

    def worst_before(self, moment):
        """In seconds; of the last half-second."""
        window = [late for at, late in self.late if moment - self.WINDOW_SECONDS <= at <= moment + 0.05]
        return max(window, default=0.0)


class Drill:
    def __init__(self, parley, directory, rounds, seed):
        self.parley = parley
        self.directory = directory
        self.rounds = rounds
        self.draw = random.Random(seed)
        self.database = os.path.join(directory, "chat.db")
        self.server = StoryServer()
        self.server.tell = lambda question, beginning: self.telling
        self.server.serve_in_background()
        base = f"http://127.0.0.1:{self.server.port}"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": directory, "OPENAI_API_KEY": "drill", "ANTHROPIC_API_KEY": "drill",
            "OPENAI_BASE_URL": base + "/v1", "ANTHROPIC_BASE_URL": base, "OLLAMA_HOST": base,
        }
        self.broken = {}
        self.metronome = Metronome()
        self.beyond = 0
        self.worst_seconds = 0.0
        self.worst_bytes = 0
        self.lags = []
        self.too_soon = 0
        self.tally = {}

    def fail(self, words, detail):
        self.broken[words] = self.broken.get(words, 0) + 1
        print(f"  round {self.round}: {words}: {detail}", file=sys.stderr, flush=True)

    def start(self, *arguments):
        self.errors = open(os.path.join(self.directory, "chat.err"), "wb")
        output = open(os.path.join(self.directory, "chat.out"), "wb")
        command = [self.parley, *arguments, "-d", self.database]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=self.errors, env=self.environment
        )

    def words_of_program(self):
        with open(os.path.join(self.directory, "chat.err"), "r", errors="replace") as file:
            return file.read().strip()[-300:]

    def look(self):
        """The last session and its messages, read from a copy: nothing of parley has touched it yet."""
        copy = os.path.join(self.directory, "copy")
        shutil.rmtree(copy, ignore_errors=True)
        os.mkdir(copy)
        for ending in ("", "-wal"):
            if os.path.exists(self.database + ending):
                shutil.copyfile(self.database + ending, os.path.join(copy, "chat.db" + ending))
        with sqlite3.connect(os.path.join(copy, "chat.db")) as database:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                self.fail("databases that were damaged", verdict)
            session, status = database.execute("SELECT id, status FROM sessions ORDER BY id DESC LIMIT 1").fetchone()
            messages = database.execute(
                "SELECT role, content, status, set_aside_at IS NOT NULL FROM messages WHERE session_id = ? ORDER BY position",
                (session,),
            ).fetchall()
        database.close()
        return session, status, messages

    def check_part(self, moment, wants_all):
        """What is stored just after an answer broke off; gives the session and the part."""
        session, status, messages = self.look()
        parts = [text for role, text, status, aside in messages if status == "partial" and not aside]
        part = parts[-1] if parts else ""
        if status != "interrupted":
            self.fail("sessions that did not say 'interrupted'", status)
        if not messages or messages[0][:2] != ("user", self.question):
            self.fail("questions that were lost", "")
        if not self.telling.text.startswith(part):
            self.fail("parts that are no beginning of what was sent", repr(part[-40:]))
        stored = len(part.encode())
        sent, due = self.telling.bytes_sent(moment), self.telling.bytes_sent(moment - LAG_SECONDS)
        late_machine = self.metronome.worst_before(moment)
        excused = self.telling.bytes_sent(moment - LAG_SECONDS - late_machine)
        if self.telling.beginning and stored < len(self.telling.beginning.encode()):
            self.fail("parts that were shorter after going on", stored)
        late = self.telling.moment_of(stored)
        lag = max(0.0, moment - late) if late is not None and stored < sent else 0.0
        if stored < due and sent - stored > LAG_BYTES:
            self.beyond += 1
            said = f"{sent - stored} bytes, {lag * 1000:.0f} ms, the machine {late_machine * 1000:.0f} ms late"
            if stored < excused:
                self.fail("parts that were stored too late", said)
            else:
                print(f"  round {self.round}: excused: {said}", file=sys.stderr, flush=True)
        if wants_all and stored < sent:
            self.fail("parts that were not whole though the program ended by itself", f"{sent - stored} bytes")
        if not wants_all:
            self.worst_seconds = max(self.worst_seconds, lag)
            self.worst_bytes = max(self.worst_bytes, sent - stored)
            self.lags.append((lag, sent - stored))
        return session, part

    def break_off(self, process, how, status):
        """Ends a program in the middle of its answer; None when the answer was over before that."""
        telling = self.telling
        if not telling.begun.wait(60):
            process.kill()
            process.wait()
            self.fail("programs that never asked", self.words_of_program())
            return None
        if how is None:
            telling.ended.wait(60)
            moment = time.monotonic()
        else:
            planned = sum(pause for pause, _ in telling.steps)
            time.sleep(self.draw.uniform(0, planned))
            if telling.ended.is_set():
                process.wait()
                return None
            moment = time.monotonic()
            process.send_signal(how)
        code = process.wait()
        telling.ended.wait(60)
        if code != status:
            self.fail("statuses that were other ones", f"{code} instead of {status}: {self.words_of_program()}")
        return moment

    def new_telling(self, beginning, drops=False):
        plan = steps(len(self.text) - len(beginning), self.draw)
        self.telling = Telling(self.text, plan, self.draw.randrange(1, len(plan)) if drops else None)

    def check(self):
        done = subprocess.run(
            [self.parley, "db", "check", "-d", self.database], env=self.environment, capture_output=True, text=True
        )
        if done.returncode != 0:
            self.fail("checks of the database that found something", done.stdout + done.stderr)

    def one(self, number):
        self.round = number
        self.text = story(number, self.draw)
        self.question = f"Tell me story {number}."
        model = self.draw.choice(MODELS)
        chance = self.draw.random()
        if chance < 0.7:
            kind, how, status = "SIGKILL", signal.SIGKILL, -signal.SIGKILL
        elif chance < 0.9:
            how, status = self.draw.choice(STOPS)
            kind = how.name
        else:
            kind, how, status = "lost connection", None, 2
        self.new_telling("", drops=how is None)
        process = self.start("chat", self.question, "-m", model, "-q")
        moment = self.break_off(process, how, status)
        if moment is None:
            return False
        session, part = self.check_part(moment, wants_all=how is None)
        self.check()
        if part == "":
            self.too_soon += 1
        self.tally[kind] = self.tally.get(kind, 0) + 1
        if self.draw.random() < 0.25:
            part = self.break_again(session, part)
        self.finish(session, part)
        return True

    def break_again(self, session, part):
        """Kills the program that goes on, too; gives what is stored then."""
        self.new_telling(part)
        moment = self.break_off(self.start("resume", str(session), "-q"), signal.SIGKILL, -signal.SIGKILL)
        if moment is None:
            return None
        _, part = self.check_part(moment, wants_all=False)
        self.check()
        self.tally["SIGKILL while going on"] = self.tally.get("SIGKILL while going on", 0) + 1
        return part

    def finish(self, session, part):
        """Goes on to the end, which comes without pauses; None where the answer is whole already."""
        if part is not None:
            self.telling = Telling(self.text, [(0, 700)] * 40)
            target = ["--last"] if self.draw.random() < 0.5 else [str(session)]
            code = self.start("resume", *target, "-q").wait()
            if code != 0:
                self.fail("goings on that failed", f"{code}: {self.words_of_program()}")
        _, status, messages = self.look()
        if status != "active":
            self.fail("sessions that were not whole in the end", status)
        whole = [text for role, text, state, aside in messages if role == "assistant" and not aside]
        if whole != [self.text]:
            self.fail("answers that are not the whole story", self.difference(whole))
        if part and part not in [text for _, text, state, aside in messages if aside and state == "partial"]:
            self.fail("broken parts that are not in the history", len(part))

    def difference(self, whole):
        if len(whole) != 1:
            return f"{len(whole)} answers"
        place = next((i for i, pair in enumerate(zip(whole[0], self.text)) if pair[0] != pair[1]), -1)
        return f"at {place}: {whole[0][place - 20 : place + 20]!r}, not {self.text[place - 20 : place + 20]!r}"

    def books(self):
        with sqlite3.connect(self.database) as database:
            states = dict(database.execute("SELECT state, count(*) FROM attempts GROUP BY state"))
            tokens = dict(database.execute(
                "SELECT state, sum(input_uncached + output) FROM token_usage JOIN attempts ON id = attempt_id GROUP BY 1"
            ))
            told = database.execute(
                "SELECT count(*) FROM attempts WHERE state = 'failed' AND provider = 'anthropic'"
            ).fetchone()[0]
            sums = database.execute("SELECT coalesce(sum(answered), 0) FROM usage_rollups").fetchone()[0]
        answered = states.get("answered", 0)
        figure("requests seen by the server", self.server.requests)
        figure("answered, failed, unknown", "/".join(str(states.get(s, 0)) for s in ("answered", "failed", "unknown")))
        promise("requests still in the air", states.get("sent", 0), 0)
        promise("requests in the ledger, against those that the server saw", sum(states.values()), self.server.requests)
        promise("tokens on the bill, 47 for each answer", tokens.get("answered", 0), 47 * answered)
        # Anthropic tells at the beginning of a stream what has been read and begun.
        promise("tokens of answers that broke off, 41 for each of Anthropic's", tokens.get("failed", 0), 41 * told)
        promise("answers in the sums", sums, answered)

    def run(self):
        number = done = 0
        while done < self.rounds:
            number += 1
            if self.one(number):
                done += 1
            if number > 3 * self.rounds + 20:
                break
            if done % 20 == 0:
                print(f"  {done} of {self.rounds}", file=sys.stderr, flush=True)
        self.check()
        promise("answers that were broken off", done, self.rounds)
        for kind in sorted(self.tally):
            figure(f"by {kind}", self.tally[kind])
        figure("before anything of them was stored", self.too_soon)
        for words in (
            "databases that were damaged", "checks of the database that found something",
            "sessions that did not say 'interrupted'", "questions that were lost",
            "parts that are no beginning of what was sent", "parts that were stored too late",
            "parts that were not whole though the program ended by itself", "parts that were shorter after going on",
            "goings on that failed", "sessions that were not whole in the end", "answers that are not the whole story",
            "broken parts that are not in the history", "statuses that were other ones", "programs that never asked",
        ):
            promise(words, self.broken.get(words, 0), 0)
        promise("requests that the server refused", len(self.server.faults), 0)
        for fault in self.server.faults[:5]:
            print(f"  refused: {fault}", file=sys.stderr)
        self.books()
        lags, sizes = sorted(lag for lag, _ in self.lags), sorted(size for _, size in self.lags)
        figure("oldest byte that was not stored, worst, ms", f"{self.worst_seconds * 1000:.0f}")
        figure("the same, median and 95 % of the rounds, ms", f"{lags[len(lags) // 2] * 1000:.0f}/{lags[len(lags) * 95 // 100] * 1000:.0f}")
        figure("parts beyond 250 ms and 2 KB, the machine's lateness not counted", self.beyond)
        figure("bytes that were not stored, worst", self.worst_bytes)
        figure("the same, median", sizes[len(sizes) // 2])


def promise(words, value, expected):
    print(f"{words}\t{value}\t{expected}", flush=True)


def figure(words, value):
    print(f"{words}\t{value}", flush=True)


if __name__ == "__main__":
    Drill(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])).run()
