"""What both scripts share: the questions, the table, and the figures at the end."""

import csv
import json
import sqlite3
import sys
import time

CONCURRENCY = 64

TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY,
    prompt TEXT NOT NULL,
    answer TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL
)
"""

INSERT = "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)"


# How the database is told to keep what it is given. Only the last does not flush each answer to the disk.
PRAGMAS = {
    "default": [],
    "wal": ["PRAGMA journal_mode = WAL"],
    "wal-normal": ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"],
}


class Run:
    """One run over the questions of a CSV file into a new database."""

    def __init__(self):
        questions, database, self.url, pragmas = sys.argv[1:5]
        with open(questions, newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.database = sqlite3.connect(database)
        for pragma in PRAGMAS[pragmas]:
            self.database.execute(pragma)
        self.database.execute(TABLE)
        self.database.commit()
        self.begun = time.monotonic()

    def store(self, row, answer, model, prompt_tokens, completion_tokens):
        """Keeps an answer at once, so that an end in the middle loses none."""
        self.database.execute(
            INSERT, (row["id"], row["prompt"], answer, model, prompt_tokens, completion_tokens))
        self.database.commit()

    def finish(self):
        """Prints what `scripts/bench` reads: how many answers there are, and in how many seconds they came."""
        seconds = time.monotonic() - self.begun
        count = self.database.execute("SELECT count(*) FROM answers").fetchone()[0]
        print(json.dumps({"done": count, "seconds": seconds}))
